r"""Winograd's convolution F(4×4, 3×3): six multiplications where the plain sum has twelve, on either axis.

An image is cut into tiles of 6 × 6 pixels that overlap by two. With the constant matrices A, B, G of the paper

.. math:: Y = A^\top \big[ (G w G^\top) \odot (B^\top d\, B) \big] A

is the 4 × 4 output of a tile d for one channel and filter w; over channels the product becomes 36 matrix products, one for each
place of a tile, with a quarter of the multiplications of the plain convolution. The transforms are sums of slices. Gradients are
the transposes of the same three transforms and of the product, so that that of the error is computed once for both.

The 36 places are ordered by column, then row, of a tile, as the second transform leaves them.

In single precision the result is within about 1e-5 of the largest output. Only 3 × 3 filters with stride one.

Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import jax.numpy as jnp
from jax import lax

from lamina.numerics.window import Pair, Window

Array = Any
Row = Sequence[float]

OUT, IN, TAPS = 4, 6, 3
"""Pixels of a tile's output, of the tile, of a filter, on one axis."""

B = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
G = tuple(
    tuple(float(Fraction(entry)) for entry in row.split())
    for row in ("1/4 0 0", "-1/6 -1/6 -1/6", "-1/6 1/6 -1/6", "1/24 1/12 1/6", "1/24 -1/12 1/6", "0 0 1")
)
A = (
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)


def transformed_image(x: Array, window: Window) -> Array:
    """Bᵀ d B of every tile of images (n, h, w, c), shape (36, tiles, c)."""
    n, height, width, channels = x.shape
    down, across = _tiles(window, height, width)
    (top, _), (left, _) = window.padding
    rows, columns = OUT * (down + 1), OUT * (across + 1)
    # Padding may be more than a whole tile needs; what lies beyond the last tile has no part in the output.
    pads = ((0, 0, 0), (top, rows - height - top, 0), (left, columns - width - left, 0), (0, 0, 0))
    x = lax.pad(x, jnp.zeros((), x.dtype), pads)
    cells = x.reshape(n, down + 1, OUT, across + 1, OUT, channels)
    strips = _combinations(B, [_tile(cells, axis=1, place=place) for place in range(IN)])
    places = _combinations(B, [_tile(strips, axis=3, place=place) for place in range(IN)])
    return places.reshape(IN * IN, n * down * across, channels)


def image_gradient(products: Array, window: Window, shape: tuple[int, ...]) -> Array:
    """The transpose of :func:`transformed_image`: images of ``shape`` from (36, tiles, c); tiles add up where they overlap."""
    n, height, width, channels = shape
    down, across = _tiles(window, height, width)
    (top, _), (left, _) = window.padding
    parts = products.reshape(IN, IN, n, down, across, channels)
    strips = _joined(_combinations(_transposed(B), parts), axis=4)
    cells = _joined(_combinations(_transposed(B), [strips[:, place] for place in range(IN)]), axis=3)
    image = cells.transpose(2, 3, 0, 4, 1, 5).reshape(n, OUT * (down + 1), OUT * (across + 1), channels)
    return image[:, top : top + height, left : left + width]


def transformed_filters(weights: Array) -> Array:
    """G w Gᵀ of filters (3, 3, c, k), shape (36, c, k)."""
    rows = _combinations(G, weights)
    both = _combinations(G, [rows[:, place] for place in range(TAPS)])
    return both.reshape(IN * IN, *weights.shape[2:])


def filter_gradient(products: Array) -> Array:
    """The transpose of :func:`transformed_filters`: (3, 3, c, k) from (36, c, k)."""
    columns = _combinations(_transposed(G), products.reshape(IN, IN, *products.shape[1:]))
    return _combinations(_transposed(G), [columns[:, place] for place in range(IN)])


def output(multiplied: Array, places: Pair, n: int) -> Array:
    """Aᵀ m A of every tile, put together: images (n, h', w', k) with ``places`` (h', w') from (36, tiles, k)."""
    down, across = -(-places[0] // OUT), -(-places[1] // OUT)
    filters = multiplied.shape[-1]
    cells = output_cells(multiplied.reshape(IN, IN, n, down, across, filters))
    image = cells.transpose(2, 3, 0, 4, 1, 5).reshape(n, OUT * down, OUT * across, filters)
    return image[:, : places[0], : places[1]]


def output_cells(multiplied: Array) -> Array:
    """Aᵀ m A of every tile, (4, 4, n, down, across, k) by row and column of a tile, from (6, 6, n, down, across, k)."""
    strips = _combinations(A, multiplied)
    return _combinations(A, [strips[:, place] for place in range(IN)])


def transformed_error(error: Array) -> Array:
    """The transpose of :func:`output`: A e Aᵀ of every tile of the error (n, h', w', k), shape (36, tiles, k)."""
    n, rows, columns, filters = error.shape
    down, across = -(-rows // OUT), -(-columns // OUT)
    if (rows, columns) != (OUT * down, OUT * across):
        error = jnp.pad(error, ((0, 0), (0, OUT * down - rows), (0, OUT * across - columns), (0, 0)))
    cells = error.reshape(n, down, OUT, across, OUT, filters)
    strips = _combinations(_transposed(A), [cells[:, :, place] for place in range(OUT)])
    places = _combinations(_transposed(A), [strips[:, :, :, :, place] for place in range(OUT)])
    return places.reshape(IN * IN, n * down * across, filters)


def transformed_error_cells(cells: Array) -> Array:
    """The transpose of :func:`output_cells`, shape (36, tiles, k), from (4, 4, n, down, across, k)."""
    strips = _combinations(_transposed(A), cells)
    places = _combinations(_transposed(A), [strips[:, place] for place in range(OUT)])
    return places.reshape(IN * IN, -1, cells.shape[-1])


def products(x: Array, filters: Array, window: Window) -> Array:
    """Tiles of images (n, h, w, c) times transformed filters (36, c, k): (36, tiles, k)."""
    return lax.dot_general(transformed_image(x, window), filters, (((2,), (1,)), ((0,), (0,))))


def winograd(x: Array, filters: Array, window: Window) -> Array:
    """Images (n, h, w, c) convolved with transformed filters (36, c, k): (n, h', w', k)."""
    return output(products(x, filters, window), window.output(*x.shape[1:3]), len(x))


def winograd_gradients(x: Array, filters: Array, error: Array, window: Window) -> tuple[Array, Array]:
    """Gradients of images and of transformed filters, given that of the output."""
    return gradients_of_tiles(x, filters, transformed_error(error), window)


def gradients_of_tiles(x: Array, filters: Array, errors: Array, window: Window) -> tuple[Array, Array]:
    """Gradients of images and of transformed filters, given the transformed error (36, tiles, k)."""
    by_filter = lax.dot_general(transformed_image(x, window), errors, (((1,), (1,)), ((0,), (0,))))
    by_tile = lax.dot_general(errors, filters, (((2,), (2,)), ((0,), (0,))))
    return image_gradient(by_tile, window, x.shape), by_filter


def tiles(window: Window, shape: tuple[int, ...]) -> int:
    """How many tiles images of ``shape`` (n, h, w, ...) are cut into."""
    down, across = _tiles(window, shape[1], shape[2])
    return shape[0] * down * across


def _tiles(window: Window, height: int, width: int) -> Pair:
    rows, columns = window.output(height, width)
    return -(-rows // OUT), -(-columns // OUT)


def _tile(cells: Array, axis: int, place: int) -> Array:
    """The pixel ``place`` of six of every tile, on the axis of cells that four pixels follow, which it takes away."""
    inside = [slice(None)] * cells.ndim
    inside[axis] = slice(None, -1) if place < OUT else slice(1, None)
    inside[axis + 1] = place % OUT  # type: ignore[call-overload]
    return cells[tuple(inside)]


def _joined(six: Array, axis: int) -> Array:
    """Six pixels of each tile, on the first axis, added up into cells of four: two lie over the next tile's first two."""

    def placed(parts: Array, by: Pair) -> Array:
        return jnp.pad(parts, [by if place == axis else (0, 0) for place in range(parts.ndim)])

    return placed(six[:OUT], (0, 1)) + jnp.pad(
        placed(six[OUT:], (1, 0)), [(0, 2 * OUT - IN)] + [(0, 0)] * (six.ndim - 1)
    )


def _combinations(matrix: Sequence[Row], parts: Any) -> Array:
    """Each line's sum of ``parts``, stacked; written to memory, so that the compiler meets few terms at a time."""
    return _in_memory(jnp.stack([_combined(line, parts) for line in matrix]))


_in_memory: Callable[[Array], Array] = lax.optimization_barrier


def _combined(coefficients: Row, parts: Any) -> Array:
    """The sum of ``parts`` times their coefficients, without those that are zero."""
    total: Array = None
    for coefficient, part in zip(coefficients, parts, strict=True):
        if coefficient == 0:
            continue
        term = part if coefficient == 1 else coefficient * part
        total = term if total is None else total + term
    return total


def _transposed(matrix: Sequence[Row]) -> list[Row]:
    return [tuple(column) for column in zip(*matrix, strict=True)]
