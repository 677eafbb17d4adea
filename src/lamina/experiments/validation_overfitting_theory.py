"""The best of k by validation error: exact averages over which k are tried, and what normal errors would make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def first_of(size: int, k: int) -> Array:
    r"""Probability that the j-th smallest of ``size`` is the smallest of k drawn without replacement, for every j.

    .. math:: \binom{K-j}{k-1} \Big/ \binom{K}{k}

    >>> first_of(3, 2).round(4).tolist()
    [0.6667, 0.3333, 0.0]
    """
    if not 1 <= k <= size:
        raise ValueError(f"k = {k} of {size} cannot be drawn: take k between 1 and {size}")
    chances = np.zeros(size)
    chances[0] = k / size
    for j in range(1, size - k + 1):
        # The ratio of neighbouring binomial coefficients, so that none overflows.
        chances[j] = chances[j - 1] * (size - k - j + 1) / (size - j)
    return chances


def best_of(k: Sequence[int], by: Array, value: Array) -> Array:
    """Mean ``value`` of the one with the smallest ``by`` among k drawn without replacement, for each k.

    Parameters
    ----------
    by, value
        Shape (..., K); averages run over all sets of k, exactly.

    >>> best_of([1, 3], np.array([3.0, 1.0, 2.0]), np.array([30.0, 10.0, 20.0])).tolist()
    [20.0, 10.0]
    """
    order = np.argsort(by, axis=-1, kind="stable")
    chances = np.array([first_of(by.shape[-1], each) for each in k])
    sorted_value = np.take_along_axis(np.broadcast_to(value, by.shape), order, axis=-1)
    return np.asarray(sorted_value @ chances.T, np.float64)


def expected_maximum(k: int) -> float:
    r"""Expected largest of k independent standard normals, at most :math:`\sqrt{2\log k}`.

    >>> round(expected_maximum(2), 4), round(expected_maximum(100), 4)
    (0.5642, 2.5076)
    """
    from scipy.integrate import quad
    from scipy.stats import norm

    def tail(x: float) -> float:
        # E max = integral of P(max > x) above zero less that of P(max < x) below.
        return float(-np.expm1(k * norm.logcdf(x)) - np.exp(k * norm.logcdf(-x)))

    return float(quad(tail, 0, 12)[0])


@dataclass(frozen=True)
class Spread:
    """How validation errors of settings vary.

    Attributes
    ----------
    quality
        Standard deviation of the fresh errors over settings.
    error
        Standard error of the validation error of one setting, by its rows.
    correlation
        Of the errors of two settings on the same validation rows.
    """

    quality: float
    error: float
    correlation: float

    @classmethod
    def of(cls, losses: Array, n_validation: int) -> Spread:
        """From the losses of many fresh rows, shape (rows, settings).

        >>> losses = np.random.default_rng(0).normal(size=(5000, 2))
        >>> found = Spread.of(losses, 25)
        >>> round(found.error, 2), abs(round(found.correlation, 1))
        (0.2, 0.0)
        """
        centred = losses - losses.mean(axis=0)
        size, rows = losses.shape[1], len(losses)
        variances = (centred**2).sum(axis=0) / (rows - 1)
        # The mean of all entries of the covariance matrix is the variance of the mean over settings.
        whole = float(np.var(losses.mean(axis=1), ddof=1))
        beside = (whole * size**2 - variances.sum()) / (size * (size - 1))
        return cls(
            float(np.std(losses.mean(axis=0), ddof=1)),
            float(np.sqrt(variances.mean() / n_validation)),
            float(beside / variances.mean()),
        )

    @property
    def own(self) -> float:
        """Standard error of what one setting does not share with the others: only this can be chosen upon."""
        return self.error * float(np.sqrt(max(1 - self.correlation, 0.0)))

    def bound(self, k: int) -> float:
        """sqrt(2 log k) times that: the optimism of settings equally good, for large k and from above."""
        return float(np.sqrt(2 * np.log(k))) * self.own

    def optimism(self, k: int) -> float:
        r""":math:`E\max_k\; s^2(1-\rho) / \sqrt{\tau^2+s^2(1-\rho)}`: fresh errors normal too, equally correlated errors."""
        spread = np.hypot(self.quality, self.own)
        return expected_maximum(k) * self.own**2 / float(spread) if spread else 0.0


def normal_errors(losses: Array, n_validation: int, draws: int, rng: np.random.Generator) -> Array:
    """Errors of validation errors, shape (draws, settings): normal, with the covariance of the losses over the rows."""
    centred = losses - losses.mean(axis=0)
    scale = 1 / np.sqrt((len(losses) - 1) * n_validation)
    return np.asarray(scale * rng.normal(size=(draws, len(losses))) @ centred)


def resampled_errors(losses: Array, n_validation: int, draws: int, rng: np.random.Generator) -> Array:
    """The same of validation rows drawn from the fresh ones: as skew as losses are."""
    centred = losses - losses.mean(axis=0)
    counts = rng.multinomial(n_validation, np.full(len(losses), 1 / len(losses)), size=draws)
    return np.asarray(counts @ centred / n_validation)


def expected_optimism(k: Sequence[int], fresh: Array, errors: Array) -> Array:
    """Mean fresh error less validation error of the best of k, where validation errors are the fresh ones plus ``errors``.

    No validation row is looked at. That of a single one, k = 1, is taken off: it is zero but for the simulation.
    """
    by = fresh + errors
    gap = best_of([1, *k], by, fresh) - best_of([1, *k], by, by)
    return np.asarray((gap[:, 1:] - gap[:, :1]).mean(axis=0))
