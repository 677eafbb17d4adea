"""Files are replaced whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from lamina.cli.outputs import require_writable
from lamina.errors import FileAccessError, SpecificationError
from lamina.files.atomic import replacing


def fail_halfway(path: Path, error: OSError) -> None:
    """Write a part of a new file, then fail as the file system would."""
    with replacing(path) as new:
        new.write_text("half")
        raise error


def test_the_old_file_stays_when_the_disk_is_full(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")
    with pytest.raises(FileAccessError, match=r"cannot write .*result\.json: No space left"):
        fail_halfway(path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["result.json"]


def test_a_full_device_is_told(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("only Linux has /dev/full")
    with pytest.raises(FileAccessError, match="No space left"), replacing(full) as path:
        path.write_text("text")


def test_devices_are_written_to_and_not_replaced() -> None:
    if os.name != "posix":
        pytest.skip("only POSIX has /dev/null")
    require_writable(Path("/dev/null"))
    with replacing(Path("/dev/null")) as path:
        path.write_text("gone")
    assert not Path("/dev/null").is_file()


def test_a_link_keeps_pointing_to_its_file(tmp_path: Path) -> None:
    goal, link = tmp_path / "goal.csv", tmp_path / "link.csv"
    goal.write_text("old")
    link.symlink_to(goal)
    with replacing(link) as path:
        path.write_text("new")
    assert link.is_symlink()
    assert goal.read_text() == "new"


def test_permissions_of_the_old_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "private.csv"
    path.write_text("old")
    path.chmod(0o600)
    with replacing(path) as new:
        new.write_text("new")
    assert path.stat().st_mode & 0o777 == 0o600


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    require_writable(tmp_path / "result.json")
    assert os.listdir(tmp_path) == []


def test_what_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match="there is no folder"):
        require_writable(tmp_path / "none" / "result.json")
    with pytest.raises(FileAccessError, match="it is a folder"):
        require_writable(tmp_path)
    with pytest.raises(SpecificationError, match=r"must be one of \.png, \.pdf"):
        require_writable(tmp_path / "picture.gif", (".png", ".pdf"))


def test_a_folder_or_file_without_permission_is_told(tmp_path: Path) -> None:
    if os.name != "posix" or os.geteuid() == 0:
        pytest.skip("permissions do not bind here")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(FileAccessError, match="Permission denied"):
        require_writable(locked / "result.json")
    protected = tmp_path / "protected.csv"
    protected.touch(mode=0o400)
    with pytest.raises(FileAccessError, match="write-protected"):
        require_writable(protected)
