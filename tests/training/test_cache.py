"""Compiled programs are kept between runs, where the user has not chosen otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lamina import NeuralRegressor
from lamina.layers import Dense
from lamina.training import cache, prediction, program
from lamina.training.cache import remove_oldest

SHOW = "import jax, lamina.training; print(jax.config.jax_compilation_cache_dir)"


def shown(folder: Path, **environment: str) -> str:
    place = {"XDG_CACHE_HOME": str(folder), "HOME": str(folder), "LOCALAPPDATA": str(folder)}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("LAMINA_CACHE", "JAX_COMPILATION_CACHE_DIR")
    }
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={**kept, **place, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_programs_are_kept_in_the_users_cache(tmp_path: Path) -> None:
    found = Path(shown(tmp_path))
    assert found.is_dir()
    assert tmp_path in found.parents
    assert {"lamina", "programs"} <= set(found.parts)


@pytest.mark.parametrize("word", ["off", "OFF"])
def test_it_can_be_turned_off(tmp_path: Path, word: str) -> None:
    assert shown(tmp_path, LAMINA_CACHE=word) == "None"
    assert list(tmp_path.rglob("programs")) == []


def test_the_users_own_place_is_left_alone(tmp_path: Path) -> None:
    assert shown(tmp_path, JAX_COMPILATION_CACHE_DIR=str(tmp_path / "mine")) == str(tmp_path / "mine")


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert shown(blocked) == "None"


def test_few_programs_stay_in_memory_however_many_structures_are_fitted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache, "MOST_PROGRAMS", 2)
    X = np.arange(12.0).reshape(-1, 1)
    for units in (1, 2, 3, 4):
        NeuralRegressor([Dense(units)], epochs=1, random_state=0).fit(X, X[:, 0]).predict(X)
        for function in (program.start, program.advance, prediction._apply):
            assert function._cache_size() <= 2  # type: ignore[attr-defined]


def test_the_oldest_half_goes_when_there_are_too_many(tmp_path: Path) -> None:
    for age in range(6):
        path = tmp_path / f"program-{age}"
        path.touch()
        os.utime(path, (1000 - age, 1000 - age))
    remove_oldest(tmp_path, 6)
    assert len(list(tmp_path.iterdir())) == 6
    remove_oldest(tmp_path, 5)
    assert {path.name for path in tmp_path.iterdir()} == {"program-0", "program-1", "program-2"}
