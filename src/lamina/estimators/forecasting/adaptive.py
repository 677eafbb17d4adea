r"""Intervals that learn from how often they failed: adaptive conformal inference.

An interval of level alpha holds the outcomes whose score, the absolute residual, is at most the (1 - alpha_t)-quantile of
the scores before it, where

.. math:: \alpha_{t+1} = \alpha_t + \gamma\,(\alpha - \mathrm{err}_t), \qquad \mathrm{err}_t = 1[y_t \notin C_t]

so that a miss widens the next intervals and a hit narrows them a little. Whatever the series does, over T outcomes

.. math:: \Bigl|\frac1T \sum_t \mathrm{err}_t - \alpha\Bigr| \le \frac{\max(\alpha_1, 1 - \alpha_1) + \gamma}{\gamma T}

Where :math:`\alpha_t \le 0` the interval is the whole line, where :math:`\alpha_t \ge 1` it is empty.

References
----------
Gibbs and Candès (2021), "Adaptive conformal inference under distribution shift", NeurIPS, equation 2 and proposition 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lamina.data.series.panel import Array
from lamina.errors import SpecificationError

GAMMA = 0.005
"""The step of Gibbs and Candès' experiments."""
WINDOW = 500
"""Scores that a quantile is taken of, the latest."""


def check_gamma(gamma: Any) -> float:
    """How far one outcome moves the level: a number, zero or more."""
    if isinstance(gamma, bool) or not isinstance(gamma, (int, float, np.number)) or not 0 <= gamma < math.inf:
        raise SpecificationError(f"gamma={gamma!r}: give a number, 0 or more, for example {GAMMA}.")
    return float(gamma)


@dataclass
class AdaptiveLevel:
    """The level of the next interval, and the scores that its width is taken from.

    Attributes
    ----------
    coverage
        1 - alpha.
    gamma
        How far one outcome moves the level.
    scores
        Absolute residuals that are known, in the order of time.
    level
        alpha_t; None begins at alpha.

    >>> level = AdaptiveLevel(0.8, gamma=0.01, scores=[1.0, 2.0, 3.0, 4.0])
    >>> level.width(), level.observe(9.0), round(level.level, 3), level.width()
    (4.0, True, 0.192, 9.0)
    """

    coverage: float
    gamma: float = GAMMA
    scores: list[float] = field(default_factory=list)
    level: float | None = None

    def __post_init__(self) -> None:
        self.scores = [float(score) for score in self.scores]
        self.level = 1 - self.coverage if self.level is None else self.level

    def width(self) -> float:
        """Half the width of the next interval; infinite where too few scores are known."""
        assert self.level is not None
        if self.level >= 1:
            return -1.0  # not even the forecast itself
        known = np.sort(self.scores[-WINDOW:])
        rank = math.ceil((1 - self.level) * (len(known) + 1) - 1e-9)
        return float("inf") if self.level <= 0 or rank > len(known) else float(known[max(rank, 1) - 1])

    def observe(self, score: float, width: float | None = None) -> bool:
        """Take note of an outcome, by its score and the width that its interval had; whether it was missed."""
        assert self.level is not None
        missed = bool(score > (self.width() if width is None else width))
        self.level += self.gamma * (1 - self.coverage - missed)
        self.scores.append(float(score))
        return missed


def adaptive_widths(
    scores: ArrayLike, delay: int, coverage: float, *, gamma: float = GAMMA, before: Sequence[float] = ()
) -> Array:
    """Half widths of intervals for outcomes that come one after the other, each known ``delay`` forecasts later.

    Parameters
    ----------
    scores
        Absolute residuals in the order of time, shape (T,). The width at t is of those before t - delay + 1.
    before
        Scores known at the beginning.

    >>> adaptive_widths([1.0, 1.0, 5.0], 1, 0.5, before=[2.0, 3.0]).tolist()
    [3.0, 2.0, 2.0]
    """
    level = AdaptiveLevel(coverage, gamma, list(before))
    scores = np.asarray(scores, np.float64)
    widths = np.empty(len(scores))
    for t in range(len(scores)):
        if t >= delay:
            level.observe(scores[t - delay], widths[t - delay])
        widths[t] = level.width()
    return widths
