"""Computing in the precision of the data: float64 in, float64 inside."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from typing import Any

import jax
import numpy as np


def precision(dtype: Any) -> AbstractContextManager[Any]:
    """Context in which JAX keeps 64-bit numbers if ``dtype`` is float64, and 32-bit ones otherwise.

    >>> import jax.numpy as jnp
    >>> with precision(np.float64):
    ...     print(jnp.asarray(np.zeros(1)).dtype)
    float64
    """
    wide = np.dtype(dtype) == np.float64
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(wide)  # type: ignore[no-any-return]
    experimental: Any = importlib.import_module("jax.experimental")
    return experimental.enable_x64(wide)  # type: ignore[no-any-return]
