"""Pooling, channels last: the largest or the mean of the pixels under a window."""

from __future__ import annotations

import functools
import operator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.numerics.window import Window


def max_pool(x: Any, window: Window, *, training: bool = False) -> Any:
    """Largest pixel of each channel under each place of the window; what is added around the image never counts.

    In ``training`` the gradient goes to the first of several largest pixels, and there is no forward-mode derivative.

    >>> max_pool(jnp.arange(16.0).reshape(1, 4, 4, 1), Window((2, 2), (2, 2)))[0, :, :, 0].tolist()
    [[5.0, 7.0], [13.0, 15.0]]
    """
    if window.stride == window.size and not np.any(window.padding):
        return _largest_trained(x, window) if training else _largest(x, window)
    return functools.reduce(jnp.maximum, shifted(_padded(x, window, -jnp.inf), window))


def _largest(x: Any, window: Window) -> Any:
    return functools.reduce(jnp.maximum, _cells(_tiles(x, window)))


@functools.partial(jax.custom_vjp, nondiff_argnums=(1,))
def _largest_trained(x: Any, window: Window) -> Any:
    return _largest(x, window)


def _largest_saving(x: Any, window: Window) -> tuple[Any, tuple[Any, Any]]:
    largest = _largest(x, window)
    return largest, (x, largest)


def _largest_backward(window: Window, saved: tuple[Any, Any], error: Any) -> tuple[Any]:
    x, largest = saved
    tiles = _tiles(x, window)
    taken = jnp.zeros(largest.shape, bool)
    parts = []
    for cell in _cells(tiles):
        hit = (cell == largest) & ~taken
        parts.append(jnp.where(hit, error, 0))
        taken = taken | hit
    height, width = window.size
    rows = [jnp.stack(parts[row * width : (row + 1) * width], axis=3) for row in range(height)]
    whole = jnp.stack(rows, axis=2).reshape(len(x), tiles.shape[1] * height, tiles.shape[3] * width, -1)
    short = [(0, full - part) for full, part in zip(x.shape, whole.shape, strict=True)]
    return (jnp.pad(whole, short) if np.any(short) else whole,)


_largest_trained.defvjp(_largest_saving, _largest_backward)


def _cells(tiles: Any) -> list[Any]:
    """The pixels of each tile, row by row: as many arrays (n, h', w', c) as a tile has pixels."""
    return [tiles[:, :, row, :, column] for row in range(tiles.shape[2]) for column in range(tiles.shape[4])]


def average_pool(x: Any, window: Window) -> Any:
    """Mean of the pixels of each channel under each place of the window, over those that are in the image."""
    if window.stride == window.size and not np.any(window.padding):
        return jnp.mean(_tiles(x, window), axis=(2, 4))
    total = functools.reduce(operator.add, shifted(_padded(x, window, 0.0), window))
    ones = np.pad(np.ones((1, *x.shape[1:3], 1)), ((0, 0), *window.padding, (0, 0)))
    count = functools.reduce(operator.add, shifted(ones, window))
    return total / jnp.asarray(count, x.dtype)


def shifted(x: Any, window: Window) -> list[Any]:
    """For each point of the window, the pixels under it at all places: as many arrays (n, h', w', c) as it has points.

    >>> [part.ravel().tolist() for part in shifted(np.arange(6).reshape(1, 2, 3, 1), Window((1, 2)))]
    [[0, 1, 3, 4], [1, 2, 4, 5]]
    """
    bare = Window(window.size, window.stride, dilation=window.dilation)
    rows, columns = bare.output(*x.shape[1:3])
    down, across = window.stride
    return [
        x[:, row : row + (rows - 1) * down + 1 : down, column : column + (columns - 1) * across + 1 : across]
        for row, column in window.places
    ]


def _tiles(x: Any, window: Window) -> Any:
    """Images cut in tiles of the window's size, (n, h', kh, w', kw, c); rows and columns that fill no tile are left out."""
    n, height, width, channels = x.shape
    rows, columns = height // window.size[0], width // window.size[1]
    whole = x[:, : rows * window.size[0], : columns * window.size[1]]
    return whole.reshape(n, rows, window.size[0], columns, window.size[1], channels)


def _padded(x: Any, window: Window, value: float) -> Any:
    if not np.any(window.padding):
        return x
    return jnp.pad(x, ((0, 0), *window.padding, (0, 0)), constant_values=value)
