"""Rows on the disk are the rows of the array, in the order chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lamina.data import streaming
from lamina.data.streaming import StoredRows, kept_on_disk

X = np.arange(40, dtype=np.uint8).reshape(10, 2, 2)


def test_selections_of_selections_are_those_of_the_array() -> None:
    rows = StoredRows(X)
    mask = np.arange(10) % 3 != 0
    for which in (mask, np.array([7, 2, 2]), slice(2, 9, 2)):
        np.testing.assert_array_equal(np.asarray(rows[which]), X[which])
    np.testing.assert_array_equal(np.asarray(rows[mask][1:4][np.array([2, 0])]), X[mask][1:4][[2, 0]])
    out = np.empty((2, 2, 2), np.uint8)
    rows[mask].take(np.array([3, 0]), out)
    np.testing.assert_array_equal(out, X[mask][[3, 0]])
    assert (rows[mask].shape, rows.ndim, rows.dtype, rows.row_bytes, len(rows)) == (
        (6, 2, 2),
        3,
        np.uint8,
        4,
        10,
    )


def test_only_maps_of_images_beyond_the_memory_stay_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert kept_on_disk(mapped) is mapped
    monkeypatch.setattr(streaming, "most_in_memory", lambda: 39)
    assert isinstance(kept_on_disk(mapped), StoredRows)
    assert isinstance(kept_on_disk(np.asarray(mapped)[..., None]), StoredRows)
    assert kept_on_disk(X) is X
    table = np.asarray(mapped).reshape(10, 4)
    assert kept_on_disk(table) is table
    assert kept_on_disk("x") == "x"
    assert isinstance(kept_on_disk(X, stream=True), StoredRows)
