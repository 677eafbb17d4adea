"""The gradient: how steeply the output rises with each input."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lamina.explain.attribution.differentiating import along_lines
from lamina.explain.attribution.method import Method
from lamina.explain.attribution.result import Attribution
from lamina.explain.attribution.running import asked
from lamina.explain.attribution.slopes import in_units
from lamina.training.cache import keep_few_programs


@dataclass(frozen=True, eq=False, repr=False)
class Gradient(Method):
    r"""How steeply the output rises with each input, at the row itself.

    .. math:: a_j = \frac{\partial f}{\partial x_j}(x)

    In the units of the columns (of pixels in [0, 1]); of words the length of the gradient with respect to their vectors. Columns
    that are no numbers have no slope: NaN. These are slopes and no shares of the output, so that there is no base value.

    Source: Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks", 2014.

    >>> Gradient()
    Gradient()
    """

    name: ClassVar[str] = "gradient"

    def explain(self, model: Any, X: Any, target: Any) -> Attribution:
        question = asked(model, X, target, self.name)
        dtype = question.model._precision()
        one = np.ones(1, dtype)
        program = functools.partial(at_points, question.given.path, one, one)
        values = question.given.values
        slopes, output, _ = question.in_blocks(program, values, values, question.given.mask, question.seeds)
        return question.result(self, in_units(question.given, slopes), output=output)


def at_points(
    path: Any, places: Any, shares: Any, parameters: Any, state: Any, numbers: Any, *arrays: Any
) -> Any:
    """:func:`along_lines`, with what does not change from block to block in front."""
    keep_few_programs(along_lines)
    return along_lines(path, parameters, state, numbers, *arrays, places, shares)
