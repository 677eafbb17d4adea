"""Rows with few nonzeros, and their product with the weights of a first layer: weights are gathered and summed.

A row's nonzeros lie in chunks of equal width, the last filled up with zeros, so that XLA sums within a chunk by vector
instructions and only adds chunks to rows one by one. A mini-batch is a choice of rows: their chunks stay where they are.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Array = Any
WIDTHS = (4, 8, 16, 32)
"""Nonzeros of a chunk that there may be."""
BLOCK = 1 << 14
"""Nonzeros that are gathered at a time: what they bring fits a core's cache."""
CHUNK_COST = 8
"""What a chunk costs besides its nonzeros, in nonzeros."""


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=["places", "values", "first", "count"],
    meta_fields=["columns"],
)
@dataclass(frozen=True, eq=False)
class SparseRows:
    """Rows of a sparse matrix, as compiled programs take them.

    Attributes
    ----------
    places, values
        Columns of the nonzeros and the nonzeros, shape (chunks, width).
    first, count
        First chunk of each row and how many it has, shape (n,).
    columns
        Columns of the matrix.
    """

    places: Array
    values: Array
    first: Array
    count: Array
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.first.shape[0], self.columns

    @property
    def ndim(self) -> int:
        """Two, as of a matrix."""
        return 2

    @property
    def dtype(self) -> Any:
        """That of the nonzeros."""
        return self.values.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> SparseRows:
        """Some rows; the chunks are shared."""
        return dataclasses.replace(self, first=self.first[rows], count=self.count[rows])

    def astype(self, dtype: Any) -> SparseRows:
        """The same in another precision."""
        return dataclasses.replace(self, values=self.values.astype(dtype))


def is_sparse(x: Any) -> bool:
    """Whether x is sparse rows."""
    return isinstance(x, SparseRows)


def chunked(starts: np.ndarray, columns: np.ndarray, values: np.ndarray, width: int) -> SparseRows:
    """Sparse rows from the three arrays of a CSR matrix with ``width`` columns.

    >>> rows = chunked(np.array([0, 2, 2, 3]), np.array([0, 3, 1]), np.array([1.0, 2.0, 3.0]), 4)
    >>> rows.shape, rows.count.tolist(), rows.places.tolist()
    ((3, 4), [1, 0, 1], [[0, 3, 0, 0], [1, 0, 0, 0]])
    """
    lengths = np.diff(starts)
    size = chunk_width(lengths)
    count = -(-lengths // size)
    first = np.cumsum(count) - count
    # Where each nonzero goes: its place in its row, behind the row's first chunk.
    into = np.arange(len(columns)) + np.repeat(first * size - starts[:-1], lengths)
    chunks = max(int(count.sum()), 1)
    places, filled = np.zeros(chunks * size, np.int32), np.zeros(chunks * size, values.dtype)
    places[into], filled[into] = columns, values
    shape = (chunks, size)
    return SparseRows(
        places.reshape(shape), filled.reshape(shape), first.astype(np.int32), count.astype(np.int32), width
    )


def chunk_width(lengths: np.ndarray) -> int:
    """The width that rows of so many nonzeros fill best.

    >>> chunk_width(np.array([3, 4, 2])), chunk_width(np.array([130, 200]))
    (4, 32)
    """
    return min(WIDTHS, key=lambda width: float(np.sum(-(-lengths // width)) * (width + CHUNK_COST)))


def dense(x: SparseRows) -> Array:
    """The reference: the rows with their zeros, shape (n, columns)."""
    chunk = jnp.arange(x.places.shape[0])
    owner = jnp.where(
        (chunk[:, None] >= x.first) & (chunk[:, None] < x.first + x.count), jnp.arange(len(x)), len(x)
    )
    rows = owner.min(axis=1)[:, None]  # a chunk that belongs to no row goes to one that is cut off
    whole = jnp.zeros((len(x) + 1, x.columns), x.dtype)
    return whole.at[rows, x.places].add(x.values)[:-1]


def with_zeros(x: SparseRows) -> np.ndarray:
    """The rows as a plain array (n, columns), outside compiled programs.

    >>> with_zeros(chunked(np.array([0, 2, 3]), np.array([0, 3, 1]), np.array([1.0, 2.0, 3.0]), 4)).tolist()
    [[1.0, 0.0, 0.0, 2.0], [0.0, 3.0, 0.0, 0.0]]
    """
    places, values, first, count = (np.asarray(part) for part in (x.places, x.values, x.first, x.count))
    whole = np.zeros(x.shape, values.dtype)
    rows = np.repeat(np.arange(len(x)), count)
    chunks = np.arange(len(rows)) + np.repeat(first - (np.cumsum(count) - count), count)
    np.add.at(whole, (rows[:, None], places[chunks]), values[chunks])
    return whole


@jax.custom_vjp
def sparse_product(x: SparseRows, weights: Array) -> Array:
    """x @ weights, for x (n, p) sparse and weights (p, k); derivatives go to the weights alone, backward.

    >>> rows = chunked(np.array([0, 2, 3]), np.array([0, 3, 1]), np.array([1.0, 2.0, 3.0], np.float32), 4)
    >>> sparse_product(rows, jnp.arange(8.0).reshape(4, 2)).tolist()
    [[12.0, 15.0], [6.0, 9.0]]
    """

    def add(start: Array, out: Array) -> Array:
        rows, places, values = _block(x, ends, start)
        columns = range(places.shape[1])
        parts = (weights.at[places[:, k]].get(mode="promise_in_bounds") * values[:, k, None] for k in columns)
        # Summed term by term, the gathers are one loop of vector instructions; a sum over an axis is not.
        return out.at[rows].add(functools.reduce(jnp.add, parts), mode="promise_in_bounds")

    x, weights = jax.tree.map(jnp.asarray, (x, weights))
    ends = jnp.cumsum(x.count)
    return _over_blocks(x, ends, add, jnp.zeros((len(x), weights.shape[1]), weights.dtype))


def _forward(x: SparseRows, weights: Array) -> tuple[Array, tuple[SparseRows, Array]]:
    return sparse_product(x, weights), (x, weights)


def _backward(saved: tuple[SparseRows, Array], error: Array) -> tuple[None, Array]:
    """The gradient xᵀ · error, by adding each nonzero's share to the row of its column."""
    x, weights = jax.tree.map(jnp.asarray, saved)
    ends, units = jnp.cumsum(x.count), weights.shape[1]

    def add(start: Array, out: Array) -> Array:
        rows, places, values = _block(x, ends, start)
        of_row = error.at[rows].get(mode="promise_in_bounds")
        shares = (values[:, :, None] * of_row[:, None, :]).reshape(-1, units)
        return out.at[places.reshape(-1)].add(shares, mode="promise_in_bounds")

    return None, _over_blocks(x, ends, add, jnp.zeros_like(weights))


sparse_product.defvjp(_forward, _backward)


def _over_blocks(x: SparseRows, ends: Array, add: Any, out: Array) -> Array:
    """``add`` of each block of the rows' chunks, however many they have."""
    size = _block_size(x)
    total: Array = ends[-1]
    summed: Array = lax.fori_loop(
        0, -(-total // size), lambda block, out: add(block * size, out).astype(out.dtype), out
    )
    return summed


def _block_size(x: SparseRows) -> int:
    """Chunks of a block."""
    return int(max(BLOCK // x.places.shape[1], 1))


def _block(x: SparseRows, ends: Array, start: Array) -> tuple[Array, Array, Array]:
    """Rows, columns and nonzeros of the chunks from ``start`` on, counted over the rows; beyond the last the nonzeros are 0."""
    number = start + jnp.arange(_block_size(x), dtype=ends.dtype)
    rows = jnp.minimum(jnp.searchsorted(ends, number, side="right"), len(x) - 1)
    there = number < ends[-1]
    chunk = jnp.where(there, x.first[rows] + number - (ends[rows] - x.count[rows]), 0)
    return rows, x.places[chunk], jnp.where(there[:, None], x.values[chunk], 0)
