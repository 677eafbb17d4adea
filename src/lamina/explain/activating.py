"""Images that a channel answers to most: what it has learnt to look for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lamina.errors import SpecificationError
from lamina.explain.drawing import SMALL, TILE, finish, new_figure, show, tiles
from lamina.explain.outputs import images_for, output_blocks
from lamina.layers.base import check_positive_integer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 8


class Activating(NamedTuple):
    """Which images a channel answers to most, and how strongly: both (channels, k), largest first."""

    indices: np.ndarray
    values: np.ndarray


def most_activating(model: Any, images: Any, layer: str, k: int = 9) -> Activating:
    r"""The k images that each channel of a layer answers to most, by its largest value over all places.

    .. math:: v_{nc} = \max_{ij} a_{ijc}(x_n)

    Parameters
    ----------
    model
        A fitted :class:`lamina.NeuralClassifier` or :class:`lamina.NeuralRegressor` of images.
    images
        (n, h, w) or (n, h, w, c), as in the fit.
    layer
        Path of a layer, such as "conv2d_2" or "residual_1/conv2d_1".
    k
        How many images a channel.

    Returns
    -------
    ``indices`` and ``values``, both (channels, k).

    Raises
    ------
    NotFittedError, ArgumentTypeError, DataError
        If the model is not fitted, or no network; if the images are not like those of the fit.
    SpecificationError
        If there is no such layer, or fewer than k images.

    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014, section 4.

    >>> from lamina import NeuralClassifier
    >>> from lamina.layers import Conv2D, Flatten
    >>> images = np.random.default_rng(0).uniform(size=(20, 6, 6, 1))
    >>> model = NeuralClassifier([Conv2D(2, 3, "relu"), Flatten()], epochs=1, random_state=0).fit(images, [0, 1] * 10)
    >>> most_activating(model, images, "conv2d_1", k=3).indices.shape
    (2, 3)
    """
    check_positive_integer("most_activating", "k", k, 9)
    x = images_for(model, images)
    if k > len(x):
        raise SpecificationError(
            f"k={k} images a channel are asked for and {len(x)} were given: take a smaller k."
        )
    values = np.concatenate([_largest(block[layer]) for block in output_blocks(model, x, (layer,))]).T
    order = np.argsort(-values, axis=1, kind="stable")[:, :k]
    return Activating(order, np.take_along_axis(values, order, axis=1))


def plot_most_activating(
    model: Any,
    images: Any,
    layer: str,
    k: int = 9,
    *,
    channels: Iterable[int] | None = None,
    path: str | Path | None = None,
) -> Figure:
    """The images that channels of a layer answer to most, a row a channel, with the channel's value above each.

    Parameters
    ----------
    model, images, layer, k
        As in :func:`most_activating`.
    channels
        Which, counted from zero; None takes the first eight.

    Errors as in :func:`most_activating`; also for a channel that there is not.
    """
    found = most_activating(model, images, layer, k)
    count = len(found.indices)
    chosen = list(range(min(MOST_ROWS, count))) if channels is None else list(channels)
    for channel in chosen:
        if not 0 <= channel < count:
            raise SpecificationError(
                f"layer {layer!r} has no channel {channel}: it has {count}, 0 to {count - 1}."
            )
    x = images_for(model, images)
    figure = new_figure(0.8 * k + 0.7, TILE * 0.9 * len(chosen) + 0.4)
    grid = tiles(figure, len(chosen), k)
    for row, channel in zip(grid, chosen, strict=True):
        for axes, index, value in zip(row, found.indices[channel], found.values[channel], strict=True):
            show(axes, x[index], f"{value:.3g}")
        row[0].set_ylabel(f"channel\n{channel}", fontsize=SMALL, rotation=0, ha="right", va="center")
    figure.suptitle(f"{layer}: images with the largest values", fontsize=SMALL + 2)
    return finish(figure, path)


def _largest(output: np.ndarray) -> np.ndarray:
    """The largest value of each channel over all places, (n, channels)."""
    largest: np.ndarray = output.reshape(len(output), -1, output.shape[-1]).max(axis=1)
    return largest
