"""What an augmentation makes of an image."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from lamina.errors import SpecificationError
from lamina.estimators.augment import augmentation
from lamina.estimators.checks import draw_seed
from lamina.explain.drawing import TILE, check_image, finish, new_figure, show, tiles
from lamina.layers.base import Context, Layer, check_positive_integer
from lamina.layers.containers import Sequential
from lamina.numerics.pixels import as_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 6


def plot_augmentation(
    image: Any,
    augment: Iterable[Layer],
    n: int = 12,
    random_state: Any = 0,
    *,
    path: str | Path | None = None,
) -> Figure:
    """Variants of one image as training sees them, one an epoch, beside the image itself.

    Parameters
    ----------
    image
        (h, w) or (h, w, c), 8-bit or numbers in [0, 1]; others are varied as they are and shown from black to white.
    augment
        As the parameter of that name of :class:`lamina.NeuralClassifier`.
    n
        How many variants.
    path
        Where to write the picture, in the format of its ending.

    Raises
    ------
    DataError
        If it is no single image.
    ArgumentTypeError, SpecificationError
        If ``augment`` holds no layers, or none that varies an image.

    >>> from lamina.layers import HorizontalFlip, Shift
    >>> figure = plot_augmentation(np.eye(8), [HorizontalFlip(), Shift(0.2)], n=3)
    >>> [axes.get_title() for axes in figure.axes]
    ['the image', 'epoch 1', 'epoch 2', 'epoch 3']
    """
    check_positive_integer("plot_augmentation", "n", n, 12)
    given = check_image(image)
    layers = augmentation(augment, given.shape)
    if not layers:
        raise SpecificationError("augment has no layer: write for example [HorizontalFlip(), Shift(0.1)].")
    columns = min(COLUMNS, n)
    rows = math.ceil(n / columns)
    figure = new_figure(
        TILE * (columns + 1), (TILE * min(given.shape[0] / given.shape[1], 2.0) + 0.25) * rows
    )
    grid = tiles(figure, rows, columns + 1)
    show(grid[0, 0], given, "the image")
    drawn = _shades(variants(given, layers, n, draw_seed(random_state)), given)
    for place, variant in enumerate(drawn):
        show(grid[place // columns, 1 + place % columns], variant, f"epoch {place + 1}")
    return finish(figure, path)


def _shades(variants: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Variants in [0, 1], on the scale on which the image itself is shown."""
    scaled = given.dtype == np.uint8
    low, high = (0.0, 1.0) if scaled else (min(float(given.min()), 0.0), max(float(given.max()), 1.0))
    shades: np.ndarray = (np.clip(variants, low, high) - low) / (high - low)
    return shades


def variants(image: np.ndarray, layers: tuple[Layer, ...], n: int, seed: int) -> np.ndarray:
    """``n`` variants of an image, shape (n, ...), each with its own draws."""
    copies = as_numbers(np.broadcast_to(image, (n, *image.shape)), ())
    if copies.dtype.kind != "f":
        copies = copies.astype(np.float32)
    network = Sequential(layers)
    network.output_shape(image.shape)
    context = Context(jax.random.key(seed), training=True)
    return np.asarray(jax.jit(lambda x: network.apply({}, {}, x, context)[0])(copies))
