"""Gradients of a network's output with respect to its inputs, averaged over points, in one compiled program a block of rows."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from lamina.explain.attribution.path import Path, through
from lamina.layers.base import Array, Parameters, State

ROWS_AT_ONCE = 1024
"""Rows times points that go through the network together: enough to fill products, few enough for the caches."""


@functools.partial(jax.jit, static_argnums=0)
def along_lines(
    path: Path,
    parameters: Parameters,
    state: State,
    hyperparameters: Any,
    start: Array,
    end: Array,
    mask: Array | None,
    seeds: Array,
    places: Array,
    shares: Array,
) -> tuple[Array, Array, Array]:
    r"""The mean gradient along the line from ``start`` to ``end``, and the output at both.

    .. math:: \sum_k s_k\, \nabla f\big(x_0 + t_k (x - x_0)\big)

    with places t and shares s, (steps,); f is the sum of the units weighted by ``seeds`` (n, units). The affine head is passed
    once, forth and back: the line's images under it are x₀' + t (x' - x₀'), and its transpose is applied to the mean.
    """

    def head(x: Array) -> Array:
        return through(path.head, parameters, state, x, mask, hyperparameters)[0]

    def tail(u: Array, mask: Array | None, seeds: Array) -> Array:
        z = through(path.tail, parameters, state, u, mask, hyperparameters)[0]
        return jnp.sum(z * seeds, axis=1)

    begin, (finish, back) = head(start), jax.vjp(head, end)
    inner = _left_mask(path, parameters, state, hyperparameters, start, mask)
    chunk = _chunk(len(end), len(places))
    many_seeds = jnp.tile(seeds, (chunk, 1))
    many_masks = None if inner is None else jnp.tile(inner, (chunk, 1))

    def add(total: Array, some: tuple[Array, Array]) -> tuple[Array, None]:
        t, s = (each.reshape(-1, *(1,) * begin.ndim) for each in some)
        points = (begin + t * (finish - begin)).reshape(-1, *begin.shape[1:])
        slopes = jax.grad(lambda u: jnp.sum(tail(u, many_masks, many_seeds)))(points)
        return total + jnp.sum(s * slopes.reshape(chunk, *begin.shape), axis=0), None

    in_chunks = places.reshape(-1, chunk), shares.reshape(-1, chunk)
    mean, _ = lax.scan(add, jnp.zeros_like(begin), in_chunks)
    return back(mean)[0], tail(finish, inner, seeds), tail(begin, inner, seeds)


def _left_mask(
    path: Path, parameters: Parameters, state: State, hyperparameters: Any, x: Array, mask: Array | None
) -> Array | None:
    """The mask behind the head."""
    if mask is None:
        return None
    return through(path.head, parameters, state, x, mask, hyperparameters)[1]


def _chunk(rows: int, steps: int) -> int:
    """How many points of each row go through the network together: a divisor of the steps."""
    most = max(1, ROWS_AT_ONCE // max(rows, 1))
    return max(size for size in range(1, min(most, steps) + 1) if steps % size == 0)
