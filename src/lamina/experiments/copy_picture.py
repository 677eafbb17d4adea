"""Accuracy by gap, and gradients by distance, before and after training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamina.experiments.copy_data import SYMBOLS
from lamina.experiments.copy_fits import LAYERS, Measured
from lamina.explain.drawing import LINES

LEAST = 1e-20
"""Squares of smaller numbers are zero in single precision: there the lines end."""


def draw(path: str | Path, found: Mapping[tuple[str, int], Sequence[Measured]], gaps: Sequence[int]) -> None:
    """Three panels: accuracy by gap, gradient by distance of the longest gap at the start and after training."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(13, 4), layout="constrained")
    first, *others = figure.subplots(1, 3)
    for name, (colour, line, marker) in zip(LAYERS, LINES, strict=False):
        right = [np.mean([m.accuracy for m in found[name, gap]]) for gap in gaps]
        look = {"color": colour, "linestyle": line}
        first.plot(gaps, right, marker=marker, markersize=4, label=name, **look)
        for axes, part in zip(others, ("before", "after"), strict=True):
            norms = [getattr(m, part) for m in found[name, max(gaps)]]
            mean = np.exp(np.mean(np.log(np.maximum(norms, 1e-30)), axis=0))
            axes.semilogy(np.where(mean > LEAST, mean, np.nan), label=name, **look)
    first.axhline(100 / SYMBOLS, color="grey", linewidth=0.8, linestyle=":")
    first.set(xlabel="codes between", ylabel="right, %", title="remembered", xscale="log")
    first.set_xticks(gaps, map(str, gaps))
    first.minorticks_off()
    first.legend(fontsize=8, frameon=False)
    for axes, title in zip(others, ("at the start", "after training"), strict=True):
        axes.set(xlabel="distance from the end", ylabel="gradient by the vector of a place", title=title)
    for axes in (first, *others):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)
