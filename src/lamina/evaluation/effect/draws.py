"""Bootstrap draws of rows or of whole groups of rows, and what a mean over the rows becomes in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataError


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of n rows with replacement.

    Attributes
    ----------
    picks
        The rows of each draw, by their places.
    seeds
        A seed for each refit.
    n
        Rows to draw from.
    """

    picks: list[NDArray[np.intp]]
    seeds: list[int]
    n: int

    def __len__(self) -> int:
        return len(self.picks)

    @property
    def counts(self) -> NDArray[np.float64]:
        """How often each row was drawn, shape (draws, n)."""
        return np.stack([np.bincount(picks, minlength=self.n) for picks in self.picks]).astype(np.float64)

    def kept(self, places: list[int]) -> Draws:
        """Only these draws."""
        return Draws([self.picks[p] for p in places], [self.seeds[p] for p in places], self.n)


def draw_rows(n: int, count: int, seed: Any, groups: NDArray[Any] | None = None) -> Draws:
    """``count`` draws of n rows, or of as many groups as there are, all rows of each drawn group with it.

    Groups that are drawn whole keep the dependence between their rows (the pairs cluster bootstrap: Cameron, Gelbach
    and Miller 2008).

    >>> [sorted(picks.tolist()) for picks in draw_rows(4, 2, 0, np.array([0, 0, 1, 1])).picks]
    [[0, 1, 2, 3], [0, 0, 1, 1]]
    """
    rng = np.random.default_rng(seed)
    seeds = rng.integers(2**31 - 1, size=count).tolist()
    if groups is None:
        return Draws([rng.integers(n, size=n) for _ in range(count)], seeds, n)
    _, codes = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(codes == code) for code in range(codes.max() + 1)]
    drawn = [rng.integers(len(members), size=len(members)) for _ in range(count)]
    return Draws([np.concatenate([members[g] for g in each]) for each in drawn], seeds, n)


def check_groups(groups: Any, n: int) -> NDArray[Any] | None:
    """One group a row, two groups at least.

    Raises
    ------
    DataError
        If there are not as many as rows, or too few.
    """
    if groups is None:
        return None
    found = np.asarray(groups)
    if found.shape != (n,):
        raise DataError(f"groups has shape {found.shape} and X has {n} rows: give one group for each row")
    if len(np.unique(found)) < 2:
        raise DataError(
            "groups names one group only: drawing groups needs several, twenty or more to be of use"
        )
    return found


def weighted_mean(values: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over rows by weight, of values (models or 1, n, ...) and weights (draws or 1, n): (draws, ...).

    Where no row of weight above zero is left, all count alike.

    >>> weighted_mean(np.array([[1.0, 5.0]]), np.array([[3.0, 1.0], [0.0, 0.0]]))
    array([2., 3.])
    """
    total = weights.sum(axis=1)
    weights = np.where(total[:, None] > 0, weights, 1.0)
    shares = weights / weights.sum(axis=1, keepdims=True)
    flat = values.reshape(*values.shape[:2], -1).astype(np.float64, copy=False)
    shared = len(values) == 1
    means = shares @ flat[0] if shared else (np.broadcast_to(shares, flat.shape[:2])[:, None] @ flat)[:, 0]
    return np.asarray(means.reshape(len(means), *values.shape[2:]))
