"""The moving grid of both sets through layers of two units, of the seed with the smallest training loss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lamina.experiments.hidden_geometry_fits import DATA, Fit
from lamina.explain.learnt.geometry_picture import plot_hidden_geometry


def draw(fits: Sequence[Fit], path: str | Path) -> None:
    """A row of panels each: circles and spirals through layers of two units, circles through layers of three."""
    from matplotlib.figure import Figure

    best = [_best(fits, name, width) for name, width in (("circles", 2), ("circles", 3), ("spirals", 2))]
    figure: Any = Figure(figsize=(13, 3.1 * len(best)), layout="constrained")
    for axes, fit in zip(figure.subplots(len(best), 1), best, strict=True):
        x, y = DATA[fit.data](np.random.default_rng(fit.seed))
        plot_hidden_geometry(fit.model, x, y, ax=axes)
        axes.set_title(
            f"{fit.data}, layers of {fit.width} units, {fit.training:.1f} % of its training points right",
            fontsize=10,
            pad=18,
        )
    figure.savefig(path, dpi=110)


def _best(fits: Sequence[Fit], name: str, width: int) -> Fit:
    """The fit with the smallest loss on its training points."""
    some = [fit for fit in fits if (fit.data, fit.width) == (name, width)]
    return min(some, key=lambda fit: fit.model.loss_curve_[-1])
