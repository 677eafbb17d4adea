"""Taking values out of a file's specification: each is there and of the type it should be, or the file is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from lamina.errors import FileFormatError

Value = TypeVar("Value")


def get(plain: Any, name: str, kind: type[Value], where: str) -> Value:
    """The entry ``name``, of type ``kind``, of the object at ``where``.

    Raises
    ------
    FileFormatError
        If it is not there, or of another type.

    >>> get({"units": "x"}, "units", int, "layers[0]")
    Traceback (most recent call last):
    lamina.errors.FileFormatError: layers[0]: the file should hold 'units' (int) and holds 'x': it was not saved by Lamina.
    """
    found = plain.get(name) if isinstance(plain, Mapping) else None
    # A truth value is an int to Python, but not to a file.
    if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
        raise FileFormatError(
            f"{where}: the file should hold {name!r} ({kind.__name__}) and holds {found!r}: it was not saved by Lamina."
        )
    return found


def get_optional(plain: Any, name: str, kind: type[Value], where: str) -> Value | None:
    """As :func:`get`, or None where the file holds null."""
    return (
        None if isinstance(plain, Mapping) and plain.get(name, 0) is None else get(plain, name, kind, where)
    )


def get_names(plain: Any, name: str, where: str) -> np.ndarray | None:
    """A list of texts as an array of objects, or None where the file holds null."""
    names = get_optional(plain, name, list, where)
    if names is None:
        return None
    if not all(isinstance(item, str) for item in names):
        raise FileFormatError(
            f"{where}: {name!r} should be a list of texts: the file was not saved by Lamina."
        )
    return np.asarray(names, dtype=object)
