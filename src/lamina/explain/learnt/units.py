"""Hidden units as functions of the input: curves over one column, maps over two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import SpecificationError, nearest_name
from lamina.explain.drawing import LINES, axes_for
from lamina.explain.learnt.layer_values import hidden_layers, layer_values
from lamina.explain.learnt.slices import Slice, slice_of
from lamina.explain.panels import field, panels, small
from lamina.layers.base import check_positive_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS, SIDE = 200, 41
COLUMNS = 4


def hidden_units(
    model: Any, X: Any, *, features: Any = None, layer: str | None = None, resolution: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Values of a layer's units over one or two columns, the others held at their median.

    Parameters
    ----------
    model, X, features, layer
        As in :func:`plot_hidden_units`.
    resolution
        Points on an axis: 200 of one column, 41 of two.

    Returns
    -------
    Points (m, 1) or (m, 2), and the units' values there, (m, units).

    >>> from lamina.explain import product_network
    >>> points, values = hidden_units(product_network(), [[-1.0, -1.0], [1.0, 1.0]], resolution=3)
    >>> bool(np.allclose(values, np.stack([points.sum(1) ** 2, np.diff(points)[:, 0] ** 2], axis=1)))
    True
    """
    found = slice_of(X, features, (1, 2))
    points = _points(found, resolution)
    return points, _values(model, found.rows(points), layer)[1]


def plot_hidden_units(
    model: Any,
    X: Any,
    *,
    features: Any = None,
    layer: str | None = None,
    units: int = 16,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw each hidden unit as a function of the input, :math:`h_k(X) = g(w_{k0} + \sum_j w_{kj} X_j)`.

    Over one column a curve for each unit, over two a small map with contour lines (dashed below zero). Of a wide layer the units
    that vary most over the picture are drawn, and the title says how many there are.

    Parameters
    ----------
    model
        A fitted network of Lamina's for tables, or a multi-layer perceptron of scikit-learn.
    X
        Rows (n, p), which say from where to where each column goes and where its median is.
    features
        One or two columns, by name or place; the others are held at their median (what is most frequent, of categories). None
        takes all columns, where there are no more than two.
    layer
        Path of a layer, such as "dense_2"; None takes the first hidden one. For scikit-learn's: "layer 1" and so on.
    units
        How many are drawn: at most 7 curves.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    The Axes with a curve for each unit; over two columns one Axes with an inset for each, ``ax.child_axes``.

    Raises
    ------
    DataError
        If X has more columns than two and ``features`` names none, or a named one is not of numbers.
    SpecificationError
        If there is no such column or layer, or the layer gives no row of numbers.
    ArgumentTypeError, NotFittedError
        If the model has no layers; if it is not fitted.

    Source: ISLP section 10.1, equation 10.2.

    >>> from lamina.explain import bump_network
    >>> ax = plot_hidden_units(bump_network(np.sin, 0, 6, bumps=2), [[0.0], [6.0]])
    >>> len(ax.lines), ax.get_xlabel()
    (4, 'x1')
    """
    check_positive_integer("plot_hidden_units", "units", units, 16)
    found = slice_of(X, features, (1, 2))
    points = _points(found, None)
    name, values = _values(model, found.rows(points), layer)
    most = min(units, len(LINES)) if len(found.chosen) == 1 else units
    chosen = np.sort(np.argsort(-np.ptp(values, axis=0), kind="stable")[:most])
    title = _title(name, len(chosen), values.shape[1], found)
    if len(found.chosen) == 1:
        return _draw_curves(ax, points[:, 0], values, chosen, found.names[0], title)
    return _draw_maps(ax, points, values, chosen, found.names, title)


def _points(found: Slice, resolution: int | None) -> np.ndarray:
    if len(found.chosen) == 1:
        return found.axis(0, resolution or POINTS)[:, None]
    across, up = found.grid(resolution or SIDE)
    return np.column_stack([across.ravel(), up.ravel()])


def _values(model: Any, rows: Any, layer: str | None) -> tuple[str, np.ndarray]:
    """Name of the layer and the values of its units, (m, units)."""
    known = layer_values(model, rows)
    hidden = hidden_layers(model, known)
    name = layer if layer is not None else next(iter(hidden), next(iter(known)))
    if name not in known:
        raise SpecificationError(f"the network has no layer {name!r}: {nearest_name(name, known)}.")
    if known[name].ndim != 2:
        raise SpecificationError(
            f"layer {name!r} gives an array of shape {known[name].shape[1:]} for each row and no units to draw as functions: "
            "take one that gives a row of numbers, such as a Dense."
        )
    return name, known[name]


def _title(name: str, shown: int, count: int, found: Slice) -> str:
    few = f"{shown} of {count} units, those that vary most" if shown < count else f"{count} units"
    return "\n".join(part for part in (f"{name}: {few}", found.held) if part)


def _draw_curves(
    ax: Axes | None, x: np.ndarray, values: np.ndarray, chosen: np.ndarray, name: str, title: str
) -> Axes:
    axes = axes_for(ax)
    for (colour, line, marker), unit in zip(LINES, chosen, strict=False):
        axes.plot(x, values[:, unit], color=colour, linestyle=line, marker=marker, markevery=20, markersize=4,
                  label=f"unit {unit + 1}")  # fmt: skip
    axes.set_xlabel(name)
    axes.set_ylabel("value of the unit")
    axes.set_title(title, fontsize=9)
    axes.legend(fontsize=8)
    return axes


def _draw_maps(
    ax: Axes | None,
    points: np.ndarray,
    values: np.ndarray,
    chosen: np.ndarray,
    names: tuple[str, ...],
    title: str,
) -> Axes:
    whole, insets = panels(ax, len(chosen), columns=COLUMNS, side=1.9)
    side = round(len(points) ** 0.5)
    across, up = points.reshape(side, side, 2).transpose(2, 0, 1)
    for axes, unit in zip(insets, chosen, strict=True):
        field(axes, across, up, values[:, unit].reshape(side, side))
        small(axes, f"unit {unit + 1}")
    insets[0].set_xlabel(names[0], fontsize=7)
    insets[0].set_ylabel(names[1], fontsize=7)
    whole.set_title(title, fontsize=9, pad=14)
    return whole
