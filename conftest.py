"""Settings of all tests, those in the docstrings included."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def pytest_configure() -> None:
    """Let each of several test processes keep its compiled programs apart: JAX writes them without a lock."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return
    folder = Path(platformdirs.user_cache_path("lamina")) / "tests" / worker
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder)
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
