"""Errors by width, a panel an optimizer, with the bumps in both; and the function with 32 bumps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.universal_approximation_fits import CONSTRUCTIONS, OPTIMIZERS, Found, nielsen
from lamina.explain.drawing import LINES
from lamina.explain.learnt.bumps import plot_bumps

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GREYS = {"steep": ("black", "--"), "gentle": ("black", ":")}


def draw(found: Found, path: str | Path) -> None:
    """Three panels."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(13, 4.3), layout="constrained")
    bumps, *others = figure.subplots(1, 3)
    plot_bumps(nielsen, 0.0, 1.0, max(found.plan.widths) // 8, ax=bumps)
    bumps.set_ylabel("f(x)")
    for axes, optimizer in zip(others, OPTIMIZERS, strict=True):
        _draw_errors(axes, found, optimizer)
    lowest = min(axes.get_ylim()[0] for axes in others)
    for axes in others:
        axes.set_ylim(bottom=lowest)
    others[0].set_ylabel("root mean squared error")
    figure.savefig(path, dpi=130)


def _draw_errors(axes: Axes, found: Found, optimizer: str) -> None:
    widths = found.plan.widths
    for (colour, line, marker), depth in zip(LINES, found.plan.depths, strict=False):
        errors = np.stack([found.trained[optimizer, depth, width][:, 0] for width in widths])
        shift = 1.06 ** (depth - 2)
        for seed in errors.T:
            axes.plot(np.array(widths) * shift, seed, marker, color=colour, markersize=2.5, alpha=0.4)
        label = f"{depth} hidden layer{'s' * (depth > 1)}"
        axes.plot(np.array(widths) * shift, np.exp(np.log(errors).mean(axis=1)), color=colour, linestyle=line,
                  marker=marker, markersize=5, label=label)  # fmt: skip
    for name in CONSTRUCTIONS:
        colour, line = GREYS[name]
        axes.plot(widths, [found.built[name, width][0] for width in widths], color=colour, linestyle=line,
                  linewidth=1.2, label=f"bumps, {name}, not trained")  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="units of a layer")
    axes.set_title(f"trained by {optimizer}\nsmall marks: seeds; lines: geometric means", fontsize=9)
    axes.set_xticks(widths, [str(width) for width in widths])
    axes.minorticks_off()
    axes.legend(fontsize=7, frameon=False)
