"""The network that ``layers=None`` stands for where the rows are images: the book's convolutions, scaled to their size."""

from __future__ import annotations

from lamina.errors import SpecificationError
from lamina.layers.base import Layer, Shape
from lamina.layers.containers import Flatten
from lamina.layers.convolution import Conv2D
from lamina.layers.dense import Dense
from lamina.layers.noise import Dropout
from lamina.layers.pooling import MaxPool2D
from lamina.layers.windows import as_image

FILTERS, MOST_FILTERS = 32, 256
"""Filters of the first block, twice as many in each further one, up to the second number."""
LARGEST = 64
"""Pixels of a side up to which an image is taken as it is; a larger one is first gone over in strides."""
SMALLEST = 4
"""Pixels of a side from which on it is pooled: fewer would leave one."""
LEAST_SIDE = 3
DROPOUT = 0.5
UNITS, MOST_UNITS, MANY = 128, 512, 10_000
"""Units of the dense layer below ``MANY`` images, and from there on."""


def default_image_layers(n_rows: int, shape: Shape) -> list[Layer]:
    """Hidden layers for ``n_rows`` training images of a shape (h, w, c) or (h, w).

    Blocks of a 3×3 convolution and 2×2 pooling, 32, 64, 128, 256 filters, while a side has at least four pixels; dropout; a dense
    layer. Images of 32 × 32 and 10,000 rows or more have the book's network for CIFAR-100. Sides of more than 64 pixels are
    brought to 64 or fewer by the stride of a first convolution.

    Raises
    ------
    SpecificationError
        If an image has fewer than three pixels on a side, or the shape is none of an image.

    Source: ISLP section 10.3.3, Figure 10.8.

    >>> from lamina.layers import Sequential
    >>> Sequential(default_image_layers(48_000, (32, 32, 3))[:-3]).output_shape((32, 32, 3))
    (2, 2, 256)
    >>> default_image_layers(48_000, (32, 32, 3))[-3:]
    [Flatten(), Dropout(), Dense(512, 'relu')]
    >>> default_image_layers(1_000, (224, 224, 3))[0].stride
    (4, 4)
    """
    sides = check_image_shape(shape)[:2]
    layers: list[Layer] = []
    filters, stride = FILTERS, strides(sides)
    while max(sides) >= SMALLEST or not layers:
        reach = (3, 3) if max(stride) == 1 else (2 * stride[0] + 1, 2 * stride[1] + 1)
        layers.append(Conv2D(filters, reach, "relu", stride=stride, padding="same"))
        sides = (-(-sides[0] // stride[0]), -(-sides[1] // stride[1]))
        pool = (2 if sides[0] >= SMALLEST else 1, 2 if sides[1] >= SMALLEST else 1)
        if max(pool) > 1:
            layers.append(MaxPool2D(pool))
        sides = (sides[0] // pool[0], sides[1] // pool[1])
        filters, stride = min(2 * filters, MOST_FILTERS), (1, 1)
    return [*layers, Flatten(), Dropout(DROPOUT), Dense(default_units(n_rows), "relu")]


def default_units(n_rows: int) -> int:
    """Units of the dense layer: 128 below 10,000 rows, 512 from there on.

    >>> default_units(800), default_units(48_000)
    (128, 512)
    """
    return UNITS if n_rows < MANY else MOST_UNITS


def strides(sides: tuple[int, ...]) -> tuple[int, int]:
    """Strides that bring the height and the width of an image to 64 pixels or fewer.

    >>> strides((224, 224)), strides((64, 100))
    ((4, 4), (1, 2))
    """
    return (-(-sides[0] // LARGEST), -(-sides[1] // LARGEST))


def check_image_shape(shape: Shape) -> Shape:
    """Height, width and channels of an image that is large enough for filters of 3 × 3.

    >>> check_image_shape((28, 28))
    (28, 28, 1)
    """
    if len(shape) not in (2, 3):
        raise SpecificationError(
            f"a row of X has the shape {shape}, and the default network of images takes (height, width) or (height, width, "
            "channels): name your own layers, or reshape X."
        )
    height, width, channels = as_image("the default network of images", shape, 2)
    if min(height, width) < LEAST_SIDE:
        raise SpecificationError(
            f"images of {height} × {width} pixels are too small for filters of 3 × 3: give larger ones, or columns, "
            "X.reshape(len(X), -1)."
        )
    return height, width, channels
