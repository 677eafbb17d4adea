"""Convolution, channels last, by the fastest form for the platform and the shape; the plain one stands beside them.

XLA's own convolution is cuDNN's on a GPU. On a CPU its gradients are many times slower than they need be, so that there the
convolution is written as matrix products: of patches, or for 3 × 3 filters of Winograd's tiles. The choice is made when a program
is lowered for its platform.
"""

from __future__ import annotations

import functools
from typing import Any

from jax import lax

from lamina.numerics.own_gradient import by_platform, derived_gradients, widened, with_own_gradient
from lamina.numerics.parts import Work, gradients_in_parts, in_parts
from lamina.numerics.patches import by_patches, gathered, patches_gradients
from lamina.numerics.window import Window
from lamina.numerics.winograd import (
    filter_gradient,
    tiles,
    transformed_filters,
    winograd,
    winograd_gradients,
)

Array = Any
LAYOUT = ("NHWC", "HWIO", "NHWC")
LEAST_CHANNELS = 8
"""Fewer channels or filters than this are not worth Winograd's transforms."""
LEAST_TILES = 32
FEW_FILTERS = 1 << 16
"""With fewer tiles, filters of more numbers than this, in channels times filters, cost more to transform than is saved."""


def plain(x: Array, weights: Array, window: Window) -> Array:
    r"""The reference: XLA's convolution of images (n, h, w, c) with filters (kh, kw, c / groups, k).

    .. math:: z_{nijk} = \sum_{u,v,c} x_{n,\, is+ud,\, js+vd,\, c}\; w_{uvck}
    """
    return lax.conv_general_dilated(
        x,
        weights,
        window.stride,
        window.padding,
        rhs_dilation=window.dilation,
        dimension_numbers=LAYOUT,
        feature_group_count=window.groups,
    )


def convolve(x: Array, weights: Array, window: Window, *, training: bool = False) -> Array:
    """Images (n, h, w, c) convolved with filters (kh, kw, c / groups, k): (n, h', w', k).

    In ``training`` the gradients are our own too and there is no forward-mode derivative; otherwise any derivative may be taken.

    >>> import jax.numpy as jnp
    >>> x, w = jnp.arange(16.0).reshape(1, 4, 4, 1), jnp.ones((2, 2, 1, 1))
    >>> bool((convolve(x, w, Window((2, 2))) == plain(x, w, Window((2, 2)))).all())
    True
    """
    return _trained(x, weights, window) if training else by_platform(x, weights, window, _on_cpu, plain)


def _on_cpu(x: Array, weights: Array, window: Window) -> Array:
    work = _work(x, weights, window)
    if suits_winograd(x.shape, weights.shape, window):
        filters = transformed_filters(weights)
        return in_parts(lambda part: winograd(part, filters, window), x, work)
    return in_parts(lambda part: by_patches(part, weights, window), x, work)


def _gradients(x: Array, weights: Array, error: Array, window: Window) -> tuple[Array, Array]:
    work = _work(x, weights, window)
    if suits_winograd(x.shape, weights.shape, window):
        filters = transformed_filters(weights)
        by_image, by_filter = gradients_in_parts(
            lambda x, error: winograd_gradients(x, filters, error, window), x, error, work
        )
        return by_image, filter_gradient(by_filter)
    of = patches_gradients if window.groups == 1 else functools.partial(derived_gradients, by_patches)
    return gradients_in_parts(lambda x, error: of(x, weights, error, window=window), x, error, work)


_trained = with_own_gradient(_on_cpu, plain, _gradients)


def suits_winograd(shape: tuple[int, ...], weights: tuple[int, ...], window: Window) -> bool:
    """Whether 3 × 3 filters go by Winograd's tiles: channels enough, and tiles enough to pay for transforming the filters."""
    bare = window.size == (3, 3) and window.stride == (1, 1) and window.dilation == (1, 1)
    if not bare or window.groups != 1 or min(weights[2:]) < LEAST_CHANNELS:
        return False
    return tiles(window, shape) >= LEAST_TILES or weights[2] * weights[3] <= FEW_FILTERS


def parts_of(x: Array, weights: Array, window: Window) -> int:
    """In how many parts a batch is convolved."""
    return len(x) // _work(x, weights, window).rows(len(x))


def _work(x: Array, weights: Array, window: Window) -> Work:
    """What is written on the way from an image to its output."""
    channels, filters = x.shape[-1], weights.shape[-1]
    if suits_winograd(x.shape, weights.shape, window):
        return Work(36 * tiles(window, (1, *x.shape[1:])) * (channels + filters), 8 << 20, 3 << 19)
    rows, columns = window.output(*x.shape[1:3])
    return Work(rows * columns * (len(window.places) * channels + filters), 16 << 20, 16 << 20)


def convolve_transposed(x: Array, weights: Array, window: Window, shape: tuple[int, int]) -> Array:
    """The transpose of :func:`convolve` in its images: (n, *shape, c) from (n, h', w', k), by filters (kh, kw, c, k).

    >>> import jax.numpy as jnp
    >>> x = jnp.ones((1, 2, 2, 1))
    >>> convolve_transposed(x, jnp.ones((2, 2, 1, 1)), Window((2, 2)), (3, 3))[0, :, :, 0].tolist()
    [[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]
    """
    return lax.platform_dependent(
        x,
        weights,
        cpu=functools.partial(_spread, window=window, shape=shape),
        default=functools.partial(plain_transposed, window=window, shape=shape),
    )


def _spread(x: Array, weights: Array, window: Window, shape: tuple[int, int]) -> Array:
    channels, dtype = weights.shape[2], x.dtype
    x, weights = widened(x), widened(weights)
    spread = x.reshape(-1, x.shape[-1]) @ weights.reshape(-1, weights.shape[-1]).T
    spread = spread.reshape(*x.shape[:3], len(window.places), channels)
    return gathered(spread, window, (len(x), *shape, channels)).astype(dtype)


def plain_transposed(x: Array, weights: Array, window: Window, shape: tuple[int, int]) -> Array:
    """The reference of :func:`convolve_transposed`, by XLA's convolution of the spread image."""
    padding = []
    for axis in (0, 1):
        before = window.reach[axis] - 1 - window.padding[axis][0]
        spread = (x.shape[1 + axis] - 1) * window.stride[axis] + 1
        padding.append((before, shape[axis] + window.reach[axis] - 1 - spread - before))
    return lax.conv_general_dilated(
        x,
        weights[::-1, ::-1],
        (1, 1),
        padding,
        lhs_dilation=window.stride,
        rhs_dilation=window.dilation,
        dimension_numbers=("NHWC", "HWOI", "NHWC"),
    )
