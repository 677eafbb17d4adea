"""Pictures of a folder or a list of paths to one array: listed, looked at, decoded by threads, kept."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from lamina.data.images.cache import Decoded, Place, kept, key_of, size_and_time
from lamina.data.images.decoding import decode_opened
from lamina.data.images.headers import Header, Target, check_size, choose_target, describe, header_of, look
from lamina.data.images.progress import PictureBar
from lamina.data.images.sources import Listing, list_images, named
from lamina.data.images.value import Images
from lamina.errors import DataWarning, FileFormatError, SpecificationError

T = TypeVar("T")
Outcome = tuple[T | None, str]
TOGETHER = 16
"""Pictures that a thread takes at a time."""


def read_images(
    source: Any,
    size: int | tuple[int, int] | None = None,
    channels: Literal[1, 3] | None = None,
    *,
    labelled: bool | None = None,
    on_error: Literal["raise", "skip"] = "raise",
    stream: bool = False,
    verbose: bool | None = None,
) -> Images:
    """Read pictures: a folder with a folder for each class, a flat folder, or a list of paths.

    PNG, JPEG, WebP and whatever else Pillow reads. They are turned upright (EXIF), laid on white where they are transparent, and
    scaled to 8 bits. What was decoded is kept in the user's cache (at most 20 GB), so that a second reading is a matter of
    moments; ``LAMINA_CACHE=off`` keeps none. Those that take more than a quarter of the memory stay on the disk, and come as a
    read-only memory map.

    Parameters
    ----------
    source : str, Path, or list of them
        Hidden files are ignored; other files are left out, with a DataWarning.
    size : int or (height, width), optional
        Each picture is scaled to cover it, in proportion, and cut around its centre. None: pictures of one size keep it (their
        longer side at most 224); of mixed sizes they become squares whose side is the median of the shorter sides, at most 224,
        with a DataWarning.
    channels : 1 or 3, optional
        Grey or colour. None: colour if any picture has colour.
    labelled : bool, optional
        True needs a folder for each class, at least two; False takes all pictures below, without labels; None gives labels where
        there are folders.
    on_error : {"raise", "skip"}
        What to do with pictures that cannot be read: an error that names them, or leave them out with a DataWarning.
    stream : bool
        Whether a fit takes the pictures block by block even where they fit in memory.
    verbose : bool, optional
        Progress bar: True, False, or None for one that appears when reading takes long.

    Raises
    ------
    DataError
        There are no pictures, or their classes cannot be told.
    FileAccessError
        A folder or file is not there.
    FileFormatError
        Pictures are damaged or empty: how many, and which.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name, colour in (("sea", "navy"), ("sun", "gold")):
    ...     (folder / name).mkdir()
    ...     Image.new("RGB", (32, 24), colour).save(folder / name / "a.png")
    >>> images = read_images(folder)
    >>> images, images.labels.tolist(), images.pixels[1, 0, 0].tolist()
    (Images(2 of 24 × 32 × 3, 2 classes), ['sea', 'sun'], [255, 215, 0])
    """
    if on_error not in ("raise", "skip"):
        raise SpecificationError(f"on_error={on_error!r}: give 'raise' or 'skip'.")
    if channels not in (None, 1, 3):
        raise SpecificationError(
            f"channels={channels!r}: give 1 for grey, 3 for colour, or None to follow the pictures."
        )
    wanted = check_size(size)
    listing = list_images(source, labelled=labelled)
    key = key_of(listing.paths, wanted, channels)
    decoded = kept(key) or _decoded(listing.paths, wanted, channels, key, verbose)
    _report(decoded, listing, on_error)
    return _assembled(decoded, listing, stream)


def _assembled(decoded: Decoded, listing: Listing, stream: bool) -> Images:
    good = [place for place in range(len(listing.paths)) if place not in decoded.failed]
    paths = tuple(listing.paths[place] for place in good)
    notes = (*listing.notes, *decoded.heard, *decoded.noted)
    if listing.labels is None:
        return Images(decoded.pixels, None, (), paths, notes, stream)
    labels = np.array([listing.labels[place] for place in good], dtype=np.str_)
    return Images(decoded.pixels, labels, tuple(np.unique(labels).tolist()), paths, notes, stream)


def _report(decoded: Decoded, listing: Listing, on_error: str) -> None:
    """Raise or warn of what could not be read, and say what was done to the rest."""
    if decoded.failed:
        which = [f"{listing.paths[place]} ({text})" for place, text in decoded.failed.items()]
        told = f"{len(which)} of {len(listing.paths)} pictures cannot be read: {named(which)}"
        if on_error == "raise":
            raise FileFormatError(
                f"{told}. Mend or remove them, or leave them out: lamina.data.images.read_images(…, on_error='skip')."
            )
        if len(which) == len(listing.paths):
            raise FileFormatError(f"{told}. None would be left: mend them.")
        warnings.warn(f"{told}; left out", DataWarning, stacklevel=3)
    for note in decoded.heard:
        warnings.warn(note, DataWarning, stacklevel=3)


def _decoded(
    paths: Sequence[Path], size: tuple[int, int] | None, channels: int | None, key: str, verbose: bool | None
) -> Decoded:
    """Look at all pictures where a size or channels follow from them, then decode them."""
    headers: list[Outcome[Header]] = []
    if size is None or channels is None:
        with PictureBar(len(paths), verbose, "looking at pictures") as bar:
            headers = _by_threads(look, paths, bar)
        good = [header for header, _ in headers if header is not None]
        if not good:
            return Decoded(
                np.empty((0, 1, 1, 1), np.uint8), {place: text for place, (_, text) in enumerate(headers)}
            )
        target = choose_target(good, size, channels)
    else:
        target = Target(*size, channels)
    with Place((len(paths), *target.shape)) as place:
        with PictureBar(len(paths), verbose, "reading pictures") as bar:
            headers = _decode_into(place.pixels, paths, target, bar)
        decoded = _collected(place.pixels, paths, headers, target, asked=size is not None)
        return place.hand_over(decoded, key, paths) if len(decoded.pixels) else decoded


def _decode_into(
    pixels: NDArray[np.uint8], paths: Sequence[Path], target: Target, bar: PictureBar
) -> list[Outcome[Header]]:
    from PIL import Image

    places = {path: place for place, path in enumerate(paths)}
    repeated = [place for place, path in enumerate(paths) if places[path] != place]

    def one(path: Path) -> Header:
        with Image.open(path) as image:
            header = header_of(image)
            pixels[places[path]] = decode_opened(image, target)
        return header

    headers = _by_threads(one, paths, bar)
    for place in repeated:  # a path that is named twice
        pixels[place] = pixels[places[paths[place]]]
    return headers


def _collected(
    pixels: NDArray[np.uint8],
    paths: Sequence[Path],
    headers: list[Outcome[Header]],
    target: Target,
    *,
    asked: bool,
) -> Decoded:
    failed = {place: text for place, (header, text) in enumerate(headers) if header is None}
    good = [header for header, _ in headers if header is not None]
    if failed:
        # In place and one by one: the pictures may be a map of a file, larger than the memory.
        for row, place in enumerate(place for place in range(len(pixels)) if place not in failed):
            pixels[row] = pixels[place]
    heard, noted = describe(good, target, asked=asked) if good else ([], [])
    return Decoded(pixels[: len(good)], failed, [*heard, *_truncated(paths, headers)], noted)


def _truncated(paths: Sequence[Path], headers: list[Outcome[Header]]) -> list[str]:
    """A word on pictures of which Pillow hands on the upper eight of 16 bits."""
    found = [path for path, (header, _) in zip(paths, headers, strict=True) if header and header.truncated]
    if not found:
        return []
    return [
        f"{len(found)} of {len(paths)} pictures {'has' if len(found) == 1 else 'have'} 16 bits a channel, and Pillow reads the "
        f"upper 8 of each (the first is {found[0]}): where the others matter, read such files by other means and give an array "
        "of numbers from 0 to 1"
    ]


def _by_threads(work: Callable[[Path], T], paths: Sequence[Path], bar: PictureBar) -> list[Outcome[T]]:
    """What ``work`` gives for each path, or what is wrong with it; Pillow lets other threads run while it decodes."""

    def several(first: int) -> list[Outcome[T]]:
        return [attempt(work, path) for path in paths[first : first + TOGETHER]]

    pool = ThreadPoolExecutor(_workers())
    found: list[Outcome[T]] = []
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata and of large pictures; damage it raises.
            warnings.simplefilter("ignore")
            for outcomes in pool.map(several, range(0, len(paths), TOGETHER)):
                found += outcomes
                bar.advance(len(outcomes))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return found


def attempt(work: Callable[[Path], T], path: Path) -> Outcome[T]:
    """What ``work`` gives for a path, or None and what is wrong with it."""
    try:
        return work(path), ""
    except MemoryError:
        raise
    except Exception as error:  # Pillow's readers raise whatever a damaged file leads them to
        return None, _said(error, path)


def _said(error: Exception, path: Path) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, FileNotFoundError):
        return "a link to a file that is not there"
    if size_and_time(path)[0] == 0:
        return "the file is empty"
    if isinstance(error, UnidentifiedImageError):
        return "no picture, or damaged at its beginning"
    return " ".join(str(error).split()) or type(error).__name__


def _workers() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
