"""Distances from the minimum-norm solution, risks along both paths, and the coefficients of Hitters on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.sgd_minimum_norm_limit import Limits
from lamina.experiments.sgd_minimum_norm_path import FINE, Paths
from lamina.experiments.sgd_minimum_norm_theory import ridge

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#1f6f8b", "#6fb1c7", "#d1495b", "#e9a3ac", "#e08e45", "#5b8c5a", "black")
MARKERS = ("o", "s", "o", "s")


def draw(path: Any, limits: Limits, paths: Sequence[Paths], hitters: Paths) -> None:
    """The limit and the risks above, coefficient paths of Hitters below."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(12, 8.4), layout="constrained")
    grid = figure.add_gridspec(2, 3)
    _draw_limit(figure.add_subplot(grid[0, 0]), limits)
    for place, each in enumerate(paths):
        _draw_risks(figure.add_subplot(grid[0, 1 + place]), each)
    _draw_coefficients(figure.add_subplot(grid[1, :2]), hitters)
    _draw_distances(figure.add_subplot(grid[1, 2]), (*paths, hitters))
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)


def _draw_limit(axes: Axes, limits: Limits) -> None:
    for way, colour in zip(limits.ways, COLOURS, strict=True):
        middle = np.maximum(np.median(limits.distances(way), axis=1), 1e-16)
        axes.plot(limits.epochs, middle, "o-", color=colour, markersize=3, linewidth=1, label=way.name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("epochs")
    n, p = limits.shape
    axes.set_title(f"distance from the minimum-norm solution\n{n} rows, {p} columns", fontsize=9)
    axes.legend(fontsize=6.5, frameon=False)


def _draw_risks(axes: Axes, paths: Paths) -> None:
    for which, style in (("ridge", "-"), ("flow", "--")):
        axes.plot(
            FINE, paths.exact_on(which, FINE), style, color="black", linewidth=1, label=f"{which}: exact"
        )
    for way, colour, marker in zip(paths.ways, COLOURS, MARKERS, strict=False):
        risks = paths.risks(paths.walked[way])
        error = risks.std(axis=1, ddof=1) / np.sqrt(paths.n_draws)
        axes.errorbar(
            paths.times,
            risks.mean(axis=1),
            2 * error,
            fmt=marker,
            color=colour,
            markersize=3,
            linewidth=0.8,
            label=way.name,
        )
    axes.set_xscale("log")
    axes.set_xlabel("t = 1 / lambda")
    axes.set_title(f"prediction risk ± 2 standard errors\n{paths.name}", fontsize=9)
    axes.legend(fontsize=6.5, frameon=False)


def _draw_coefficients(axes: Axes, hitters: Paths) -> None:
    from matplotlib import colormaps

    lines = np.array([hitters.design.solve(hitters.problems[0].y, ridge(1 / t)) for t in FINE])
    first = hitters.walked[hitters.ways[0]].mean(axis=1)
    for column, colour in enumerate(colormaps["tab20"](np.arange(lines.shape[1]) % 20)):
        axes.plot(FINE, lines[:, column], color=colour, linewidth=1)
        axes.plot(hitters.times, first[:, column], "o", color=colour, markersize=3)
        axes.plot(hitters.times, hitters.flow[:, 0, column], ":", color=colour, linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlabel("t = 1 / lambda")
    axes.set_title(
        f"coefficients of Hitters: ridge (lines), {hitters.ways[0].name} (dots, mean), gradient flow (dotted)",
        fontsize=9,
    )


def _draw_distances(axes: Axes, every: Sequence[Paths]) -> None:
    for paths, colour in zip(every, (COLOURS[0], COLOURS[2], COLOURS[5]), strict=False):
        way = paths.ways[0]
        distances = paths.distances(paths.walked[way]).mean(axis=1)
        label = f"{paths.name}: {way.name}"
        axes.plot(paths.times, distances, "o-", color=colour, markersize=3, linewidth=1, label=label)
        axes.plot(paths.times, paths.distances(paths.ends).mean(axis=1), ":", color=colour, linewidth=1)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("t = 1 / lambda")
    axes.set_title("distance from ridge over its length\ndotted: of the path's end", fontsize=9)
    axes.legend(fontsize=6.5, frameon=False)
