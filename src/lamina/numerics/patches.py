"""Convolution as one matrix product: what lies under the filter at each place is written out as a row."""

from __future__ import annotations

import functools
import operator
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.numerics.pooling import shifted
from lamina.numerics.window import Window

Array = Any


def patches(x: Array, window: Window) -> Array:
    """Rows of images (n, h, w, c), one for each place of the window: shape (n, h', w', kh · kw · c)."""
    return jnp.concatenate(shifted(_padded(x, window), window), axis=-1)


def by_patches(x: Array, weights: Array, window: Window) -> Array:
    """Images (n, h, w, c) with filters (kh, kw, c / groups, k), as :func:`lamina.numerics.convolution.plain` gives it."""
    if window.groups == 1:
        rows = patches(x, window)
        z = rows.reshape(-1, rows.shape[-1]) @ weights.reshape(-1, weights.shape[-1])
        return z.reshape(*rows.shape[:3], -1)
    parts = shifted(_padded(x, window), window)
    taps = _taps(weights, window)
    if taps.shape[2] == 1:  # one channel a group: a sum of slices, each channel with its own factor
        return functools.reduce(
            operator.add,
            (_repeated(part, taps.shape[3]) * tap.reshape(-1) for part, tap in zip(parts, taps, strict=True)),
        )
    grouped = jnp.stack([_in_groups(part, window.groups) for part in parts], axis=-2)
    z = jnp.einsum("nhwgtc,tgck->nhwgk", grouped, taps)
    return z.reshape(*z.shape[:3], -1)


def patches_gradients(x: Array, weights: Array, error: Array, window: Window) -> tuple[Array, Array]:
    """Gradients of images and filters of :func:`by_patches`, one group, given that of the output."""
    rows = patches(x, window)
    columns = error.reshape(-1, error.shape[-1])
    by_weight = rows.reshape(-1, rows.shape[-1]).T @ columns
    spread = columns @ weights.reshape(-1, weights.shape[-1]).T
    spread = spread.reshape(*error.shape[:3], len(window.places), x.shape[-1])
    return gathered(spread, window, x.shape), by_weight.reshape(weights.shape)


def gathered(spread: Array, window: Window, shape: tuple[int, ...]) -> Array:
    """The transpose of :func:`patches`: images of ``shape`` from (n, h', w', points, c), adding up where windows overlap.

    Pixels whose rows and columns leave the same rest on division by the stride are under the same points of the window: each
    such part of the image is a sum of shifted slices, and the parts are interleaved.
    """
    n, height, width, channels = shape
    (top, bottom), (left, right) = window.padding
    down, across = window.stride
    rows, columns = -(-(height + top + bottom) // down), -(-(width + left + right) // across)
    parts = [
        [_part(spread, window, (row, column), (rows, columns)) for column in range(across)]
        for row in range(down)
    ]
    if (down, across) == (1, 1):
        image = parts[0][0]
    else:
        cells = jnp.stack([jnp.stack(line, axis=3) for line in parts], axis=2)
        image = cells.reshape(n, rows * down, columns * across, channels)
    return image[:, top : top + height, left : left + width]


def _part(spread: Array, window: Window, rest: tuple[int, int], size: tuple[int, int]) -> Array:
    """The pixels with that rest, shape (n, *size, c)."""
    n, places_down, places_across, _, channels = spread.shape
    terms = []
    for point, (row, column) in enumerate(window.places):
        if (row - rest[0]) % window.stride[0] or (column - rest[1]) % window.stride[1]:
            continue
        above, before = (row - rest[0]) // window.stride[0], (column - rest[1]) // window.stride[1]
        pads = (
            (0, 0, 0),
            (above, size[0] - places_down - above, 0),
            (before, size[1] - places_across - before, 0),
            (0, 0, 0),
        )
        terms.append(lax.pad(spread[:, :, :, point], jnp.zeros((), spread.dtype), pads))
    if not terms:
        return jnp.zeros((n, *size, channels), spread.dtype)
    return functools.reduce(operator.add, terms)


def _padded(x: Array, window: Window) -> Array:
    return jnp.pad(x, ((0, 0), *window.padding, (0, 0))) if np.any(window.padding) else x


def _taps(weights: Array, window: Window) -> Array:
    """Filters by point and group, shape (points, groups, c / groups, k / groups)."""
    height, width, channels, filters = weights.shape
    taps = weights.reshape(height * width, channels, window.groups, filters // window.groups)
    return jnp.swapaxes(taps, 1, 2)


def _in_groups(x: Array, groups: int) -> Array:
    return x.reshape(*x.shape[:-1], groups, -1)


def _repeated(x: Array, times: int) -> Array:
    return x if times == 1 else jnp.repeat(x, times, axis=-1)
