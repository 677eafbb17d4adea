"""The data of Figures 10.20 and 10.21, what a fitted function is worth on them, and errors over many data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.crosstable import Estimate

Array = NDArray[np.float64]
N, LOW, HIGH, SIGMA = 20, -5.0, 5.0, 0.3
GRID = LOW + (HIGH - LOW) * (np.arange(1000) + 0.5) / 1000
"""Middles of equal parts of the range: a mean over them is the integral over X."""
TRUTH = np.sin(GRID)


@dataclass(frozen=True, eq=False)
class Sample:
    """Twenty rows: X ~ U[-5, 5], Y = sin(X) + N(0, 0.3²)."""

    x: Array
    y: Array

    @classmethod
    def draw(cls, number: int) -> Sample:
        """Data set ``number``, the same however many are drawn."""
        rng = np.random.default_rng([20, number])
        x = np.sort(rng.uniform(LOW, HIGH, N))
        return cls(x, np.sin(x) + rng.normal(0, SIGMA, N))


def training_error(sample: Sample, fitted: Array) -> float:
    """Mean squared error on the twenty rows."""
    return float(np.mean((sample.y - fitted) ** 2))


def expected_error(on_grid: Array, low: float = LOW, high: float = HIGH) -> float:
    r"""Expected squared error of a new row with X in [low, high], :math:`\sigma^2 + E(f(X) - \hat f(X))^2`.

    >>> round(expected_error(np.sin(GRID)), 6)
    0.09
    """
    points = GRID
    inside = (points >= low) & (points <= high)
    return float(np.mean((TRUTH - on_grid)[inside] ** 2) + SIGMA**2)


@dataclass(frozen=True, eq=False)
class Curve:
    """Errors of models of growing size, each on the same data sets.

    Attributes
    ----------
    sizes
        Degrees of freedom, or units.
    training, test, within
        Errors on the rows, on new rows, and on new rows whose X is between the smallest and the largest of the training rows;
        shape (sizes, data sets).
    functions
        Fitted functions on the grid for the first data set, shape (sizes, points).
    """

    sizes: tuple[int, ...]
    training: Array
    test: Array
    within: Array
    functions: Array

    @property
    def medians(self) -> Array:
        """Median test error of each size."""
        return np.asarray(np.median(self.test, axis=1), np.float64)

    def best(self, low: int, high: int) -> int:
        """The size between two whose median test error is smallest."""
        return min(
            (size for size in self.sizes if low <= size <= high),
            key=lambda size: float(self.medians[self.sizes.index(size)]),
        )

    def worst(self) -> int:
        """The size whose median test error is largest."""
        return self.sizes[int(np.argmax(self.medians))]

    def on(self, size: int) -> Array:
        """Test errors of one size, a value a data set."""
        values: Array = self.test[self.sizes.index(size)]
        return values


def median_of(values: Array) -> Estimate:
    """The median, and its standard error by the bootstrap (500 samples)."""
    rng = np.random.default_rng(0)
    again = np.median(rng.choice(values, (500, len(values))), axis=1)
    return Estimate(float(np.median(values)), float(again.std(ddof=1)))
