"""A hill from four sigmoids and a fifth, and functions of two inputs from many hills."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import DataError, SpecificationError
from lamina.estimators.regressor import NeuralRegressor
from lamina.explain.learnt.bumps import STEEPNESS, check_interval, check_steepness, values_of
from lamina.explain.learnt.given import network_with
from lamina.explain.learnt.layer_values import layer_values
from lamina.explain.panels import field, panels, small
from lamina.layers.base import check_positive_integer
from lamina.layers.dense import Dense

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIDES = 4
"""Sigmoids of a hill: left, right, front and back."""
GENTLE = 8.0
THRESHOLD = 1.5
"""Between the height of the cross in its arms, 1, and where both ridges meet, 2."""


def hill_network(
    centers: Any = ((0.0, 0.0),), heights: Any = (1.0,), width: Any = 1.0, *, steepness: float = STEEPNESS
) -> NeuralRegressor:
    r"""A network that stands a hill at each centre: four sigmoids make two crossing ridges, a fifth keeps where both are.

    .. math:: r(x) = \sigma(s (x_1 - c_1 + \tfrac h2) / h) - \sigma(s (x_1 - c_1 - \tfrac h2) / h)
        + \sigma(s (x_2 - c_2 + \tfrac h2) / h) - \sigma(s (x_2 - c_2 - \tfrac h2) / h), \qquad
        f(x) = \sum_k \text{height}_k\; \sigma\big(s\, (r_k(x) - \tfrac32)\big)

    Parameters
    ----------
    centers
        c of each hill, (hills, 2).
    heights
        Of each hill, (hills,).
    width
        h, one number, or one for each of the two inputs.
    steepness
        s of all sigmoids.

    Raises
    ------
    DataError
        If centres and heights do not fit each other.
    SpecificationError
        If width or steepness is not above zero.

    Source: Lapedes and Farber, "How neural nets work", 1987, Figure 4; the construction as in Nielsen, "Neural Networks and Deep
    Learning", 2015, chapter 4.

    >>> hill_network().predict([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]).round(3).tolist()
    [1.0, 0.0, 0.0]
    """
    check_steepness("hill_network", steepness)
    centers, heights = np.atleast_2d(np.asarray(centers, float)), np.atleast_1d(np.asarray(heights, float))
    if centers.ndim != 2 or centers.shape[1] != 2 or heights.shape != (len(centers),):
        raise DataError(
            f"centers has shape {centers.shape} and heights {heights.shape}: give (hills, 2) and (hills,), two numbers and a "
            "height for each hill."
        )
    widths = _widths(width)
    hills = len(centers)
    slopes = steepness / widths
    weights = np.zeros((2, hills, SIDES))
    weights[0, :, :2], weights[1, :, 2:] = slopes[0], slopes[1]
    halves = np.array([-0.5, 0.5])
    edges = np.concatenate(
        [centers[:, [place]] + halves * widths[place] for place in (0, 1)], axis=1
    )  # (hills, sides): left, right, front, back
    ridge = steepness * np.array([1.0, -1.0, 1.0, -1.0])
    kept = np.kron(np.eye(hills, dtype=int), np.ones((SIDES, 1), int))
    parameters = {
        "dense_1/weights": weights.reshape(2, -1),
        "dense_1/bias": -(edges * np.repeat(slopes, 2)).ravel(),
        "dense_2/weights": kept * np.tile(ridge, hills)[:, None],
        "dense_2/bias": np.full(hills, -steepness * THRESHOLD),
        "dense_3/weights": heights[:, None],
        "dense_3/bias": np.zeros(1),
    }
    first = Dense(SIDES * hills, "sigmoid")
    # A hill looks at its own four sides alone.
    second = Dense(hills, "sigmoid", connections=None if hills == 1 else kept)
    return network_with([first, second], parameters, 2)


def hills_network(
    function: Callable[[np.ndarray, np.ndarray], Any],
    low: float,
    high: float,
    hills: int = 8,
    *,
    steepness: float = STEEPNESS,
) -> NeuralRegressor:
    """A network of hills × hills hills that follows a function of two inputs on a square, written down and not learnt.

    Parameters
    ----------
    function
        Of two arrays, x1 and x2, gives an array of their shape.
    low, high
        Both inputs go from low to high.
    hills
        Along a side.
    steepness
        As in :func:`hill_network`.

    Errors as in :func:`hill_network` and :func:`bump_network`.

    >>> hills_network(lambda x1, x2: x1 * x2, -1, 1, hills=4).predict([[0.75, 0.75], [-0.25, 0.75]]).round(2).tolist()
    [0.56, -0.19]
    """
    check_positive_integer("hills_network", "hills", hills, 8)
    low, high = check_interval("hills_network", low, high)
    width = (high - low) / hills
    middles = low + width * (np.arange(hills) + 0.5)
    across, up = (each.ravel() for each in np.meshgrid(middles, middles))
    return hill_network(
        np.column_stack([across, up]), values_of(function, across, up), width, steepness=steepness
    )


def plot_hill(
    center: Any = (0.0, 0.0),
    width: Any = 1.0,
    height: float = 1.0,
    *,
    steepness: float = GENTLE,
    ax: Axes | None = None,
) -> Axes:
    """Draw how sigmoids become a hill: one sigmoid, a ridge of two, the cross of four, and the hill that a fifth makes of it.

    Parameters
    ----------
    center, width, height, steepness
        As in :func:`hill_network`, but less steep, so that the slopes can be seen.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    One Axes with four insets, ``ax.child_axes``; shades with labelled contour lines.

    Errors as in :func:`hill_network`.

    >>> [inset.get_title() for inset in plot_hill().child_axes]
    ['a sigmoid', 'two: a ridge', 'four: two ridges', 'a fifth: the hill']
    """
    model = hill_network([center], [height], width, steepness=steepness)
    widths = _widths(width)
    sides = [
        middle + 1.5 * each * np.linspace(-1, 1, 81) for middle, each in zip(center, widths, strict=True)
    ]
    across, up = np.meshgrid(*sides)
    rows = np.column_stack([across.ravel(), up.ravel()])
    left, right, front, back = layer_values(model, rows)["dense_1"].T
    stages = {
        "a sigmoid": left,
        "two: a ridge": left - right,
        "four: two ridges": left - right + front - back,
        "a fifth: the hill": model.predict(rows),
    }
    whole, insets = panels(ax, len(stages), side=2.3, ticks=True)
    for axes, (title, values) in zip(insets, stages.items(), strict=True):
        field(axes, across, up, values.reshape(across.shape), lines=3, labelled=True)
        small(axes, title, ticks=True)
    return whole


def _widths(width: Any) -> np.ndarray:
    """One width for each input."""
    try:
        widths = np.broadcast_to(np.asarray(width, float), (2,))
    except (TypeError, ValueError):
        widths = np.array([np.nan])
    if not (np.isfinite(widths).all() and (widths > 0).all()):
        raise SpecificationError(
            f"width={width!r}: give a number above zero, or one for each of the two inputs."
        )
    return widths
