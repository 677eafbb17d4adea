"""Saving replaces a model file whole or leaves the old one as it was."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamina import NeuralRegressor, load, save
from lamina.errors import FileAccessError
from lamina.files.atomic import replacing
from lamina.files.container import Content, read, write

OLD = Content({"which": "old"}, {"x": np.zeros(3)})
NEW = Content({"which": "new"}, {"x": np.ones(50_000)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the old model, alone in its folder."""
    write(tmp_path / "model.lamina", OLD)
    return tmp_path / "model.lamina"


def assert_old(path: Path) -> None:
    assert read(path).specification["which"] == "old"
    assert [name for name in os.listdir(path.parent) if name != "lost+found"] == [path.name]


def fail(*arguments: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_new_model_takes_the_place_of_the_old(path: Path) -> None:
    write(path, NEW)
    assert read(path).specification["which"] == "new"
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_when_the_disk_is_full_the_old_file_stays(
    call: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, call, fail)
    with pytest.raises(FileAccessError, match=r"cannot write .*model\.lamina: No space left .*free some"):
        write(path, NEW)
    assert_old(path)


def test_when_the_disk_fills_up_half_way_the_old_file_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        return int(fail())

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(FileAccessError, match="No space left"):
        write(path, NEW)
    assert_old(path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("no small disk can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_on_a_disk_that_is_really_full_the_old_file_stays(small_disk: Path) -> None:
    write(small_disk / "model.lamina", OLD)
    with pytest.raises(FileAccessError, match="No space left"):
        write(small_disk / "model.lamina", NEW)
    assert_old(small_disk / "model.lamina")


def test_an_interrupt_leaves_the_old_file(path: Path) -> None:
    def interrupted() -> None:
        with replacing(path) as scratch:
            scratch.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert_old(path)


def test_places_that_cannot_be_written_are_told(
    regressor: NeuralRegressor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileAccessError, match=r"there is no folder .*create it first"):
        save(regressor, tmp_path / "none" / "model.lamina")
    with pytest.raises(FileAccessError, match="it is a folder; name a file in it"):
        save(regressor, tmp_path)
    with pytest.raises(FileAccessError, match="cannot write"):
        save(regressor, tmp_path / ("x" * 300))
    with pytest.raises(FileAccessError, match="cannot read"):
        load(tmp_path / ("x" * 300))
    regressor.save(tmp_path / "model.lamina")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileAccessError, match="write-protected; name another"):
        save(regressor, tmp_path / "model.lamina")


def test_a_folder_without_permission_is_told(path: Path) -> None:
    if os.name != "posix" or os.geteuid() == 0:
        pytest.skip("permissions do not bind here")
    path.parent.chmod(0o500)
    with pytest.raises(FileAccessError, match="Permission denied"):
        write(path, NEW)
    path.parent.chmod(0o700)
    assert_old(path)


def test_links_and_permissions_are_kept(path: Path) -> None:
    if os.name != "posix":
        pytest.skip("a matter of POSIX")
    link = path.with_name("link.lamina")
    link.symlink_to(path.name)
    path.chmod(0o640)
    write(link, NEW)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert read(path).specification["which"] == "new"


def test_threads_that_save_to_one_path_leave_a_whole_file(path: Path) -> None:
    threads = [threading.Thread(target=write, args=(path, NEW)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(read(path).arrays["x"], NEW.arrays["x"])
    assert os.listdir(path.parent) == [path.name]


def test_the_loaded_model_does_not_need_its_file(
    regressor: NeuralRegressor, x: np.ndarray, tmp_path: Path
) -> None:
    regressor.save(tmp_path / "model.lamina")
    again = load(tmp_path / "model.lamina")
    (tmp_path / "model.lamina").unlink()
    np.testing.assert_array_equal(again.predict(x), regressor.predict(x))
