"""What a picture's header says, without decoding it: size as shown, channels, depth, transparency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.errors import DataError

GREY = frozenset(("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"))
"""Pillow's modes without colour."""
DEEP = frozenset(("I", "F", "I;16", "I;16B", "I;16L", "I;16N"))
"""Pillow's modes of more than 8 bits."""
ORIENTATION = 0x0112
"""The EXIF tag that says how the camera was held; values from 5 on exchange width and height."""


@dataclass(frozen=True)
class Header:
    """One picture.

    Attributes
    ----------
    height, width
        In pixels, as the picture is shown once it is turned the way its camera was held.
    mode
        Pillow's word for the kind of pixels.
    transparent, turned, animated
        Whether it has transparency, is shown turned, has several frames.
    truncated
        Whether it has 16 bits a channel of which Pillow hands on eight: in colour, or grey with transparency.
    """

    height: int
    width: int
    mode: str
    transparent: bool = False
    turned: bool = False
    animated: bool = False
    truncated: bool = False

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour."""
        return 1 if self.mode in GREY else 3


def look(path: Path) -> Header:
    """The header of a picture; raises whatever Pillow raises of a damaged one."""
    from PIL import Image

    with Image.open(path) as image:
        return header_of(image)


def header_of(image: Any) -> Header:
    """The header of a picture that Pillow has opened."""
    width, height = image.size
    orientation = orientation_of(image)
    if orientation >= 5:
        width, height = height, width
    transparent = image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info
    animated = getattr(image, "is_animated", False)
    return Header(
        height, width, image.mode, transparent, orientation > 1, bool(animated), _is_truncated(image)
    )


def _is_truncated(image: Any) -> bool:
    """Whether the file has 16 bits a channel and Pillow's kind of pixels has eight."""
    if image.mode in DEEP:
        return False
    kinds = (tile[3] if isinstance(tile[3], tuple) else (tile[3],) for tile in image.tile)
    # What Pillow decodes from, such as "RGB;16B": a PNG's bit depth and colour type, or a TIFF's samples.
    return any(";16" in str(kind[0]) for kind in kinds if kind)


def orientation_of(image: Any) -> int:
    """1 to 8, of which 1 is upright; 1 where the picture says nothing or nonsense."""
    if image.format == "PNG" and not {"exif", "Raw profile type exif"} & set(image.info):
        return 1  # Pillow would decode the whole picture to look for what comes after it
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # damaged metadata make no damaged picture
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


MOST_SIDE = 224
"""Longest side of a size that is chosen from the data; the side on which networks for photographs are usually trained."""


@dataclass(frozen=True)
class Target:
    """What every picture becomes: an array of shape (height, width, channels)."""

    height: int
    width: int
    channels: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture."""
        return self.height, self.width, self.channels


def choose_target(headers: Sequence[Header], size: tuple[int, int] | None, channels: int | None) -> Target:
    """The common size and number of channels.

    Pictures of one size keep it, scaled down in proportion where its longer side is above 224. Of mixed sizes they become
    squares whose side is the median of their shorter sides, at most 224.

    >>> choose_target([Header(28, 28, "L"), Header(28, 28, "L")], None, None).shape
    (28, 28, 1)
    >>> choose_target([Header(480, 640, "RGB")], None, None).shape
    (168, 224, 3)
    >>> choose_target([Header(480, 640, "RGB"), Header(100, 90, "L")], None, None).shape
    (224, 224, 3)
    """
    colours = channels or max(header.channels for header in headers)
    if size is not None:
        return Target(*size, colours)
    sizes = {(header.height, header.width) for header in headers}
    if len(sizes) == 1:
        height, width = next(iter(sizes))
        scale = min(1.0, MOST_SIDE / max(height, width))
        return Target(max(1, round(height * scale)), max(1, round(width * scale)), colours)
    shorter = sorted(min(size) for size in ((header.height, header.width) for header in headers))
    side = min(MOST_SIDE, shorter[len(shorter) // 2])
    return Target(side, side, colours)


def describe(headers: Sequence[Header], target: Target, *, asked: bool) -> tuple[list[str], list[str]]:
    """What is done to make pictures alike: what the user should hear of, and what is only written down."""
    heard: list[str] = []
    noted: list[str] = []
    sizes = sorted({(header.height, header.width) for header in headers})
    if sizes != [(target.height, target.width)]:
        text = _resized(sizes, target)
        (noted if asked else heard).append(text)
    greys = sum(header.channels == 1 for header in headers)
    if target.channels == 3 and greys:
        heard.append(
            _some(greys, len(headers), "are grey: their channel is repeated for red, green and blue")
        )
    if target.channels == 1 and greys < len(headers):
        noted.append(_some(len(headers) - greys, len(headers), "are in colour: made grey"))
    for which, text, matters in _KINDS:
        if found := sum(which(header) for header in headers):
            (heard if matters else noted).append(_some(found, len(headers), text))
    return heard, noted


def _some(found: int, whole: int, text: str) -> str:
    """What some of the pictures are or have; one of them is or has it.

    >>> _some(1, 22, "have transparency"), _some(2, 22, "have transparency")
    ('1 of 22 pictures has transparency', '2 of 22 pictures have transparency')
    """
    verb, rest = text.split(" ", 1)
    return f"{found} of {whole} pictures {_SINGULAR[verb] if found == 1 else verb} {rest}"


_SINGULAR = {"have": "has", "are": "is", "were": "was"}


_KINDS: tuple[tuple[Callable[[Header], bool], str, bool], ...] = (
    (lambda header: header.transparent, "have transparency: laid on white", True),
    (
        lambda header: header.mode == "CMYK",
        "are in the colours of print (CMYK): made red, green and blue",
        True,
    ),
    (lambda header: header.mode in DEEP, "have more than 8 bits: scaled to 8", True),
    (lambda header: header.animated, "have several frames: the first is taken", True),
    (
        lambda header: header.mode == "P" and not header.transparent,
        "have a palette: its colours are taken",
        False,
    ),
    (lambda header: header.turned, "were taken with the camera turned: shown upright", False),
)
"""Kinds of pictures, what is done to them, and whether the user should hear of it."""


def _resized(sizes: list[tuple[int, int]], target: Target) -> str:
    (low_h, low_w), (high_h, high_w) = sizes[0], sizes[-1]
    given = (
        f"pictures are {low_h} × {low_w}"
        if len(sizes) == 1
        else f"pictures have {len(sizes)} sizes, from {low_h} × {low_w} to {high_h} × {high_w}"
    )
    return (
        f"{given} (height × width): each is scaled to cover {target.height} × {target.width} and cut around its centre; size= "
        "chooses another"
    )


def check_size(size: Any) -> tuple[int, int] | None:
    """Height and width from what the user gave: None, one side of a square, or both.

    >>> check_size(64), check_size((32, 48))
    ((64, 64), (32, 48))
    """
    if size is None:
        return None
    sides = (size, size) if isinstance(size, int) else tuple(size) if isinstance(size, (tuple, list)) else ()
    if len(sides) != 2 or not all(
        isinstance(side, int) and not isinstance(side, bool) and side > 0 for side in sides
    ):
        raise DataError(f"size={size!r}: give the side of a square, for example 64, or (height, width).")
    return sides[0], sides[1]
