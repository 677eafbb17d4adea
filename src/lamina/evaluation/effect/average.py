r"""Average marginal effects: the mean slope of the response in a number, the mean change between two levels of a category.

.. math:: \frac1n \sum_i \frac{\partial f(x_i)}{\partial x_{ij}}, \qquad
    \frac1n \sum_i \bigl(f(x_i; x_{ij} = b) - f(x_i; x_{ij} = a)\bigr)

Slopes of networks are exact, by automatic differentiation through the network and the standardisation; those of other models are
central differences, :math:`(f(x + h) - f(x - h)) / 2h`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.effect.columns import Column, Table
from lamina.evaluation.effect.draws import weighted_mean
from lamina.evaluation.effect.surfaces import Surface

SMALL_STEP = 1e-3
"""Step of a difference in standard deviations of the column; rounding and curvature are both below a millionth."""
LARGE_STEP = 0.5
"""Step for models that jump, trees above all: their slope at a point is zero or none."""
FLAT = 0.5
"""Share of rows at which a small step changes nothing though a large one does: such a model jumps."""
SLOPES = 1 << 24
"""Slopes that are held at a time."""


@dataclass(frozen=True, eq=False)
class Contrast:
    """What is changed: a unit of a number, or one level for another."""

    column: Column
    levels: tuple[Any, Any] | None = None

    @property
    def change(self) -> str:
        """In words.

        >>> Contrast(Column("town", 0, "levels"), ("Bonn", "Ulm")).change
        'Bonn → Ulm'
        """
        if self.levels is None:
            return "per unit"
        return " → ".join(_plain(level) for level in self.levels)


def _plain(level: Any) -> str:
    return f"{level:g}" if isinstance(level, float) else str(level)


@dataclass(frozen=True, eq=False)
class View:
    """Models, and the rows that their effects are averaged over."""

    surface: Surface
    table: Table
    base: Any

    @classmethod
    def of(cls, surface: Surface, table: Table) -> View:
        """Code the table once."""
        return cls(surface, table, surface.code(table))


def contrasts_of(columns: Sequence[Column]) -> list[Contrast]:
    """One a number, and one for each level but the first."""
    found = []
    for column in columns:
        if column.kind == "numeric":
            found.append(Contrast(column))
        else:
            found += [Contrast(column, (column.levels[0], level)) for level in column.levels[1:]]
    return found


def average_effects(
    view: View, contrasts: Sequence[Contrast], weights: NDArray[np.float64], step: float
) -> NDArray[np.float64]:
    """Effect of each contrast in each draw, shape (draws, contrasts, outputs)."""
    numbers = [contrast.column for contrast in contrasts if contrast.levels is None]
    slopes = _mean_slopes(view, numbers, weights, step) if numbers else {}
    changes = _mean_changes(
        view, [contrast for contrast in contrasts if contrast.levels is not None], weights
    )
    effects = [
        slopes[contrast.column.place] if contrast.levels is None else next(changes) for contrast in contrasts
    ]
    return np.stack(effects, axis=1)


def _mean_slopes(
    view: View, columns: Sequence[Column], weights: NDArray[np.float64], step: float
) -> dict[int, NDArray[np.float64]]:
    """By place, the mean slope over the rows that have the number, (draws, outputs)."""
    if not view.surface.has_slopes:
        return _mean_differences(view, columns, weights, step)
    places = [column.place for column in columns]
    n, sums, totals = len(view.table), {place: [] for place in places}, {place: [] for place in places}  # type: ignore[var-annotated]
    together = max(64, SLOPES // (view.surface.size * len(view.table.names)))
    for first in range(0, n, together):
        rows = np.arange(first, min(first + together, n))
        base = view.surface.rows(view.base, rows)
        slopes = view.surface.slopes(base, places, view.table.rows(rows))
        for number, column in enumerate(columns):
            given = weights[:, rows] * ~np.isnan(column.numbers[rows])
            totals[column.place].append(given.sum(axis=1))
            sums[column.place].append(weighted_mean(slopes[:, number], given) * given.sum(axis=1)[:, None])
    return {
        place: np.sum(sums[place], axis=0) / np.maximum(np.sum(totals[place], axis=0), 1e-300)[:, None]
        for place in places
    }


def _mean_differences(
    view: View, columns: Sequence[Column], weights: NDArray[np.float64], step: float
) -> dict[int, NDArray[np.float64]]:
    steps = {column.place: step * column.sd for column in columns}
    up, down = (
        view.surface.code(
            view.table.with_columns({c.place: c.numbers + side * steps[c.place] for c in columns})
        )
        for side in (1, -1)
    )
    swaps = [[(column.place, side)] for column in columns for side in (up, down)]
    responses, found = view.surface.each(view.base, swaps), {}
    for column in columns:
        slopes = (next(responses) - next(responses)) / (2 * steps[column.place])
        given = weights * ~np.isnan(column.numbers)
        found[column.place] = weighted_mean(slopes, given)
    return found


def _mean_changes(view: View, contrasts: Sequence[Contrast], weights: NDArray[np.float64]) -> Any:
    """The mean change of each contrast of levels in turn; a column's first level is predicted once."""
    pairs = list(
        dict.fromkeys(
            (c.column.place, level) for c in contrasts if c.levels is not None for level in c.levels
        )
    )
    one = np.zeros(1, np.intp)
    swaps = [
        [(place, view.surface.code(view.table.rows(one).with_columns({place: level})))]
        for place, level in pairs
    ]
    before: Any = None
    means = {}
    for pair, response in zip(pairs, view.surface.each(view.base, swaps), strict=True):
        means[pair] = weighted_mean(response, weights)
    for contrast in contrasts:
        assert contrast.levels is not None
        before = means[contrast.column.place, contrast.levels[0]]
        yield means[contrast.column.place, contrast.levels[1]] - before


def chosen_step(view: View, columns: Sequence[Column], step: float | None) -> float:
    """The step of differences, in standard deviations: the user's, none where slopes are exact, large where the model jumps."""
    numbers = [column for column in columns if column.kind == "numeric"]
    if view.surface.has_slopes or not numbers:
        return 0.0
    if step is not None:
        return float(step)
    rows = np.linspace(0, len(view.table) - 1, min(len(view.table), 200)).astype(np.intp)
    some = View.of(view.surface, view.table.rows(rows))
    flat, moved = (_moves(some, numbers, rows, size) for size in (SMALL_STEP, LARGE_STEP))
    jumps = [(moved[p] > 0).mean() > 0 and (flat[p] == 0)[moved[p] > 0].mean() > FLAT for p in flat]
    return LARGE_STEP if any(jumps) else SMALL_STEP


def _moves(
    view: View, columns: Sequence[Column], rows: NDArray[np.intp], step: float
) -> dict[int, NDArray[np.float64]]:
    """How much the first model's response changes over a step in each column, (n,)."""
    up, down = (
        view.surface.code(
            view.table.with_columns({c.place: c.numbers[rows] + side * step * c.sd for c in columns})
        )
        for side in (1, -1)
    )
    swaps = [[(column.place, side)] for column in columns for side in (up, down)]
    responses = view.surface.each(view.base, swaps)
    return {c.place: np.abs(next(responses) - next(responses))[0].max(axis=-1) for c in columns}
