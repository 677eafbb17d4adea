"""Where an estimator is given pictures on the disk: their pixels, and the classes that their folders are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data.images.arrays import as_one_array, check_images, check_shape, warn_of_unscaled
from lamina.data.streaming import kept_on_disk
from lamina.errors import DataError
from lamina.layers.augmentation.base import Augmentation
from lamina.layers.pooling import UpSample
from lamina.layers.shortcut import Shortcut

if TYPE_CHECKING:
    from lamina.data.images import Images


def takes_images(layers: Any, augment: Any = None) -> bool:
    """Whether a network's rows of two dimensions are images, not sequences: the default network's, and where the first layers
    are of images.

    >>> from lamina.layers import LSTM, BatchNorm, Conv1D, Conv2D
    >>> [takes_images(layers) for layers in (None, [BatchNorm(), Conv2D(8, 3)], [LSTM(8)], [Conv1D(8, 3)])]
    [True, True, False, False]
    """
    if layers is None or augment:
        return True
    for layer in layers if isinstance(layers, (list, tuple)) else [layers]:
        inner = getattr(layer, "layers", None)
        if isinstance(layer, (Augmentation, Shortcut, UpSample)) or (inner and takes_images(inner)):
            return True
        if (rank := getattr(layer, "rank", None)) is not None:
            return bool(rank == 2)
    return False


def checked_images(X: np.ndarray, model: Any, *, fresh: bool) -> np.ndarray:
    """Images as an estimator takes them, ``fresh`` in a fit; sequences, which have three dimensions as well, as they are."""
    certain = X.ndim == 4 or takes_images(model.layers, model.augment)
    if fresh and certain:
        warn_of_unscaled(X)
    return check_images(X, eight_bit=not fresh and model.features_.eight_bit, certain=certain)


def with_pictures(X: Any, y: Any, *, classifies: bool) -> tuple[Any, Any]:
    """X and y of a fit, where X may name pictures; without y the folders' names are the classes.

    >>> with_pictures([[1.0]], [2.0], classifies=True)
    ([[1.0]], [2.0])
    """
    from lamina.data.images import Images, is_image_source, read_images

    if is_image_source(X):
        if y is None and not classifies:
            raise DataError(
                "NeuralRegressor needs y, a number for each picture: a folder gives classes alone."
            )
        X = read_images(X, labelled=y is None)
    if not isinstance(X, Images):
        return X, y
    return kept_on_disk(X.pixels, stream=X.stream), X.labels if y is None and classifies else y


def like_those_learnt(X: Any, shape: tuple[int, ...] | None) -> Any:
    """X of a prediction, where it may name pictures: they are read in the size and channels of the fit.

    Raises
    ------
    DataError
        The model takes no pictures, or has channels that no picture has; or arrays have another shape than those of the fit.

    >>> like_those_learnt([[1.0]], None)
    [[1.0]]
    """
    pixels = _pixels(X, shape, labelled=False)[0]
    if shape is not None:
        whole = as_one_array(pixels)
        check_shape(whole if hasattr(whole, "shape") else np.asarray(whole), shape)
    return pixels


def watched_pictures(X: Any, y: Any, shape: tuple[int, ...] | None, *, classifies: bool) -> tuple[Any, Any]:
    """Rows to watch, where X may name pictures; without y the folders' names are the classes."""
    if X is None:
        return X, y
    labelled = y is None and classifies
    pixels, labels = _pixels(X, shape, labelled=labelled)
    return pixels, labels if labelled else y


def read_like(X: Any, shape: tuple[int, ...] | None, **how: Any) -> Images:
    """Pictures in the size and channels of the fit; ``how`` is for :func:`lamina.data.images.read_images`."""
    from lamina.data.images import read_images

    if shape is None:
        raise DataError(
            "X holds pictures, but the model was fitted on a table: give rows with the same columns."
        )
    height, width, channels = (*shape, 1)[:3]
    if len(shape) > 3 or channels not in (1, 3):
        raise DataError(
            f"X names files, but the model was fitted on arrays of shape {shape}, and pictures have 1 or 3 channels: give an "
            "array of that shape."
        )
    return read_images(X, (height, width), 1 if channels == 1 else 3, **how)


def _pixels(X: Any, shape: tuple[int, ...] | None, *, labelled: bool) -> tuple[Any, Any]:
    """Pixels in the shape of the fit, and labels; X itself where it names no pictures.

    A folder of one class will do where there is nothing to learn.
    """
    from lamina.data.images import Images, is_image_source
    from lamina.data.images.sources import list_images

    if not isinstance(X, Images):
        if not is_image_source(X):
            return X, None
        source, X = X, read_like(X, shape, labelled=None if labelled else False)
        if labelled and X.labels is None:
            list_images(source, labelled=True)  # says why there are none
    return as_learnt(X, shape), X.labels


def as_learnt(images: Images, shape: tuple[int, ...] | None) -> Any:
    """Pixels, without an axis of channels where those of the fit had none."""
    one_channel = shape is not None and len(shape) == 2 and images.shape[3] == 1
    return kept_on_disk(images.pixels[..., 0] if one_channel else images.pixels, stream=images.stream)
