"""Learning curves as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lamina.evaluation.curve import LearningCurve

COLOURS = ("#c0562f", "#4c6a92", "#6a8f3c", "#8a6aa8", "#b08a2e", "#5a9a9a", "#a05070", "#707070")
BEYOND = 4.0
"""Times the rows there are, up to which the extrapolation is drawn."""


def draw(curve: LearningCurve, path: str | Path | None = None) -> Figure:
    """Each model's errors with their intervals, and the fitted line, dashed beyond the rows there are."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.add_subplot()
    factor = 100.0 if curve.percent else 1.0
    inside = np.geomspace(curve.sizes[0], curve.sizes[-1], 50)
    beyond = np.geomspace(curve.sizes[-1], BEYOND * curve.sizes[-1], 50)
    table = curve.table
    measured = table[~table["extrapolated"]]
    for place, name in enumerate(curve.errors):
        colour = COLOURS[place % len(COLOURS)]
        rows = measured.loc[name]
        reach = factor * (rows["high"] - rows["error"])
        axes.errorbar(rows.index, factor * rows["error"], reach, fmt="o", color=colour, capsize=3, label=name)
        for sizes, style in ((inside, "-"), (beyond, "--")):
            found = np.array([curve.at(name, size) for size in sizes])
            axes.plot(sizes, factor * found[:, 0], style, color=colour, linewidth=1.5)
            if style == "--":
                low, high = (factor * (found[:, 0] + sign * 2 * found[:, 1]) for sign in (-1, 1))
                axes.fill_between(sizes, low, high, color=colour, alpha=0.12, linewidth=0)
    axes.set_xscale("log")
    axes.set_xlabel("training rows")
    axes.set_ylabel(f"{curve.title}{' (%)' if curve.percent else ''}")
    axes.grid(alpha=0.3, which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure
