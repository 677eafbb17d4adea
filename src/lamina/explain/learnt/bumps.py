"""Any function of one input from pairs of sigmoids: each pair makes a bump, and bumps side by side follow the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.estimators.regressor import NeuralRegressor
from lamina.explain.drawing import LINES, axes_for
from lamina.explain.learnt.given import network_with
from lamina.layers.base import check_positive_integer
from lamina.layers.dense import Dense

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEEPNESS = 20.0
POINTS = 801
MOST_DRAWN = 60


def bump_network(
    function: Callable[[np.ndarray], Any],
    low: float,
    high: float,
    bumps: int = 10,
    *,
    steepness: float = STEEPNESS,
) -> NeuralRegressor:
    r"""A network of 2 m sigmoids that follows a function of one input by m bumps, written down and not learnt.

    .. math:: f(x) = \sum_{j=1}^{m} f(c_j)\, \big[\sigma(s (x - l_j) / h) - \sigma(s (x - r_j) / h)\big]

    The interval is cut in m pieces of width h = (high - low) / m, from l_j to r_j around c_j. A steep sigmoid is a step, the
    difference of two a bump. The first step stands one width before the interval and the last one behind it, so that the
    curve does not sink there. As m and s grow the error goes to zero for any continuous function; with steps, it is about
    h / 2 times the largest slope.

    Parameters
    ----------
    function
        Of an array x (m,), gives an array (m,).
    low, high
        The interval.
    bumps
        m.
    steepness
        s; with 20 a step takes a quarter of a bump's width, with 4 neighbours melt into a smooth curve.

    Raises
    ------
    SpecificationError
        If the interval is empty, or bumps or steepness are not above zero.
    ArgumentTypeError, DataError
        If ``function`` is no function; if its values are not finite numbers, one for each x.

    Source: Cybenko, "Approximation by superpositions of a sigmoidal function", 1989; the construction as in Nielsen, "Neural
    Networks and Deep Learning", 2015, chapter 4.

    >>> bump_network(np.square, 0, 1, bumps=100).predict([[0.305], [0.805]]).round(3).tolist()
    [0.093, 0.648]
    """
    check_positive_integer("bump_network", "bumps", bumps, 10)
    check_steepness("bump_network", steepness)
    low, high = check_interval("bump_network", low, high)
    edges = np.linspace(low, high, bumps + 1)
    heights = values_of(function, (edges[:-1] + edges[1:]) / 2)
    width = (high - low) / bumps
    starts, ends = edges[:-1].copy(), edges[1:].copy()
    starts[0] -= width
    ends[-1] += width
    steps = np.stack([starts, ends], axis=1).ravel()
    slope = steepness / width
    weights = {
        "dense_1/weights": np.full((1, 2 * bumps), slope),
        "dense_1/bias": -slope * steps,
        "dense_2/weights": np.stack([heights, -heights], axis=1).reshape(-1, 1),
        "dense_2/bias": np.zeros(1),
    }
    return network_with([Dense(2 * bumps, "sigmoid")], weights, 1)


def plot_bumps(
    function: Callable[[np.ndarray], Any],
    low: float,
    high: float,
    bumps: int = 10,
    *,
    steepness: float = STEEPNESS,
    ax: Axes | None = None,
) -> Axes:
    """Draw a function, the bumps of :func:`bump_network`, and their sum, which is the network.

    Parameters
    ----------
    function, low, high, bumps, steepness
        As in :func:`bump_network`.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    The Axes: the function, the network, and each bump as a thin line (up to 60 of them).

    Errors as in :func:`bump_network`.

    >>> ax = plot_bumps(np.sin, 0, 6, bumps=8)
    >>> ax.get_title()
    '8 bumps of 16 sigmoids: largest error 0.37'
    """
    model = bump_network(function, low, high, bumps, steepness=steepness)
    x = np.linspace(low, high, POINTS)
    y, predicted = values_of(function, x), model.predict(x[:, None])
    axes = axes_for(ax)
    for bump in _bumps(model, x).T[:MOST_DRAWN]:
        axes.plot(x, bump, color="#999999", linewidth=0.8)
    for (colour, line, _), values, label in zip(
        LINES, (y, predicted), ("function", "network: sum of the bumps"), strict=False
    ):
        axes.plot(x, values, color=colour, linestyle=line, linewidth=1.8, label=label)
    axes.plot([], [], color="#999999", linewidth=0.8, label="bumps: pairs of sigmoids")
    largest = np.abs(y - predicted).max()
    axes.set_title(f"{bumps} bumps of {2 * bumps} sigmoids: largest error {largest:.2g}", fontsize=9)
    axes.set_xlabel("x")
    axes.legend(fontsize=8)
    return axes


def _bumps(model: NeuralRegressor, x: np.ndarray) -> np.ndarray:
    """Each pair of units with its weights, (points, bumps)."""
    first, second = model.parameters_["dense_1"], model.parameters_["dense_2"]
    with np.errstate(over="ignore"):
        units = 1 / (1 + np.exp(-(x[:, None] @ first["weights"] + first["bias"])))
    weighted: np.ndarray = (units * second["weights"][:, 0]).reshape(len(x), -1, 2).sum(axis=2)
    return weighted


def values_of(function: Callable[..., Any], *inputs: np.ndarray) -> np.ndarray:
    """What a function gives at points, one finite number each."""
    if not callable(function):
        raise ArgumentTypeError(
            f"function={function!r} ({type(function).__name__}): give a function of arrays, such as np.sin."
        )
    values = np.asarray(function(*inputs), float)
    if values.shape != inputs[0].shape or not np.isfinite(values).all():
        raise DataError(
            f"the function gives shape {values.shape} for {inputs[0].shape} points"
            + ("" if np.isfinite(values).all() else ", some of it not finite")
            + ": one finite number for each point is needed; of a function of single numbers take np.vectorize(function)."
        )
    return values


def check_interval(owner: str, low: Any, high: Any) -> tuple[float, float]:
    """Two finite numbers, the first below the second."""
    try:
        low, high = float(low), float(high)
    except (TypeError, ValueError):
        raise SpecificationError(
            f"{owner}: the interval goes from {low!r} to {high!r}; give two numbers."
        ) from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise SpecificationError(
            f"{owner}: the interval goes from {low:g} to {high:g}; give two numbers, the smaller first."
        )
    return low, high


def check_steepness(owner: str, steepness: Any) -> None:
    """A finite number above zero."""
    if (
        isinstance(steepness, bool)
        or not isinstance(steepness, (int, float, np.number))
        or not 0 < steepness < np.inf
    ):
        raise SpecificationError(
            f"{owner}(steepness={steepness!r}): give a number above zero, for example {STEEPNESS:g}."
        )
