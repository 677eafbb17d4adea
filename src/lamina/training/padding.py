"""Row counts rounded up to a few sizes, so that folds and data sets of like size share a compiled program."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina.data.sparse import SparseTable
from lamina.numerics.sparse import SparseRows, chunked
from lamina.training.program import Rows

Write = Callable[[np.ndarray, np.ndarray], object]


def padded_size(n: int) -> int:
    """The smallest 2^k or 3·2^(k-1) that holds ``n`` rows; from 1,024 on, a multiple of a sixteenth of 2^k.

    >>> [padded_size(n) for n in (1, 9, 175, 237, 5000, 48_000)]
    [8, 12, 192, 256, 5120, 49152]
    """
    if n <= 8:
        return 8
    power = 1 << (n - 1).bit_length()
    if n <= 1024:
        return 3 * power // 4 if n <= 3 * power // 4 else power
    grain = max(power // 32, 128)
    return -(-n // grain) * grain


def pad_block(x: Any) -> Any:
    """Rows followed by as many of zeros as a shared size needs.

    >>> pad_block(np.ones((9, 1))).shape
    (12, 1)
    """
    size = padded_size(len(x))
    if isinstance(x, SparseTable):
        return padded_sparse(x, size)
    if len(x) == size:
        return x
    padded = np.empty((size, *x.shape[1:]), x.dtype)
    padded[: len(x)], padded[len(x) :] = x, 0
    return padded


def pad_rows(x: Any, y: np.ndarray, weights: np.ndarray | None, write: Write | None = None) -> Rows:
    """Rows padded with zeros of weight zero; given weights are scaled to mean one and rows of weight zero dropped.

    Sparse x, a :class:`~lamina.data.sparse.SparseTable`, becomes :class:`~lamina.numerics.sparse.SparseRows`.
    ``write(x, out)`` puts the rows where they are wanted, standardised perhaps; by default they are copied.
    """
    n = len(y)
    if weights is not None:
        kept = weights > 0
        if not kept.all():
            x, y, weights = x[kept], y[kept], weights[kept]
            n = len(y)
        weights = weights * (n / weights.sum())
    size = padded_size(n)
    full = aligned_zeros((size,), x.dtype if x.dtype.kind == "f" else np.float32)
    full[:n] = 1.0 if weights is None else weights
    return Rows(_padded(x, size, write), _padded(y, size), full, np.int32(n))


def padded_sparse(x: SparseTable, size: int) -> SparseRows:
    """Sparse rows followed by empty ones, in chunks whose number is padded too.

    >>> from scipy import sparse
    >>> rows = padded_sparse(SparseTable(sparse.csr_array(np.eye(9))), 12)
    >>> rows.shape, rows.places.shape
    ((12, 9), (12, 4))
    """
    csr = x.matrix
    rows = chunked(csr.indptr, csr.indices, csr.data, csr.shape[1])
    empty = size - len(x)
    return SparseRows(
        pad_block(rows.places),
        pad_block(rows.values),
        np.pad(rows.first, (0, empty)),
        np.pad(rows.count, (0, empty)),
        rows.columns,
    )


def _padded(values: Any, size: int, write: Write | None = None) -> Any:
    if isinstance(values, SparseTable):
        return padded_sparse(values, size)
    out = aligned_zeros((size, *values.shape[1:]), values.dtype)
    (write or _copy)(values, out[: len(values)])
    return out


def _copy(values: np.ndarray, out: np.ndarray) -> None:
    out[:] = values


def aligned_zeros(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Zeros that begin at a multiple of 64 bytes, which JAX takes over on a CPU without copying.

    >>> aligned_zeros((3, 2), np.float32).ctypes.data % 64
    0
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    raw = np.zeros(size + 64, np.uint8)
    first = -raw.ctypes.data % 64
    return np.asarray(raw[first : first + size].view(dtype).reshape(shape))
