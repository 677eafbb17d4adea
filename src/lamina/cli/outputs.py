"""Files that commands write are checked before the work begins."""

from __future__ import annotations

from pathlib import Path

from lamina.errors import SpecificationError
from lamina.files.atomic import check_writable

PICTURES = (".png", ".pdf", ".svg", ".jpg", ".jpeg")


def require_writable(path: Path | None, suffixes: tuple[str, ...] = ()) -> None:
    """Raise now what would otherwise be raised after the computation.

    ``None`` stands for an output that was not asked for; ``suffixes`` are the endings that can be written.

    >>> require_writable(Path("picture.gif"), (".png", ".pdf"))
    Traceback (most recent call last):
    lamina.errors.SpecificationError: cannot write picture.gif: its ending says the format, and must be one of ...
    """
    if path is None:
        return
    if suffixes and path.suffix.lower() not in suffixes:
        raise SpecificationError(
            f"cannot write {path}: its ending says the format, and must be one of {', '.join(suffixes)}"
        )
    check_writable(path)
