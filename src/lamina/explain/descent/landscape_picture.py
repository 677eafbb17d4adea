"""The loss around a fitted network as contours, or as a curve along one direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain.descent.landscape import Landscape, loss_landscape
from lamina.explain.descent.surface_picture import spaced_levels
from lamina.explain.drawing import LINES, SMALL, axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIELD = "cividis"
"""Perceptually uniform, and the same to those who do not see red or green."""
CONTOURS = 12


def plot_loss_landscape(
    model: Any, X: Any = None, y: Any = None, ax: Axes | None = None, **settings: Any
) -> Axes:
    """The mean loss of a fitted network around its weights: contours on a plane, or a curve on a line.

    Parameters
    ----------
    model
        What :func:`lamina.explain.loss_landscape` takes with X and y, or what it returned.
    X, y
        Rows on which the loss is taken.
    ax
        Where to draw; None makes a figure.
    settings
        ``dimensions``, ``points``, ``reach``, ``random_state`` of :func:`lamina.explain.loss_landscape`.

    Returns
    -------
    The axes. Dark is low; the contours' numbers are losses, powers apart above the least. The cross is the fitted network.

    Errors as in :func:`lamina.explain.loss_landscape`.

    >>> from lamina import NeuralRegressor
    >>> from lamina.layers import Dense
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> model = NeuralRegressor([Dense(4, "tanh")], epochs=20, random_state=0).fit(X, X[:, 0] ** 2)
    >>> ax = plot_loss_landscape(model, X, X[:, 0] ** 2, dimensions=1)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('steps along a direction, in lengths of the filters', 'mean loss')
    """
    found = model if isinstance(model, Landscape) else loss_landscape(model, X, y, **settings)
    ax = axes_for(ax, width=5.4)
    if len(found.y):
        _draw_plane(ax, found)
    else:
        _draw_line(ax, found)
    moved, parameters = found.moved
    ax.set_title(
        f"loss {found.centre:.4g} at the centre; {moved:,} of {parameters:,} parameters moved",
        fontsize=SMALL + 1,
    )
    return ax


def _draw_plane(ax: Axes, found: Landscape) -> None:
    from matplotlib.colors import BoundaryNorm
    from matplotlib.patheffects import withStroke

    outlined: list[Any] = [withStroke(linewidth=2, foreground="white")]
    loss = np.ma.masked_invalid(found.loss)
    levels = spaced_levels(np.append(found.loss, found.centre), CONTOURS, 1e-3)
    norm = BoundaryNorm(levels, 256)
    ax.contourf(found.x, found.y, loss, levels=levels, cmap=FIELD, norm=norm, extend="min")
    lines = ax.contour(found.x, found.y, loss, levels=levels, colors="black", linewidths=0.6)
    for text in ax.clabel(lines, fontsize=SMALL, fmt=lambda level: f"{level:.2g}"):
        text.set_path_effects(outlined)
    ax.plot(0, 0, "x", color="black", markersize=8, markeredgewidth=2, path_effects=outlined)
    ax.set_xlabel("first direction, in lengths of the filters")
    ax.set_ylabel("second direction")
    ax.set_aspect("equal")


def _draw_line(ax: Axes, found: Landscape) -> None:
    colour, line, _ = LINES[0]
    ax.plot(found.x, found.loss, color=colour, linestyle=line)
    ax.plot(0, found.centre, "x", color="black", markersize=8, markeredgewidth=2)
    ax.set_xlabel("steps along a direction, in lengths of the filters")
    ax.set_ylabel("mean loss")
