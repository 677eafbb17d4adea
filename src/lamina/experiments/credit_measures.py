"""How good probabilities of an event are: ranking, calibration, and what acting on them costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Events = NDArray[np.bool_]
BINS = 10
SMALLEST = 1e-12
"""A probability of zero that comes true would cost infinitely many nats."""


def log_loss(y: Events, p: Array) -> float:
    """Mean negative log likelihood."""
    clipped = np.clip(p, SMALLEST, 1 - SMALLEST)
    return float(-np.mean(np.where(y, np.log(clipped), np.log1p(-clipped))))


def brier(y: Events, p: Array) -> float:
    r"""Mean of :math:`(p_i - y_i)^2` (Brier 1950).

    >>> brier(np.array([True, False]), np.array([0.5, 0.5]))
    0.25
    """
    return float(np.mean((p - y) ** 2))


def roc(y: Events, p: Array) -> tuple[Array, Array]:
    """False and true positive rates as the threshold falls from above the largest probability to below the smallest.

    >>> [rates.tolist() for rates in roc(np.array([True, False, True]), np.array([0.9, 0.5, 0.5]))]
    [[0.0, 0.0, 1.0], [0.0, 0.5, 1.0]]
    """
    true, false, _ = _counts(y, p)
    return false / max(false[-1], 1), true / max(true[-1], 1)


def auc(y: Events, p: Array) -> float:
    """Area under the ROC curve: how often an event has the larger probability than a row without, ties counting half."""
    return float(np.trapezoid(*roc(y, p)[::-1]))


def _counts(y: Events, p: Array) -> tuple[Array, Array, Array]:
    """Events and others warned of when the m rows of largest probability are, and the probabilities there; ties together."""
    order = np.argsort(-p, kind="stable")
    sorted_p = p[order]
    ends = np.append(np.flatnonzero(np.diff(sorted_p)), len(p) - 1)
    true = np.cumsum(y[order])[ends]
    false = np.cumsum(~y[order])[ends]
    return (
        np.concatenate([[0.0], true]),
        np.concatenate([[0.0], false]),
        np.concatenate([[np.inf], sorted_p[ends]]),
    )


def cost(y: Events, p: Array, threshold: float, missed: float) -> float:
    """Cost per row, in false alarms, of warning where p > threshold; an event that is missed costs ``missed``.

    >>> cost(np.array([True, False, False, True]), np.array([0.1, 0.9, 0.1, 0.9]), 0.5, missed=3.0)
    1.0
    """
    warned = p > threshold
    return float((missed * np.sum(y & ~warned) + np.sum(~y & warned)) / len(y))


def bayes_threshold(missed: float) -> float:
    """Where both actions cost the same if p is right: missed p = 1 - p (ISLP, section 4.4.2: 0.5 where both cost alike).

    >>> bayes_threshold(4.0)
    0.2
    """
    return 1 / (1 + missed)


def best_threshold(y: Events, p: Array, missed: float) -> float:
    """The threshold of the smallest cost on these rows; in the middle of two probabilities, the highest where several tie.

    >>> best_threshold(np.array([False, True, True]), np.array([0.1, 0.3, 0.7]), 1.0)
    0.2
    """
    true, false, falling = _counts(y, p)
    best = int(np.argmin(missed * (true[-1] - true) + false))
    if best == 0:
        return 1.0
    below = falling[best + 1] if best + 1 < len(falling) else 0.0
    return float((falling[best] + below) / 2)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Mean probability, events and rows in each of the bins of equal width that hold any."""

    mean: Array
    events: Array
    rows: Array

    @classmethod
    def of(cls, y: Events, p: Array, bins: int = BINS) -> Calibration:
        """Count the rows of each bin.

        >>> Calibration.of(np.array([True, False]), np.array([0.05, 0.95])).rate.tolist()
        [1.0, 0.0]
        """
        place = np.minimum((p * bins).astype(int), bins - 1)
        rows, events, sums = (_sums(place, each, bins) for each in (np.ones(len(p)), y, p))
        held = rows > 0
        return cls(sums[held] / rows[held], events[held], rows[held])

    @property
    def rate(self) -> Array:
        """Share of events in each bin."""
        return np.asarray(self.events / self.rows)

    @property
    def error(self) -> float:
        r"""Expected calibration error: mean over rows of \|rate - mean probability\| of their bin (Guo et al. 2017)."""
        return float(np.sum(self.rows * np.abs(self.rate - self.mean)) / self.rows.sum())

    def interval(self) -> tuple[Array, Array]:
        """95 % interval of each rate (Wilson 1927)."""
        z = 1.959963984540054
        centre = (self.events + z**2 / 2) / (self.rows + z**2)
        half = z / (self.rows + z**2) * np.sqrt(self.events * (1 - self.rate) + z**2 / 4)
        return centre - half, centre + half


def _sums(place: NDArray[np.int64], values: NDArray[Any], bins: int) -> Array:
    return np.asarray(np.bincount(place, values.astype(np.float64), bins), np.float64)


def error_by_chance(p: Array, draws: int = 200, bins: int = BINS) -> Array:
    """Calibration errors of these probabilities if they were the true ones: events drawn from them."""
    rng = np.random.default_rng(7)
    return np.array([Calibration.of(rng.random(len(p)) < p, p, bins).error for _ in range(draws)])
