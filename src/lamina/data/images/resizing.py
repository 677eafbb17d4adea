"""Arrays of images brought to the size and channels that a network was made for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataError


def centred(images: NDArray[Any], shape: tuple[int, int, int], margin: float = 1.0) -> NDArray[Any]:
    """Images of any size as images of one: the shorter side scaled, and the centre cut out.

    Scaling is Pillow's, bilinear over all pixels that fall on one, as published weights expect it. Images of that size already
    stay as they are.

    Parameters
    ----------
    images : uint8 or float array of shape (n, height, width) or (n, height, width, channels)
    shape
        Height, width and channels to bring them to. Where three channels are wanted and there is one, it is repeated.
    margin
        Images are scaled to so many times the size before the centre is cut out; published networks were tested with 256/224.

    Raises
    ------
    DataError
        If the channels are neither one nor as many as wanted.

    >>> centred(np.zeros((2, 40, 60), np.uint8), (20, 20, 3)).shape
    (2, 20, 20, 3)
    """
    height, width, channels = shape
    images = in_channels(images, channels)
    if images.shape[1:3] == (height, width) or not len(images):
        return images
    inner = scaled_size(images.shape[1:3], (height, width), margin)
    top, left = (round((long - short) / 2.0) for long, short in zip(inner, (height, width), strict=True))
    with ThreadPoolExecutor() as pool:  # Pillow lets other threads run while it scales
        scaled = pool.map(lambda image: scale(image, inner), images)
        return np.stack([image[top : top + height, left : left + width] for image in scaled])


def scaled_size(now: tuple[int, ...], wanted: tuple[int, int], margin: float) -> tuple[int, int]:
    """Height and width, in proportion, of which the centre of the wanted size is cut out.

    >>> scaled_size((480, 640), (224, 224), 256 / 224)
    (256, 341)
    """
    ratio = max(round(margin * want) / have for have, want in zip(now, wanted, strict=True))
    # The side that decides is exact; the other is cut off as torchvision does.
    height, width = (max(int(have * ratio + 1e-6), want) for have, want in zip(now, wanted, strict=True))
    return height, width


def scale(image: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """One image (h, w, c) by Pillow: 8-bit as 8-bit, numbers channel by channel in single precision."""
    from PIL import Image

    to = (size[1], size[0])
    if image.dtype == np.uint8 and image.shape[-1] in (1, 3):
        picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
        return np.asarray(picture.resize(to, Image.Resampling.BILINEAR)).reshape(*size, -1)
    planes = [Image.fromarray(np.asarray(image[..., c], np.float32)) for c in range(image.shape[-1])]
    return np.stack([np.asarray(plane.resize(to, Image.Resampling.BILINEAR)) for plane in planes], axis=-1)


def in_channels(images: NDArray[Any], channels: int) -> NDArray[Any]:
    """Images with a channel axis of that length; one channel is repeated.

    >>> in_channels(np.ones((2, 4, 4)), 3).shape
    (2, 4, 4, 3)
    """
    images = images[..., None] if images.ndim == 3 else images
    if images.shape[-1] == channels:
        return images
    if images.shape[-1] == 1:
        return np.repeat(images, channels, axis=-1)
    remedy = (
        "drop the fourth, which is transparency: images[..., :3]" if images.shape[-1] == 4 else "give as many"
    )
    raise DataError(
        f"images of shape {images.shape[1:]} have {images.shape[-1]} channels and the network takes {channels}: {remedy}."
    )
