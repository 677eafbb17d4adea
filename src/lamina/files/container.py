"""The outside of a model file: safetensors with the specification as JSON in its header, and a digest of it all.

Nothing here knows what a model is. Reading gives plain values and arrays, or a FileFormatError: a file that was cut
short, changed by a single bit, or made by another program never becomes a model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

from lamina import __version__
from lamina.errors import FileAccessError, FileFormatError
from lamina.files.atomic import check_writable, replacing

FORMAT_VERSION = 1
"""Raised when older versions of Lamina would misread what is written."""

NEEDS = "0.1.0"
"""The first version of Lamina that reads FORMAT_VERSION."""

SPECIFICATION, DIGEST = "lamina", "lamina_digest"
"""The two entries of the header: the JSON, and the SHA-256 of JSON and arrays."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Content:
    """What a file holds: a specification of JSON-able values, and arrays by name."""

    specification: dict[str, Any]
    arrays: Arrays


def write(path: Path, content: Content) -> None:
    """Write ``content`` to ``path``, which is replaced whole or left as it was.

    Raises
    ------
    FileAccessError
        If the file system refuses: a folder, no permission, a full disk.
    """
    check_writable(path)
    about = {"format_version": FORMAT_VERSION, "needs": NEEDS, **content.specification}
    text = json.dumps(about, allow_nan=False)
    arrays = {name: _laid_out(array) for name, array in content.arrays.items()}
    data = to_bytes(arrays, {SPECIFICATION: text, DIGEST: digest(text, arrays)})
    with replacing(path) as scratch:
        scratch.write_bytes(data)


def read(path: Path) -> Content:
    """The content of a file.

    Raises
    ------
    FileAccessError
        If there is no such file, or it cannot be read.
    FileFormatError
        If it is foreign, damaged, or of a newer format.
    """
    header, arrays = _open(path)
    text = header.get(SPECIFICATION)
    if text is None:
        raise _foreign(path)
    specification = _parse(path, text)
    _check_version(path, specification)
    if header.get(DIGEST) != digest(text, arrays):
        raise _damaged(path)
    return Content(specification, arrays)


def digest(text: str, arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over the JSON text and, in order of name, each array's name, type, shape and bytes.

    >>> one, other = np.array([1.0, 2.0]), np.array([2.0, 1.0])
    >>> digest("{}", {"a": one}) == digest("{}", {"a": other})
    False
    """
    total = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = _laid_out(arrays[name])
        total.update(f"\n{name} {array.dtype.name} {array.shape}\n".encode())
        total.update(array.reshape(-1).view(np.uint8).data)
    return total.hexdigest()


def _laid_out(array: np.ndarray) -> np.ndarray:
    """Row by row and little-endian, as it stands in the file."""
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def _open(path: Path) -> tuple[dict[str, str], Arrays]:
    start = _first_bytes(path)
    if not start:
        raise FileFormatError(f"{path} is empty: save the model again, or copy it again from where it came.")
    try:
        with safe_open(path, framework="numpy") as file:
            return dict(file.metadata() or {}), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise FileAccessError(f"cannot read {path}: {error.strerror or error}.") from error
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError) as error:
        problem = _damaged(path) if SPECIFICATION.encode() in start else _foreign(path)
        raise problem from error


def _first_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder; name the .lamina file in it")
        with path.open("rb") as file:
            return file.read(200)
    except FileNotFoundError as error:
        raise FileAccessError(f"there is no file {path}: check its name and folder.") from error
    except OSError as error:
        raise FileAccessError(f"cannot read {path}: {error.strerror or error}.") from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        specification = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(specification, dict):
        raise _damaged(path)
    return specification


def _check_version(path: Path, specification: Mapping[str, Any]) -> None:
    version = specification.get("format_version")
    if not isinstance(version, int) or version < 1:
        raise _damaged(path)
    if version > FORMAT_VERSION:
        raise FileFormatError(
            f"{path} is a model file of format {version} and this is Lamina {__version__}, which reads up to format "
            f"{FORMAT_VERSION}: it needs Lamina {specification.get('needs', 'of a later date')} or newer. Update with "
            "pip install --upgrade lamina."
        )


def _damaged(path: Path) -> FileFormatError:
    return FileFormatError(
        f"{path} is a damaged model file: it was cut short or changed after it was saved ({path.stat().st_size:,} "
        "bytes are there). Copy it again from where it came, or fit and save the model again."
    )


def _foreign(path: Path) -> FileFormatError:
    return FileFormatError(
        f"{path} is not a Lamina model file (or it is damaged): give a .lamina file that model.save(path) or `lamina fit` wrote."
    )
