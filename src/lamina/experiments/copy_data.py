"""A symbol to remember, and noise after it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SYMBOLS, NOISE = 8, 8
"""Symbols that may be asked for, and others that mean nothing."""
CODES = 1 + SYMBOLS + NOISE
"""Codes of the sequences, that of padding included."""


def draw(n: int, gap: int, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Sequences of one symbol and ``gap`` codes of noise, (n, gap + 1), and which symbol it was, (n, 1).

    >>> x, y = draw(2, 3, 0)
    >>> x.shape, bool((x[:, :1] == 1 + y).all()), bool((x[:, 1:] > SYMBOLS).all())
    ((2, 4), True, True)
    """
    rng = np.random.default_rng(seed)
    y = rng.integers(SYMBOLS, size=(n, 1)).astype(np.int32)
    noise = rng.integers(1 + SYMBOLS, CODES, size=(n, gap)).astype(np.int32)
    return np.concatenate([1 + y, noise], axis=1), y
