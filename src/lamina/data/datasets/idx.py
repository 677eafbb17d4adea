"""The IDX format of the MNIST files: a big-endian header of type and shape, then the values."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.datasets.sources import read_bytes
from lamina.errors import FileFormatError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: Path) -> NDArray[Any]:
    """Read an array from an IDX file, compressed or not.

    The header is two zero bytes, one byte of type, one byte of dimensions d, and d sizes of four bytes.

    Raises
    ------
    FileFormatError
        The file is damaged, truncated, too long, or no IDX file.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "three"
    >>> _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
    >>> read_idx(file).tolist()
    [5, 0, 4]
    """
    content = read_bytes(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES:
        raise FileFormatError(
            f"{path} is no IDX file: it begins with {content[:4]!r}, but two zero bytes, a type and the "
            "number of dimensions are needed. Is it the right file, unpacked in full?"
        )
    kind, start = np.dtype(_TYPES[content[2]]), 4 + 4 * content[3]
    shape = tuple(int(size) for size in np.frombuffer(content[4:start][: (len(content) - 4) // 4 * 4], ">u4"))
    needed = start + math.prod(shape) * kind.itemsize
    if len(shape) != content[3] or len(content) != needed:
        raise FileFormatError(
            f"{path} has {len(content)} bytes, but its header asks for {needed}, shape {shape}: the file is "
            "damaged or truncated; delete it, and it is fetched again, or copy it anew"
        )
    return np.frombuffer(content, kind, offset=start).reshape(shape).astype(kind.newbyteorder("="))
