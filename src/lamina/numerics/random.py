"""Random masks, drawn cheaply enough that dropout does not cost as much as the matrix product beside it."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.random import threefry_2x32


def keep_mask(key: Any, keep: Any, shape: tuple[int, ...]) -> Any:
    """Independent Bernoulli(keep) draws of ``shape``, as booleans.

    Each takes 16 bits of a counter-based generator (Threefry-2x32, Salmon et al. 2011), so ``keep`` is met to 2⁻¹⁶ and one
    evaluation of the generator serves four entries.

    >>> mask = keep_mask(jax.random.key(0), 0.5, (1000,))
    >>> bool(abs(mask.mean() - 0.5) < 0.05)
    True
    """
    size = math.prod(shape)
    words = -(-size // 4) * 2
    data = jax.random.key_data(key)
    bits = threefry_2x32(data, jnp.arange(words, dtype=jnp.uint32))
    halves = jnp.concatenate([bits & jnp.uint32(0xFFFF), bits >> jnp.uint32(16)])
    threshold = jnp.round(jnp.asarray(keep, jnp.float32) * 65536.0)
    return (halves.astype(jnp.float32) < threshold)[:size].reshape(shape)
