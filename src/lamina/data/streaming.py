"""Rows that stay on the disk: a selection of an array's rows, from which blocks are taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.memory import most_in_memory


@dataclass(frozen=True, eq=False, repr=False)
class StoredRows:
    """Some rows of an array, in an order, none of which is in memory until it is taken.

    Give one as X to an estimator and it is trained block by block, however small it is.

    Attributes
    ----------
    source : array, a memory map as a rule
        Of shape (n, ...).
    picks : int64 array
        Places of the rows in it; all of them if left out.

    >>> rows = StoredRows(np.arange(12).reshape(4, 3))[np.array([3, 1])]
    >>> len(rows), rows.shape, np.asarray(rows).tolist()
    (2, (2, 3), [[9, 10, 11], [3, 4, 5]])
    """

    source: NDArray[Any]
    picks: NDArray[np.int64] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the array these rows would make."""
        return len(self), *self.source.shape[1:]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        return self.source.dtype

    @property
    def ndim(self) -> int:
        """Dimensions, rows included."""
        return self.source.ndim

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return int(np.prod(self.shape[1:])) * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.source if self.picks is None else self.picks)

    def __getitem__(self, which: Any) -> StoredRows:
        """Some of these rows: by a mask, by places, or by a slice."""
        picks = np.arange(len(self.source)) if self.picks is None else self.picks
        return StoredRows(self.source, picks[which])

    def take(self, places: NDArray[Any], out: NDArray[Any]) -> None:
        """Write the rows at ``places`` into ``out``; other threads run meanwhile."""
        if self.picks is not None:
            places = self.picks[places]
        # mode="clip" writes without a buffer in between; the places are known to be good.
        np.take(self.source, places, axis=0, out=out, mode="clip")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        rows = self.source[:] if self.picks is None else self.source[self.picks]
        return np.asarray(rows, dtype)

    def __repr__(self) -> str:
        return f"StoredRows({' × '.join(map(str, self.shape))} of {self.dtype})"


def kept_on_disk(X: Any, *, stream: bool = False) -> Any:
    """X as rows that stay on the disk, where it is a memory map of images that does not fit in memory, or asked for.

    >>> kept_on_disk(np.zeros((2, 4, 4), np.uint8)).shape, kept_on_disk(np.zeros((2, 4, 4), np.uint8), stream=True)
    ((2, 4, 4), StoredRows(2 × 4 × 4 of uint8))
    """
    if isinstance(X, StoredRows) or not isinstance(X, np.ndarray) or X.ndim < 3:
        return X
    if X.dtype not in (np.uint8, np.float32):
        return X
    return StoredRows(X) if stream or (_is_map(X) and X.nbytes > most_in_memory()) else X


def _is_map(x: Any) -> bool:
    """Whether an array's values lie in a file."""
    while isinstance(x, np.ndarray):
        if isinstance(x, np.memmap):
            return True
        x = x.base
    return False
