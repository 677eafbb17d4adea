"""The lines that perceptrons found, from many orders of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.classics.neuron import binary_inputs
from lamina.experiments.perceptron_logic_margin import largest_margin
from lamina.experiments.plotting import OURS, PUBLISHED

Array = NDArray[Any]
LOW, HIGH = -0.6, 1.6


def draw(path: str | Path, found: Mapping[str, tuple[Array, Array]]) -> None:
    """A panel for each function, with its outputs and the lines found."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(3.1 * len(found), 3.8), layout="constrained")
    for axes, (name, (y, lines)) in zip(figure.subplots(1, len(found)), found.items(), strict=True):
        for line in np.unique(lines, axis=0):
            draw_line(axes, line, color=OURS, linewidth=0.8, alpha=0.5)
        widest = largest_margin(binary_inputs(2), y)
        if widest is not None:
            draw_line(axes, widest, color="black", linewidth=1.6, linestyle="--")
        draw_bits(axes, binary_inputs(2), y)
        axes.set(xlim=(LOW, HIGH), ylim=(LOW, HIGH), xlabel="x₁", ylabel="x₂", aspect="equal")
        title = (
            "lines found; dashed: the widest margin"
            if widest is not None
            else "none separates: the best kept"
        )
        axes.set_title(f"{name}\n{title}", fontsize=9, loc="left")
        axes.set_xticks([0, 1])
        axes.set_yticks([0, 1])
    figure.savefig(path, dpi=130)


def draw_line(axes: Any, line: Array, **style: Any) -> None:
    """The line w·x = θ of (w₁, w₂, θ), from far outside to far outside."""
    w, threshold = line[:2], line[2]
    length = np.linalg.norm(w)
    if length == 0:
        return
    foot, along = threshold * w / length**2, np.array([-w[1], w[0]]) / length
    ends = np.array([foot - 10 * along, foot + 10 * along])
    axes.plot(ends[:, 0], ends[:, 1], **style)


def draw_bits(axes: Any, x: Array, y: Array) -> None:
    """Rows whose output is 1 as filled circles, the others as open squares."""
    for value, marker, face in ((1, "o", PUBLISHED), (0, "s", "white")):
        axes.plot(
            *x[y == value].T, marker, markersize=10, markerfacecolor=face, markeredgecolor="black", zorder=3
        )
