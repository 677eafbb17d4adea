"""The coverage of every method, with its error, and the intervals of one draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.estimators.calibration import Recipe, calibrate
from lamina.estimators.intervals import interval_at
from lamina.estimators.remembered import TrainingRows
from lamina.experiments.coverage_data import GROWING, Array, Draw, noise, numbers, regressor
from lamina.experiments.crosstable import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lamina.experiments.coverage import Measured

ASKED = 0.9
RESIDUALS, QUANTILES = "#1f6f8b", "#d1495b"
GRID = np.linspace(-2, 2, 201)[:, None]


def save_picture(
    intervals: Mapping[str, Mapping[str, Sequence[Measured]]],
    sets: Mapping[str, Sequence[Measured]],
    epochs: int,
    path: Any,
) -> None:
    """Draw coverage by method and data, and below it intervals by residuals and by quantiles, on the draw of median width."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(11, 7.5), layout="constrained")
    grid = figure.add_gridspec(2, 1)
    above, below = grid[0].subgridspec(1, 3), grid[1].subgridspec(1, 2, wspace=0.05)
    for place, (kind, found) in enumerate({**intervals, "three classes": sets}.items()):
        _draw_coverage(figure.add_subplot(above[place]), kind, found)
    seed = int(
        np.argsort([each.size for each in intervals[GROWING]["CQR"]])[len(intervals[GROWING]["CQR"]) // 2]
    )
    draw = numbers(np.random.default_rng([seed, 1]), GROWING)
    for place, (name, recipe, colour) in enumerate(
        (
            ("CV+", Recipe(cv=10), RESIDUALS),
            ("CQR", Recipe.of("cqr", 10, 0.5, ASKED), QUANTILES),
        )
    ):
        _draw_band(figure.add_subplot(below[place]), draw, name, _band(draw, recipe, epochs, seed), colour)
    figure.savefig(path, dpi=130)


def _band(draw: Draw, recipe: Recipe, epochs: int, seed: int) -> Array:
    [calibration] = calibrate([(regressor(seed, epochs), TrainingRows(draw.x, draw.y, {}, {}))], recipe)
    return interval_at(calibration, GRID, ASKED)[:, 0]


def _draw_coverage(axes: Axes, kind: str, found: Mapping[str, Sequence[Measured]]) -> None:
    for height, measured in enumerate(reversed(list(found.values()))):
        overall = Estimate.of([each.coverage for each in measured])
        hardest = Estimate.of([each.hardest for each in measured])
        axes.errorbar(hardest.mean, height, xerr=2 * (hardest.error or 0), fmt="o", color="grey", mfc="white")
        axes.errorbar(overall.mean, height, xerr=2 * (overall.error or 0), fmt="o", color="black")
    axes.axvline(ASKED, color="grey", linewidth=0.8)
    axes.set_yticks(range(len(found)), list(found)[::-1])
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.set_xlim(0, 1.02)
    axes.set_title(f"{kind}\ncoverage: all rows (●), the hardest (○)", loc="left", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_band(axes: Axes, draw: Draw, name: str, band: Array, colour: str) -> None:
    x = GRID[:, 0]
    axes.fill_between(x, *band.T, color=colour, alpha=0.25, linewidth=0)
    half = 1.645 * noise(x, GROWING)
    for side in (-1, 1):
        axes.plot(x, np.sin(2 * x) + side * half, "--", color="black", linewidth=0.8)
    axes.plot(draw.x_test[:, 0], draw.y_test, ".", color=colour, markersize=3)
    axes.set_title(
        f"{name}, one draw: 90 % intervals, test rows, true 5 and 95 % quantiles (dashed)",
        loc="left",
        fontsize=8,
    )
    axes.set_ylim(-3, 3)
    axes.spines[["top", "right"]].set_visible(False)
