"""A function of images and filters with one form for a CPU and one for every other platform, and a gradient for each."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from lamina.numerics.window import Window

Array = Any
Form = Callable[[Array, Array, Window], Array]
Gradients = Callable[[Array, Array, Array, Window], tuple[Array, Array]]


def by_platform(x: Array, weights: Array, window: Window, on_cpu: Form, elsewhere: Form) -> Array:
    """One of two forms, as the platform asks for that the program is lowered to; on a CPU 16-bit numbers are widened."""
    chosen: Array = lax.platform_dependent(
        x,
        weights,
        cpu=lambda x, weights: on_cpu(widened(x), widened(weights), window).astype(x.dtype),
        default=lambda x, weights: elsewhere(x, weights, window),
    )
    return chosen


def with_own_gradient(on_cpu: Form, elsewhere: Form, gradients: Gradients) -> Form:
    """The same function with its own ``gradients`` on a CPU, given images, filters and the error; no forward-mode derivative."""

    @functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
    def trained(x: Array, weights: Array, window: Window) -> Array:
        return by_platform(x, weights, window, on_cpu, elsewhere)

    def saving(x: Array, weights: Array, window: Window) -> tuple[Array, tuple[Array, Array]]:
        # What was computed on the way is not kept: in one program XLA finds that it is there.
        return by_platform(x, weights, window, on_cpu, elsewhere), (x, weights)

    def backward(window: Window, saved: tuple[Array, Array], error: Array) -> tuple[Array, Array]:
        found: tuple[Array, Array] = lax.platform_dependent(
            *saved,
            error,
            cpu=functools.partial(_widely, gradients, window),
            default=lambda x, weights, error: derived_gradients(elsewhere, x, weights, error, window),
        )
        return found

    trained.defvjp(saving, backward)
    return trained


def widened(array: Array) -> Array:
    """An array of 16-bit numbers as one of 32-bit numbers, any other as it is.

    >>> widened(jnp.ones(1, jnp.bfloat16)).dtype.name
    'float32'
    """
    return array.astype(jnp.promote_types(array.dtype, jnp.float32))


def _widely(
    gradients: Gradients, window: Window, x: Array, weights: Array, error: Array
) -> tuple[Array, Array]:
    by_image, by_filter = gradients(widened(x), widened(weights), widened(error), window)
    return by_image.astype(x.dtype), by_filter.astype(x.dtype)


def derived_gradients(
    function: Form, x: Array, weights: Array, error: Array, window: Window
) -> tuple[Array, Array]:
    """Gradients as JAX derives them."""
    _, pullback = jax.vjp(lambda x, weights: function(x, weights, window), x, weights)
    found: tuple[Array, Array] = pullback(error)
    return found
