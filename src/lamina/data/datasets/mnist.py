"""MNIST: 70,000 handwritten digits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lamina.data.datasets.idx import read_idx
from lamina.data.datasets.locations import find_files
from lamina.errors import FileFormatError

Bytes = NDArray[np.uint8]
Images = tuple[Bytes, Bytes]

_SHAPES = ((60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,))


def load_mnist() -> tuple[Images, Images]:
    """Load MNIST in its original order; it is downloaded once (11 MB) if it is not on the machine.

    Returns
    -------
    (X_train, y_train) : uint8 arrays of shape (60000, 28, 28) and (60000,)
        Grey values, 0 white to 255 black, and the digits.
    (X_test, y_test) : uint8 arrays of shape (10000, 28, 28) and (10000,)

    Raises
    ------
    DataError
        The files are nowhere and cannot be downloaded.
    FileFormatError
        A file is damaged.

    References
    ----------
    James, Witten, Hastie and Tibshirani, *An Introduction to Statistical Learning*, section 10.2.

    Examples
    --------
    >>> (X_train, y_train), (X_test, y_test) = load_mnist()  # doctest: +SKIP
    """
    arrays = []
    for path, shape in zip(find_files("mnist"), _SHAPES, strict=True):
        array = read_idx(path)
        if array.shape != shape or array.dtype != np.uint8:
            raise FileFormatError(
                f"{path} holds an array of shape {array.shape} and type {array.dtype}, but MNIST's has "
                f"shape {shape} and type uint8: are files swapped, or of another data set?"
            )
        arrays.append(array)
    return (arrays[0], arrays[1]), (arrays[2], arrays[3])
