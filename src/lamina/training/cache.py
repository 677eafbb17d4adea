"""JAX's persistent cache of compiled programs, so that the second run of a script need not compile again."""

from __future__ import annotations

import os
from typing import Any

import jax


def use_persistent_cache() -> None:
    """Keep compiled programs in the user's cache directory, unless the user has chosen another place or none.

    Must run before the first array exists. ``LAMINA_CACHE=off`` leaves JAX as it is.
    """
    config: Any = jax.config
    if os.environ.get("LAMINA_CACHE", "").lower() == "off" or config.jax_compilation_cache_dir:
        return
    from platformdirs import user_cache_path

    folder = user_cache_path("lamina") / "programs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    config.update("jax_compilation_cache_dir", str(folder))
    config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    config.update("jax_persistent_cache_min_entry_size_bytes", -1)
