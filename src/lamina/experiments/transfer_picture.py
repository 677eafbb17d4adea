"""Accuracy on new classes over the number of labelled images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

COLOURS = ("#1f6f8b", "#5b8c5a", "#e08e45", "#d1495b")


def draw(path: Any, found: Mapping[int, Mapping[str, tuple[float, ...]]]) -> None:
    """A line a method through the means of its draws, each draw a dot."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(7.5, 4.5), layout="constrained")
    axes = figure.subplots()
    sizes = list(found)
    for colour, name in zip(COLOURS, next(iter(found.values())), strict=True):
        values = np.array([found[each][name] for each in sizes])
        axes.plot(sizes, values.mean(axis=1), color=colour, linewidth=1.4, label=name)
        for draws in values.T:
            axes.plot(sizes, draws, "o", color=colour, markersize=3.5, alpha=0.6, markeredgewidth=0)
    axes.set_xscale("log")
    axes.set_xticks(sizes, [str(each) for each in sizes])
    axes.minorticks_off()
    axes.set_xlabel("labelled images a class")
    axes.set_ylabel("% of the test images right")
    axes.set_title(f"new classes: {values.shape[1]} draws, lines through their means", fontsize=10)
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)
