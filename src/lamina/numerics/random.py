"""Random numbers inside a training step: a hashed counter, cheap enough not to cost as much as the product beside it.

JAX's own generator, twenty rounds of Threefry in a loop, took a seventh of a step of the 784-256-128-10 network for its
dropout masks, and half of an epoch of 175 rows for its order. Here each number takes two passes of a 32-bit mixer.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def derive(key: Any, number: Any) -> Any:
    """The key of stream ``number`` below ``key``, as :func:`jax.random.fold_in` but without its loop.

    >>> root = jax.random.key(0)
    >>> bool((jax.random.key_data(derive(root, 1)) != jax.random.key_data(derive(root, 2))).all())
    True
    """
    first, second = jax.random.key_data(key)
    number = jnp.uint32(number) if isinstance(number, int) else number.astype(jnp.uint32)
    left = _mix(_mix(number ^ first) + second)
    right = _mix(_mix(number + second) ^ left ^ jnp.uint32(0x9E3779B9))
    return jax.random.wrap_key_data(jnp.stack([left, right]), impl="threefry2x32")


def random_words(key: Any, n: int) -> Any:
    """``n`` independent uniform words of 32 bits; word i does not depend on n.

    Word i is mix(mix(i xor k0) + k1), with (k0, k1) the two words of ``key``.

    >>> random_words(jax.random.key(0), 2).tolist() == random_words(jax.random.key(0), 3).tolist()[:2]
    True
    """
    return words_at(key, jnp.arange(n, dtype=jnp.uint32))


def words_at(key: Any, places: Any) -> Any:
    """The words of :func:`random_words` at ``places``."""
    first, second = jax.random.key_data(key)
    return _mix(_mix(places ^ first) + second)


def random_order(key: Any, size: int, n: Any) -> Any:
    """A random order of rows 0 to n - 1, followed by the rest of ``size`` as they stand.

    It is the argsort of :func:`random_words`, so it does not depend on ``size``. XLA sorts single words six times as fast as
    words with their places: the words go in digits, least first, each above the place that it came from.

    >>> sorted(random_order(jax.random.key(0), 8, 5).tolist()[:5])
    [0, 1, 2, 3, 4]
    """
    places = jnp.arange(size, dtype=jnp.uint32)
    # Real rows keep 31 random bits and the rest the largest word, so that it comes last whatever they are.
    words = jnp.where(
        places < jnp.asarray(n, jnp.uint32), random_words(key, size) >> 1, jnp.uint32(0xFFFFFFFF)
    )
    place_bits = max(1, (size - 1).bit_length())
    digit_bits = 32 - place_bits
    order = places
    for shift in range(0, 32, digit_bits):
        digits = (words[order] >> shift) & jnp.uint32((1 << digit_bits) - 1)
        order = order[lax.sort((digits << place_bits) | places) & jnp.uint32((1 << place_bits) - 1)]
    return order.astype(jnp.int32)


def keep_mask(key: Any, keep: Any, shape: tuple[int, ...], width: Any = None) -> Any:
    """Independent Bernoulli(keep) draws of ``shape``, as booleans.

    Of a shape (n, columns) the first ``width`` columns are those of a mask of shape (n, width); the rest mean nothing.

    >>> mask = keep_mask(jax.random.key(0), 0.5, (1000,))
    >>> bool(abs(mask.mean() - 0.5) < 0.05)
    True
    """
    keep = jnp.asarray(keep, jnp.float32)
    # The largest float32 below 2³² can be converted; a rate of zero must drop nothing at all.
    threshold = jnp.minimum(keep * 2.0**32, 2.0**32 - 2.0**8).astype(jnp.uint32)
    if width is None:
        words = random_words(key, math.prod(shape)).reshape(shape)
    else:
        rows, columns = (jnp.arange(size, dtype=jnp.uint32) for size in shape)
        words = words_at(key, rows[:, None] * width.astype(jnp.uint32) + columns)
    return (words < threshold) | (keep >= 1)


def random_uniform(key: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Independent uniform draws on [0, 1), of 24 bits, so that every precision has the same.

    >>> draws = random_uniform(jax.random.key(0), (1000,), jnp.float32)
    >>> bool((draws >= 0).all() & (draws < 1).all() & (abs(draws.mean() - 0.5) < 0.03))
    True
    """
    words = random_words(settled(key), math.prod(shape)).reshape(shape)
    draws: Any = lax.optimization_barrier(words >> 8)  # type: ignore[no-untyped-call]
    return draws.astype(dtype) * jnp.asarray(2.0**-24, dtype)


def settled(key: Any) -> Any:
    """The same key, derived once: otherwise its derivation is repeated in the loops that draw, and doubles with each level."""
    words = lax.optimization_barrier(jax.random.key_data(key))  # type: ignore[no-untyped-call]
    return jax.random.wrap_key_data(words, impl="threefry2x32")


def _mix(word: Any) -> Any:
    """Wellons' lowbias32, a bijection of 32 bits in which every input bit changes every output bit half the time."""
    word = (word ^ (word >> 16)) * jnp.uint32(0x7FEB352D)
    word = (word ^ (word >> 15)) * jnp.uint32(0x846CA68B)
    return word ^ (word >> 16)
