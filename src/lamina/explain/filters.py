"""The filters that a network has learnt."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import SpecificationError
from lamina.explain.drawing import SMALL, bare, finish, new_figure, show_numbers, tiles
from lamina.explain.outputs import layer_at, network_of, walk
from lamina.layers.base import Layer
from lamina.layers.convolution import Conv2D, Conv2DTranspose

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_FILTERS, MOST_CHANNELS, COLUMNS = 64, 12, 8
SIDE = 0.75
COLOURS = 3


def plot_filters(model: Any, layer: str | None = None, *, path: str | Path | None = None) -> Figure:
    """Learnt filters of a convolution: where the weights are positive (red) the filter looks for light, negative (blue) for dark.

    Of a layer behind another, rows are filters and columns the channels that they see. Filters on red, green and blue are shown
    as colours, with grey for zero.

    Parameters
    ----------
    model
        A fitted :class:`lamina.NeuralClassifier` or :class:`lamina.NeuralRegressor`.
    layer
        Path of a Conv2D, such as "residual_1/conv2d_2"; None takes the first.

    Raises
    ------
    NotFittedError, ArgumentTypeError
        If the model is not fitted, or no network.
    SpecificationError
        If there is no such layer, or it has no filters.
    """
    network = network_of(model)
    name = _first(network) if layer is None else layer
    weights = _weights(network, model.fitted_.parameters, name)
    if weights.shape[2] in (1, COLOURS):
        return finish(_a_tile_each(weights, name), path)
    return finish(_by_channel(weights, name), path)


def _first(network: Layer) -> str:
    found = [path for path, layer in walk(network) if isinstance(layer, Conv2D)]
    if not found:
        raise SpecificationError(
            "the network has no Conv2D, so it has no filters: its layers are "
            f"{', '.join(path for path, _ in walk(network))}."
        )
    return found[0]


def _weights(network: Layer, parameters: Any, name: str) -> np.ndarray:
    """Filters (kh, kw, channels, filters) of a layer."""
    layer = layer_at(network, name)
    if not isinstance(layer, (Conv2D, Conv2DTranspose)):
        near = [path for path, other in walk(network) if isinstance(other, Conv2D)]
        raise SpecificationError(
            f"layer {name!r} is {layer!r} and has no filters: "
            + (f"take one of {', '.join(near)}." if near else "the network has no Conv2D.")
        )
    for part in name.split("/"):
        parameters = parameters[part]
    weights = np.asarray(parameters["weights"], float)
    return weights if isinstance(layer, Conv2D) else weights.swapaxes(2, 3)


def _a_tile_each(weights: np.ndarray, name: str) -> Figure:
    """One tile a filter: of one channel in diverging colours, of three as a colour."""
    count = min(weights.shape[3], MOST_FILTERS)
    columns = min(COLUMNS, count)
    figure = new_figure(max(SIDE * columns, 3.2), (SIDE + 0.05) * math.ceil(count / columns) + 0.35)
    largest = float(np.abs(weights).max()) or 1.0
    for place, axes in enumerate(tiles(figure, math.ceil(count / columns), columns).flat):
        if place >= count:
            continue
        if weights.shape[2] == COLOURS:
            axes.imshow(0.5 + weights[..., place] / (2 * largest), interpolation="nearest")
            bare(axes)
        else:
            show_numbers(axes, weights[:, :, 0, place], largest, signed=True)
    figure.suptitle(_title(weights, name, count), fontsize=SMALL + 1)
    return figure


def _by_channel(weights: np.ndarray, name: str) -> Figure:
    """A row a filter, a column a channel that it sees."""
    rows, columns = min(weights.shape[3], MOST_CHANNELS), min(weights.shape[2], MOST_CHANNELS)
    figure = new_figure(0.55 * columns + 0.4, 0.55 * rows + 0.6)
    grid = tiles(figure, rows, columns)
    largest = float(np.abs(weights[:, :, :columns, :rows]).max()) or 1.0
    for (row, column), axes in np.ndenumerate(grid):
        show_numbers(axes, weights[:, :, column, row], largest, signed=True)
        if column == 0:
            axes.set_ylabel(str(row + 1), fontsize=6, rotation=0, ha="right", va="center")
        if row == 0:
            axes.set_title(str(column + 1), fontsize=6, pad=2)
    figure.suptitle(_title(weights, name, rows, columns), fontsize=SMALL + 1)
    return figure


def _title(weights: np.ndarray, name: str, shown: int, channels: int | None = None) -> str:
    height, width, every, count = weights.shape
    title = f"{name}: {f'{shown} of ' if shown < count else ''}{count} filters {height} × {width}"
    if channels is None:
        return title
    return f"{title}\nrows: filters; columns: {'the first ' if channels < every else ''}{channels} of {every} channels"
