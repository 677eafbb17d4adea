"""Files that are replaced whole or not at all."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lamina.errors import FileAccessError, LaminaError


def check_writable(path: Path) -> None:
    """Raise now what would otherwise be raised after the computation.

    Raises
    ------
    FileAccessError
        If ``path`` is a folder or write-protected, or its folder does not exist or takes no new file.

    >>> check_writable(Path("no/such/folder/model.lamina"))
    Traceback (most recent call last):
    lamina.errors.FileAccessError: cannot write no...model.lamina: there is no folder ...; create it first
    """
    with saving(path):
        if path.is_dir():
            raise FileAccessError(f"cannot write {path}: it is a folder; name a file in it")
        if not path.parent.is_dir():
            raise FileAccessError(f"cannot write {path}: there is no folder {path.parent}; create it first")
        if path.exists() and not os.access(path, os.W_OK):
            raise FileAccessError(f"cannot write {path}: the file is write-protected; name another")
        if _is_ordinary(path):
            with _scratch(path.resolve()) as scratch:
                scratch.touch()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write to; when the block ends well it takes the place of ``path``.

    If the block fails, ``path`` is as it was before; so it is after a loss of power, since the new file is on the disk
    before it is given its name. Errors of the file system become a FileAccessError.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> target = Path(folder.name) / "result.txt"
    >>> with replacing(target) as scratch:
    ...     _ = scratch.write_text("done")
    >>> target.read_text(), len(list(target.parent.iterdir()))
    ('done', 1)
    >>> folder.cleanup()
    """
    if not _is_ordinary(path):
        with saving(path):
            yield path
        return
    destination = path.resolve()  # a link keeps pointing where it did
    with saving(path), _scratch(destination) as scratch:
        yield scratch
        if destination.exists():
            shutil.copymode(destination, scratch)
        _to_disk(scratch)
        os.replace(scratch, destination)
    with suppress(OSError):  # not every system lets a folder be opened
        _to_disk(destination.parent)


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a message about the file."""
    try:
        yield
    except LaminaError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileAccessError(
            f"cannot write {path}: {reason}; free some space or name another place"
        ) from error


def _is_ordinary(path: Path) -> bool:
    """Not a device or a pipe, which can be written to but never replaced."""
    return path.is_file() or not path.exists()


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    own = f"{os.getpid()}-{threading.get_ident()}"
    scratch = path.with_name(f".{path.stem[:40]}.{own}.part{path.suffix}")
    try:
        yield scratch
    finally:
        with suppress(OSError):
            scratch.unlink()


def _to_disk(path: Path) -> None:
    # Windows flushes only what is open for writing.
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
