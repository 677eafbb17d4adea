"""Rows of several classes as points that are told apart without their colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lamina.explain.drawing import LINES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CLASSES = 2 * len(LINES)


def kinds_of(count: int) -> list[tuple[str, str, bool]]:
    """Colour, marker and whether it is filled, of so many classes: of two the first is filled and the second hollow.

    >>> kinds_of(2)
    [('#000000', 'o', True), ('#D55E00', 's', False)]
    """
    if count <= 2:
        return [("#000000", "o", True), ("#D55E00", "s", False)][:count]
    return [(colour, marker, filled) for filled in (True, False) for colour, _, marker in LINES][:count]


def draw_points(
    axes: Axes,
    at: np.ndarray,
    y: np.ndarray | None,
    classes: np.ndarray | None = None,
    *,
    size: float = 22,
    legend: bool = True,
) -> None:
    """Points (n, 2), those of each class with a marker of its own; without y all alike."""
    if y is None:
        axes.scatter(at[:, 0], at[:, 1], s=size, color="black", linewidths=0, zorder=3)
        return
    classes = np.unique(y) if classes is None else classes
    for each, (colour, marker, filled) in zip(classes, kinds_of(len(classes)), strict=True):
        own = at[y == each]
        axes.scatter(
            own[:, 0],
            own[:, 1],
            s=size,
            marker=marker,
            facecolors=colour if filled else "white",
            edgecolors="white" if filled else colour,
            linewidths=0.6 if filled else 1.0,
            zorder=3,
            label=str(each),
        )
    if legend:
        axes.legend(fontsize=8, framealpha=0.9)
