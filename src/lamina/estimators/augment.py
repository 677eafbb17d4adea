"""The parameter ``augment``: layers in front of the network that vary the images in training."""

from __future__ import annotations

from typing import Any

from lamina.errors import ArgumentTypeError, DataError
from lamina.layers.augmentation import joined
from lamina.layers.base import Layer, Shape
from lamina.layers.containers import check_layers

EXAMPLE = "augment=[HorizontalFlip(), Shift(0.1), Rotate(10)]"


def augmentation(given: Any, input_shape: Shape) -> tuple[Layer, ...]:
    """The layers of ``augment``, neighbouring affine ones joined, so that an image is interpolated once.

    Raises
    ------
    ArgumentTypeError
        If they are no layers, or layers that learn or act at prediction.
    DataError
        If X holds no images.

    >>> from lamina.layers import HorizontalFlip, Rotate, Zoom
    >>> augmentation([HorizontalFlip(), Zoom(0.2), Rotate(15)], (32, 32, 3))
    (HorizontalFlip(), Warp([Zoom(0.2), Rotate(15)]))
    """
    if given is None:
        return ()
    layers = check_layers(given, "augment")
    for layer in layers:
        if not layer.draws:
            raise ArgumentTypeError(
                f"augment takes layers that act in training alone and was given {layer!r}: write for example {EXAMPLE}, and "
                "put what is part of the network into layers."
            )
    if layers and len(input_shape) not in (2, 3):
        raise DataError(
            f"augment={list(layers)!r} varies images, arrays (n, height, width) or (n, height, width, channels), and X has "
            f"{len(input_shape) + 1} dimensions: leave augment out, or give images."
        )
    return joined(layers)
