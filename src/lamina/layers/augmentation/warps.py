"""Images turned, stretched and sheared about their centre, with bilinear interpolation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.augmentation.base import Affine, affine, between, check_between, check_fill
from lamina.layers.base import Array, Context, Layer, check_rate, children, traced
from lamina.layers.containers import check_layers
from lamina.numerics.warp import compose


@dataclass(frozen=True, repr=False)
class Rotate(Affine):
    r"""Each image turned about its centre by a random angle, in training.

    .. math:: y(p) = x\!\left(\begin{pmatrix} \cos\theta & \sin\theta \\ -\sin\theta & \cos\theta \end{pmatrix} p\right),
        \qquad \theta \sim U(-d, d),

    with p = (row, column) from the centre; a positive angle turns against the clock.

    Parameters
    ----------
    degrees
        d, the largest angle.
    fill
        What comes in at the corners: "edge", the nearest pixel, or a number.

    Raises
    ------
    SpecificationError
        If the angle lies outside [0, 180], or for another fill.

    >>> Rotate(10).output_shape((28, 28))
    (28, 28)
    """

    degrees: float = traced(10.0)
    fill: float | str = "edge"

    def __post_init__(self) -> None:
        check_between("Rotate", "degrees", self.degrees, 0, 180, 10)
        check_fill("Rotate", self.fill)

    @property
    def outside(self) -> float | str:
        return self.fill

    def matrices(self, x: Array, context: Context) -> Array:
        angle = _radians(between(context.key, x, context.value("degrees", self.degrees)))
        cosine, sine = jnp.cos(angle), jnp.sin(angle)
        return affine((cosine, sine, 0.0), (-sine, cosine, 0.0))


@dataclass(frozen=True, repr=False)
class Zoom(Affine):
    r"""Each image enlarged or made smaller about its centre by a random factor, in training.

    .. math:: y(p) = x(p / f), \qquad f \sim U(1 - z, 1 + z)

    Parameters
    ----------
    strength
        z, the largest part by which an image grows or shrinks.
    fill
        What stands around an image made smaller: "edge", the nearest pixel, or a number.

    Raises
    ------
    SpecificationError
        If the strength lies outside [0, 1), or for another fill.

    >>> Zoom(0.1).output_shape((28, 28, 1))
    (28, 28, 1)
    """

    strength: float = traced(0.1)
    fill: float | str = "edge"

    def __post_init__(self) -> None:
        check_rate("Zoom", "strength", self.strength)
        check_fill("Zoom", self.fill)

    @property
    def outside(self) -> float | str:
        return self.fill

    def matrices(self, x: Array, context: Context) -> Array:
        smaller = 1 / (1 + between(context.key, x, context.value("strength", self.strength)))
        return affine((smaller, 0.0, 0.0), (0.0, smaller, 0.0))


@dataclass(frozen=True, repr=False)
class Shear(Affine):
    r"""Each image slanted by a random angle, in training: rows slide over each other, that in the middle stays.

    .. math:: y(p) = x\!\left(\begin{pmatrix} 1 & 0 \\ \tan\theta & 1 \end{pmatrix} p\right), \qquad \theta \sim U(-d, d)

    Parameters
    ----------
    degrees
        d, the largest angle between an upright line and what becomes of it.
    fill
        What comes in at the sides: "edge", the nearest pixel, or a number.

    Raises
    ------
    SpecificationError
        If the angle lies outside [0, 80], or for another fill.

    >>> Shear(10).output_shape((28, 28, 1))
    (28, 28, 1)
    """

    degrees: float = traced(10.0)
    fill: float | str = "edge"

    def __post_init__(self) -> None:
        check_between("Shear", "degrees", self.degrees, 0, 80, 10)
        check_fill("Shear", self.fill)

    @property
    def outside(self) -> float | str:
        return self.fill

    def matrices(self, x: Array, context: Context) -> Array:
        angle = _radians(between(context.key, x, context.value("degrees", self.degrees)))
        return affine((1.0, 0.0, 0.0), (jnp.tan(angle), 1.0, 0.0))


@dataclass(frozen=True, repr=False)
class Warp(Affine):
    r"""Several affine augmentations as one map, so that an image is interpolated once and not blurred by each.

    .. math:: y(p) = x(A_1 A_2 \cdots A_k\, p)

    What lies outside is filled once, for the whole map. An estimator's ``augment`` is joined so where neighbours allow it.

    Parameters
    ----------
    layers
        Rotate, Zoom, Shear, Shift, Crop, in the order in which they act, all with the same fill.

    Raises
    ------
    SpecificationError
        For other layers, and where fills differ.

    >>> Warp([Zoom(0.1), Rotate(10)]).output_shape((28, 28))
    (28, 28)
    """

    layers: tuple[Layer, ...]

    def __init__(self, layers: Iterable[Layer] | Layer, *, trainable: bool = True) -> None:
        object.__setattr__(self, "layers", check_layers(layers, "Warp"))
        object.__setattr__(self, "trainable", trainable)
        if not self.layers or not all(isinstance(layer, Affine) for layer in self.layers):
            raise SpecificationError(f"{self!r}: Warp takes Rotate, Zoom, Shear, Shift and Crop.")
        if len({layer.outside for layer in self._parts()}) > 1:
            raise SpecificationError(f"{self!r}: what lies outside is filled once; give all the same fill.")

    @property
    def outside(self) -> float | str:
        return self._parts()[0].outside

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return input_shape

    def matrices(self, x: Array, context: Context) -> Array:
        whole = None
        for (name, _), layer in zip(children(self), self._parts(), strict=True):
            step = layer.matrices(x, context.child(name)).astype(x.dtype)
            whole = step if whole is None else compose(whole, step)
        return whole

    def _parts(self) -> tuple[Affine, ...]:
        return tuple(layer for layer in self.layers if isinstance(layer, Affine))


def joined(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """The layers, neighbouring affine ones with the same fill as one.

    >>> from lamina.layers import HorizontalFlip, Shift
    >>> joined([HorizontalFlip(), Zoom(0.2), Rotate(15), Shift(0.2, fill=0.0)])
    (HorizontalFlip(), Warp([Zoom(0.2), Rotate(15)]), Shift(0.2, fill=0.0))
    """
    found: list[Layer] = []
    for outside, group in groupby(layers, lambda layer: getattr(layer, "outside", None)):
        run = list(group)
        found += [Warp(run)] if outside is not None and len(run) > 1 else run
    return tuple(found)


def _radians(degrees: Array) -> Array:
    return degrees * (np.pi / 180)
