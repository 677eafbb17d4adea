"""Arrays of images are checked: channels last, one size, 8 bits or numbers that a network can take."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.streaming import StoredRows
from lamina.errors import DataError, DataWarning

CHANNELS = (1, 3, 4)
"""Numbers of channels that pictures have; other arrays may have others."""
BRIGHT = 128
"""Floats from 0 up to this or more, and not beyond 255, are grey values that nobody has divided by 255."""


def as_one_array(X: Any) -> Any:
    """X itself, or a list (or an object array) of images as one array.

    Raises
    ------
    DataError
        The images have different sizes: a network takes one.

    >>> as_one_array([np.zeros((4, 4), np.uint8)] * 2).shape
    (2, 4, 4)
    """
    items = X if isinstance(X, (list, tuple)) else X.ravel() if _holds_objects(X) else []
    if not len(items) or not all(isinstance(item, np.ndarray) and item.ndim > 1 for item in items):
        return X
    shapes = sorted({item.shape for item in items})
    if len(shapes) > 1:
        shown = ", ".join(map(str, shapes[:3])) + (", …" if len(shapes) > 3 else "")
        raise DataError(
            f"the {len(items)} images have {len(shapes)} shapes ({shown}), and a network takes images of one: resize them, or "
            "save them as files and give a list of their paths, which are scaled to one size."
        )
    return np.stack(list(items))


def check_images(x: NDArray[Any], *, eight_bit: bool = False, certain: bool = False) -> NDArray[Any]:
    """Images that a network can take: whole numbers from 0 to 255 as 8-bit ones, everything else as it is.

    Parameters
    ----------
    x : array of shape (n, height, width) or (n, height, width, channels)
    eight_bit : bool
        Whether they are known to be 8-bit; else whole numbers that are only 0 and 1 are taken as they are.
    certain : bool
        Whether they are known to be images; else three dimensions may be those of sequences, (n, t, p), whose whole numbers
        may be of any size.

    Raises
    ------
    DataError
        Channels come first; or whole numbers go beyond 8 bits.

    >>> check_images(np.full((2, 8, 8), 200)).dtype
    dtype('uint8')
    """
    if x.ndim == 4:
        refuse_channels_first(x.shape)
    if x.dtype.kind not in "iu" or x.dtype == np.uint8 or not x.size:
        return x
    low, high = int(x.min()), int(x.max())
    if low >= 0 and high <= 255 and (eight_bit or high > 1):
        return x.astype(np.uint8)
    if high > 255 and (certain or x.ndim == 4 or x.dtype == np.uint16):
        deep = x.dtype == np.uint16 or high <= 65535
        remedy = (
            "(X / 257).round().astype(np.uint8) makes them 8-bit"
            if deep
            else "divide them by their largest value"
        )
        raise DataError(
            f"X holds whole numbers from {low} to {high} (type {x.dtype}), and images have 8 bits, 0 to 255: {remedy}."
        )
    return x


def warn_of_unscaled(x: NDArray[Any]) -> None:
    """Say so where images are floats that by all looks are grey values from 0 to 255: they are taken as they are.

    >>> warn_of_unscaled(np.array([[[0.0, 0.7]]]))
    """
    if x.dtype.kind != "f" or not x.size:
        return
    low, high = float(x.min()), float(x.max())
    if low >= 0 and BRIGHT <= high <= 255:
        warnings.warn(
            f"X holds images of type {x.dtype} from {low:g} to {high:g}, and floats are taken as they are: networks learn best "
            "from numbers in [0, 1]. Give X / 255, or X.astype(np.uint8), which becomes that inside the network.",
            DataWarning,
            stacklevel=2,
        )


def refuse_channels_first(shape: tuple[int, ...]) -> None:
    """Raise where images look like (n, channels, height, width).

    >>> refuse_channels_first((100, 32, 32, 3))
    """
    _, first, middle, last = shape
    if first in CHANNELS and last not in CHANNELS and middle > 4 and last > 4:
        raise DataError(
            f"X has shape {shape}, which looks like images with their {first} channel(s) first, (n, channels, height, width): "
            "channels come last here. Give X.transpose(0, 2, 3, 1)."
        )


def check_shape(x: NDArray[Any] | StoredRows, shape: tuple[int, ...]) -> None:
    """Raise where further images have another shape than those of the fit.

    >>> check_shape(np.zeros((8, 8)), (8, 8))
    Traceback (most recent call last):
    lamina.errors.DataError: the model was fitted on images of shape (8, 8) and X is one of them: give X[None].
    """
    if x.shape[1:] == shape:
        return
    fitted = f"the model was fitted on images of shape {shape} and"
    if x.shape == shape:
        raise DataError(f"{fitted} X is one of them: give X[None].")
    if len(x.shape) != len(shape) + 1:
        several = ", ".join(map(str, ("n", *shape)))
        raise DataError(
            f"{fitted} X has shape {x.shape}: give several, shape ({several}), or one as X[None]."
        )
    raise DataError(
        f"{fitted} these have shape {x.shape[1:]}: resize them, or give their files, which are scaled."
    )


def check_stored(x: StoredRows, shape: tuple[int, ...] | None) -> None:
    """Raise where images that stay on the disk have channels first, or another shape than those of the fit."""
    if x.ndim == 4:
        refuse_channels_first(x.shape)
    if shape is not None:
        check_shape(x, shape)
    if len(x) < (2 if shape is None else 1):
        raise DataError(f"X has {len(x)} row(s) (n_samples={len(x)}), too few: give more images.")


def _holds_objects(X: Any) -> bool:
    return isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1
