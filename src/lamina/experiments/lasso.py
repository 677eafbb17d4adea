"""The lasso as the labs of the book fit it: penalty by the cross-validated mean absolute error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PENALTIES = 100


@dataclass(frozen=True, eq=False)
class Lasso:
    """A fitted lasso: x · coefficients + intercept."""

    coefficients: Array
    intercept: float
    penalty: float

    def predict(self, x: Array) -> Array:
        """Predicted outcome of rows x, shape (n, p)."""
        return np.asarray(x @ self.coefficients + self.intercept)

    @property
    def parameters(self) -> int:
        """Coefficients different from zero. The table of the book does not count the intercept of the lasso."""
        return int(np.count_nonzero(self.coefficients))


def fit_lasso(x: Array, y: Array, folds: NDArray[np.int64], ratio: float) -> Lasso:
    r"""Minimise :math:`\sum_i (y_i - b - x_i^T w)^2 / 2n + \lambda \sum_j s_j |w_j|`.

    The scale :math:`s_j` is the standard deviation of column j, and :math:`\lambda` one of 100 values from the smallest that
    leaves no coefficient down to ``ratio`` times it, evenly spaced on the logarithmic scale: the one with the smallest
    mean absolute error over the folds.

    Parameters
    ----------
    x, y
        Shapes (n, p) and (n,).
    folds
        The number of the fold of each row, shape (n,).
    ratio
        0.0001 in glmnet, 0.01 in the Python lab.

    Source: Friedman, Hastie and Tibshirani (2010), *Regularization paths for generalized linear models*.

    >>> x = np.random.default_rng(0).normal(size=(60, 5))
    >>> model = fit_lasso(x, 3 * x[:, 0], np.arange(60) % 10, 1e-4)
    >>> np.abs(model.coefficients).round(1).tolist()
    [3.0, 0.0, 0.0, 0.0, 0.0]
    """
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    largest = float(np.abs(z.T @ (y - y.mean())).max() / len(y))
    penalties = largest * np.logspace(0, np.log10(ratio), PENALTIES)
    errors = np.empty((len(y), PENALTIES))
    for fold in np.unique(folds):
        held = folds == fold
        slopes, intercepts = _path(x[~held], y[~held], penalties)
        errors[held] = np.abs(x[held] @ slopes + intercepts - y[held, None])
    best = int(errors.mean(axis=0).argmin())
    slopes, intercepts = _path(x, y, penalties)
    return Lasso(slopes[:, best], float(intercepts[best]), float(penalties[best]))


def _path(x: Array, y: Array, penalties: Array) -> tuple[Array, Array]:
    """Coefficients (p, penalties) and intercepts in the units of x."""
    from sklearn.linear_model import lasso_path

    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    z = np.asfortranarray((x - mean) / scale)
    _, slopes, _ = lasso_path(z, y - y.mean(), alphas=penalties, max_iter=100_000)
    slopes = slopes / scale[:, None]
    return slopes, y.mean() - mean @ slopes
