"""CIFAR-100 is read plane by plane from either archive, kept unpacked, and refused when it is something else."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from lamina.data.datasets import cifar100, load_cifar100, locations
from lamina.data.datasets.locations import state
from lamina.errors import FileFormatError

FINE = "\n".join(f"fine{i}" for i in range(100)) + "\n"
COARSE = "\n".join(f"coarse{i}" for i in range(20)) + "\n"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for an archive of few records, in a cache of its own."""
    monkeypatch.setattr(locations, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("LAMINA_DATA", raising=False)
    monkeypatch.delenv("LAMINA_CACHE", raising=False)
    monkeypatch.setattr(cifar100, "_ROWS", {"train.bin": 50, "test.bin": 10})
    (tmp_path / "cache" / "cifar100").mkdir(parents=True)
    return tmp_path / "cache" / "cifar100" / "cifar-100-binary.tar.gz"


def pack(path: Path, **members: bytes) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"cifar-100-binary/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def records(many: int, label: int = 7) -> bytes:
    """Every image all red 10, green 20, blue 30, but its first row, third column, which is red 99."""
    one = bytearray(bytes([label % 20, label]) + bytes([10]) * 1024 + bytes([20]) * 1024 + bytes([30]) * 1024)
    one[2 + 2] = 99
    return bytes(one) * many


def whole(path: Path, **changed: bytes) -> None:
    content = {
        "train.bin": records(50),
        "test.bin": records(10, 42),
        "fine_label_names.txt": FINE.encode(),
        "coarse_label_names.txt": COARSE.encode(),
    }
    renamed = {name.replace("_bin", ".bin"): value for name, value in changed.items()}
    pack(path, **{name: value for name, value in (content | renamed).items() if value})


def test_planes_become_channels_last_and_are_kept(archive: Path) -> None:
    whole(archive)
    data = load_cifar100()
    assert data.x_train.shape == (50, 32, 32, 3)
    assert data.x_test.shape == (10, 32, 32, 3)
    assert data.x_train.dtype == np.uint8
    assert data.x_train[5, 0, 2].tolist() == [99, 20, 30]
    assert data.x_train[5, 2, 0].tolist() == [10, 20, 30]
    assert (data.fine_train[0], data.coarse_train[0], data.fine_test[0], data.coarse_test[0]) == (7, 7, 42, 2)
    assert data.fine_train.dtype == np.int64
    assert data.fine_names[42] == "fine42"
    assert len(data.coarse_names) == 20

    archived = archive.stat()
    archive.write_bytes(b"x" * archived.st_size)  # the second time it comes from the kept arrays
    os.utime(archive, ns=(archived.st_atime_ns, archived.st_mtime_ns))
    again = load_cifar100()
    np.testing.assert_array_equal(again.x_test, data.x_test)
    assert again.coarse_names == data.coarse_names


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"train_bin": b"\0" * 3074}, "train.bin is of 3074 bytes"),
        ({"test_bin": b""}, "test.bin is missing"),
        ({"test_bin": records(10, 150)}, "another data set"),
    ],
)
def test_another_archive_is_refused(
    archive: Path, changed: dict[str, bytes], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMINA_CACHE", "off")
    whole(archive, **changed)
    with pytest.raises(FileFormatError, match=message):
        load_cifar100()
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_a_truncated_archive_is_refused(archive: Path) -> None:
    whole(archive)
    archive.write_bytes(archive.read_bytes()[:-50])
    with pytest.raises(FileFormatError, match="damaged or truncated"):
        load_cifar100()


def test_cifar100_is_the_original() -> None:
    if state("cifar100") not in ("found under LAMINA_DATA", "cached"):
        pytest.skip("CIFAR-100 is neither under LAMINA_DATA nor cached")
    data = load_cifar100()
    assert np.bincount(data.fine_train).tolist() == [500] * 100
    assert np.bincount(data.fine_test).tolist() == [100] * 100
    # The usual constants of the channels.
    means = data.x_train.reshape(-1, 3).mean(0) / 255
    np.testing.assert_allclose(means, [0.5071, 0.4865, 0.4409], atol=1e-4)
    assert len({*zip(data.fine_train, data.coarse_train, strict=True)}) == 100  # a superclass for each class
    assert (
        data.coarse_names[data.coarse_train[data.fine_train == data.fine_names.index("rose")][0]] == "flowers"
    )
