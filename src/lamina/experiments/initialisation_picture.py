"""Variances of activations and gradients by layer at the start, and losses by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain.descent.drawing import style
from lamina.explain.drawing import SMALL

if TYPE_CHECKING:
    from lamina.experiments.initialisation import Measured, Place, Plan

LEAST = 1e-30


def draw(path: Any, found: dict[Place, Measured], plan: Plan) -> None:
    """A column an activation, at the largest depth: activations, gradients, losses."""
    from matplotlib.figure import Figure

    columns = len(plan.activations)
    figure: Any = Figure(figsize=(4.4 * columns, 9), layout="constrained")
    grid = figure.subplots(3, columns, squeeze=False)
    depth = plan.depths[-1]
    schemes = list(dict.fromkeys(scheme for scheme, _, _ in found))
    for column, activation in enumerate(plan.activations):
        for place, scheme in enumerate(schemes):
            _draw_one(grid[:, column], found[scheme, activation, depth], style(place), scheme)
        grid[0, column].set_title(f"{activation}, {depth} hidden layers", fontsize=SMALL + 3)
    for row, label in enumerate(
        ("variance of activations", "mean square of the gradient", "mean training loss")
    ):
        grid[row, 0].set_ylabel(label)
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
    for axes in grid[:2].flat:
        axes.set(yscale="log", xlabel="hidden layer")
        axes.xaxis.get_major_locator().set_params(integer=True)
    for axes in grid[2]:
        axes.set(xlabel="epoch", ylim=(0, 3.5))
        axes.xaxis.get_major_locator().set_params(integer=True)
    grid[0, 0].legend(fontsize=SMALL, frameon=False)
    figure.savefig(path, dpi=110)


def _draw_one(panels: Any, each: Measured, look: dict[str, Any], label: str) -> None:
    for axes, name in zip(panels, ("after", "gradient"), strict=False):
        values = np.mean([getattr(start, name) for start in each.starts], axis=0)
        layers = np.arange(1, len(values) + 1)
        kept = values > LEAST  # zeros have no place on a scale of powers
        axes.plot(layers[kept], values[kept], **look | {"markevery": 3}, label=label)
    loss = np.mean([fit.loss for fit in each.fits], axis=0)
    panels[2].plot(np.arange(1, len(loss) + 1), loss, **look, label=label)
