"""What a fit keeps of its call, so that intervals can be asked for afterwards: references, never saved."""

from __future__ import annotations

import os
import zlib
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lamina.data.images.value import Images
from lamina.data.sparse import is_sparse_matrix
from lamina.data.streaming import StoredRows, kept_on_disk
from lamina.errors import DataError, SpecificationError

INDIFFERENT = ("verbose", "warm_start")
"""Parameters that change nothing in what a fit gives."""
NOT_SAVED = ("_learnt_from", "_answers")
"""Attributes that a pickle leaves out."""
BLOCK = 1 << 20
"""Bytes of a checksum at a time, so that rows that do not lie in one piece are never copied whole."""
SAMPLED = 500
"""Values of a column of texts or objects that a fingerprint looks at: each takes as long as hundreds of numbers."""


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """The rows of a fit and the parameters at that time.

    Attributes
    ----------
    X, y
        As they were given: no copy.
    fit_params
        ``sample_weight``, ``X_val`` and ``y_val``.
    parameters
        Those of the estimator, by name; lists as they were then.
    fingerprint
        Checksums of the rows as they were then.
    """

    X: Any
    y: Any
    fit_params: dict[str, Any]
    parameters: dict[str, Any]
    fingerprint: tuple[Hashable, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", {name: _kept(each) for name, each in self.parameters.items()})
        object.__setattr__(self, "fingerprint", self._fingerprint())

    def _fingerprint(self) -> tuple[Hashable, ...]:
        return tuple(fingerprint(each) for each in (self.X, self.y, *self.fit_params.values()))

    def check_unchanged(self, parameters: dict[str, Any]) -> None:
        """Raise SpecificationError if a parameter was set since: the model and its intervals would be of two kinds."""
        for name, value in parameters.items():
            if name not in INDIFFERENT and not _same(value, self.parameters[name]):
                raise SpecificationError(
                    f"{name} was set to {value!r} since the model was fitted with {self.parameters[name]!r}: call fit again, "
                    "so that model and intervals belong together."
                )

    def check_rows(self) -> None:
        """Raise DataError if the rows were changed in place since: the folds would learn from others than the model."""
        if self._fingerprint() != self.fingerprint:
            raise DataError(
                "the training rows were changed in place since the model was fitted to them: call fit again, or give X_cal and "
                "y_cal, rows that the model has not seen."
            )


def fingerprint(rows: Any) -> Hashable:
    """A value that changes with the rows, in some milliseconds for 10 MB of numbers; None for what is no rows.

    Every number of numpy and pandas counts; of lists, texts, rows on the disk and what else is dear to convert, rows at even
    distances.

    >>> X = np.arange(6.0).reshape(3, 2)
    >>> before = fingerprint(X)
    >>> X[2, 1] = 0
    >>> fingerprint(X) == before
    False
    """
    if hasattr(rows, "iter_columns"):  # of polars
        return tuple(rows.columns), *map(_of_values, rows.iter_columns())
    if hasattr(rows, "columns") and hasattr(rows, "items"):  # of pandas; a name may occur twice
        return tuple((repr(name), _of_values(column)) for name, column in rows.items())
    if isinstance(rows, (str, os.PathLike)):
        return os.fspath(rows)
    if is_sparse_matrix(rows):
        csr = rows.tocsr()
        return csr.shape, *map(_of_values, (csr.data, csr.indices, csr.indptr))
    if isinstance(rows, Images):
        return fingerprint(rows.pixels)
    if isinstance(kept_on_disk(rows), StoredRows):  # reading all of it would take minutes
        rows = kept_on_disk(rows)
        some = np.asarray(rows[:: len(rows) // SAMPLED + 1])
        return len(rows), some.shape, some.dtype.str, _checksum(some)
    return _of_values(rows) if hasattr(rows, "__len__") and getattr(rows, "ndim", None) != 0 else None


def _of_values(values: Any) -> Hashable:
    """Of an array, a list, or a column of a frame."""
    count = len(values)
    if not isinstance(
        getattr(values, "dtype", None), np.dtype
    ):  # of a kind that numpy has not, dear to convert
        values = values[:: count // SAMPLED + 1]
    values = np.asarray(values)
    if values.dtype.hasobject:
        some = values[:: len(values) // SAMPLED + 1].ravel()
        return count, zlib.crc32("\0".join(map(repr, some)).encode("utf-8", "backslashreplace"))
    return count, values.shape, values.dtype.str, _checksum(values)


def _checksum(values: np.ndarray) -> int:
    """CRC-32 of the bytes."""
    if not values.flags.c_contiguous and values.flags.f_contiguous:
        values = values.T
    found, rows = 0, max(1, BLOCK // max(1, values[:1].nbytes))
    for start in range(0, len(values), rows):
        block = np.ascontiguousarray(values[start : start + rows])
        found = zlib.crc32(block.reshape(-1).view(np.uint8).data, found)
    return found


def _kept(value: Any) -> Any:
    """Lists as they are now, whatever is done to them later; all else has no parts to set."""
    if type(value) is list:
        return [_kept(each) for each in value]
    return dict(value) if type(value) is dict else value


def _same(left: Any, right: Any) -> bool:
    """Whether two parameters are equal; arrays and what else has no plain equality only if they are one object."""
    if left is right:
        return True
    try:
        return bool(left == right)
    except ValueError:
        return False
