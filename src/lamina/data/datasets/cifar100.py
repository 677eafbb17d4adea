"""CIFAR-100: 60,000 small photographs of 100 kinds of things in 20 superclasses."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lamina.data.datasets.sources import DAMAGE
from lamina.data.datasets.unpacked import unpacked
from lamina.errors import FileFormatError

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int64]

_PIXELS = 3 * 32 * 32
_RECORD = 2 + _PIXELS
_ROWS = {"train.bin": 50_000, "test.bin": 10_000}
_NAMES = {"fine_label_names.txt": 100, "coarse_label_names.txt": 20}


class Cifar100(NamedTuple):
    """Pixels, fine and coarse labels of the training and the test images, and the names of the labels.

    Attributes
    ----------
    x_train, x_test : uint8 arrays of shape (50000, 32, 32, 3) and (10000, 32, 32, 3)
        Red, green and blue, channels last.
    fine_train, coarse_train, fine_test, coarse_test : int64 arrays of shape (n,)
        The class, 0 to 99, and the superclass, 0 to 19.
    fine_names, coarse_names : tuple of str
        ``fine_names[label]`` is the class in words.
    """

    x_train: Bytes
    fine_train: Labels
    coarse_train: Labels
    x_test: Bytes
    fine_test: Labels
    coarse_test: Labels
    fine_names: tuple[str, ...]
    coarse_names: tuple[str, ...]


def load_cifar100() -> Cifar100:
    """Load CIFAR-100; it is downloaded once (169 MB) if it is not on the machine.

    A record of the binary version is a coarse label, a fine label and 3 × 32 × 32 bytes, plane by plane. Unpacking takes seconds,
    so the arrays are kept in the cache (183 MB); ``LAMINA_CACHE=off`` keeps nothing.

    Raises
    ------
    DataError
        The archive is nowhere and cannot be downloaded.
    FileFormatError
        It is damaged, or holds something else.

    References
    ----------
    A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009.
    James, Witten, Hastie and Tibshirani, *An Introduction to Statistical Learning*, section 10.3.

    Examples
    --------
    >>> cifar = load_cifar100()  # doctest: +SKIP
    >>> cifar.fine_names[cifar.fine_train[0]]  # doctest: +SKIP
    'rose'
    """
    return _split(*unpacked("cifar100", "arrays", _unpacked, _kept, _keep))


def _split(pixels: Bytes, labels: Bytes, names: list[list[str]]) -> Cifar100:
    coarse, fine = labels.T.astype(np.int64)
    train, test = slice(0, _ROWS["train.bin"]), slice(_ROWS["train.bin"], None)
    fine_names, coarse_names = map(tuple, names)
    return Cifar100(
        pixels[train],
        fine[train],
        coarse[train],
        pixels[test],
        fine[test],
        coarse[test],
        fine_names,
        coarse_names,
    )


def _unpacked(archive: Path) -> tuple[Bytes, Bytes, list[list[str]]]:
    members = _members(archive)
    records = np.concatenate([np.frombuffer(members[name], np.uint8).reshape(-1, _RECORD) for name in _ROWS])
    names = [members[name].decode().split() for name in _NAMES]
    labels = records[:, :2]
    if (
        any(len(words) != many for words, many in zip(names, _NAMES.values(), strict=True))
        or (labels.max(0) >= (20, 100)).any()
    ):
        raise FileFormatError(
            f"{archive} has labels beyond CIFAR-100's 20 superclasses and 100 classes, or other names: it is another data set"
        )
    pixels = np.ascontiguousarray(records[:, 2:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return pixels, labels.copy(), names


def _members(archive: Path) -> dict[str, bytes]:
    """The files of the archive that matter, by name, read in one pass."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(archive, "r|*") as tar:
            for member in tar:
                name = Path(member.name).name
                stream: IO[bytes] | None = tar.extractfile(member) if name in (*_ROWS, *_NAMES) else None
                if stream is not None:
                    found[name] = stream.read()
    except (*DAMAGE, tarfile.TarError) as error:
        raise FileFormatError(
            f"{archive} is damaged or truncated ({error}): delete it, and it is fetched again, or copy it anew"
        ) from error
    for name in (*_ROWS, *_NAMES):
        needed = _ROWS[name] * _RECORD if name in _ROWS else None
        if name not in found or needed not in (None, len(found[name])):
            size = f"of {len(found[name])} bytes" if name in found else "missing"
            raise FileFormatError(
                f"{archive} is not CIFAR-100's binary version: {name} is {size}, but {needed or 'some'} bytes are needed. "
                "Delete it, and it is fetched again"
            )
    return found


def _kept(folder: Path) -> tuple[Bytes, Bytes, list[list[str]]]:
    pixels, labels = np.load(folder / "pixels.npy"), np.load(folder / "labels.npy")
    names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
    if (
        pixels.shape != (sum(_ROWS.values()), 32, 32, 3)
        or labels.shape != (len(pixels), 2)
        or len(names) != 2
    ):
        raise ValueError("not what was kept")
    return pixels, labels, names


def _keep(folder: Path, content: tuple[Bytes, Bytes, list[list[str]]]) -> None:
    pixels, labels, names = content
    np.save(folder / "pixels.npy", pixels)
    np.save(folder / "labels.npy", labels)
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
