"""The moving grid as a picture, and as a film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import DataError, SpecificationError
from lamina.explain.drawing import axes_for
from lamina.explain.learnt.geometry import LINES_OF_GRID, Stage, hidden_geometry
from lamina.explain.learnt.points import MOST_CLASSES, draw_points
from lamina.explain.panels import panels, small

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes

ALONG, UP = ("#0072B2", "-"), ("#777777", "--")
"""Colour and line of what ran along the first input, and along the second."""
MOST_NAMES, LONGEST_NAME = 4, 12
"""Classes, and letters of their names, that a legend inside a panel has room for."""
LONGEST = 3.0
"""Times that one side of a panel may show of the other."""


def plot_hidden_geometry(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    features: Any = None,
    layers: Any = None,
    lines: int = LINES_OF_GRID,
    ax: Axes | None = None,
) -> Axes:
    """Draw the plane of two inputs as each hidden layer leaves it: a grid carried along, with the rows as points.

    Lines that ran along the first input are solid, those along the second dashed. What one straight line can part after the last
    hidden layer is what the output layer can tell apart.

    Parameters
    ----------
    model
        A fitted network of Lamina's for tables, or a multi-layer perceptron of scikit-learn.
    X, y
        Rows (n, p), and their classes, (n,), or None.
    features
        Two columns by name or place, along which the grid runs, with the others at their median; None takes both columns of
        an X that has two. The rows are at all their own values.
    layers
        Paths of layers; None takes every hidden one.
    lines
        Of the grid, in either direction.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    One Axes with an inset for the input and for each layer, ``ax.child_axes``; the legend of many classes has one more.

    Raises
    ------
    DataError
        If X has other than two columns and ``features`` names none; if y does not fit.
    ArgumentTypeError, NotFittedError
        If the model has no layers; if it is not fitted.
    SpecificationError
        If there is no such column or layer, or the layer gives no row of numbers; if y has more than 14 classes.

    Source: Olah, "Neural networks, manifolds, and topology", 2014.

    >>> from lamina.explain import product_network
    >>> ax = plot_hidden_geometry(product_network(), [[-1.0, -1.0], [1.0, 1.0]])
    >>> [inset.get_title() for inset in ax.child_axes]
    ['input', 'dense_1']
    """
    stages = hidden_geometry(model, X, features=features, layers=layers, lines=lines)
    outcome = _outcome(y, stages[0])
    apart = _needs_room(outcome)
    count = len(stages) + apart
    whole, insets = panels(ax, count, columns=min(5, count), side=2.4, ticks=True)
    for axes, stage in zip(insets, stages, strict=False):
        draw_stage(axes, stage, outcome, legend=stage is stages[0] and not apart)
    if apart:
        insets[-1].set_axis_off()
        insets[-1].legend(*insets[0].get_legend_handles_labels(), loc="upper left", fontsize=7, frameon=False)
    return whole


def _needs_room(y: np.ndarray | None) -> bool:
    """Whether a legend would hide the points of a panel."""
    names = [] if y is None else [str(each) for each in np.unique(y)]
    return len(names) > MOST_NAMES or any(len(name) > LONGEST_NAME for name in names)


def draw_stage(axes: Axes, stage: Stage, y: np.ndarray | None, *, legend: bool = False) -> None:
    """One stage: grid, points, and what share of the variance is seen where it is not all."""
    from matplotlib.collections import LineCollection

    half = len(stage.grid) // 2
    for lines, (colour, style) in ((stage.grid[:half], ALONG), (stage.grid[half:], UP)):
        axes.add_collection(LineCollection(list(lines), colors=colour, linestyles=style, linewidths=0.6))
    draw_points(axes, stage.points, y, size=8, legend=legend and y is not None)
    axes.autoscale()
    _not_too_flat(axes)
    share = "" if stage.share > 0.9995 else f"\nfirst two components: {stage.share:.0%}"
    small(axes, stage.name + share, ticks=True)


def _not_too_flat(axes: Axes) -> None:
    """Neither side shows less than a third of what the other does: a line must not look like a plane."""
    sides = axes.get_xlim(), axes.get_ylim()
    least = max(high - low for low, high in sides) / LONGEST
    limits: tuple[Any, ...] = (axes.set_xlim, axes.set_ylim)
    for (low, high), limit in zip(sides, limits, strict=True):
        if high - low < least:
            limit((low + high - least) / 2, (low + high + least) / 2)


def animate_hidden_geometry(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    features: Any = None,
    layers: Any = None,
    lines: int = LINES_OF_GRID,
    steps: int = 20,
    ax: Axes | None = None,
) -> FuncAnimation:
    """A film of :func:`plot_hidden_geometry`: between layers every point goes along a straight line.

    Parameters
    ----------
    model, X, y, features, layers, lines, ax
        As in :func:`plot_hidden_geometry`.
    steps
        Pictures from a layer to the next.

    Returns
    -------
    An animation of matplotlib: ``animation.save("grid.gif")``, or ``HTML(animation.to_jshtml())`` in a notebook.

    Errors as in :func:`plot_hidden_geometry`.
    """
    from matplotlib.animation import FuncAnimation

    stages = hidden_geometry(model, X, features=features, layers=layers, lines=lines, steps=steps)
    outcome = _outcome(y, stages[0])
    axes = axes_for(ax, width=5.0, height=5.0)

    def show(place: int) -> list[Any]:
        axes.clear()
        draw_stage(axes, stages[place], outcome)
        return []

    figure = axes.get_figure(root=True)
    assert figure is not None
    return FuncAnimation(figure, show, frames=len(stages), interval=80)


def _outcome(y: Any, start: Stage) -> np.ndarray | None:
    if y is None:
        return None
    outcome = np.asarray(y)
    if outcome.shape != (len(start.points),):
        raise DataError(
            f"y has shape {outcome.shape} and X {len(start.points)} rows: give one class a row, (n,)."
        )
    count = len(np.unique(outcome))
    if count > MOST_CLASSES:
        raise SpecificationError(
            f"y has {count} different values, and the picture tells at most {MOST_CLASSES} classes apart: leave y out, or cut it "
            "into classes, such as y > np.median(y)."
        )
    return outcome
