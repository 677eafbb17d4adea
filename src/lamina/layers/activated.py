"""An activation where the network is watched: z before it, g'(z) beside it."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.layers.activations import Function, resolve_activation
from lamina.layers.base import Context

Array = Any


def activated(activation: str | Function, z: Array, context: Context) -> Array:
    """g(z). Whoever watches finds z, and the local derivative g'(z) where g takes each number by itself."""
    g = resolve_activation(activation)
    if context.watch is None:
        return g(z)
    return watched(g, z, context, single=is_elementwise(activation))


def watched(g: Function, z: Array, context: Context, *, single: bool = True) -> Array:
    """g(z) with z and, of a function of ``single`` numbers, g'(z) for whoever watches."""
    z = context.point("z", z)
    if single and context.watch is not None:
        context.keep("slope", slope(g, z))
    return g(z)


def slope(g: Function, z: Array) -> Array:
    """g'(z) of a function of single numbers.

    >>> slope(jnp.tanh, jnp.zeros(2)).tolist()
    [1.0, 1.0]
    """
    return jax.vjp(g, z)[1](jnp.ones_like(z))[0]


@functools.lru_cache(maxsize=128)
def is_elementwise(activation: str | Function) -> bool:
    """Whether g takes each number by itself; the softmax does not.

    >>> is_elementwise("relu"), is_elementwise("softmax")
    (True, False)
    """
    g, z = resolve_activation(activation), np.array([[0.3, -0.7]])
    with jax.ensure_compile_time_eval():
        return bool(np.allclose(np.asarray(g(z))[:, :1], np.asarray(g(z[:, :1]))))
