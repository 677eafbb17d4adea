"""Gradient times input: what a straight line through the row would give each input."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lamina.explain.attribution.baseline import baseline_of, check_baseline
from lamina.explain.attribution.gradient import at_points
from lamina.explain.attribution.method import Method
from lamina.explain.attribution.result import Attribution
from lamina.explain.attribution.running import asked


@dataclass(frozen=True, eq=False, repr=False)
class GradientXInput(Method):
    r"""The gradient at the row times how far each input is from the baseline.

    .. math:: a_j = (x_j - x'_j) \frac{\partial f}{\partial x_j}(x)

    Exact for a model that is a straight line between the two; the residual says by how much it is not.

    Parameters
    ----------
    baseline
        x': None for zero in the network's own scale (:class:`IntegratedGradients`), "mean" for the mean of the rows explained, or
        a row, or one for each row.

    Source: Shrikumar et al., "Not just a black box", 2016.
    """

    name: ClassVar[str] = "gradient_x_input"

    baseline: Any = None

    def __post_init__(self) -> None:
        check_baseline("GradientXInput", self.baseline)

    def explain(self, model: Any, X: Any, target: Any) -> Attribution:
        question = asked(model, X, target, self.name)
        given, one = question.given, np.ones(1, question.model._precision())
        start = baseline_of(given, self.baseline)
        program = functools.partial(at_points, given.path, one, one)
        slopes, output, base = question.in_blocks(program, start, given.values, given.mask, question.seeds)
        found = given.back((given.values - start) * slopes)
        return question.result(self, found, output=output, base_value=base, baseline=start)
