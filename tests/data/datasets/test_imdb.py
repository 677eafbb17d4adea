"""Film reviews are read in the order of their numbers, kept unpacked, and refused when some are missing."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from lamina.data.datasets import imdb, load_imdb, locations
from lamina.errors import FileFormatError


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for an archive of few reviews, in a cache of its own."""
    monkeypatch.setattr(locations, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("LAMINA_DATA", raising=False)
    monkeypatch.delenv("LAMINA_CACHE", raising=False)
    monkeypatch.setattr(imdb, "EACH", 3)
    (tmp_path / "cache" / "imdb").mkdir(parents=True)
    return tmp_path / "cache" / "imdb" / "aclImdb_v1.tar.gz"


def pack(path: Path, each: int) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for split in ("test", "train"):
            for label, stars in (("neg", 2), ("pos", 9), ("unsup", 0)):
                for number in range(each):
                    text = f"{split} {label} {number} é".encode()
                    info = tarfile.TarInfo(f"aclImdb/{split}/{label}/{10 - number}_{stars}.txt")
                    info.size = len(text)
                    tar.addfile(info, io.BytesIO(text))


def test_reviews_come_in_order_and_are_kept(archive: Path) -> None:
    pack(archive, 3)
    found = load_imdb()
    assert found.texts_train.tolist()[:4] == [
        "train neg 2 é",
        "train neg 1 é",
        "train neg 0 é",
        "train pos 2 é",
    ]
    assert found.texts_test[5] == "test pos 0 é"
    assert found.y_train.tolist() == found.y_test.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.stars_test.tolist() == [2, 2, 2, 9, 9, 9]
    known = archive.stat()
    archive.write_bytes(b"\0" * known.st_size)
    os.utime(archive, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert load_imdb().texts_test.tolist() == found.texts_test.tolist()


def test_missing_reviews_and_damage_are_told(archive: Path) -> None:
    pack(archive, 2)
    with pytest.raises(FileFormatError, match="train/neg has 2 reviews, but 3 are needed"):
        load_imdb()
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(FileFormatError, match="damaged or truncated"):
        load_imdb()


@pytest.mark.skipif(
    "LAMINA_DATA" not in os.environ, reason="the reviews are not on this machine: set LAMINA_DATA"
)
def test_the_reviews_themselves() -> None:
    found = load_imdb()
    assert sum(len(text.encode()) for text in found.texts_train) == 33_132_823
    assert sum(len(text.encode()) for text in found.texts_test) == 32_350_685
    assert set(found.stars_train[found.y_train == 0].tolist()) == {1, 2, 3, 4}
