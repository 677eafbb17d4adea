"""The same comparison on fewer training rows: the splits keep their test rows, and each smaller training set lies in the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.fits import ModelResult, Problem
from lamina.evaluation.splits import Rows, Splits

LEAST_ROWS = 8
"""Fewest training rows of a point of the curve."""


@dataclass(frozen=True, eq=False)
class Subsamples:
    """A problem whose splits are those of another on each share of the training rows, one share after the other.

    Attributes
    ----------
    shares
        Of the training rows, shape (S,).
    sizes
        Training rows at each share, the mean over the splits, shape (S,).
    problem
        S · J splits.
    """

    shares: tuple[float, ...]
    sizes: NDArray[np.float64]
    problem: Problem

    @staticmethod
    def of(problem: Problem, shares: Sequence[float]) -> Subsamples:
        """Draw the rows of each share; shares that leave too few rows, or one class alone, are left out."""
        drawn = {share: _drawn(problem, share) for share in shares}
        usable = {share: pairs for share, pairs in drawn.items() if _usable(problem, pairs)}
        pairs = tuple(pair for found in usable.values() for pair in found)
        sizes = [np.mean([len(train) for train, _ in found]) for found in usable.values()]
        splits = Splits(pairs, "subsamples of the training rows")
        return Subsamples(tuple(usable), np.array(sizes), replace(problem, splits=splits, kept={}))

    def errors(self, model: ModelResult) -> NDArray[np.float64]:
        """The errors of a model that ran on the problem, shape (S, J)."""
        return model.errors.reshape(len(self.shares), -1)


def _drawn(problem: Problem, share: float) -> list[tuple[Rows, Rows]]:
    return [
        (_share_of(problem, train, share, number), test)
        for number, (train, test) in enumerate(problem.splits.pairs)
    ]


def _share_of(problem: Problem, train: Rows, share: float, number: int) -> Rows:
    """A share of the training rows: the first of a shuffled order, so that smaller shares lie in larger ones."""
    if problem.design.test == "diebold_mariano":
        return train[len(train) - max(1, round(share * len(train))) :]  # of a series, the latest
    rng = np.random.default_rng([problem.seed or 0, number])
    groups = None if problem.groups is None else problem.groups[train]
    if groups is not None:
        names = rng.permutation(np.unique(groups))
        return train[np.isin(groups, names[: max(1, round(share * len(names)))])]
    order = rng.permutation(len(train))
    if problem.outcome.classification:
        order = order[np.argsort(_turns(problem.outcome.truth[train][order]), kind="stable")]
    return np.sort(train[order[: max(1, round(share * len(train)))]])


def _turns(classes: NDArray[np.intp]) -> NDArray[np.float64]:
    """When each row's turn comes if every class is to be met in its share from the start on.

    >>> _turns(np.array([0, 0, 0, 1])).round(2).tolist()
    [0.17, 0.5, 0.83, 0.5]
    """
    turns = np.empty(len(classes))
    for label in np.unique(classes):
        rows = np.flatnonzero(classes == label)
        turns[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return turns


def _usable(problem: Problem, pairs: Sequence[tuple[Rows, Rows]]) -> bool:
    truth = problem.outcome.truth
    everything = problem.outcome.class_count
    for train, _ in pairs:
        seen = len(np.unique(truth[train]))
        if len(train) < LEAST_ROWS or seen < max(2, everything):
            return False
    return True
