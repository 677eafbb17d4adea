"""Pooling, channels last: the largest or the mean of the pixels under a window."""

from __future__ import annotations

import functools
import operator
from typing import Any

import jax.numpy as jnp
import numpy as np

from lamina.numerics.window import Window


def max_pool(x: Any, window: Window) -> Any:
    """Largest pixel of each channel under each place of the window; what is added around the image never counts."""
    if window.stride == window.size and not np.any(window.padding):
        return jnp.max(_tiles(x, window), axis=(2, 4))
    return functools.reduce(jnp.maximum, shifted(_padded(x, window, -jnp.inf), window))


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
