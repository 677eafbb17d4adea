r"""Ridge regression for many penalties from one decomposition, and its leave-one-out errors in closed form.

With the centred columns :math:`Z = U S V^T`, the fit for the penalty :math:`\lambda` is
:math:`\hat y = \bar y + U \frac{S^2}{S^2 + \lambda} U^T y`, and the error of row i without row i is
:math:`(y_i - \hat y_i) / (1 - h_{ii})`.

References
----------
Hastie, Tibshirani, Friedman, *The Elements of Statistical Learning*, equations (3.47) and (7.52).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RANK_TOLERANCE = 1e-12


class RidgePath:
    """All ridge regressions of y, shape (n,), on the columns Z, shape (n, p), with a free intercept.

    >>> Z, y = np.array([[-1.0], [0.0], [1.0]]), np.array([0.0, 1.0, 5.0])
    >>> RidgePath(Z, y).coefficients(np.array([0.0, 2.0])).round(6)
    array([[2.5 , 1.25]])
    """

    def __init__(self, Z: Array, y: Array) -> None:
        self.centre, self.mean, self.rows = Z.mean(axis=0), float(y.mean()), len(y)
        centred = Z - self.centre
        wide = centred.shape[1] > len(y)
        squares, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
        kept = squares > RANK_TOLERANCE * max(float(squares[-1]), np.finfo(float).tiny)
        singular, vectors = np.sqrt(squares[kept]), vectors[:, kept]
        self.squares = singular**2
        self.right = (centred.T @ vectors) / singular if wide else vectors
        self.left = vectors if wide else (centred @ vectors) / singular
        self.response = y - self.mean
        self.projected = self.left.T @ self.response

    def coefficients(self, penalties: Array) -> Array:
        """Shape (p, penalties)."""
        weights = np.sqrt(self.squares)[:, None] / (self.squares[:, None] + penalties)
        return np.asarray(self.right @ (weights * self.projected[:, None]))

    def intercepts(self, coefficients: Array) -> Array:
        """Shape (penalties,)."""
        return np.asarray(self.mean - self.centre @ coefficients)

    def left_out_errors(self, penalties: Array) -> Array:
        """Mean squared error of each penalty on rows left out one at a time, shape (penalties,)."""
        shares = self.squares[:, None] / (self.squares[:, None] + penalties)
        residuals = self.response[:, None] - self.left @ (shares * self.projected[:, None])
        kept = 1.0 - 1.0 / self.rows - self.left**2 @ shares
        return np.asarray(np.mean((residuals / np.maximum(kept, 1e-10)) ** 2, axis=0))

    def effective(self, penalty: float) -> float:
        """The effective number of parameters, the intercept included: the trace of the matrix from y to the fit."""
        return 1.0 + float(np.sum(self.squares / (self.squares + penalty)))


def fold_errors(
    Z: Array, y: Array, penalties: Array, cv: Sequence[tuple[NDArray[Any], NDArray[Any]]]
) -> Array:
    """Mean squared error of each penalty on given folds, shape (penalties,)."""
    total, rows = np.zeros(len(penalties)), 0
    for train, test in cv:
        path = RidgePath(Z[train], y[train])
        coefficients = path.coefficients(penalties)
        predicted = Z[test] @ coefficients + path.intercepts(coefficients)
        total, rows = total + np.sum((y[test, None] - predicted) ** 2, axis=0), rows + len(test)
    return np.asarray(total / rows)
