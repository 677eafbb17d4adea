"""The cache of compiled programs stays small and gives way to the user's own choice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lamina.training.cache import remove_oldest

SHOW = "import lamina.training, jax; print(jax.config.jax_compilation_cache_dir)"


def test_the_oldest_half_goes_when_there_are_too_many(tmp_path: Path) -> None:
    for age in range(6):
        path = tmp_path / f"program-{age}"
        path.touch()
        os.utime(path, (1000 - age, 1000 - age))
    remove_oldest(tmp_path, 6)
    assert len(list(tmp_path.iterdir())) == 6
    remove_oldest(tmp_path, 5)
    assert {path.name for path in tmp_path.iterdir()} == {"program-0", "program-1", "program-2"}


def where_cached(**environment: str) -> str:
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "JAX_COMPILATION_CACHE_DIR": "", **environment},
    )
    return shown.stdout.strip()


def test_programs_are_cached_for_the_user_unless_told_otherwise(tmp_path: Path) -> None:
    assert "lamina" in where_cached(XDG_CACHE_HOME=str(tmp_path), LAMINA_CACHE="")
    assert where_cached(LAMINA_CACHE="off") in ("None", "")
    assert where_cached(JAX_COMPILATION_CACHE_DIR=str(tmp_path / "mine")) == str(tmp_path / "mine")
