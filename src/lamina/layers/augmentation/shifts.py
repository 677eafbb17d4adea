"""Images moved by whole pixels: no pixel changes its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from lamina.errors import SpecificationError
from lamina.layers.augmentation.base import Affine, affine, between, check_between, check_fill
from lamina.layers.base import Array, Context, Shape, check_positive_integer, traced
from lamina.layers.windows import as_image, lengths
from lamina.numerics.random import derive, random_uniform, settled
from lamina.numerics.warp import EDGE, shift, warp


@dataclass(frozen=True, repr=False)
class Shift(Affine):
    r"""Each image moved down and to the right by whole pixels, in training.

    .. math:: y_{ij} = x_{i - r,\, j - s}, \qquad r = \lfloor u h \rceil, \; s = \lfloor v w \rceil, \quad
        u \sim U(-a, a), \; v \sim U(-b, b)

    Parameters
    ----------
    height, width
        a and b, the largest shift as a share of height and width; a width of None is the same as the height.
    fill
        What comes in at the edge: "edge", the nearest pixel, or a number.

    Raises
    ------
    SpecificationError
        If a share lies outside [0, 1], or for another fill.

    >>> Shift(0.2).output_shape((32, 32, 3))
    (32, 32, 3)
    """

    height: float = traced(0.1)
    width: float | None = traced(None, like="height")
    fill: float | str = "edge"

    def __post_init__(self) -> None:
        check_between("Shift", "height", self.height, 0, 1, 0.1)
        if self.width is not None:
            check_between("Shift", "width", self.width, 0, 1, 0.1)
        check_fill("Shift", self.fill)

    @property
    def outside(self) -> float | str:
        return self.fill

    def matrices(self, x: Array, context: Context) -> Array:
        down, right = self._offsets(x, context)
        return affine((1.0, 0.0, -down), (0.0, 1.0, -right))

    def _vary(self, x: Array, context: Context) -> Array:
        down, right = self._offsets(x, context)
        return shift(x, down.astype(jnp.int32), right.astype(jnp.int32), self.fill)

    def _offsets(self, x: Array, context: Context) -> tuple[Array, Array]:
        """Pixels down and to the right, each (n,)."""
        a = context.value("height", self.height)
        b = context.value("width", a if self.width is None else self.width)
        down = between(derive(settled(context.key), 0), x, a) * x.shape[1]
        right = between(derive(settled(context.key), 1), x, b) * x.shape[2]
        return jnp.round(down), jnp.round(right)


@dataclass(frozen=True, repr=False)
class Crop(Affine):
    r"""A window at a random place of each image, in training, of the input's size or brought to it.

    ``Crop(4)`` adds four pixels on every side and cuts a window of the input's size out of it, as the usual recipe for CIFAR
    does: a shift by :math:`r, s \in \{-4, \dots, 4\}`, each as likely. ``Crop(size=24)`` cuts out 24 × 24 pixels and enlarges
    them to the input's size, with bilinear interpolation.

    Parameters
    ----------
    padding
        Pixels on every side; none where a size is given.
    size
        Height and width of the window; one number for both. None: as the input.
    fill
        What is added: a number, or "edge", the nearest pixel.

    Raises
    ------
    SpecificationError
        If neither is given, for numbers below one, for a window larger than the padded image.

    Source: He et al., "Deep residual learning for image recognition", 2016, section 4.2.

    >>> Crop(4).output_shape((32, 32, 3)), Crop(size=24).output_shape((32, 32, 3))
    ((32, 32, 3), (32, 32, 3))
    """

    padding: int | None = None
    size: Any = None
    fill: float | str = 0.0

    def __post_init__(self) -> None:
        if self.padding is None and self.size is None:
            raise SpecificationError(
                "Crop() needs a padding or a size: write for example Crop(4) or Crop(size=24)."
            )
        if self.padding is not None and not (self.padding == 0 and self.size is not None):
            check_positive_integer("Crop", "padding", self.padding)
        if self.size is not None:
            object.__setattr__(self, "size", lengths("Crop", "size", self.size, 2))
        check_fill("Crop", self.fill)

    @property
    def outside(self) -> float | str:
        return self.fill if self.padding else EDGE

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, _ = as_image("Crop", input_shape, 2)
        if min(self._places((height, width))) < 1:
            raise SpecificationError(
                f"{self!r} is larger than its image, {height} × {width}: take a smaller size, or more padding."
            )
        return input_shape

    def matrices(self, x: Array, context: Context) -> Array:
        down, right = self._offsets(x, context)
        rows, columns = self._window(x.shape[1:3])
        return affine((rows / x.shape[1], 0.0, down), (0.0, columns / x.shape[2], right))

    def _vary(self, x: Array, context: Context) -> Array:
        if self._window(x.shape[1:3]) != tuple(x.shape[1:3]):
            return warp(x, self.matrices(x, context), self.outside)
        down, right = self._offsets(x, context)
        return shift(x, -down.astype(jnp.int32), -right.astype(jnp.int32), self.fill)

    def _window(self, spatial: Shape) -> Shape:
        return tuple(spatial) if self.size is None else tuple(self.size)

    def _places(self, spatial: Shape) -> tuple[int, ...]:
        """How many places there are for the window, along either axis."""
        padding = self.padding or 0
        return tuple(n + 2 * padding - k + 1 for n, k in zip(spatial, self._window(spatial), strict=True))

    def _offsets(self, x: Array, context: Context) -> tuple[Array, Array]:
        """Where the centre of the window lies, from that of the image, each (n,)."""
        offsets = []
        for axis, places in enumerate(self._places(x.shape[1:3])):
            chosen = random_uniform(derive(settled(context.key), axis), (len(x),), x.dtype) * places
            offsets.append(jnp.floor(chosen) - (places - 1) / 2)
        return offsets[0], offsets[1]
