"""Descent on a function of one variable: the curve, the numbered steps, an arrow from each to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import SpecificationError
from lamina.explain.descent.descending import descend
from lamina.explain.descent.drawing import labelled_paths, said, style, values_at, window_of
from lamina.explain.descent.path import DescentPath
from lamina.explain.descent.surface_picture import plot_descent_surface
from lamina.explain.descent.surfaces import resolve_function
from lamina.explain.drawing import SMALL, axes_for
from lamina.explain.panels import LABELLED, panels
from lamina.training.optimizers import GradientDescent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 401
APART = 0.035
"""Share of the window that lies between numbers, so that they can be read."""
MOST_ARROWS = 30


def plot_descent(paths: Any, ax: Axes | None = None, *, window: Any = None) -> Axes:
    """A function of one variable and the steps of an optimizer on it, numbered, with an arrow from each to the next.

    Parameters
    ----------
    paths
        What :func:`lamina.explain.descend` returns, several of one function, or several by label in a dictionary.
    ax
        Where to draw; None makes a figure.
    window
        Pair (low, high) of theta. None: that of a surface, and where the path goes.

    Returns
    -------
    The axes. A path that diverges is drawn as far as it is finite and lies in the window, and the legend says so.

    Raises
    ------
    ArgumentTypeError, SpecificationError
        If it is no path, one of more variables, or the window has no width.

    Source: ISLP Figure 10.17.

    >>> from lamina.explain import descend
    >>> ax = plot_descent(descend("parabola", steps=5))
    >>> [line.get_label() for line in ax.lines]
    ['θ² - θ + 0.25', 'GradientDescent()']
    """
    found = labelled_paths(paths, 1)
    [(low, high)] = window_of(found, window)
    ax = axes_for(ax)
    function = next(iter(found.values())).function
    theta = np.linspace(low, high, POINTS)
    values = values_at(function, theta)
    ax.plot(theta, values, color="0.45", linewidth=1.5, label=getattr(function, "formula", "R(θ)"), zorder=1)
    for place, (label, path) in enumerate(found.items()):
        _draw_steps(ax, path, said(label, path), place, (low, high))
    ax.set_xlim(low, high)
    _limit_height(ax, values)
    ax.set_xlabel("θ")
    ax.set_ylabel("R(θ)")
    ax.legend(fontsize=SMALL + 1, frameon=False)
    return ax


def plot_step_sizes(
    function: Any = "parabola",
    start: Any = None,
    rates: Sequence[float] = (0.02, 0.25, 1.05),
    steps: int = 8,
    ax: Axes | None = None,
) -> Axes:
    """Gradient descent with a step too small, a good one and one too large: a panel each.

    Parameters
    ----------
    function, start, steps
        As :func:`lamina.explain.descend` takes them, of one variable or two.
    rates
        A step size for each panel; those of the default are for the parabola.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    The axes; the panels are its ``child_axes``, one a rate.

    Errors as those of ``descend``.

    >>> [panel.get_title().splitlines()[0] for panel in plot_step_sizes().child_axes]
    ['step 0.02', 'step 0.25', 'step 1.05']
    """
    function, rates = resolve_function(function), list(rates)
    if not rates:
        raise SpecificationError("rates is empty: give step sizes, such as (0.02, 0.25, 1.05).")
    paths = [descend(function, start, GradientDescent(rate), steps) for rate in rates]
    whole, drawn = panels(ax, len(rates), columns=len(rates), side=3.6, room=LABELLED)
    window = getattr(function, "window", None)
    for panel, rate, path in zip(drawn, rates, paths, strict=True):
        plot = plot_descent if path.theta.ndim == 1 else plot_descent_surface
        plot({f"{rate:g}": path}, ax=panel, window=window)
        if (legend := panel.get_legend()) is not None:
            legend.remove()
        panel.set_title(f"step {rate:g}\n{_outcome(path)}", fontsize=SMALL + 2)
    return whole


def _outcome(path: DescentPath) -> str:
    if path.lost:
        return f"diverges, finite for {path.steps} steps"
    return f"{path.steps} steps: {path.values[0]:.3g} to {path.values[-1]:.3g}"


def _draw_steps(ax: Axes, path: DescentPath, label: str, place: int, window: tuple[float, float]) -> None:
    look = style(place) | {"linestyle": "none"}
    ax.plot(path.theta, path.values, **look, label=label, zorder=3)
    inside = [
        k for k in range(path.steps) if all(window[0] <= path.theta[j] <= window[1] for j in (k, k + 1))
    ]
    for k in inside[:MOST_ARROWS]:
        ax.annotate(
            "",
            (path.theta[k + 1], path.values[k + 1]),
            (path.theta[k], path.values[k]),
            arrowprops={
                "arrowstyle": "->",
                "color": look["color"],
                "linewidth": 1.0,
                "shrinkA": 2,
                "shrinkB": 2,
            },
            zorder=2,
        )
    for k in _far_apart(path.theta, APART * (window[1] - window[0])):
        if window[0] <= path.theta[k] <= window[1]:
            ax.annotate(
                str(k),
                (path.theta[k], path.values[k]),
                (0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=SMALL + 1,
                annotation_clip=True,
            )


def _far_apart(theta: np.ndarray, least: float) -> list[int]:
    """Steps whose numbers do not stand on those before."""
    kept: list[int] = []
    for k, value in enumerate(theta):
        if all(abs(value - theta[j]) >= least for j in kept):
            kept.append(k)
    return kept


def _limit_height(ax: Axes, values: np.ndarray) -> None:
    """Heights of the curve in the window, with room for the numbers."""
    finite = values[np.isfinite(values)]
    if len(finite) and finite.max() > finite.min():
        room = finite.max() - finite.min()
        ax.set_ylim(finite.min() - 0.05 * room, finite.max() + 0.08 * room)
