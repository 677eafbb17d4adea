"""Descent on a function of two variables: contours, and the paths of optimizers over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain.descent.checks import Function
from lamina.explain.descent.descending import descend_each
from lamina.explain.descent.drawing import Windows, labelled_paths, said, style, values_at, window_of
from lamina.explain.descent.path import DescentPath
from lamina.explain.descent.surfaces import Surface, resolve_function
from lamina.explain.drawing import SMALL, axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 90
LEVELS = 18
MARKED = 0.06
"""Share of the picture between a path's markers."""
LONG, FEW = 1001, 12
"""Steps from which on a path is long, and the markers that it gets."""


def plot_descent_surface(paths: Any, ax: Axes | None = None, *, window: Any = None, steps: int = 100) -> Axes:
    """Contours of a function of two variables, and the paths of optimizers over them, side by side.

    Parameters
    ----------
    paths
        What :func:`lamina.explain.descend` or :func:`lamina.explain.fit_path` returns, or several of one function; those of
        :func:`lamina.explain.descend_each`, by label. A surface, or its name, takes every optimizer's path from the surface's
        start, each at the best of eleven rates, and Newton-Raphson's.
    ax
        Where to draw; None makes a figure.
    window
        ((low, high), (low, high)). None: that of a surface, and where the paths go.
    steps
        Where a surface is given.

    Returns
    -------
    The axes. Contours lie closer together near the least value: their levels are powers apart. The start is a black circle,
    minima that a surface knows are stars. A path that diverges is drawn as far as it is finite, and the legend says so.

    Raises
    ------
    ArgumentTypeError, SpecificationError
        If it is no path, one of another number of variables, or the window has no width.

    >>> from lamina.explain import Newton, descend
    >>> ax = plot_descent_surface([descend("rosenbrock"), descend("rosenbrock", optimizer=Newton())])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['GradientDescent(): diverges, finite for 5 steps', 'Newton()']
    """
    if isinstance(paths, (str, Surface)):
        paths = descend_each(resolve_function(paths), steps=steps)
    found = labelled_paths(paths, 2)
    windows = window_of(found, window)
    ax = axes_for(ax)
    first = next(iter(found.values()))
    _draw_contours(ax, first.function, windows)
    for place, (label, path) in enumerate(found.items()):
        _draw_path(ax, path, said(label, path), place, windows)
    ax.plot(*first.theta[0], "o", color="black", markersize=7, markerfacecolor="none", zorder=5)
    for minimum in getattr(first.function, "minima", ()):
        ax.plot(*minimum, "*", color="black", markersize=10, zorder=5)
    ax.set_xlim(*windows[0])
    ax.set_ylim(*windows[1])
    ax.set_xlabel(_shown(first.names[0]))
    ax.set_ylabel(_shown(first.names[1]))
    ax.set_title(getattr(first.function, "name", ""), fontsize=SMALL + 3)
    ax.legend(fontsize=SMALL, framealpha=0.9)
    return ax


def grid_of(windows: Windows, points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Places along both axes of a grid over a window."""
    (a, b), (c, d) = windows
    return np.linspace(a, b, points), np.linspace(c, d, points)


def spaced_levels(values: np.ndarray, number: int = LEVELS, least_share: float = 1e-4) -> np.ndarray:
    """Levels of contours, powers apart above the least value, so that a valley's floor is seen beside its walls.

    >>> spaced_levels(np.array([0.0, 1.0]), 3).round(4).tolist()
    [0.0001, 0.01, 1.0]
    """
    finite = values[np.isfinite(values)]
    least, span = finite.min(), np.ptp(finite)
    levels: np.ndarray = least + (span or 1.0) * np.geomspace(least_share, 1, number)
    return levels


def _draw_contours(ax: Axes, function: Function, windows: Windows) -> None:
    x, y = grid_of(windows)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    values = values_at(function, points.reshape(-1, 2)).reshape(points.shape[:2])
    ax.contour(x, y, values, levels=spaced_levels(values), colors="0.7", linewidths=0.7, zorder=1)


def _draw_path(ax: Axes, path: DescentPath, label: str, place: int, windows: Windows) -> None:
    sizes = np.array([high - low for low, high in windows])
    near = np.abs(path.theta - [low for low, _ in windows]).max(axis=1) < 100 * sizes.max()
    shown = path.theta if near.all() else path.theta[: max(int(np.argmin(near)), 1)]
    look = style(place) | {"markevery": MARKED}
    if len(shown) > LONG:  # a long and noisy path lies behind the others, and thin
        look |= {"linewidth": 0.6, "alpha": 0.6, "markevery": len(shown) // FEW}
    ax.plot(*shown.T, **look, label=label, zorder=2 if len(shown) > LONG else 3)


def _shown(name: str) -> str:
    return {"theta_1": "x", "theta_2": "y"}.get(name, name)
