"""A part of each image covered."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp

from lamina.errors import SpecificationError
from lamina.layers.augmentation.base import Augmentation, check_fill
from lamina.layers.base import Array, Context, check_nonnegative, traced
from lamina.numerics.random import derive, random_uniform, settled


@dataclass(frozen=True, repr=False)
class Cutout(Augmentation):
    r"""A square at a random place of each image covered, in training.

    .. math:: y_{ij} = \begin{cases}
        v & r \le i + \lfloor s/2 \rfloor < r + s \text{ and } q \le j + \lfloor s/2 \rfloor < q + s \\
        x_{ij} & \text{else}
        \end{cases} \qquad r \sim U\{0, \dots, h - 1\},\; q \sim U\{0, \dots, w - 1\}

    The centre (r, q) lies anywhere in the image, so that the square may reach beyond its edge and less is covered.

    Parameters
    ----------
    size
        s, the pixels on a side of the square.
    fill
        v, a number.

    Raises
    ------
    SpecificationError
        If the size is negative, or for a fill that is no number.

    Source: DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", 2017.

    >>> Cutout(8).output_shape((32, 32, 3))
    (32, 32, 3)
    """

    size: float = traced(8.0)
    fill: float = 0.0

    def __post_init__(self) -> None:
        check_nonnegative("Cutout", "size", self.size)
        check_fill("Cutout", self.fill)
        if isinstance(self.fill, str):
            raise SpecificationError(f"Cutout(fill={self.fill!r}): give a number, such as 0.0 for black.")

    def _vary(self, x: Array, context: Context) -> Array:
        size = jnp.asarray(context.value("size", self.size), x.dtype)
        rows = self._covered(derive(settled(context.key), 0), x, size, axis=1)
        columns = self._covered(derive(settled(context.key), 1), x, size, axis=2)
        covered = rows[:, :, None] & columns[:, None, :]
        covered = covered.reshape(*covered.shape, *[1] * (x.ndim - 3))
        return jnp.where(covered, jnp.asarray(self.fill, x.dtype), x)

    def _covered(self, key: Array, x: Array, size: Array, axis: int) -> Array:
        """Which places along an axis the square covers, shape (n, length)."""
        length = x.shape[axis]
        centre = jnp.floor(random_uniform(key, (len(x),), x.dtype) * length)
        ahead = jnp.arange(length, dtype=x.dtype) - centre[:, None] + jnp.floor(size / 2)
        return (ahead >= 0) & (ahead < size)
