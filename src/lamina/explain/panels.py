"""Pictures of several panels on one Axes: small ones inside it, in rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain.drawing import axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP_ACROSS, GAP_UP, WITH_TICKS, LABELLED = 0.06, 0.18, 0.1, 0.17
"""Share of a panel's side that stays empty beside and below it, and more of it on both where there are ticks; and labels."""


def panels(
    ax: Axes | None,
    count: int,
    *,
    columns: int = 4,
    side: float = 2.2,
    ticks: bool = False,
    room: float | None = None,
) -> tuple[Axes, list[Axes]]:
    """The Axes of the whole, on which nothing else is drawn, and so many insets in it, row by row from the top.

    A panel is a square of ``side`` inches in a figure of its own; ``ticks`` leaves room for numbers beside it, ``room`` another
    share of the side, for labels as well.
    """
    more = (WITH_TICKS if ticks else 0.0) if room is None else room
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    whole = axes_for(ax, width=side * columns, height=side * rows * (1 + GAP_UP) + 0.3)
    whole.set_axis_off()
    return whole, [_inset(whole, place, rows, columns, more) for place in range(count)]


def _inset(whole: Axes, place: int, rows: int, columns: int, more: float) -> Axes:
    row, column = divmod(place, columns)
    width, height = 1 / columns, 1 / rows
    low = 1 - (row + 1) * height
    return whole.inset_axes(
        (
            (column + more) * width,
            low + more * height,
            width * (1 - GAP_ACROSS - more),
            height * (1 - GAP_UP - more),
        ),
    )


def spread(values: np.ndarray) -> tuple[float, float]:
    """Least and largest value, apart from each other even where all are the same.

    >>> spread(np.array([1.0, 3.0])), spread(np.zeros(2))
    ((1.0, 3.0), (-0.5, 0.5))
    """
    low, high = float(np.min(values)), float(np.max(values))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def field(
    axes: Axes,
    across: np.ndarray,
    up: np.ndarray,
    values: np.ndarray,
    *,
    reach: tuple[float, float] | None = None,
    lines: int = 7,
    labelled: bool = False,
) -> Any:
    """A function of the plane: shades that stay in order in grey, with contour lines, dashed below zero.

    ``reach`` is the least and the largest value of the shades; None takes those of the function.
    """
    low, high = spread(values) if reach is None else reach
    shades = axes.contourf(across, up, values, levels=np.linspace(low, high, 4 * lines + 5), cmap="viridis")
    heights = np.linspace(low, high, lines + 2)[1:-1]
    if np.ptp(values) > 0:
        drawn = axes.contour(across, up, values, levels=heights, colors="white", linewidths=0.6)
        if labelled:
            axes.clabel(drawn, fontsize=7, fmt="%.3g")
    return shades


def small(axes: Axes, title: str = "", *, ticks: bool = False) -> None:
    """A panel's title, without ticks unless they are asked for."""
    if not ticks:
        axes.set_xticks([])
        axes.set_yticks([])
    axes.tick_params(labelsize=6, length=2, pad=1)
    axes.set_title(title, fontsize=8, pad=3)
