"""Errors over size, and fitted functions, as Figures 10.20 and 10.21 show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.double_descent_sample import GRID, HIGH, LOW, SIGMA, TRUTH, Curve, N, Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TRAINING, TEST, FUNCTION = "#1f6f8b", "#d1495b", "#e08e45"
FLOOR = 1e-4
"""Errors below are drawn at it: a training error of zero has no logarithm."""


def draw(path: Any, sample: Sample, splines: Curve, networks: Curve, shown: Sequence[int]) -> None:
    """Two panels of errors above, the functions of the first data set below."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(10, 9), layout="constrained")
    grid = figure.add_gridspec(3, 4, height_ratios=(1.6, 1, 1))
    weights = f"units (three weights each: {N} at {(N - 1) / 3:.1f})"
    _draw_errors(figure.add_subplot(grid[0, :2]), splines, "natural splines", "degrees of freedom", N)
    _draw_errors(figure.add_subplot(grid[0, 2:]), networks, "one hidden layer", weights, (N - 1) / 3)
    sizes = [size for size in shown if size in splines.sizes]
    for place, size in enumerate(sizes):
        _draw_function(figure.add_subplot(grid[1, place]), sample, splines, size, f"d = {size}")
    for place, size in enumerate(_spread(networks)):
        _draw_function(figure.add_subplot(grid[2, place]), sample, networks, size, f"{size} units")
    figure.savefig(path, dpi=130)


def _spread(curve: Curve) -> list[int]:
    """Four sizes: those of the lowest median before the highest, the highest, one on the way, the last."""
    worst = curve.sizes.index(curve.worst())
    best = curve.sizes.index(curve.best(curve.sizes[0], curve.worst()))
    return [
        curve.sizes[place]
        for place in sorted({best, worst, (worst + len(curve.sizes)) // 2, len(curve.sizes) - 1})
    ]


def _draw_errors(axes: Axes, curve: Curve, title: str, label: str, threshold: float) -> None:
    for errors, colour, name in ((curve.training, TRAINING, "training"), (curve.test, TEST, "test")):
        low, middle, high = np.maximum(np.quantile(errors, (0.25, 0.5, 0.75), axis=1), FLOOR)
        axes.plot(curve.sizes, middle, color=colour, marker="o", markersize=3, label=f"{name}: median")
        axes.fill_between(curve.sizes, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(curve.sizes, curve.test.mean(axis=1), "--", color=TEST, linewidth=0.9, label="test: mean")
    axes.axvline(threshold, color="grey", linewidth=0.8, linestyle=":")
    axes.axhline(SIGMA**2, color="black", linewidth=0.6)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = [size for size in (1, 2, 4, 8, 20, 42, 80, 256) if curve.sizes[0] <= size <= curve.sizes[-1]]
    axes.set_xticks(ticks, [str(size) for size in ticks])
    axes.minorticks_off()
    axes.set_xlabel(label)
    axes.set_ylabel("mean squared error")
    axes.set_title(f"{title}: {curve.test.shape[1]} data sets, quartiles shaded", fontsize=10)
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_function(axes: Axes, sample: Sample, curve: Curve, size: int, title: str) -> None:
    axes.plot(GRID, TRUTH, color="black", linewidth=1)
    axes.plot(GRID, curve.functions[curve.sizes.index(size)], color=FUNCTION, linewidth=1.2)
    axes.plot(sample.x, sample.y, "o", color="grey", markersize=3)
    axes.set_xlim(LOW, HIGH)
    axes.set_ylim(-3, 3)
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
