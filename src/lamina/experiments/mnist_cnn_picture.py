"""Learnt filters above the digits that they have filtered, and the confusion matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.mnist_cnn_filters import Filtered
from lamina.experiments.plotting import draw_confusion
from lamina.experiments.report import Confusion

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIGNED = "RdBu_r"
"""Blue below zero, red above."""


def draw(path: Any, pictured: Filtered, confusion: Confusion) -> None:
    """A column a filter, a row a digit; every picture of one row on one scale, white at zero."""
    from matplotlib.figure import Figure

    n_filters, n_digits = pictured.filters.shape[2], len(pictured.digits)
    figure: Any = Figure(figsize=(13, 1.25 * (n_digits + 1)), layout="constrained")
    left, right = figure.add_gridspec(1, 2, width_ratios=(1.55, 1))
    grid = left.subgridspec(n_digits + 1, n_filters + 1)
    _blank(figure.add_subplot(grid[0, 0]), "learnt filters")
    for number in range(n_filters):
        axes = figure.add_subplot(grid[0, number + 1])
        _show(axes, pictured.filters[:, :, number], pictured.filters)
        axes.set_title(f"filter {number + 1}", fontsize=8)
    for row in range(n_digits):
        figure.add_subplot(grid[row + 1, 0]).imshow(pictured.digits[row], cmap="Greys")
        for number in range(n_filters):
            axes = figure.add_subplot(grid[row + 1, number + 1])
            _show(axes, pictured.images[row, :, :, number], pictured.images)
    for axes in figure.axes:
        axes.set_xticks([])
        axes.set_yticks([])
    draw_confusion(figure.add_subplot(right), confusion)
    figure.savefig(path, dpi=130)


def _show(axes: Axes, image: np.ndarray, among: np.ndarray) -> None:
    largest = float(np.max(np.abs(among))) or 1.0
    axes.imshow(image, cmap=SIGNED, vmin=-largest, vmax=largest)


def _blank(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=8)
    axes.set_axis_off()
