"""Integrated gradients: the gradient averaged along the way from a baseline, so that the shares add up."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lamina.explain.attribution.baseline import baseline_of, check_baseline
from lamina.explain.attribution.gradient import at_points
from lamina.explain.attribution.method import Method, check_whole_number
from lamina.explain.attribution.result import Attribution
from lamina.explain.attribution.running import asked


@dataclass(frozen=True, eq=False, repr=False)
class IntegratedGradients(Method):
    r"""Shares of the difference between the output of a row and that of a baseline.

    .. math:: a_j = (x_j - x'_j) \int_0^1 \frac{\partial f}{\partial x_j}\big(x' + t (x - x')\big)\, dt,
        \qquad \sum_j a_j = f(x) - f(x')

    The integral is taken by Gauss and Legendre's rule, along a straight line in the network's own scale (standardised columns,
    vectors of words); the residual of the sum says how exactly. All steps of a block of rows are one compiled program, in which
    the affine beginning of the network is passed once.

    Parameters
    ----------
    steps
        Points of the rule.
    baseline
        x': None for zero in the network's own scale, that is the training mean of a standardised column (the median where the
        scale is robust), no level of a category, a black pixel, no word; "mean" for the mean of the rows explained; a number for
        all pixels; or a row in the user's units, or one for each row.

    Raises
    ------
    SpecificationError
        For fewer steps than one, or a baseline that means nothing.

    Source: Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", 2017, equation 1 and proposition 1.

    >>> IntegratedGradients(steps=20)
    IntegratedGradients(steps=20)
    """

    name: ClassVar[str] = "integrated_gradients"

    steps: int = 64
    baseline: Any = None

    def __post_init__(self) -> None:
        check_whole_number("IntegratedGradients", "steps", self.steps, 1, 64)
        check_baseline("IntegratedGradients", self.baseline)

    def explain(self, model: Any, X: Any, target: Any) -> Attribution:
        question = asked(model, X, target, self.name)
        given = question.given
        start = baseline_of(given, self.baseline)
        program = functools.partial(at_points, given.path, *rule(self.steps, start.dtype))
        slopes, output, base = question.in_blocks(program, start, given.values, given.mask, question.seeds)
        found = given.back((given.values - start) * slopes)
        return question.result(self, found, output=output, base_value=base, baseline=start)


def rule(steps: int, dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Places in [0, 1] and shares of Gauss and Legendre's rule.

    >>> places, shares = rule(2, np.float64)
    >>> places.round(4).tolist(), shares.tolist()
    ([0.2113, 0.7887], [0.5, 0.5])
    """
    places, shares = np.polynomial.legendre.leggauss(steps)
    return ((places + 1) / 2).astype(dtype), (shares / 2).astype(dtype)
