"""Files that commands write: checked before the work begins, and replaced whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lamina.errors import LaminaError, SpecificationError


class OutputError(LaminaError, OSError):
    """A file cannot be written where it was asked for."""


def require_writable(path: Path | None, suffixes: tuple[str, ...] = ()) -> None:
    """Raise now what would otherwise be raised after the computation.

    ``None`` stands for an output that was not asked for; ``suffixes`` are the endings that can be written.

    >>> require_writable(Path("no/such/folder/result.json"))
    Traceback (most recent call last):
    lamina.cli.outputs.OutputError: cannot write no/such/folder/result.json: ...
    """
    if path is None:
        return
    if suffixes and path.suffix.lower() not in suffixes:
        raise SpecificationError(
            f"cannot write {path}: its ending says the format, and must be one of {', '.join(suffixes)}"
        )
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; name a file in it")
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {path.parent}; create it first")
    if path.exists() and not os.access(path, os.W_OK):
        raise OutputError(f"cannot write {path}: the file is write-protected; name another")
    if _is_ordinary(path):
        with saving(path), _scratch(path) as scratch:
            scratch.touch()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file beside ``path`` to write to; when the block ends well it takes the place of ``path``.

    If the block fails, ``path`` is as it was before. Errors of the file system become an `OutputError`.

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
        os.replace(scratch, destination)


def _is_ordinary(path: Path) -> bool:
    """Not a device or a pipe, which can be written to but never replaced."""
    return path.is_file() or not path.exists()


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    scratch = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield scratch
    finally:
        with suppress(OSError):
            scratch.unlink()


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a message about the file."""
    try:
        yield
    except LaminaError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {path}: {reason}; free some space or name another place") from error
