"""The product of two inputs from two squared units: how a hidden layer makes an interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import SpecificationError
from lamina.estimators.regressor import NeuralRegressor
from lamina.explain.learnt.given import network_with
from lamina.explain.panels import field, panels, small
from lamina.layers.dense import Dense

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WEIGHTS = {
    "dense_1/weights": [[1.0, 1.0], [1.0, -1.0]],
    "dense_1/bias": [0.0, 0.0],
    "dense_2/weights": [[0.25], [-0.25]],
    "dense_2/bias": [0.0],
}


def square(z: Any) -> Any:
    """g(z) = z²."""
    return z * z


def product_network() -> NeuralRegressor:
    r"""The network of the book that multiplies, p = 2 inputs and K = 2 hidden units with g(z) = z².

    .. math:: h_1 = (0 + x_1 + x_2)^2, \quad h_2 = (0 + x_1 - x_2)^2, \quad
        f(x) = 0 + \tfrac14 h_1 - \tfrac14 h_2 = x_1 x_2

    so beta = (0, 1/4, -1/4), w_1 = (0, 1, 1) and w_2 = (0, 1, -1). A sum of nonlinear functions of linear combinations gives an
    interaction.

    Source: ISLP section 10.1, equations 10.7 to 10.9.

    >>> product_network().predict([[3.0, 4.0], [-2.0, 5.0]]).tolist()
    [12.0, -10.0]
    """
    return network_with([Dense(2, square)], WEIGHTS, 2)


def plot_product(*, reach: float = 2.0, ax: Axes | None = None) -> Axes:
    """Draw the units of :func:`product_network`, each with its weight, and their sum, the product.

    Contour lines are the same heights in all three panels, dashed below zero.

    Parameters
    ----------
    reach
        Both inputs go from -reach to reach.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    One Axes with three insets, ``ax.child_axes``.

    Raises
    ------
    SpecificationError
        If ``reach`` is no positive number.

    >>> [inset.get_title() for inset in plot_product().child_axes]
    ['¼ (x1 + x2)²', '−¼ (x1 − x2)²', 'their sum: x1 · x2']
    """
    if not isinstance(reach, (int, float)) or not 0 < reach < np.inf:
        raise SpecificationError(f"plot_product(reach={reach!r}): give a positive number, for example 2.")
    model = product_network()
    side = np.linspace(-reach, reach, 61)
    across, up = np.meshgrid(side, side)
    rows = np.column_stack([across.ravel(), up.ravel()])
    weights = {name: np.asarray(value) for name, value in WEIGHTS.items()}
    units = np.square(rows @ weights["dense_1/weights"]) * weights["dense_2/weights"][:, 0]
    titles = ("¼ (x1 + x2)²", "−¼ (x1 − x2)²", "their sum: x1 · x2")
    whole, insets = panels(ax, 3, columns=3, side=2.4, ticks=True)
    for axes, values, title in zip(insets, (*units.T, model.predict(rows)), titles, strict=True):
        field(axes, across, up, values.reshape(across.shape), reach=(-(reach**2), reach**2), labelled=True)
        small(axes, title, ticks=True)
        axes.set_xlabel("x1", fontsize=7, labelpad=1)
        axes.set_ylabel("x2", fontsize=7, labelpad=-3)
    return whole
