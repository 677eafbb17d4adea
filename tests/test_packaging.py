"""What is installed is complete: typed, with the embedded tables, the licence and the command."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import lamina

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EMBEDDED = {"Hitters.csv", "NYSE.csv", "Boston.csv"}


def test_the_compiler_says_nothing_unless_the_user_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for chosen, wanted in (("0", "0"), (None, "3")):
        monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
        if chosen is not None:
            monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", chosen)
        importlib.reload(lamina)
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == wanted


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_carries_the_embedded_tables_and_the_types(wheel: zipfile.ZipFile) -> None:
    inside = {Path(name).name for name in wheel.namelist() if name.startswith("lamina/")}
    assert inside >= EMBEDDED | {"py.typed", "__main__.py"}


def test_the_wheel_carries_the_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    names = [Path(name).name for name in wheel.namelist()]
    assert "LICENSE" in names
    points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "lamina = lamina.cli:main" in wheel.read(points).decode()


def test_the_wheel_is_small_enough_to_fetch_in_seconds(wheel: zipfile.ZipFile) -> None:
    assert sum(entry.compress_size for entry in wheel.infolist()) < 2_000_000


def test_one_version_is_stated_everywhere() -> None:
    assert PROJECT["version"] == lamina.__version__
    assert f"## [{lamina.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_python_that_the_makefile_asks_for_is_the_one_of_the_metadata() -> None:
    major, minor = PROJECT["requires-python"].removeprefix(">=").split(".")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"({major}, {minor})" in makefile
    assert f"Python {major}.{minor} or newer" in makefile
    assert f"Python {major}.{minor}" in (ROOT / "README.md").read_text(encoding="utf-8")
