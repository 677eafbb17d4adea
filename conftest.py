"""Settings of all tests, those in the docstrings included."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest


def pytest_configure() -> None:
    """Let each of several test processes keep its compiled programs apart: JAX writes them without a lock."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return
    folder = Path(platformdirs.user_cache_path("lamina")) / "tests" / worker
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder)
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"


MOST_MAPS = 20_000
"""Memory maps with which a module of tests may begin; Linux grants a process 65,530, and a compiled program takes some fifty."""


@pytest.fixture(autouse=True, scope="module")
def room_for_programs() -> None:
    """Free all compiled programs where a process holds many: some thousand tests in one would end it in the compiler."""
    maps = Path("/proc/self/maps")
    if "jax" in sys.modules and maps.exists():
        with maps.open("rb") as lines:
            count = sum(1 for _ in lines)
        if count > MOST_MAPS:
            sys.modules["jax"].clear_caches()
            gc.collect()


@pytest.fixture(autouse=True)
def figures_closed() -> Iterator[None]:
    """Pictures of a test do not stay open: pyplot warns of many, and a warning is an error here."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
