"""Whatever is done to a file, it gives what was saved or an error that says what to do; never something else."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save as to_bytes

from lamina import load
from lamina.errors import FileAccessError, FileFormatError, LaminaError
from lamina.files.container import DIGEST, SPECIFICATION, Content, digest, read, write

CONTENT = Content(
    {"name": "Zürich", "sizes": [1, 2], "rate": 0.1},
    {
        "dense_1/weights": np.arange(6, dtype=np.float32).reshape(2, 3),
        "dense_1/bias": np.array([np.nan, -0.0, np.inf], np.float64),
        "@optimizer/count": np.array(7, np.int32),
        "@history/loss": np.zeros(0),
    },
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a small file."""
    path = tmp_path_factory.mktemp("files") / "model.lamina"
    write(path, CONTENT)
    return path.read_bytes()


def same(found: Content) -> bool:
    """Whether it is what was written, to the bit."""
    return (
        found.specification == {"format_version": 1, "needs": "0.1.0", **CONTENT.specification}
        and found.arrays.keys() == CONTENT.arrays.keys()
        and all(
            (array.dtype, array.shape, array.tobytes())
            == (found.arrays[name].dtype, found.arrays[name].shape, found.arrays[name].tobytes())
            for name, array in CONTENT.arrays.items()
        )
    )


def test_content_comes_back(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "copy.lamina"
    path.write_bytes(data)
    assert same(read(path))


def test_arrays_laid_out_otherwise_come_back(tmp_path: Path) -> None:
    arrays = {"turned": np.arange(6.0).reshape(2, 3).T, "swapped": np.arange(3, dtype=">f8")}
    write(tmp_path / "a.lamina", Content({}, arrays))
    found = read(tmp_path / "a.lamina").arrays
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())


def test_a_file_cut_anywhere_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.lamina"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(FileFormatError, match=r"is empty|damaged|not a Lamina model file"):
            read(path)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(FileFormatError, match=r"cut short .* bytes are there\). Copy it again"):
        load(path)


def test_a_file_with_bytes_after_its_end_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "long.lamina").write_bytes(data + b"\0")
    with pytest.raises(FileFormatError, match="damaged"):
        read(tmp_path / "long.lamina")


@pytest.mark.parametrize("mask", [1, 0x20, 0xFF])
def test_a_changed_byte_anywhere_is_noticed(data: bytes, mask: int, tmp_path: Path) -> None:
    path = tmp_path / "flipped.lamina"
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :])
        try:
            found = read(path)
        except FileFormatError:
            continue
        assert same(found), f"byte {place} xor {mask} went unnoticed"


@given(st.binary(max_size=300))
def test_any_bytes_give_a_clear_error(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "junk.lamina"
    path.write_bytes(junk)
    with pytest.raises(FileFormatError):
        load(path)


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100)


@pytest.mark.parametrize(
    "foreign",
    [b"price,area\n1,2\n" * 30, PNG, b"PK\x03\x04" + bytes(50), to_bytes({"weight": np.zeros(3)}), b"{}"],
    ids=["csv", "png", "zip", "safetensors", "json"],
)
def test_a_foreign_file_is_told(foreign: bytes, tmp_path: Path) -> None:
    (tmp_path / "f.lamina").write_bytes(foreign)
    with pytest.raises(
        FileFormatError, match=r"is not a Lamina model file \(or it is damaged\): give a \.lamina file"
    ):
        load(tmp_path / "f.lamina")


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "e.lamina").touch()
    with pytest.raises(FileFormatError, match="is empty: save the model again"):
        load(tmp_path / "e.lamina")


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match=r"there is no file .*check its name"):
        load(tmp_path / "none.lamina")
    with pytest.raises(FileAccessError, match="it is a folder"):
        load(tmp_path)
    assert issubclass(FileAccessError, OSError)
    assert issubclass(FileAccessError, LaminaError)


def test_a_file_that_may_not_be_read_is_told(data: bytes, tmp_path: Path) -> None:
    if os.name != "posix" or os.geteuid() == 0:
        pytest.skip("permissions do not bind here")
    (tmp_path / "m.lamina").write_bytes(data)
    (tmp_path / "m.lamina").chmod(0)
    with pytest.raises(FileAccessError, match="Permission denied"):
        load(tmp_path / "m.lamina")


def forged(specification: object, arrays: dict[str, np.ndarray]) -> bytes:
    """A file whose digest is right, as another program could write it."""
    text = specification if isinstance(specification, str) else json.dumps(specification)
    return to_bytes(arrays, {SPECIFICATION: text, DIGEST: digest(text, arrays)})


def test_a_newer_format_says_what_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "new.lamina"
    path.write_bytes(forged({"format_version": 2, "needs": "1.4.0", "elsewise": True}, {}))
    with pytest.raises(FileFormatError, match=re.escape("needs Lamina 1.4.0 or newer. Update with pip")):
        load(path)
    path.write_bytes(to_bytes({}, {SPECIFICATION: '{"format_version": 3}', DIGEST: "another way"}))
    with pytest.raises(FileFormatError, match="of a later date or newer"):
        load(path)


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "{}", '{"format_version": "1"}', '{"format_version": 0}', "[" * 10**5]
)
def test_a_header_that_is_none_is_told(text: str, tmp_path: Path) -> None:
    (tmp_path / "h.lamina").write_bytes(forged(text, {}))
    with pytest.raises(FileFormatError, match="damaged model file"):
        load(tmp_path / "h.lamina")
