"""The diagram of a network: units as circles, weights as lines; layers that are not dense as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain.drawing import axes_for
from lamina.explain.learnt.blocks import draw_blocks
from lamina.explain.learnt.chain import Chain, chain_of
from lamina.layers.base import check_positive_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POSITIVE, NEGATIVE = ("black", "-"), ("#999999", "--")
"""Colour and line of a weight above zero, and below."""
THIN, THICK = 0.3, 4.0
"""Width in points of the smallest weight, and of the largest."""
RADIUS = 0.035


def plot_network(
    model: Any,
    *,
    most: int = 16,
    bias: bool = True,
    values: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network: a line for each weight, the wider the larger; dark and solid above zero, grey and dashed below.

    The width is in proportion to the weight's size among all weights shown. Weights are those of the data as the network is given
    them, most often standardised. A network that is no chain of dense layers is drawn as blocks, one a layer, with shapes and
    numbers of parameters: so are a convolutional, a recurrent, a residual network, and the default one.

    Parameters
    ----------
    model
        A fitted :class:`lamina.NeuralClassifier` or :class:`lamina.NeuralRegressor`, or a multi-layer perceptron of scikit-learn.
    most
        Units of a layer that are drawn. Of a wider one those with the largest weights are, and the heading says how many there
        are.
    bias
        Whether biases are drawn, as lines from a square above each layer.
    values
        Whether each weight's number stands beside its line.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    The Axes.

    Raises
    ------
    ArgumentTypeError, NotFittedError
        If the model has no layers; if it is not fitted.
    SpecificationError
        If ``most`` is no whole number above zero.

    Source: Beck, "NeuralNetTools: visualization and analysis tools for neural networks", Journal of Statistical Software 85,
    2018, Figure 1.

    >>> from lamina.explain import plot_network, product_network
    >>> ax = plot_network(product_network(), values=True)
    >>> [text.get_text() for text in ax.texts if text.get_text().startswith("x")]
    ['x1', 'x2']
    """
    check_positive_integer("plot_network", "most", most, 16)
    chain = chain_of(model)
    if isinstance(chain, str):
        return draw_blocks(model, chain, ax)
    shown = [_largest(chain, layer, most) for layer in range(len(chain.sizes))]
    places = [_heights(len(units)) for units in shown]
    axes = axes_for(ax, width=2.0 + 1.5 * len(shown), height=max(3.2, 0.34 * max(map(len, shown)) + 1.6))
    _draw_weights(axes, chain, shown, places, values)
    if bias:
        _draw_biases(axes, chain, shown, places, values)
    _draw_units(axes, chain, shown, places)
    _finish(axes, chain, shown)
    return axes


def _largest(chain: Chain, layer: int, most: int) -> np.ndarray:
    """Places of the units of a layer that are drawn, in their order: all, or those with the largest weights."""
    size = chain.sizes[layer]
    if size <= most:
        return np.arange(size)
    weight = np.zeros(size)
    if layer > 0:
        weight += np.square(chain.weights[layer - 1]).sum(axis=0)
    if layer < len(chain.weights):
        weight += np.square(chain.weights[layer]).sum(axis=1)
    return np.sort(np.argsort(-weight, kind="stable")[:most])


def _heights(count: int) -> np.ndarray:
    """Heights of the units of a layer, from the top down, around the middle."""
    return (np.arange(count)[::-1] + 0.5) / count if count > 1 else np.array([0.5])


def _draw_weights(
    axes: Axes, chain: Chain, shown: list[np.ndarray], places: list[np.ndarray], values: bool
) -> None:
    tables = [table[np.ix_(shown[k], shown[k + 1])] for k, table in enumerate(chain.weights)]
    there = [each[np.ix_(shown[k], shown[k + 1])] for k, each in enumerate(chain.connected)]
    lines, weights = [], []
    for k, (table, connected) in enumerate(zip(tables, there, strict=True)):
        for j, unit in zip(*np.nonzero(connected), strict=True):
            lines.append(((k, places[k][j]), (k + 1, places[k + 1][unit])))
            weights.append(table[j, unit])
    _draw_lines(axes, lines, np.array(weights), _largest_weight(chain, shown), values)


def _draw_biases(
    axes: Axes, chain: Chain, shown: list[np.ndarray], places: list[np.ndarray], values: bool
) -> None:
    """A square between two layers, above them, and a line to each unit of the second."""
    lines, weights = [], []
    for k, bias in enumerate(chain.biases):
        if bias is None:
            continue
        axes.plot(k + 0.35, 1.08, "s", color="white", markeredgecolor="black", markersize=12, zorder=3)
        axes.text(k + 0.35, 1.08, f"b{k + 1}", ha="center", va="center", fontsize=6, zorder=4)
        for unit, height in zip(shown[k + 1], places[k + 1], strict=True):
            lines.append(((k + 0.35, 1.08), (k + 1, height)))
            weights.append(bias[unit])
    _draw_lines(axes, lines, np.array(weights), _largest_weight(chain, shown), values)


def _largest_weight(chain: Chain, shown: list[np.ndarray]) -> float:
    tables = [table[np.ix_(shown[k], shown[k + 1])] for k, table in enumerate(chain.weights)]
    biases = [bias[shown[k + 1]] for k, bias in enumerate(chain.biases) if bias is not None]
    return max(float(np.abs(each).max()) for each in (*tables, *biases)) or 1.0


def _draw_lines(axes: Axes, lines: list[Any], weights: np.ndarray, largest: float, values: bool) -> None:
    """Lines of either sign; a weight of zero has none."""
    from matplotlib.collections import LineCollection

    widths = THIN + (THICK - THIN) * np.abs(weights) / largest
    for (colour, style), chosen in ((NEGATIVE, weights < 0), (POSITIVE, weights > 0)):
        some = [lines[place] for place in np.flatnonzero(chosen)]
        drawn = LineCollection(some, colors=colour, linestyles=style, linewidths=widths[chosen], zorder=1)
        axes.add_collection(drawn)
    if values:
        for ((x, y), (x_end, y_end)), weight in zip(lines, weights, strict=True):
            if weight == 0:
                continue
            axes.text(x + 0.3 * (x_end - x), y + 0.3 * (y_end - y), f"{weight:.3g}", fontsize=6, ha="center",
                      va="center", zorder=2, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip


def _draw_units(axes: Axes, chain: Chain, shown: list[np.ndarray], places: list[np.ndarray]) -> None:
    size = min(200.0, 3000 / max(map(len, shown)))
    for k, heights in enumerate(places):
        axes.scatter(np.full(len(heights), k), heights, s=size, color="white", edgecolors="black", zorder=3)
    for unit, height in zip(shown[0], places[0], strict=True):
        axes.text(-0.12, height, chain.inputs[unit], ha="right", va="center", fontsize=8)
    for unit, height in zip(shown[-1], places[-1], strict=True):
        axes.text(len(places) - 0.88, height, chain.outputs[unit], ha="left", va="center", fontsize=8)


def _finish(axes: Axes, chain: Chain, shown: list[np.ndarray]) -> None:
    from matplotlib.lines import Line2D

    for k, title in enumerate(chain.titles):
        few = f"\n{len(shown[k])} of {chain.sizes[k]} shown" if len(shown[k]) < chain.sizes[k] else ""
        axes.text(k, -0.06, title + few, ha="center", va="top", fontsize=7)
    axes.set_xlim(-0.6, len(shown) - 0.4)
    axes.set_ylim(-0.2, 1.18)
    axes.set_axis_off()
    kinds: list[tuple[Any, str]] = [(POSITIVE, "positive"), (NEGATIVE, "negative")]
    handles = [Line2D([], [], color=colour, linestyle=style, label=label) for (colour, style), label in kinds]
    axes.legend(handles=handles, loc="upper right", fontsize=7, frameon=False, ncols=2, borderaxespad=0)
