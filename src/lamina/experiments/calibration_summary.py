"""The study's cells, and the rates that the verdict promises, pooled and in the worst cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from lamina.experiments.calibration_engine import Measured
from lamina.experiments.calibration_rules import ANSWERS, Judged, Share, judge
from lamina.experiments.calibration_truths import FUNCTIONS, Cell

WORTH = ANSWERS[0]
PROMISED = 0.05
NEAR = 2.0
"""Cells whose true difference is within so many standard deviations of its estimate are near ties."""
GAINS = (0.0, 0.05, 0.1, 0.2, 0.4, np.inf)
"""Bounds of true gains, as shares of the reference's error, by which power is shown."""


@dataclass(frozen=True, eq=False)
class Study:
    """Everything measured; ``extra`` cells stand beside the grid and are in no pooled rate."""

    cells: Mapping[Cell, Measured]
    extra: tuple[Cell, ...] = ()

    @cached_property
    def judged(self) -> tuple[dict[Cell, Judged], dict[Cell, Judged]]:
        """The rule's answers by metric and cell."""
        return tuple(  # type: ignore[return-value]
            {cell: judge(measured, metric) for cell, measured in self.cells.items()} for metric in range(2)
        )

    def grid(self, metric: int) -> dict[Cell, Judged]:
        """The cells of the grid."""
        return {cell: each for cell, each in self.judged[metric].items() if cell not in self.extra}

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of rows."""
        return tuple(sorted({cell.n for cell in self.cells if cell not in self.extra}))

    @property
    def rows(self) -> tuple[tuple[str, float], ...]:
        """Truths and signals of the grid, in order."""
        order = list(FUNCTIONS)
        found = {(cell.name, cell.r2) for cell in self.cells if cell not in self.extra}
        return tuple(sorted(found, key=lambda each: (order.index(each[0]), each[1])))

    @property
    def draws(self) -> int:
        """Draws of all cells."""
        return sum(measured.draws for measured in self.cells.values())

    @property
    def seconds(self) -> float:
        """Of one core."""
        return sum(measured.seconds for measured in self.cells.values())


@dataclass(frozen=True)
class Rate:
    """A rate over several cells: all their draws together, and the cell where it is highest."""

    pooled: Share
    worst: Share
    worst_cell: Cell | None
    cells: int

    @property
    def above(self) -> bool:
        """Whether the worst cell is above what is promised beyond its Monte Carlo error, allowing for the number of cells."""
        from scipy.stats import binom

        if not self.cells:
            return False
        chance = float(binom.sf(self.worst.count - 1, self.worst.number, PROMISED))
        return chance < PROMISED / self.cells


def rate_over(
    cells: Mapping[Cell, Judged], which: Callable[[Judged], bool], counted: Callable[[Judged], int]
) -> Rate:
    """Of the cells where something is true, how many of their draws are counted.

    >>> rate_over({}, lambda each: True, lambda each: 0).cells
    0
    """
    shares = {cell: Share(counted(each), len(each.answers)) for cell, each in cells.items() if which(each)}
    pooled = Share(sum(each.count for each in shares.values()), sum(each.number for each in shares.values()))
    worst = max(shares, key=lambda cell: shares[cell].rate, default=None)
    return Rate(pooled, Share(0, 0) if worst is None else shares[worst], worst, len(shares))


def false_alarms(cells: Mapping[Cell, Judged]) -> dict[str, Rate]:
    """Rates of *worth it* where it is not, as the network is no better, by what it is measured against.

    The last is the rate at a tie: the share of draws whose interval lies wholly below the true difference, which is how often
    *worth it* would be said were the network moved to be exactly as good as the reference.
    """

    def said(each: Judged) -> int:
        return each.count(WORTH)

    return {
        "the reference": rate_over(cells, lambda each: each.null, said),
        "reference, near ties": rate_over(cells, lambda each: each.null and each.standardised > -NEAR, said),
        "best simple model": rate_over(cells, lambda each: each.null_by_best, said),
        "these very fits": rate_over(cells, lambda each: True, _false_for_these_fits),
        "at a tie": rate_over(
            cells, lambda each: True, lambda each: int(np.sum(each.high < each.difference))
        ),
    }


def _false_for_these_fits(each: Judged) -> int:
    return int(np.sum((each.answers == 0) & (each.true >= 0)))


def power(cells: Mapping[Cell, Judged], sizes: Sequence[int]) -> dict[tuple[float, float], dict[int, Share]]:
    """Share of draws told *worth it*, by the network's true gain and the number of rows."""
    found: dict[tuple[float, float], dict[int, Share]] = {}
    for low, high in pairwise(GAINS):
        for n in sizes:
            inside = [each for cell, each in cells.items() if cell.n == n and low < each.gain <= high]
            told = sum(each.count(WORTH) for each in inside)
            found.setdefault((low, high), {})[n] = Share(told, sum(len(each.answers) for each in inside))
    return found
