"""Scaled dot-product attention: each query's weighted mean of values, the weights from how well the keys answer it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from lamina.numerics.watching import Point, unseen

Array = Any


def attention_weights(queries: Array, keys: Array, allowed: Array | None, point: Point = unseen) -> Array:
    r"""How much of each place every query takes, (n, h, t, s).

    .. math:: w_{ij} = \frac{a_{ij} \exp(q_i \cdot k_j / \sqrt d - m_i)}{\sum_l a_{il} \exp(q_i \cdot k_l / \sqrt d - m_i)},
        \qquad m_i = \max_{j: a_{ij}} q_i \cdot k_j / \sqrt d

    The largest exponent is zero, so that nothing overflows; where no place is allowed all weights are zero.

    Parameters
    ----------
    queries, keys
        Of each head, (n, h, t, d) and (n, h, s, d).
    allowed
        a, whether a query may look at a place, of a shape that broadcasts to (n, h, t, s). None allows all.
    point
        Called with the name and the value of the scores, for whoever watches.

    >>> q, k = jnp.array([[[[1e4]]]]), jnp.array([[[[1.0], [1.0], [2.0]]]])
    >>> attention_weights(q, k, jnp.array([True, True, False])).ravel().tolist()
    [0.5, 0.5, 0.0]
    """
    factor = jnp.asarray(queries.shape[-1] ** -0.5, queries.dtype)
    scores = point("scores", (queries * factor) @ jnp.swapaxes(keys, -1, -2))
    if allowed is None:
        shares = jnp.exp(scores - jnp.max(scores, axis=-1, keepdims=True))
        return shares / jnp.sum(shares, axis=-1, keepdims=True)
    lowest = np.finfo(scores.dtype).min
    scores = jnp.where(allowed, scores, lowest)
    shares = jnp.where(allowed, jnp.exp(scores - jnp.max(scores, axis=-1, keepdims=True)), 0)
    # One place at least has the exponent zero, unless none is allowed.
    return shares / jnp.maximum(jnp.sum(shares, axis=-1, keepdims=True), 0.5)


def attend(
    queries: Array, keys: Array, values: Array, allowed: Array | None = None, point: Point = unseen
) -> Array:
    r"""What each query finds, (n, h, t, d): :math:`\sum_j w_{ij} v_j` with the weights of :func:`attention_weights`.

    Source: Vaswani et al., "Attention is all you need", 2017, equation 1.

    >>> q, k = jnp.zeros((1, 1, 1, 2)), jnp.ones((1, 1, 3, 2))
    >>> attend(q, k, jnp.array([[[[1.0], [2.0], [6.0]]]])).ravel().tolist()
    [3.0]
    """
    return point("weights", attention_weights(queries, keys, allowed, point)) @ values


def earlier_places(queries: int, keys: int) -> Array:
    """Which places a causal query sees, its own and those before it, (t, s); the last query stands at the last key.

    >>> earlier_places(2, 3).astype(int).tolist()
    [[1, 1, 0], [1, 1, 1]]
    """
    return jnp.arange(keys) <= jnp.arange(queries)[:, None] + (keys - queries)


def split_heads(x: Array, heads: int) -> Array:
    """(n, t, h d) as (n, h, t, d)."""
    n, t, width = x.shape
    return jnp.swapaxes(x.reshape(n, t, heads, width // heads), 1, 2)


def join_heads(x: Array) -> Array:
    """(n, h, t, d) as (n, t, h d).

    >>> x = jnp.arange(12.0).reshape(1, 3, 4)
    >>> bool((join_heads(split_heads(x, 2)) == x).all())
    True
    """
    n, heads, t, size = x.shape
    return jnp.swapaxes(x, 1, 2).reshape(n, t, heads * size)
