"""A 3 × 3 convolution and the 2 × 2 pooling behind it, on Winograd's tiles: the unpooled image is never put together.

A tile gives 4 × 4 pixels, four whole windows of the pooling: the largest pixels are taken, and the error is sent
back to them, where the tiles are.
"""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp

from lamina.numerics.convolution import convolve, parts_of, plain, suits_winograd
from lamina.numerics.own_gradient import by_platform, with_own_gradient
from lamina.numerics.pooling import max_pool
from lamina.numerics.window import Window
from lamina.numerics.winograd import (
    IN,
    OUT,
    filter_gradient,
    gradients_of_tiles,
    output_cells,
    products,
    transformed_error_cells,
    transformed_filters,
)

Array = Any
POOL = Window((2, 2), (2, 2))


def convolve_pooled(x: Array, weights: Array, window: Window, pool: Window, *, training: bool) -> Array:
    """The largest pixels, by ``pool``, of images convolved with filters.

    >>> x, w = jnp.arange(16.0).reshape(1, 4, 4, 1), jnp.ones((1, 1, 1, 1))
    >>> convolve_pooled(x, w, Window((1, 1)), POOL, training=False)[0, :, :, 0].tolist()
    [[5.0, 7.0], [13.0, 15.0]]
    """
    if _on_tiles(x, weights, window, pool):
        return _trained(x, weights, window) if training else by_platform(x, weights, window, _on_cpu, _plain)
    return max_pool(convolve(x, weights, window, training=training), pool, training=training)


def _on_tiles(x: Array, weights: Array, window: Window, pool: Window) -> bool:
    if pool != POOL or not suits_winograd(x.shape, weights.shape, window):
        return False
    whole = all(length % OUT == 0 for length in window.output(*x.shape[1:3]))
    return whole and parts_of(x, weights, window) == 1


def _on_cpu(x: Array, weights: Array, window: Window) -> Array:
    return _image(_largest(_cells(x, transformed_filters(weights), window)))


def _plain(x: Array, weights: Array, window: Window) -> Array:
    return max_pool(plain(x, weights, window), POOL, training=True)


def _gradients(x: Array, weights: Array, error: Array, window: Window) -> tuple[Array, Array]:
    filters = transformed_filters(weights)
    cells = _cells(x, filters, window)
    errors = transformed_error_cells(_sent_back(cells, _largest(cells), _by_tile(error)))
    by_image, by_filter = gradients_of_tiles(x, filters, errors, window)
    return by_image, filter_gradient(by_filter)


_trained = with_own_gradient(_on_cpu, _plain, _gradients)


def _cells(x: Array, filters: Array, window: Window) -> Array:
    """Outputs by row and column of a tile, shape (4, 4, n, down, across, k)."""
    rows, columns = window.output(*x.shape[1:3])
    shape = (IN, IN, len(x), rows // OUT, columns // OUT, filters.shape[-1])
    return output_cells(products(x, filters, window).reshape(shape))


def _windows(cells: Array) -> list[Array]:
    """The four pixels of each window, row by row: arrays (2, 2, n, down, across, k)."""
    parted = cells.reshape(2, 2, 2, 2, *cells.shape[2:])
    return [parted[:, row, :, column] for row in range(2) for column in range(2)]


def _largest(cells: Array) -> Array:
    return functools.reduce(jnp.maximum, _windows(cells))


def _sent_back(cells: Array, largest: Array, error: Array) -> Array:
    """The error at the first of the largest pixels of each window, zero elsewhere; in the shape of the cells."""
    taken = jnp.zeros(largest.shape, bool)
    sent = []
    for pixel in _windows(cells):
        hit = (pixel == largest) & ~taken
        sent.append(jnp.where(hit, error, 0))
        taken = taken | hit
    rows = [jnp.stack(sent[2 * row : 2 * row + 2], axis=2) for row in range(2)]
    return jnp.stack(rows, axis=1).reshape(cells.shape)


def _image(tiles: Array) -> Array:
    """Images (n, 2 down, 2 across, k) from tiles of 2 × 2 pixels, (2, 2, n, down, across, k)."""
    _, _, n, down, across, filters = tiles.shape
    return tiles.transpose(2, 3, 0, 4, 1, 5).reshape(n, 2 * down, 2 * across, filters)


def _by_tile(image: Array) -> Array:
    """The inverse of :func:`_image`."""
    n, height, width, filters = image.shape
    return image.reshape(n, height // 2, 2, width // 2, 2, filters).transpose(2, 4, 0, 1, 3, 5)
