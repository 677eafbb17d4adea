"""Where a data set can come from: a file of the package, scikit-learn, or files outside with digests."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lamina.errors import FileFormatError

FILES = Path(__file__).parent / "files"

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# What the readers of compressed files raise when one is cut short or altered.
DAMAGE = (EOFError, OSError, lzma.LZMAError, zlib.error)
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Embedded:
    """A CSV file of the package."""

    file: str


@dataclass(frozen=True)
class FromScikitLearn:
    """A table that scikit-learn ships: its loader, and whether classes are given by their names."""

    loader: str
    named_classes: bool = False


@dataclass(frozen=True)
class Outside:
    """One file under a data folder.

    Parameters
    ----------
    paths : tuple of str
        Names it may have there, relative to the folder; the first is the one a download gets.
    url : str or None
        Where it is to be had; None: it has to be put there by hand.
    digest : str or None
        "algorithm:hex" that the download must have.
    of_payload : bool
        Whether the digest is that of the uncompressed bytes (mirrors compress in their own ways).
    """

    paths: tuple[str, ...]
    url: str | None = None
    digest: str | None = None
    of_payload: bool = True

    def within(self, folder: Path) -> Path | None:
        """The file in that folder, or None."""
        return next((folder / path for path in self.paths if (folder / path).is_file()), None)


@dataclass(frozen=True)
class Kept:
    """Files kept outside the package, in a folder of LAMINA_DATA or in the cache."""

    files: tuple[Outside, ...]

    @property
    def downloadable(self) -> bool:
        """Whether every file has an address."""
        return all(file.url for file in self.files)


Source = Embedded | FromScikitLearn | Kept


def opened(path: Path, *, unpack: bool = True) -> BinaryIO:
    """Open a file for reading bytes, through its compression if it has one."""
    opener = _OPENERS.get(path.suffix.lower(), open) if unpack else open
    stream: BinaryIO = opener(path, "rb")
    return stream


def read_bytes(path: Path) -> bytes:
    """All bytes of a file, uncompressed.

    Raises
    ------
    FileFormatError
        The compressed file is damaged or truncated.
    """
    try:
        with opened(path) as stream:
            return stream.read()
    except DAMAGE as error:
        raise FileFormatError(
            f"{path} is damaged or truncated ({error}): delete it, and it is fetched again, or copy it anew"
        ) from error


def digest_of(path: Path, algorithm: str, *, of_payload: bool) -> str:
    """The digest of a file, or of what it holds once uncompressed.

    >>> digest_of(FILES / "Boston.csv", "sha256", of_payload=True)[:8]
    'c9c9ac3f'
    """
    digest = hashlib.new(algorithm)
    with opened(path, unpack=of_payload) as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
