"""Images made brighter, darker, stronger and fainter."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp

from lamina.layers.augmentation.base import Augmentation, between, by_image, check_between
from lamina.layers.base import Array, Context, check_nonnegative, traced


@dataclass(frozen=True, repr=False)
class Brightness(Augmentation):
    r"""A random number added to every pixel of an image, in training.

    .. math:: y = x + u, \qquad u \sim U(-b, b)

    Values are not cut off at black and white: a network takes any number.

    Parameters
    ----------
    strength
        b, on the scale of the images.

    Raises
    ------
    SpecificationError
        If the strength is negative.

    >>> Brightness(0.2).output_shape((28, 28))
    (28, 28)
    """

    strength: float = traced(0.1)

    def __post_init__(self) -> None:
        check_nonnegative("Brightness", "strength", self.strength)

    def _vary(self, x: Array, context: Context) -> Array:
        return x + by_image(between(context.key, x, context.value("strength", self.strength)), x)


@dataclass(frozen=True, repr=False)
class Contrast(Augmentation):
    r"""The distance of each pixel from its image's mean, channel by channel, times a random factor, in training.

    .. math:: y_{ijc} = \bar x_c + f\,(x_{ijc} - \bar x_c), \qquad f \sim U(1 - s, 1 + s)

    Parameters
    ----------
    strength
        s, the largest part by which contrast grows or shrinks.

    Raises
    ------
    SpecificationError
        If the strength lies outside [0, 1].

    >>> Contrast(0.2).output_shape((28, 28))
    (28, 28)
    """

    strength: float = traced(0.2)

    def __post_init__(self) -> None:
        check_between("Contrast", "strength", self.strength, 0, 1, 0.2)

    def _vary(self, x: Array, context: Context) -> Array:
        factor = 1 + between(context.key, x, context.value("strength", self.strength))
        mean = jnp.mean(x, axis=(1, 2), keepdims=True)
        return mean + by_image(factor, x) * (x - mean)
