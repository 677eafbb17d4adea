r"""Simulated truths of the calibration study: functions of twelve standard normal predictors, of variance one.

The outcome is :math:`y = \sqrt{R^2}\, f(x) + \sqrt{1 - R^2}\, \varepsilon` with :math:`\varepsilon \sim N(0, 1)`, so that its
variance is one, :math:`R^2` is what the best model of all would reach, and errors are in units of the outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
PREDICTORS = 12
MOMENT_ROWS = 1 << 19
"""Rows by which mean and variance of a function are found: known to about 0.2 %."""


def sparse(x: Array) -> Array:
    """Three linear effects, nine predictors without any."""
    return np.asarray(x[:, 0] - x[:, 1] + 0.5 * x[:, 2])


def dense(x: Array) -> Array:
    """Every predictor has a linear effect of the same size, with signs in turn."""
    return np.asarray(x @ np.resize([1.0, -1.0], x.shape[1]))


def additive(x: Array) -> Array:
    """Smooth curves of four predictors: a wave, a parabola, a threshold and a bump."""
    return np.asarray(
        np.sin(2 * x[:, 0])
        + 0.5 * x[:, 1] ** 2
        + np.tanh(2 * x[:, 2])
        + 2 * np.exp(-2 * (x[:, 3] - 0.5) ** 2)
    )


def interactions(x: Array) -> Array:
    """Products of pairs, beside two linear effects."""
    return np.asarray(x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3] + 0.5 * x[:, 4] + 0.5 * x[:, 5])


def step(x: Array) -> Array:
    """Constant within boxes: two small trees of two levels, and a jump."""
    first = np.where(x[:, 0] > 0, np.where(x[:, 1] > 0.5, 2.0, 0.0), np.where(x[:, 2] > -0.5, -1.0, 1.0))
    second = np.where(x[:, 3] > -0.5, 0.0, np.where(x[:, 4] > 0, 2.0, -1.0))
    return np.asarray(first + second + (x[:, 5] > 1))


def deep(x: Array) -> Array:
    """A function of functions of functions: a binary tree over eight predictors (Mhaskar and Poggio 2016)."""
    level = x[:, :8]
    while level.shape[1] > 1:
        left, right = level[:, ::2], level[:, 1::2]
        level = np.tanh(1.5 * (left + right)) + 0.5 * left * right
    return np.asarray(level[:, 0])


def nothing(x: Array) -> Array:
    """No predictor has any effect."""
    return np.zeros(len(x))


FUNCTIONS: MappingProxyType[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "linear, sparse": sparse,
        "linear, dense": dense,
        "additive": additive,
        "interactions": interactions,
        "step": step,
        "deep": deep,
        "noise": nothing,
    }
)
"""By name; their order is part of the seeds."""
NOISE = "noise"


@cache
def moments(name: str) -> tuple[float, float]:
    """Mean and standard deviation of a function over the predictors; of noise, zero and one."""
    values = FUNCTIONS[name](np.random.default_rng(7).normal(size=(MOMENT_ROWS, PREDICTORS)))
    spread = float(values.std())
    return float(values.mean()), spread if spread > 0 else 1.0


def truth(name: str, x: Array) -> Array:
    """The function centred and of variance one at the rows x, shape (n, 12).

    >>> rows = np.random.default_rng(0).normal(size=(50_000, PREDICTORS))
    >>> round(float(truth("step", rows).var()), 1), float(truth("noise", rows).var())
    (1.0, 0.0)
    """
    mean, spread = moments(name)
    return np.asarray((FUNCTIONS[name](x) - mean) / spread)


@dataclass(frozen=True)
class Cell:
    """A truth, a number of rows, and the share of the outcome's variance that the truth explains.

    >>> cell = Cell("additive", 300, 0.6)
    >>> cell.label, round(cell.noise, 3)
    ('additive, n = 300, R² .6', 0.632)
    """

    name: str
    n: int
    r2: float

    @property
    def noise(self) -> float:
        """Standard deviation of the noise."""
        return float(np.sqrt(1 - self.r2))

    @property
    def label(self) -> str:
        """In words."""
        return f"{self.name}, n = {self.n:,}, R² {short(self.r2)}"

    @property
    def seed(self) -> tuple[int, int, int]:
        """What the draws' seeds begin with."""
        return list(FUNCTIONS).index(self.name), self.n, round(1000 * self.r2)

    def signal(self, x: Array) -> Array:
        """Expectation of the outcome at x."""
        return np.asarray(np.sqrt(self.r2) * truth(self.name, x))


def short(share: float) -> str:
    """A share without its leading zero.

    >>> short(0.25), short(0.0)
    ('.25', '0')
    """
    return f"{share:g}".removeprefix("0") or "0"
