"""Natural cubic splines, and the smallest of all coefficients that interpolate: ISLP sections 7.4 and 10.8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CUBIC = 3


@dataclass(frozen=True, eq=False)
class NaturalSplines:
    r"""``d`` functions that span the natural cubic splines on given knots, as R's ``ns(x, df = d, intercept = TRUE)``.

    They are B-splines :math:`B_j` combined so that the second derivative is zero at both ends, and straight beyond:

    .. math:: N_k(x) = \sum_j Q_{jk} B_j(x), \qquad \sum_j Q_{jk} B_j''(a) = \sum_j Q_{jk} B_j''(b) = 0,

    with orthonormal columns :math:`Q_k`. On the scale of B-splines no function is favoured by its size, which matters
    where the smallest coefficients are wanted.

    >>> basis = NaturalSplines.on(np.linspace(0, 1, 30), 5)
    >>> basis(np.array([-1.0, 0.5])).shape
    (2, 5)
    """

    splines: Any
    ends: tuple[float, float]
    directions: Array

    @classmethod
    def on(cls, x: Array, d: int) -> NaturalSplines:
        """With knots at the ends and at d - 2 inner quantiles of ``x``; d is 2 or more (two: straight lines)."""
        from scipy.interpolate import BSpline

        low, high = float(x.min()), float(x.max())
        inner = np.quantile(x, np.linspace(0, 1, d)[1:-1])
        knots = np.concatenate([np.repeat(low, CUBIC + 1), inner, np.repeat(high, CUBIC + 1)])
        splines = BSpline(knots, np.eye(d + 2), CUBIC)
        bends = splines.derivative(2)(np.array([low, high]))
        # The constraints' directions come first; what is orthogonal to them is left.
        orthogonal, _ = np.linalg.qr(bends.T, mode="complete")
        return cls(splines, (low, high), orthogonal[:, 2:])

    def __call__(self, x: Array) -> Array:
        """The functions at x (n,): shape (n, d)."""
        nearest = np.clip(x, *self.ends)
        beyond = (x - nearest)[:, None] * self.splines.derivative()(nearest)
        values: Array = (self.splines(nearest) + beyond) @ self.directions
        return values


def smallest_coefficients(basis: Array, y: Array) -> Array:
    r"""Least squares; of all that fit equally well the coefficients with the smallest :math:`\sum_k \beta_k^2`.

    >>> smallest_coefficients(np.array([[1.0, 1.0]]), np.array([2.0])).round(6).tolist()
    [1.0, 1.0]
    """
    return np.asarray(np.linalg.lstsq(basis, y, rcond=None)[0], np.float64)
