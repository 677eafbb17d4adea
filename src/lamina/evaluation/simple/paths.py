"""Going along a path of penalties until the error rises, with rows to try them on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

PATIENCE = 2


def best_on_path(
    path: Iterable[float], losses: Iterable[float], patience: int = PATIENCE
) -> tuple[float, float]:
    """The value of a path with the lowest loss, and that loss; the path is left where it falls no more.

    >>> best_on_path([10.0, 1.0, 0.1, 0.01, 0.001], iter([3.0, 2.0, 2.5, 2.6, 0.0]))
    (1.0, 2.0)
    """
    best, least, waited = np.nan, np.inf, 0
    for value, loss in zip(path, losses, strict=False):
        waited += 1
        if loss < least or np.isnan(best):
            best, least, waited = value, loss, 0
        if waited >= patience:
            break
    return float(best), float(least)


def some_rows(n: int, most: int) -> NDArray[np.int64]:
    """All n rows, or as many of them as a tuning can afford, drawn by a fixed seed, in their order.

    >>> some_rows(4, 10).tolist(), len(some_rows(100, 10))
    ([0, 1, 2, 3], 10)
    """
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, most, replace=False))
