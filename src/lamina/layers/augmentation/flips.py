"""Mirror images."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import jax.numpy as jnp

from lamina.layers.augmentation.base import Augmentation, by_image, check_between
from lamina.layers.base import Array, Context, traced
from lamina.numerics.random import keep_mask, settled


@dataclass(frozen=True, repr=False)
class Flip(Augmentation):
    """Base of the two flips."""

    probability: float = traced(0.5)

    def __post_init__(self) -> None:
        check_between(type(self).__name__, "probability", self.probability, 0, 1, 0.5)

    def _vary(self, x: Array, context: Context) -> Array:
        flips = keep_mask(settled(context.key), context.value("probability", self.probability), (len(x),))
        return jnp.where(by_image(flips, x), self._mirrored(x), x)

    @abstractmethod
    def _mirrored(self, x: Array) -> Array:
        """Every image mirrored."""


@dataclass(frozen=True, repr=False)
class HorizontalFlip(Flip):
    r"""Left and right changed over, in training, with a probability.

    .. math:: y_{ij} = x_{i,\, w - 1 - j}

    Parameters
    ----------
    probability
        Share of the images that are mirrored in an epoch.

    Raises
    ------
    SpecificationError
        If the probability lies outside [0, 1].

    >>> import jax
    >>> image = jnp.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> HorizontalFlip(1.0).apply({}, {}, image, Context(jax.random.key(0), training=True))[0].tolist()
    [[[2.0, 1.0], [4.0, 3.0]]]
    """

    def _mirrored(self, x: Array) -> Array:
        return x[:, :, ::-1]


@dataclass(frozen=True, repr=False)
class VerticalFlip(Flip):
    r"""Top and bottom changed over, in training, with a probability: where up and down mean nothing, as under a microscope.

    .. math:: y_{ij} = x_{h - 1 - i,\, j}

    Parameters and errors as in :class:`HorizontalFlip`.

    >>> import jax
    >>> image = jnp.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> VerticalFlip(1.0).apply({}, {}, image, Context(jax.random.key(0), training=True))[0].tolist()
    [[[3.0, 4.0], [1.0, 2.0]]]
    """

    def _mirrored(self, x: Array) -> Array:
        return x[:, ::-1]
