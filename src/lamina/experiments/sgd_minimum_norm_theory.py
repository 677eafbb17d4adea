"""Least squares in closed form: the minimum-norm solution, ridge regression, gradient flow, and what their risks are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CORRELATION = 0.5
"""Between neighbouring columns of the simulated predictors; it falls by powers with their distance."""


def covariance(p: int) -> Array:
    """Of the simulated predictors: entries :data:`CORRELATION` to the power of the distance.

    >>> covariance(2).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    return np.asarray(CORRELATION ** np.abs(np.subtract.outer(np.arange(p), np.arange(p))), np.float64)


@dataclass(frozen=True, eq=False)
class Design:
    """Predictors (n, p) with the eigendecomposition of X'X / n."""

    x: Array

    @classmethod
    def draw(cls, n: int, p: int, seed: int) -> Design:
        """Normal rows with the covariance of :func:`covariance`."""
        rng = np.random.default_rng([31, n, p, seed])
        return cls(rng.normal(size=(n, p)) @ np.linalg.cholesky(covariance(p)).T)

    @cached_property
    def spectrum(self) -> tuple[Array, Array]:
        """Eigenvalues, those that are zero but for rounding as zero, and eigenvectors in columns."""
        values, vectors = np.linalg.eigh(self.x.T @ self.x / len(self.x))
        return np.where(values < 1e-10 * values[-1], 0.0, values), vectors

    @property
    def largest(self) -> float:
        """The largest eigenvalue: full-batch steps are stable below its inverse (the mean squared error curves by twice it)."""
        return float(self.spectrum[0][-1])

    def solve(self, y: Array, shrink: Callable[[Array], Array]) -> Array:
        r""":math:`V g(s) V^T X^Ty/n` with X'X / n = V diag(s) V' and g one of the functions below."""
        values, vectors = self.spectrum
        return np.asarray(vectors @ (shrink(values) * (vectors.T @ (self.x.T @ y / len(y)))))

    def beside(self, w: Array) -> Array:
        """The part of coefficients that no row of X sees: gradients never change it."""
        values, vectors = self.spectrum
        unseen = vectors[:, values == 0]
        return np.asarray(unseen @ (unseen.T @ w))

    def risk(self, shrink: Callable[[Array], Array], signal: float, noise: float) -> float:
        r"""Prediction risk :math:`E(x_0^T(\hat\beta-\beta))^2` given X, averaged over :math:`\beta\sim N(0, \text{signal}\,I/p)`.

        .. math:: \sum_j v_j^T\Sigma v_j\,\{\text{signal}/p\,(1-g_js_j)^2+\text{noise}/n\,g_j^2s_j\}

        Source: Ali, Kolter and Tibshirani (2019), section 4.
        """
        values, vectors = self.spectrum
        (n, p), g = self.x.shape, shrink(values)
        weights = np.einsum("ij,ij->j", vectors, covariance(p) @ vectors)
        return float(np.sum(weights * (signal / p * (1 - g * values) ** 2 + noise / n * g**2 * values)))


def minimum_norm(values: Array) -> Array:
    """g(s) = 1 / s, and 0 where s is: the pseudo-inverse."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def ridge(penalty: float) -> Callable[[Array], Array]:
    r"""g(s) = 1 / (s + lambda): minimises :math:`\|y-Xw\|^2/n+\lambda\|w\|^2`."""
    return lambda values: 1 / (values + penalty)


def flow(t: float) -> Callable[[Array], Array]:
    """g(s) = (1 - exp(-t s)) / s, and t where s = 0: gradient flow at time t from zero.

    >>> flow(3.0)(np.zeros(1)).tolist()
    [3.0]
    """
    return lambda values: np.where(
        values > 0, -np.expm1(-t * values) / np.where(values > 0, values, 1.0), float(t)
    )


def descent(step: float, count: int) -> Callable[[Array], Array]:
    """g(s) = (1 - (1 - step s)^count) / s: gradient descent, ``step`` times half the mean squared error's gradient."""
    return lambda values: np.where(
        values > 0, (1 - (1 - step * values) ** count) / np.where(values > 0, values, 1.0), step * count
    )


def worst_ratio() -> tuple[float, float]:
    """The constant of the theorem: the largest ((1 - exp(-x)) (1 + x) / x)^2, and its x = t s.

    No direction has a variance under gradient flow above this multiple of that under ridge, and no greater bias.

    >>> round(worst_ratio()[0], 4)
    1.6859
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda x: -((-np.expm1(-x) * (1 + x) / x) ** 2),
        bounds=(0.1, 10.0),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return -float(found.fun), float(found.x)
