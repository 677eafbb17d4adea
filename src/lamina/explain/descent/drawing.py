"""What the pictures of paths share: paths as the user gives them, their styles, windows, the function over a window."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.explain.descent.checks import Function
from lamina.explain.descent.path import RUNAWAY, DescentPath
from lamina.explain.drawing import LINES
from lamina.training.cache import keep_few_programs
from lamina.training.precision import precision

AT_A_TIME = 64
"""Points at which a function is evaluated at a time."""
MARGIN = 0.15
FEW = 5
"""Points of a path that runs away which are worth a window."""
Windows = tuple[tuple[float, float], ...]


def labelled_paths(paths: Any, variables: int) -> dict[str, DescentPath]:
    """One path, several, or several by label, of so many variables.

    Raises
    ------
    ArgumentTypeError
        If something else is given.
    SpecificationError
        If there is none, one has another number of variables, or they are on different functions.
    """
    if isinstance(paths, DescentPath):
        paths = [paths]
    if isinstance(paths, Mapping):
        found = {str(label): path for label, path in paths.items()}
    elif isinstance(paths, Iterable) and not isinstance(paths, str):
        found = {}
        for path in paths:
            found[_free(getattr(path, "name", ""), found)] = path
    else:
        found = {"": paths}
    for path in found.values():
        if not isinstance(path, DescentPath):
            raise ArgumentTypeError(
                f"a path is needed and {type(path).__name__} was given: draw what descend(function, start, ...) returns, or "
                "several of them, by label in a dictionary."
            )
        own = 1 if path.theta.ndim == 1 else path.theta.shape[1]
        if own != variables:
            raise SpecificationError(
                f"{path.name}: the path is of {own} variable{'' if own == 1 else 's'} and this picture of {variables}: use "
                f"{'plot_descent' if own == 1 else 'plot_descent_surface' if own == 2 else 'path.frame()'}."
            )
    if not found:
        raise SpecificationError("there is no path to draw.")
    return found


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """A name that is not taken."""
    numbers = (name if place == 1 else f"{name} ({place})" for place in range(1, len(taken) + 2))
    return next(each for each in numbers if each not in taken)


def style(place: int) -> dict[str, Any]:
    """Colour, line and marker of the path at a place; from the eighth on the markers are hollow."""
    colour, line, marker = LINES[place % len(LINES)]
    again = place >= len(LINES)
    return {
        "color": colour,
        "linestyle": line,
        "marker": marker,
        "markerfacecolor": "none" if again else colour,
        "linewidth": 1.0 if again else 1.5,
        "markersize": 4.5,
    }


def said(label: str, path: DescentPath) -> str:
    """The label, and how far the path goes if it diverges."""
    if path.lost:
        return f"{label}: diverges, finite for {path.steps} steps"
    return f"{label}: diverges" if path.diverged else label


def window_of(paths: Mapping[str, DescentPath], window: Any = None) -> Windows:
    """What is drawn: the window asked for, else that of the surface with the starts, else where the paths stay at hand.

    Raises
    ------
    SpecificationError
        If the window asked for is none.
    """
    first = next(iter(paths.values()))
    width = 1 if first.theta.ndim == 1 else first.theta.shape[1]
    if window is not None:
        return _checked_window(window, width)
    own = getattr(first.function, "window", None)
    points = np.concatenate(
        [_at_hand(path).reshape(-1, width)[: 1 if own else None] for path in paths.values()]
    )
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.where(high > low, (high - low) * MARGIN, 1.0)
    if own is None:
        return tuple(zip((low - room).tolist(), (high + room).tolist(), strict=True))
    return tuple(
        (min(least, each[0]), max(most, each[1])) for least, most, each in zip(low, high, own, strict=True)
    )


def _checked_window(window: Any, width: int) -> Windows:
    try:
        found = np.asarray(window, np.float64).reshape(width, 2)
    except (TypeError, ValueError):
        found = np.zeros((width, 2))
    if not np.isfinite(found).all() or not (found[:, 0] < found[:, 1]).all():
        example = "(-1, 2)" if width == 1 else "((-1, 2), (0, 3))"
        raise SpecificationError(
            f"window={window!r}: give low and high of each of {width}, such as {example}."
        )
    return tuple((float(low), float(high)) for low, high in found)


def _at_hand(path: DescentPath) -> np.ndarray:
    """Theta of the steps before the path runs away; of one that does, the first few."""
    if path.diverged:
        return path.theta[:FEW]
    kept = np.abs(path.values) <= RUNAWAY * (1 + abs(path.values[0]))
    near: np.ndarray = path.theta[kept]
    return near


def values_at(function: Function, points: np.ndarray) -> np.ndarray:
    """The function at points (n,) or (n, d), in one program."""
    keep_few_programs(_values_at)
    with precision(np.float64):
        return np.asarray(_values_at(function, np.asarray(points, np.float64)))


@functools.partial(jax.jit, static_argnums=0)
def _values_at(function: Function, points: Any) -> Any:
    return lax.map(lambda theta: jnp.asarray(function(theta)), points, batch_size=AT_A_TIME)
