"""What the layers of a network make of one image."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import SpecificationError
from lamina.explain.drawing import TILE, finish, new_figure, show, show_numbers, tiles
from lamina.explain.outputs import images_for, layer_at, network_of, outputs_of, walk
from lamina.layers.base import Layer, check_positive_integer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LAYERS = 12


def feature_maps(model: Any, image: Any) -> dict[str, np.ndarray]:
    """Output of every layer for one image, those inside a Residual too, by path in the order of computation.

    Parameters
    ----------
    model
        A fitted :class:`lamina.NeuralClassifier` or :class:`lamina.NeuralRegressor` of images.
    image
        One image, as in the fit: (h, w) or (h, w, c); or the path of a picture, which is read as in the fit.

    Returns
    -------
    Arrays (h', w', channels), or (units,) behind the Flatten. Dropout and augmentation do nothing here, as at prediction.

    Raises
    ------
    NotFittedError, ArgumentTypeError, DataError
        If the model is not fitted, or no network; if the image has another shape than those of the fit.

    >>> from lamina import NeuralClassifier
    >>> from lamina.layers import Conv2D, Flatten
    >>> images = np.random.default_rng(0).uniform(size=(20, 6, 6, 1))
    >>> model = NeuralClassifier([Conv2D(2, 3, "relu"), Flatten()], epochs=1, random_state=0).fit(images, [0, 1] * 10)
    >>> {path: found.shape for path, found in feature_maps(model, images[0]).items()}
    {'conv2d_1': (4, 4, 2), 'flatten_1': (32,), 'dense_1': (1,)}
    """
    network_of(model)
    return {path: found[0] for path, found in outputs_of(model, _one(model, image)).items()}


def plot_feature_maps(
    model: Any,
    image: Any,
    layers: Iterable[str] | None = None,
    *,
    channels: int = 8,
    path: str | Path | None = None,
) -> Figure:
    """Feature maps of one image, a row a layer: the image becomes smaller, and what is seen in it more abstract.

    Black is zero and white the largest value of the row; where a layer gives negative numbers, blue is below zero and red above.

    Parameters
    ----------
    model, image
        As in :func:`feature_maps`.
    layers
        Paths of layers; None takes those that give maps, without dropout, augmentation and what stands inside a Residual.
    channels
        How many of each layer, the first ones.

    Raises
    ------
    SpecificationError
        If there is no layer of that name, or its output is no map.

    Errors otherwise as in :func:`feature_maps`.
    """
    network = network_of(model)
    check_positive_integer("plot_feature_maps", "channels", channels, 8)
    image = _one(model, image)
    found = feature_maps(model, image)
    chosen = _with_maps(network, found) if layers is None else list(layers)
    for name in chosen:
        layer_at(network, name)
        if found[name].ndim != 3:
            raise SpecificationError(
                f"layer {name!r} gives {found[name].shape[0]} numbers and no map: take one before the Flatten, such as "
                f"{next(iter(_with_maps(network, found)), 'a convolution')!r}."
            )
    columns = max([min(channels, found[name].shape[2]) for name in chosen], default=1)
    figure = new_figure(TILE * (columns + 1.4), TILE * (len(chosen) + 1) + 0.3)
    grid = tiles(figure, len(chosen) + 1, columns)
    show(grid[0, 0], np.asarray(images_for(model, image)[0]), "image")
    for axes, name in zip(grid[1:], chosen, strict=True):
        _show_layer(axes, name, found[name], columns)
    return finish(figure, path)


def _one(model: Any, image: Any) -> Any:
    """A batch of one from a path, an image, or the batch of one itself."""
    from lamina.data.images import Images, is_image_source

    named = isinstance(image, Images) or is_image_source(image)
    given = images_for(model, image) if named else np.asarray(image)
    if given.ndim == len(model.input_shape_) + 1 and len(given) > 1:
        raise SpecificationError(f"one image is needed and {len(given)} were given: take one, images[0].")
    return given


def _with_maps(network: Layer, found: dict[str, np.ndarray]) -> list[str]:
    """Layers whose output is worth a row: maps that are not those of the layer before."""
    names = [path for path, layer in walk(network) if path in found and not layer.draws and "/" not in path]
    return [path for path in names if found[path].ndim == 3][:MOST_LAYERS]


def _show_layer(row: np.ndarray, name: str, found: np.ndarray, columns: int) -> None:
    height, width, count = found.shape
    shown = min(columns, count)
    largest = float(np.abs(found[..., :shown]).max())
    for place in range(shown):
        show_numbers(row[place], found[..., place], largest, signed=bool(found[..., :shown].min() < 0))
    row[0].set_ylabel(
        f"{name}\n{height} × {width}, {shown} of {count}" if shown < count else f"{name}\n{height} × {width}",
        fontsize=6.5,
        rotation=0,
        ha="right",
        va="center",
    )
