"""Small tables on disk."""

from __future__ import annotations

from pathlib import Path


def write(path: Path, *lines: str) -> Path:
    """A text file with these lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
