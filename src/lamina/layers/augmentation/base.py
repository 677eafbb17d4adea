"""What augmentations share: each acts in training alone, and draws for every image and epoch anew."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, ParameterFreeLayer, Parameters, Shape, State
from lamina.layers.windows import as_image
from lamina.numerics.random import random_uniform
from lamina.numerics.warp import EDGE, warp


@dataclass(frozen=True, repr=False)
class Augmentation(ParameterFreeLayer):
    """Base of the layers that show the network a different variant of an image in every epoch.

    Shapes: input (h, w, c), or (h, w) for one channel; output the same. Nothing happens at prediction, nor to rows that a fit
    watches. Numbers are on the scale of the images: [0, 1] where they are 8-bit.
    """

    draws: ClassVar[bool] = True

    def output_shape(self, input_shape: Shape) -> Shape:
        as_image(type(self).__name__, input_shape, 2)
        return input_shape

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        if not context.training or context.key is None:
            return x, state
        return self._vary(x, context), state

    @abstractmethod
    def _vary(self, x: Array, context: Context) -> Array:
        """The images, each varied by its own draws."""


@dataclass(frozen=True, repr=False)
class Affine(Augmentation):
    """Base of the augmentations that are affine maps: neighbours can be one map, so that pixels are interpolated once."""

    @property
    @abstractmethod
    def outside(self) -> float | str:
        """What stands outside the image."""

    @abstractmethod
    def matrices(self, x: Array, context: Context) -> Array:
        """From each pixel of the result to its place in the image, both from the centre, shape (n, 2, 3)."""

    def _vary(self, x: Array, context: Context) -> Array:
        return warp(x, self.matrices(x, context), self.outside)


def between(key: Array, x: Array, strength: Array) -> Array:
    """A draw for each image, uniform on [-strength, strength]."""
    return (2 * random_uniform(key, (len(x),), x.dtype) - 1) * jnp.asarray(strength, x.dtype)


def by_image(values: Array, x: Array) -> Array:
    """One value an image, shape (n,), so that it meets every pixel."""
    return values.reshape(-1, *[1] * (x.ndim - 1))


def affine(rows: tuple[Array, Array, Array], columns: tuple[Array, Array, Array]) -> Array:
    """Matrices (n, 2, 3) from their entries, each (n,) or a number."""
    entries = jnp.broadcast_arrays(*map(jnp.asarray, (*rows, *columns)))
    return jnp.stack(entries, axis=-1).reshape(-1, 2, 3)


def check_fill(owner: str, fill: Any) -> None:
    """Raise SpecificationError unless the fill is "edge" or a number."""
    number = isinstance(fill, (int, float, np.number)) and not isinstance(fill, bool) and np.isfinite(fill)
    if not number and fill != EDGE:
        raise SpecificationError(
            f"{owner}(fill={fill!r}): take 'edge', which repeats the nearest pixel, or a number such as 0.0 for black."
        )


def check_between(owner: str, name: str, value: Any, low: float, high: float, example: float) -> None:
    """Raise SpecificationError unless a strength is a number in [low, high]."""
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not number or not low <= value <= high:
        raise SpecificationError(
            f"{owner}({name}={value!r}): {name} must be a number from {low:g} to {high:g}, for example {example:g}."
        )
