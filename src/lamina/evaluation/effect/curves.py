r"""Curves of the response along a column: accumulated local effects and partial dependence.

Accumulated local effects (Apley and Zhu 2020, equations 15 and 16), with bins :math:`(z_{k-1}, z_k]` between quantiles of the
column and the rows :math:`N_k` in each:

.. math:: \hat g(z_k) = \sum_{l \le k} \frac{1}{|N_l|} \sum_{i \in N_l}
    \bigl( f(z_l, x_{i, \setminus j}) - f(z_{l-1}, x_{i, \setminus j}) \bigr)

minus its mean over the rows (as their R package ALEPlot has it, half-way between the edges of a row's bin). Partial dependence
(Friedman 2001, equation 53) is :math:`\frac1n \sum_i f(v, x_{i, \setminus j})`, the mean of the rows' own curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.effect.average import View
from lamina.evaluation.effect.columns import Column
from lamina.evaluation.effect.draws import weighted_mean

INNER = 0.05
"""A grid of partial dependence goes from this quantile to one minus it, beyond which there are few rows."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Quantile bins of a numeric column.

    Attributes
    ----------
    edges
        Different quantiles from the least value to the greatest, shape (bins + 1,).
    """

    column: Column
    edges: NDArray[np.float64]

    @classmethod
    def of(cls, column: Column, count: int) -> Bins:
        """At most so many bins of about as many rows; fewer where values are repeated."""
        given = column.numbers[~np.isnan(column.numbers)]
        quantiles = np.quantile(given, np.linspace(0, 1, count + 1), method="inverted_cdf")
        return cls(column, np.unique(quantiles))

    @property
    def count(self) -> int:
        return len(self.edges) - 1

    @cached_property
    def of_rows(self) -> NDArray[np.intp]:
        """The bin of each row, the least value being in the first; -1 for a gap."""
        place = np.clip(np.searchsorted(self.edges, self.column.numbers) - 1, 0, self.count - 1)
        return np.where(np.isnan(self.column.numbers), -1, place)

    def sides(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The lower and the upper edge of each row's bin, NaN for a gap."""
        gap = self.of_rows < 0
        low, high = self.edges[self.of_rows], self.edges[self.of_rows + 1]
        return np.where(gap, np.nan, low), np.where(gap, np.nan, high)


def accumulated_effects(
    view: View, bins: Sequence[Bins], weights: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Accumulated local effects at the edges of each column's bins, each of shape (draws, edges, outputs)."""
    sides = [each.sides() for each in bins]
    low, high = (
        view.surface.code(
            view.table.with_columns({b.column.place: s[side] for b, s in zip(bins, sides, strict=True)})
        )
        for side in (0, 1)
    )
    swaps = [[(each.column.place, side)] for each in bins for side in (low, high)]
    responses = view.surface.each(view.base, swaps)
    found = []
    for each in bins:
        at_low, at_high = next(responses), next(responses)
        found.append(_accumulated(each, at_high - at_low, weights))
    return found


def _accumulated(bins: Bins, changes: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """From changes over each row's bin, (models, n, outputs), to the centred curve."""
    local, rows_in = [], []
    for number in range(bins.count):
        inside = np.flatnonzero(bins.of_rows == number)
        local.append(weighted_mean(changes[:, inside], weights[:, inside]))
        rows_in.append(weights[:, inside].sum(axis=1))
    curve = np.cumsum(np.stack([np.zeros_like(local[0]), *local], axis=1), axis=1)
    count = np.stack(rows_in, axis=1)
    middle = (curve[:, 1:] + curve[:, :-1]) / 2
    mean = np.sum(count[:, :, None] * middle, axis=1) / count.sum(axis=1)[:, None]
    return np.asarray(curve - mean[:, None])


def grid_of(column: Column, count: int) -> Any:
    """The values of partial dependence: even steps over the inner nine tenths of the rows, few different values, or levels."""
    if column.kind == "levels":
        return column.levels
    given = column.numbers[~np.isnan(column.numbers)]
    different = np.unique(given)
    if len(different) <= count:
        return np.asarray(different)
    low, high = np.quantile(given, [INNER, 1 - INNER])
    if not low < high:
        low, high = given.min(), given.max()
    return np.linspace(low, high, count)


def partial_dependences(
    view: View,
    columns: Sequence[Column],
    grids: Sequence[Any],
    weights: NDArray[np.float64],
) -> list[NDArray[np.float64]]:
    """Mean response with each value of each column's grid, each of shape (draws, values, outputs)."""
    longest = max(len(grid) for grid in grids)
    changed = {
        column.place: [grid[min(row, len(grid) - 1)] for row in range(longest)]
        for column, grid in zip(columns, grids, strict=True)
    }
    coded = view.surface.code(view.table.rows(np.zeros(longest, np.intp)).with_columns(changed))
    swaps = [
        [(column.place, view.surface.rows(coded, np.array([row])))]
        for column, grid in zip(columns, grids, strict=True)
        for row in range(len(grid))
    ]
    responses = view.surface.each(view.base, swaps)
    return [
        np.stack([weighted_mean(next(responses), weights) for _ in range(len(grid))], axis=1)
        for grid in grids
    ]
