"""The outcome as targets of the output units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets

from lamina.classics.checks import two_or_more
from lamina.errors import DataError

Array = NDArray[Any]


def known_classes(y: Array) -> Array:
    """The classes in sorted order, two at least."""
    check_classification_targets(y)
    classes = np.unique(y)
    two_or_more(classes)
    return classes


def indicators(y: Array, classes: Array, one_unit: bool) -> Array:
    """1 in the column of a row's class, (n, classes); for one unit the second class's column alone, (n, 1).

    >>> indicators(np.array(["b", "a"]), np.array(["a", "b"]), one_unit=False).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    unknown = np.setdiff1d(y, classes).tolist()
    if unknown:
        raise DataError(
            f"the validation rows have the class {unknown[0]!r}, which the training rows do not have."
        )
    t: Array = (y[:, None] == classes).astype(np.float64)
    return t[:, 1:] if one_unit else t


def check_targets(y: Array, n_dimensions: int) -> Array:
    """A real outcome as a table, (n, outputs)."""
    if y.ndim != n_dimensions:
        raise DataError(
            f"the validation rows' y has the shape {y.shape}, not one like that of the training rows."
        )
    return y.reshape(len(y), -1)
