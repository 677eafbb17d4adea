"""Images in a comparison: an array of more than two dimensions in place of a table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataError
from lamina.networks.default_images import check_image_shape


def is_images(table: Any) -> bool:
    """Whether what a comparison holds as its table is images, shape (n, h, w) or (n, h, w, c).

    >>> is_images(np.zeros((2, 4, 4))), is_images(np.zeros((2, 4)))
    (True, False)
    """
    return isinstance(table, np.ndarray) and table.ndim > 2


def image_shape(table: Any) -> tuple[int, ...] | None:
    """Height, width and channels of images; None for a table."""
    return tuple(check_image_shape(table.shape[1:])) if is_images(table) else None


def cells(table: Any) -> int:
    """Rows times columns, or pixels of all images.

    >>> cells(np.zeros((5, 4, 4, 3)))
    240
    """
    return math.prod(table.shape)


def read_pictures(X: Any, y: Any) -> tuple[Any, Any]:
    """X and y where X may be pictures: a folder, a list of paths, what `lamina.data.images.read_images` gives, or arrays.

    Without y the folders' names are the classes. What is no picture is handed back as it is.

    Raises
    ------
    DataError
        If images have several sizes, too few pixels, missing values, their channels first, or classes that cannot be told.

    >>> pixels, _ = read_pictures([np.full((4, 4), 200)] * 3, [0, 1, 0])
    >>> pixels.shape, pixels.dtype
    ((3, 4, 4), dtype('uint8'))
    """
    from lamina.data.images import Images, is_image_source, read_images
    from lamina.data.images.arrays import as_one_array

    if is_image_source(X):
        X = read_images(X, labelled=y is None)
    if isinstance(X, Images):
        # Those on the disk stay a memory map: a fold takes its rows from it.
        X, y = X.pixels, X.labels if y is None else y
    X = as_one_array(X)
    shape = np.shape(X) if hasattr(X, "shape") or _is_deep(X) else ()
    return (read_pixels(X), y) if len(shape) > 2 else (X, y)


def read_pixels(X: Any) -> NDArray[Any]:
    """Images as models take them: 8-bit whole numbers, or finite numbers.

    Raises
    ------
    DataError
        As `read_pictures`.
    """
    from lamina.data.images.arrays import check_images

    pixels = np.asarray(X)
    if pixels.dtype.kind not in "iufb":
        raise DataError(
            f"X holds images of type {pixels.dtype}: give whole numbers from 0 to 255, or floats."
        )
    pixels = check_images(pixels, certain=True)
    check_image_shape(pixels.shape[1:])
    if pixels.dtype.kind == "f":
        _refuse_gaps(pixels)
        return pixels
    return pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32)


def _refuse_gaps(pixels: NDArray[Any]) -> None:
    broken = ~np.isfinite(pixels.reshape(len(pixels), -1)).all(axis=1)
    if broken.any():
        raise DataError(
            f"{broken.sum()} of {len(pixels)} images have missing or infinite pixels (the first is image {broken.argmax()}): "
            "fill them in, or leave these images out"
        )


def _is_deep(X: Any) -> bool:
    """Whether X is lists in lists in lists."""
    for _ in range(2):
        if not isinstance(X, list | tuple) or not len(X):
            return False
        X = X[0]
    return isinstance(X, list | tuple)
