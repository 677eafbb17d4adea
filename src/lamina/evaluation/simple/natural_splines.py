r"""Natural cubic splines of the columns of a table, in coordinates where curvature costs as a ridge does.

With knots :math:`\xi_1 < \dots < \xi_K` of a column, a natural cubic spline is a line plus
:math:`\sum_k \gamma_k f_k(x)`, where :math:`f_k'' ` is the hat function with value 1 at the inner knot
:math:`\xi_k` and 0 at all others: :math:`\gamma` are its second derivatives at the knots. Beyond the outer knots
it goes on as a line. Its curvature is :math:`\int f''^2 = \gamma^T\Omega\gamma` with the tridiagonal
:math:`\Omega_{kk} = (h_{k-1} + h_k)/3`, :math:`\Omega_{k,k+1} = h_k/6` of the knots' distances h.

References
----------
Green, Silverman (1994), *Nonparametric Regression and Generalized Linear Models*, section 2.1; Hastie,
Tibshirani, Friedman, *The Elements of Statistical Learning*, section 5.2.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Knots closer than this share of the range would make the second derivatives mean nothing.
CLOSEST = 1e-6
MOST_COLUMNS = 300


@dataclass(frozen=True)
class CurvedPart:
    """The curved part of one column: knots (K,), what the hats become (K - 2, K - 2), and what is taken off them.

    Its values have, on the rows it was made from, no mean and no correlation with the column, and their
    squares add up to n over all of its K - 2 parts.
    """

    column: int
    knots: Array
    transform: Array
    line: Array

    def values(self, X: Array) -> Array:
        """The curved part of rows, shape (n, K - 2)."""
        x = X[:, self.column]
        return curved(x, self.knots) @ self.transform - np.column_stack([np.ones(len(x)), x]) @ self.line


def knots_of(x: Array, most: int) -> Array:
    """At most as many knots at quantiles of x of shape (n,), or at its values where those are as few.

    >>> knots_of(np.array([1.0, 2.0, 2.0, 4.0]), 5)
    array([1., 2., 4.])
    >>> knots_of(np.arange(101.0), 5)
    array([  0.,  25.,  50.,  75., 100.])
    """
    levels = np.unique(x)
    if len(levels) > most:
        levels = np.unique(np.quantile(x, np.linspace(0, 1, most)))
    apart = CLOSEST * (levels[-1] - levels[0])
    kept = [levels[0]]
    for level in levels[1:]:
        if level - kept[-1] > apart:
            kept.append(level)
    return np.asarray(kept)


def curved(x: Array, knots: Array) -> Array:
    """The functions f_k of the module's docstring, shape (n, K - 2).

    >>> curved(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0])).T.round(3)
    array([[0.   , 0.167, 1.   , 2.   ]])
    """
    inside = np.clip(x, knots[0], knots[-1])
    cubes = np.maximum(inside[:, None] - knots, 0.0) ** 3 / 6.0
    last_slopes = (knots[-1] - knots) ** 2 / 2.0
    beyond = np.maximum(x - knots[-1], 0.0)[:, None] * last_slopes
    return np.asarray((cubes + beyond) @ _hats(knots))


def curvature(knots: Array) -> Array:
    """The matrix Ω of the module's docstring, shape (K - 2, K - 2)."""
    h = np.diff(knots)
    return np.diag((h[:-1] + h[1:]) / 3.0) + np.diag(h[1:-1] / 6.0, 1) + np.diag(h[1:-1] / 6.0, -1)


def curved_part(X: Array, column: int, most_knots: int) -> CurvedPart | None:
    """The curved part of a column of the training rows X, shape (n, p); None if it has fewer than three values."""
    x = X[:, column]
    knots = knots_of(x, most_knots)
    if len(knots) < 3:
        return None
    scale, turn = np.linalg.eigh(curvature(knots))
    whitened = turn / np.sqrt(scale)
    values = curved(x, knots) @ whitened
    straight = np.column_stack([np.ones(len(x)), x])
    line = np.linalg.lstsq(straight, values, rcond=None)[0]
    size = np.sqrt(np.sum((values - straight @ line) ** 2) / len(x))
    return CurvedPart(column, knots, whitened / size, line / size) if size > 0 else None


def _hats(knots: Array) -> Array:
    """How the ramps at the K knots add up to the K - 2 hats: slopes up, down and level again, shape (K, K - 2)."""
    steps = 1.0 / np.diff(knots)
    hats = np.zeros((len(knots), len(knots) - 2))
    for k in range(len(knots) - 2):
        hats[k : k + 3, k] = steps[k], -steps[k] - steps[k + 1], steps[k + 1]
    return hats


class AdditiveBasis:
    """Each column as it is, and the curved parts of those with more than two values.

    Parameters
    ----------
    X : array, shape (n, p)
        Training rows, in columns of mean zero and variance one.
    most_knots : int
        Of one column.

    Attributes
    ----------
    parts : tuple of CurvedPart
    """

    def __init__(self, X: Array, most_knots: int) -> None:
        found = [curved_part(X, column, most_knots) for column in range(X.shape[1])]
        self.parts = tuple(part for part in found if part is not None)

    def values(self, X: Array) -> Array:
        """Columns of rows and their curved parts, shape (n, p + Σ (K - 2))."""
        return np.column_stack([X, *(part.values(X) for part in self.parts)])

    @property
    def curved_columns(self) -> int:
        """How many of the last columns of `values` are curved."""
        return sum(part.transform.shape[1] for part in self.parts)


def knots_for(rows: int, columns: int) -> int:
    """How many knots a column may have: 8 to 16, growing as the fourth root of the rows; fewer for many columns.

    The penalty smooths, so that knots need only be enough.

    >>> knots_for(100, 5), knots_for(300, 5), knots_for(10_000, 5), knots_for(10_000, 300)
    (8, 8, 16, 4)
    """
    wished = int(np.clip(2 * rows**0.25, 8, 16))
    return int(np.clip(2 + MOST_COLUMNS // max(columns, 1), 4, wished))
