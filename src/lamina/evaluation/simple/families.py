"""Outcomes of generalised linear models with their canonical links: a share or class, and a count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# exp of more than this is no count that a table could hold, and its square still a finite number.
LARGEST_LOG = 50.0


@dataclass(frozen=True)
class Family:
    """A loss l(y, η) of the linear predictor η whose gradient is μ(η) - y and whose curvature is w(η) = μ'(η).

    ``start`` is the η that fits y best where it is the same for all rows. All work on shape (n,).

    >>> BINOMIAL.mean(np.array([0.0])), POISSON.mean(np.array([0.0]))
    (array([0.5]), array([1.]))
    """

    name: str
    losses: Callable[[Array, Array], Array]
    mean: Callable[[Array], Array]
    curvature: Callable[[Array], Array]
    start: Callable[[Array], float]


def _share(eta: Array) -> Array:
    from scipy.special import expit

    return np.asarray(expit(eta))


def _share_losses(y: Array, eta: Array) -> Array:
    """The log-loss -y log μ - (1 - y) log(1 - μ), which is quasi-binomial where y is between 0 and 1."""
    return np.asarray(np.logaddexp(0.0, eta) - y * eta)


def _share_curvature(eta: Array) -> Array:
    share = _share(eta)
    return share * (1.0 - share)


def _share_start(y: Array) -> float:
    share = float(np.clip(y.mean(), 1e-6, 1 - 1e-6))
    return float(np.log(share / (1.0 - share)))


def _count(eta: Array) -> Array:
    return np.asarray(np.exp(np.minimum(eta, LARGEST_LOG)))


def _count_losses(y: Array, eta: Array) -> Array:
    """-log of the Poisson probability, but for log y!, which no coefficient changes."""
    return _count(eta) - y * eta


def _count_start(y: Array) -> float:
    return float(np.log(max(float(y.mean()), 1e-6)))


BINOMIAL = Family("binomial", _share_losses, _share, _share_curvature, _share_start)
POISSON = Family("poisson", _count_losses, _count, _count, _count_start)


def is_count(y: Any) -> bool:
    """Whether an outcome asks for a Poisson regression: whole numbers from 0 on, a twentieth of them at most 10.

    Where all counts are large, their logarithm is as good as continuous and its errors as good as normal, and
    whole numbers may as well be rounded measurements: the models for numbers serve those.

    >>> is_count([0, 2, 1, 5, 0]), is_count([312, 405, 377]), is_count([0, 1, 1]), is_count([0.5, 1, 2])
    (True, False, False, False)
    """
    y = np.asarray(y, dtype=np.float64)
    if len(np.unique(y)) < 3 or y.min() < 0 or np.any(y != np.round(y)):
        return False
    return bool(np.quantile(y, 0.05) <= 10)


def is_share(y: Any) -> bool:
    """Whether an outcome asks for a fractional logit: all in [0, 1], and other values than two.

    >>> is_share([0.0, 0.3, 1.0]), is_share([0, 1, 1]), is_share([0.2, 1.4, 0.3])
    (True, False, False)
    """
    y = np.asarray(y, dtype=np.float64)
    return bool(y.min() >= 0 and y.max() <= 1 and len(np.unique(y)) > 2)
