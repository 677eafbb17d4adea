"""The comparison as a picture: each model's error with its interval, and the verdict above."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from lamina.evaluation.intervals import LEVEL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lamina.evaluation.result import Comparison

SIMPLE, NETWORK, RECOMMENDED = "#4c6a92", "#c0562f", "bold"


def draw(comparison: Comparison, path: str | Path | None = None) -> Figure:
    """Draw the errors; with ``path``, write them there in the format of its ending.

    The figure belongs to no window and no backend, so nothing of the user's own drawing changes.
    """
    from matplotlib.figure import Figure

    names = [name for name in comparison.estimates if name in comparison.table.index]
    figure = Figure(figsize=(7.2, 1.9 + 0.36 * len(names)), layout="constrained")
    axes = figure.add_subplot()
    factor = 100.0 if comparison.metric.percent else 1.0
    for place, name in enumerate(names):
        estimate = comparison.estimates[name]
        low, high = estimate.interval(LEVEL) or (estimate.mean, estimate.mean)
        colour = NETWORK if name in comparison.networks else SIMPLE
        axes.plot(
            [factor * low, factor * high], [place, place], color=colour, linewidth=2, solid_capstyle="round"
        )
        axes.plot([factor * estimate.mean], [place], "o", color=colour, markersize=7)
    axes.set_yticks(range(len(names)), names)
    for label in axes.get_yticklabels():
        if label.get_text() == comparison.verdict.recommended:
            label.set_fontweight(RECOMMENDED)
    axes.invert_yaxis()
    unit = " (%)" if comparison.metric.percent else ""
    axes.set_xlabel(f"{comparison.metric.title}{unit}, mean with {LEVEL:.0%} interval")
    axes.set_title(textwrap.fill(str(comparison.verdict), 92), fontsize=8.5, loc="left")
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure
