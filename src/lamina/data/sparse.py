"""Rows of a scipy.sparse matrix, such as counts of words: they stay sparse from the user's hands to the first layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lamina.errors import DataError


@dataclass(frozen=True, eq=False, repr=False)
class SparseTable:
    """The rows of a matrix in CSR format, with the length, slices and types of an array.

    Attributes
    ----------
    matrix
        Of shape (n, p).

    >>> rows = SparseTable(sparse.csr_array([[0.0, 2.0], [0.0, 0.0], [1.0, 0.0]]))[np.array([2, 0])]
    >>> len(rows), rows.shape, rows.matrix.toarray().tolist()
    (2, (2, 2), [[1.0, 0.0], [0.0, 2.0]])
    """

    matrix: Any

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.matrix.shape
        return rows, columns

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        dtype: np.dtype[Any] = np.dtype(self.matrix.dtype)
        return dtype

    @property
    def ndim(self) -> int:
        """Two, as of a table."""
        return 2

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> SparseTable:
        return SparseTable(self.matrix[rows])

    def astype(self, dtype: Any) -> SparseTable:
        """The same values in another precision, these ones where they have it already."""
        return self if self.dtype == dtype else SparseTable(self.matrix.astype(dtype))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        rows, columns = self.shape
        raise DataError(
            f"X is sparse, {rows:,} rows of {columns:,} columns, and what was asked for needs every zero written out: give "
            "X.toarray(), if it fits in memory."
        )

    def __repr__(self) -> str:
        return f"SparseTable({len(self)} × {self.shape[1]} of {self.dtype}, {self.matrix.nnz} nonzeros)"


def as_table(X: Any) -> SparseTable:
    """A checked matrix as rows in single or double precision: whole numbers, such as counts, become single.

    >>> as_table(sparse.csr_array([[0, 2], [1, 0]])).dtype
    dtype('float32')
    """
    matrix = sparse.csr_array(X)
    matrix.sum_duplicates()
    return SparseTable(matrix).astype(np.float64 if matrix.dtype == np.float64 else np.float32)


def is_sparse_matrix(X: Any) -> bool:
    """Whether X is a matrix or array of scipy.sparse.

    >>> is_sparse_matrix(sparse.csr_array([[1.0]])), is_sparse_matrix([[1.0]])
    (True, False)
    """
    return bool(sparse.issparse(X))
