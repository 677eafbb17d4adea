"""What is in an archive, kept unpacked: taking it apart takes seconds, reading it again none."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lamina.data.datasets import locations

Content = TypeVar("Content")


def unpacked(
    name: str,
    kind: str,
    unpack: Callable[[Path], Content],
    read: Callable[[Path], Content],
    write: Callable[[Path, Content], object],
) -> Content:
    """The content of the one archive of a data set, from the cache where it was kept before.

    Parameters
    ----------
    name, kind
        The data set, and what is kept of it: both are in the name of the folder.
    unpack
        Takes the archive apart.
    read
        Reads a folder that ``write`` filled; OSError or ValueError where it cannot, and the archive is taken apart again.
    write
        Fills a folder. A full or read-only disk only means that the next call unpacks again.
    """
    (archive,) = locations.find_files(name)
    if os.environ.get("LAMINA_CACHE", "").lower() == "off":
        return unpack(archive)
    folder = locations.cache_folder() / name / f"{kind}-{_key(archive)}"
    try:
        return read(folder)
    except (OSError, ValueError):  # not there yet, or written by half
        content = unpack(archive)
        _keep(folder, lambda beside: write(beside, content))
        return content


def _key(archive: Path) -> str:
    known = archive.stat()
    return hashlib.sha256(f"{archive.name} {known.st_size} {known.st_mtime_ns}".encode()).hexdigest()[:12]


def _keep(folder: Path, fill: Callable[[Path], object]) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Written beside its place and then moved there, so that no reader meets half of it.
        with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as beside:
            fill(Path(beside))
            Path(beside).rename(folder)
    except OSError:
        return
