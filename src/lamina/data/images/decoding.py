"""One picture file to an array of bytes: upright, without transparency, 8 bits, of the wanted size and channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.images.headers import DEEP, Target, orientation_of
from lamina.errors import DataError

GAP = 2.0
"""How much larger than wanted a JPEG may be decoded before it is scaled: its fast scales are powers of two and blur."""


def decode(path: Path, target: Target) -> NDArray[np.uint8]:
    """The pixels of a picture, shape (height, width, channels).

    It is turned the way its camera was held (EXIF), laid on white where it is transparent, scaled to 8 bits, made grey or colour,
    scaled until it covers the target and cut around its centre. Scaling averages over the pixels that fall on one.

    Raises
    ------
    Exception
        Whatever Pillow raises of a damaged file.
    """
    from PIL import Image

    with Image.open(path) as image:
        return decode_opened(image, target)


def decode_opened(image: Any, target: Target) -> NDArray[np.uint8]:
    """The same, of a picture that Pillow has opened."""
    if image.format == "JPEG":
        image.draft(None, _draft_size(image, target))
    image.load()
    image = _in_channels(_eight_bits(_upright(image)), target.channels)
    if image.size != (target.width, target.height):
        image = image.resize((target.width, target.height), _bilinear(), box=centre_box(image.size, target))
    pixels = np.asarray(image, np.uint8)
    return pixels.reshape(target.shape)


def centre_box(size: tuple[int, int], target: Target) -> tuple[float, float, float, float]:
    """The largest part of a picture, around its centre, that has the target's proportions: left, top, right, bottom.

    >>> centre_box((400, 200), Target(50, 50, 3))
    (100.0, 0.0, 300.0, 200.0)
    """
    width, height = size
    scale = min(width / target.width, height / target.height)
    wide, high = scale * target.width, scale * target.height
    left, top = max(0.0, (width - wide) / 2), max(0.0, (height - high) / 2)
    return left, top, min(float(width), left + wide), min(float(height), top + high)


def _draft_size(image: Any, target: Target) -> tuple[int, int]:
    """The size below which a JPEG must not be decoded, as the file lies."""
    wanted = int(GAP * target.width), int(GAP * target.height)
    return wanted if orientation_of(image) < 5 else (wanted[1], wanted[0])


_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""What turns a picture upright, by the orientation in its file."""


def _upright(image: Any) -> Any:
    from PIL import Image

    turn = _TURNS.get(orientation_of(image))
    if turn is None:
        return image
    turned = image.transpose(Image.Transpose[turn])
    turned.info = image.info
    return turned


def _bilinear() -> Any:
    from PIL import Image

    return Image.Resampling.BILINEAR


def _eight_bits(image: Any) -> Any:
    """Grey pictures of more than 8 bits as 8-bit ones: 16 bits by 257, so that white stays white."""
    from PIL import Image

    if image.mode not in DEEP:
        return image
    values = np.asarray(image)
    if image.mode == "F":
        scaled = _of_fractions(values)
    else:
        values = values.astype(np.int64)
        low, high = int(values.min()), int(values.max())
        if low < 0 or high > 65535:
            raise DataError(f"its whole numbers go from {low} to {high}: 8 or 16 bits are needed")
        # Pillow opens 8-bit data as 32-bit numbers in some formats, and 16-bit data as its own mode.
        scaled = values if image.mode == "I" and high <= 255 else np.rint(values / 257)
    return Image.fromarray(scaled.astype(np.uint8))


def _of_fractions(values: NDArray[Any]) -> NDArray[Any]:
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 255):
        raise DataError(f"its numbers go from {low:g} to {high:g}: 0 to 1 or 0 to 255 are needed")
    return np.asarray(np.rint(values * (255 if high <= 1 else 1)))


def _in_channels(image: Any, channels: int) -> Any:
    """Grey or colour, laid on white where it is transparent."""
    wanted = "L" if channels == 1 else "RGB"
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        image = _on_white(image)
    return image if image.mode == wanted else image.convert(wanted)


def _on_white(image: Any) -> Any:
    from PIL import Image

    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, image).convert("RGB")
