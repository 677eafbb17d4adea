"""Normalisation by the batch with a gradient of its own, which reads its input twice where the derived one writes it thrice."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.numerics.own_gradient import widened

Array = Any


@functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
def normalized(
    x: Array, factors: Array, bias: Array, weights: Array, epsilon: float
) -> tuple[Array, Array, Array]:
    r"""Channels of x (n, ..., c) standardised over rows and places, times ``factors`` plus ``bias``; mean and variance as well.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta, \qquad
        \mu = \frac1W \sum_i w_i x_i, \quad \sigma^2 = \frac1W \sum_i w_i (x_i - \mu)^2

    Rows count by ``weights`` (n,), W is their sum over all places. Mean and variance have no gradient of their own: they are for
    running statistics. No forward-mode derivative. Images of 16-bit numbers are read and written as such, and summed in 32 bits.

    >>> x = jnp.array([[1.0], [3.0], [9.0]])
    >>> y, mean, variance = normalized(x, jnp.ones(1), jnp.zeros(1), jnp.array([1.0, 1.0, 0.0]), 0.0)
    >>> y[:2, 0].tolist(), mean.tolist(), variance.tolist()
    ([-1.0, 1.0], [2.0], [1.0])
    """
    return _forward(x, factors, bias, weights, epsilon)[0]


def _forward(
    x: Array, factors: Array, bias: Array, weights: Array, epsilon: float
) -> tuple[tuple[Array, Array, Array], Any]:
    mean, variance = moments(x, weights)
    scale = lax.rsqrt(variance + jnp.asarray(epsilon, variance.dtype))
    factor = factors * scale
    # One factor and one term a channel, so that the batch is read once.
    y = (x * factor + (bias - mean * factor)).astype(x.dtype)
    return (y, mean, variance), (x, factors, weights, mean, scale)


def _backward(epsilon: float, saved: Any, errors: tuple[Array, Array, Array]) -> tuple[Array, ...]:
    given, factors, weights, mean, scale = saved
    x, error = widened(given), widened(errors[0])
    total = jnp.maximum(jnp.sum(weights) * places(x), float(np.finfo(x.dtype).tiny))
    axes = tuple(range(x.ndim - 1))
    by_bias = jnp.sum(error, axis=axes)
    by_factor = jnp.sum(error * (x - mean), axis=axes) * scale
    # dx = γ s (e - w (Σe + x̂ Σe x̂) / W), written as one factor of e, one of x and a term.
    share = (weights / total).reshape(-1, *[1] * (x.ndim - 1))
    slope = factors * scale
    of_x = slope * scale * by_factor
    by_x = slope * error - share * (x * of_x + (slope * by_bias - mean * of_x))
    return by_x.astype(given.dtype), by_factor, by_bias, jnp.zeros_like(weights)


normalized.defvjp(_forward, _backward)


def moments(x: Array, weights: Array) -> tuple[Array, Array]:
    """Mean and variance of each channel over rows and places; rows count by weight.

    One pixel is taken off all others first, so that squares of a channel far from zero lose no digits.
    """
    x = widened(x)
    total = jnp.maximum(jnp.sum(weights) * places(x), float(np.finfo(x.dtype).tiny))
    origin = lax.stop_gradient(x[(0,) * (x.ndim - 1)])
    inside = tuple(range(1, x.ndim - 1))
    centred = x - origin
    # By row first: a weight then meets one number a row, not every pixel.
    first = weights @ jnp.sum(centred, axis=inside) / total
    second = weights @ jnp.sum(jnp.square(centred), axis=inside) / total
    return first + origin, jnp.maximum(second - jnp.square(first), 0)


def places(x: Array) -> int:
    """Places of an image, or one."""
    return int(np.prod(x.shape[1:-1], dtype=int))
