"""JAX's persistent cache of compiled programs, so that the second run of a script need not compile again."""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path
from typing import Any

import jax

MOST_FILES = 4000
"""Files that the cache may hold before the oldest half of them is removed; a program takes one or two of 20 to 300 kB."""

MOST_PROGRAMS = 100
"""Compiled programs of one function that stay in memory."""


def use_persistent_cache() -> None:
    """Keep compiled programs in the user's cache directory, unless the user has chosen another place or none.

    Must run before the first array exists. ``LAMINA_CACHE=off`` leaves JAX as it is.
    """
    config: Any = jax.config
    if os.environ.get("LAMINA_CACHE", "").lower() == "off" or config.jax_compilation_cache_dir:
        return
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_oldest(folder, MOST_FILES)
    except OSError:
        return
    config.update("jax_compilation_cache_dir", str(folder))
    config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def cache_folder() -> Path:
    """Where programs are kept: below the user's cache directory, apart for each kind of processor.

    A home directory may be shared by unlike machines, and a program compiled for one need not run on another.
    """
    from platformdirs import user_cache_path

    return Path(user_cache_path("lamina")) / "programs" / _processor()


def remove_oldest(folder: Path, most: int) -> None:
    """Remove the oldest half of the files in ``folder`` if there are more than ``most``."""
    with os.scandir(folder) as entries:
        files = [entry for entry in entries if entry.is_file()]
    if len(files) <= most:
        return
    for entry in sorted(files, key=lambda entry: entry.stat().st_mtime)[: len(files) // 2]:
        Path(entry.path).unlink(missing_ok=True)


def keep_few_programs(*functions: Any) -> None:
    """Free the compiled programs of each function that holds ``MOST_PROGRAMS``; what is needed again comes from the disk.

    A program takes some fifty memory maps, of which Linux grants a process 65,530: a thousand structures fitted in one process
    would end it.
    """
    for function in functions:
        if function._cache_size() >= MOST_PROGRAMS:
            function.clear_cache()


def _processor() -> str:
    """A short name of the processor's kind and features."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    features = [line for line in lines if line.startswith(("flags", "Features", "model name"))][:2]
    described = "\n".join([platform.system(), platform.machine(), *features])
    return hashlib.sha256(described.encode()).hexdigest()[:12]
