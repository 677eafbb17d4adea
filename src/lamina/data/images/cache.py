"""Decoded pictures on the disk, so that a second reading takes no decoding: an array file and what belongs to it as JSON.

The key is a digest of the paths, sizes and times of the files and of what was asked for: a changed picture is decoded anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.memory import most_in_memory
from lamina.errors import DataError

MOST_BYTES = 20 << 30
"""Bytes that the folder may hold before what was not used for longest goes."""
ABANDONED_SECONDS = 24 * 3600.0
"""Age after which a half-written file belongs to a process that ended."""
FEW_BYTES = 4 << 20
"""Picture files of fewer bytes together are decoded in moments, and not kept."""
VERSION = "2"
"""Changes whenever the same files give other pixels or notes."""


@dataclass(frozen=True)
class Decoded:
    """Pixels of the pictures that could be decoded, and what is to be said of them.

    Attributes
    ----------
    pixels : uint8 array of shape (n - len(failed), height, width, channels)
    failed
        What is wrong with each of the others, by its place among the files.
    heard, noted
        What was done to make them alike: what the user hears of, and what is only written down.
    """

    pixels: NDArray[np.uint8]
    failed: dict[int, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)


def cache_folder() -> Path | None:
    """Where decoded pictures are kept, by the operating system's custom; None with ``LAMINA_CACHE=off``."""
    if os.environ.get("LAMINA_CACHE", "").lower() == "off":
        return None
    import platformdirs

    return Path(platformdirs.user_cache_dir("lamina")) / "images"


def key_of(paths: Sequence[Path], size: tuple[int, int] | None, channels: int | None) -> str:
    """A digest of the files as they are now and of what they are to become."""
    import PIL

    digest = hashlib.sha256(repr((VERSION, PIL.__version__, size, channels)).encode())
    for path in paths:
        digest.update(os.fsencode(path.absolute()) + repr(size_and_time(path)).encode())
    return digest.hexdigest()[:24]


def size_and_time(path: Path) -> tuple[int, int]:
    """Bytes of a file and when it was changed; zeros where it is gone, as a broken link's goal is."""
    try:
        known = path.stat()
    except OSError:
        return 0, 0
    return known.st_size, known.st_mtime_ns


def kept(key: str) -> Decoded | None:
    """What was kept under a key: in memory where it fits, else a read-only memory map."""
    folder = cache_folder()
    if folder is None:
        return None
    array, facts = folder / f"{key}.npy", folder / f"{key}.json"
    try:
        plain = json.loads(facts.read_text(encoding="utf-8"))
        pixels = np.load(array, mmap_mode="r" if array.stat().st_size > most_in_memory() else None)
        failed = {int(place): text for place, text in plain["failed"].items()}
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or len(pixels) < plain["rows"]:
            return None
        for path in (array, facts):
            os.utime(path)  # what is used last goes last
        return Decoded(pixels[: plain["rows"]], failed, plain["heard"], plain["noted"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # not there, or not whole


class Place:
    """Where pictures are decoded to: memory where they fit, else a file in the cache, else a temporary one.

    Use as a context: a file that was not handed over is removed.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._needed = int(np.prod(shape, dtype=np.int64))
        self._file: Path | None = None
        self.mapped = self._needed > most_in_memory()
        self.pixels: NDArray[np.uint8] = self._map(shape) if self.mapped else np.empty(shape, np.uint8)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # some systems do not let an open file go
                self._file.unlink(missing_ok=True)

    def hand_over(self, decoded: Decoded, key: str, paths: Sequence[Path]) -> Decoded:
        """Keep what was decoded under its key; gives it back, as a read-only map where it is one."""
        folder = cache_folder()
        if folder is None or (not self.mapped and sum(size_and_time(path)[0] for path in paths) < FEW_BYTES):
            return _read_only(decoded) if self.mapped else decoded
        try:
            if self._file is None:
                self._file = self._written(folder, decoded.pixels)
            if self._file is None:
                return decoded
            facts = _facts(decoded)
            (folder / f"{key}.json").write_text(json.dumps(facts), encoding="utf-8")
            self._file.replace(folder / f"{key}.npy")
            self._file = None
        except OSError:  # a full or read-only disk only means that the next reading decodes again
            pass
        return _read_only(decoded) if self.mapped else decoded

    def _map(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        folder = cache_folder()
        room = folder or Path(tempfile.gettempdir())
        _make_room(room, self._needed, cleans=folder is not None)
        handle, name = tempfile.mkstemp(suffix=".part", dir=room)
        os.close(handle)
        self._file = Path(name)
        # On systems that remove open files, a file without a cache is gone once the array is.
        return np.lib.format.open_memmap(name, mode="w+", dtype=np.uint8, shape=shape)

    def _written(self, folder: Path, pixels: NDArray[np.uint8]) -> Path | None:
        try:
            _make_room(folder, pixels.nbytes, cleans=True)
        except DataError:
            return None
        handle, name = tempfile.mkstemp(suffix=".part", dir=folder)
        self._file = Path(name)
        with os.fdopen(handle, "wb") as stream:
            np.save(stream, pixels)
        return Path(name)


def _facts(decoded: Decoded) -> dict[str, Any]:
    """What belongs to the pixels, for JSON."""
    return {
        "rows": len(decoded.pixels),
        "failed": {str(place): text for place, text in decoded.failed.items()},
        "heard": decoded.heard,
        "noted": decoded.noted,
    }


def _read_only(decoded: Decoded) -> Decoded:
    decoded.pixels.flags.writeable = False
    return decoded


def _make_room(folder: Path, needed: int, *, cleans: bool) -> None:
    """Remove what was not used for longest until ``needed`` more bytes are within the limit; the disk must hold them."""
    folder.mkdir(parents=True, exist_ok=True)
    if cleans:
        _remove_abandoned(folder)
        arrays = sorted(folder.glob("*.npy"), key=lambda path: path.stat().st_mtime)
        total = sum(path.stat().st_size for path in arrays) + needed
        for path in arrays:
            if total <= MOST_BYTES:
                break
            total -= path.stat().st_size
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError(
            f"the pictures take {needed / 1e9:.1f} GB once decoded, more than a quarter of the memory, and {folder} has only "
            f"{free / 1e9:.1f} GB free to keep them: choose a smaller size=, make room, or set XDG_CACHE_HOME to a larger disk."
        )


def _remove_abandoned(folder: Path) -> None:
    for path in folder.glob("*.part"):
        if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
            path.unlink(missing_ok=True)
