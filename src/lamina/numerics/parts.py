"""A batch in parts that fit the cache: what a convolution writes on the way is read again before it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

Array = Any


@dataclass(frozen=True)
class Work:
    """What a form of the convolution writes on the way.

    Attributes
    ----------
    numbers
        Of one image.
    enough
        Of a batch that is not parted.
    most
        Of a part.
    """

    numbers: int
    enough: int
    most: int

    def rows(self, n: int) -> int:
        """Rows of a part, a divisor of ``n``; all of them where no divisor comes near what fits.

        >>> Work(1000, 1 << 23, 1 << 22).rows(128), Work(1 << 18, 1 << 23, 1 << 22).rows(128)
        (128, 16)
        >>> Work(1 << 18, 1 << 23, 1 << 22).rows(127)
        127
        """
        if n * self.numbers <= self.enough:
            return n
        fitting = min(max(self.most // self.numbers, 1), n)
        size = next(size for size in range(fitting, 0, -1) if n % size == 0)
        return size if 4 * size >= fitting else n


def in_parts(function: Callable[[Array], Array], x: Array, work: Work) -> Array:
    """``function`` of a batch, part by part.

    >>> in_parts(lambda part: part + 1, jnp.arange(3.0), Work(1, 2, 1)).tolist()
    [1.0, 2.0, 3.0]
    """
    size = work.rows(len(x))
    if size == len(x):
        return function(x)
    whole = lax.map(function, _parted(x, size))
    return whole.reshape(-1, *whole.shape[2:])


def gradients_in_parts(
    function: Callable[[Array, Array], tuple[Array, Array]], x: Array, error: Array, work: Work
) -> tuple[Array, Array]:
    """Gradients of a batch and of weights that all its rows share, ``function(x, error)``, part by part."""
    size = work.rows(len(x))
    if size == len(x):
        return function(x, error)

    def one(total: Array, part: tuple[Array, Array]) -> tuple[Array, Array]:
        by_rows, by_weights = function(*part)
        return total + by_weights, by_rows

    parts = _parted(x, size), _parted(error, size)
    like = jax.eval_shape(function, parts[0][0], parts[1][0])[1]
    total, by_rows = lax.scan(one, jnp.zeros(like.shape, like.dtype), parts)
    return by_rows.reshape(x.shape), total


def _parted(x: Array, size: int) -> Array:
    return x.reshape(-1, size, *x.shape[1:])
