"""From the values of a statistic in bootstrap draws to its standard error and interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lamina.errors import SpecificationError, nearest_name

Values = NDArray[np.float64]

Bounds = tuple[Values, Values, Values]
"""Standard error, lower and upper bound, each of the statistic's shape."""


def _normal(point: Values, draws: Values, level: float) -> Bounds:
    from scipy.stats import norm

    se = draws.std(axis=0, ddof=1)
    half = norm.ppf((1 + level) / 2) * se
    return se, point - half, point + half


def _quantiles(draws: Values, level: float) -> tuple[Values, Values]:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def _percentile(point: Values, draws: Values, level: float) -> Bounds:
    return draws.std(axis=0, ddof=1), *_quantiles(draws, level)


def _basic(point: Values, draws: Values, level: float) -> Bounds:
    low, high = _quantiles(draws, level)
    return draws.std(axis=0, ddof=1), 2 * point - high, 2 * point - low


METHODS: dict[str, Callable[[Values, Values, float], Bounds]] = {
    "normal": _normal,
    "percentile": _percentile,
    "basic": _basic,
}
"""Intervals by name (Efron and Tibshirani 1993, chapters 12 and 13; Davison and Hinkley 1997, chapter 5)."""


def bounds(point: Values, draws: Values | None, level: float, method: str) -> Bounds:
    """Standard error and interval of a statistic, NaN with fewer than two draws.

    >>> draws = np.random.default_rng(0).normal(size=(4000, 1))
    >>> [round(float(value[0]), 1) for value in bounds(np.zeros(1), draws, 0.95, "normal")]
    [1.0, -2.0, 2.0]
    """
    if draws is None or len(draws) < 2:
        nothing = np.full_like(point, np.nan)
        return nothing, nothing, nothing
    return METHODS[method](point, draws, level)


def check_interval(level: float, method: str) -> None:
    """Refuse a level outside (0, 1), and a method that there is not."""
    if not isinstance(level, float) or not 0 < level < 1:
        raise SpecificationError(
            f"level={level!r}: give the share of intervals that are to cover, such as 0.95"
        )
    if method not in METHODS:
        raise SpecificationError(f"method={method!r} is unknown: {nearest_name(method, METHODS)}")
