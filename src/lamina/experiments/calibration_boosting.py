"""Gradient boosting of trees with four leaves, for all splits and inner folds of a draw at once.

The predictors are cut at fixed quantiles of their distribution, so that what a split sends to the left is the same column for
every fit, and sums of residuals to the left of all cuts are one product of matrices. The number of trees is chosen by the
inner folds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.calibration_draws import Batch, Design, Predictions
from lamina.experiments.calibration_truths import Array

Single = NDArray[np.floating[Any]]
CUTS = 7
"""Places at which a predictor may be cut."""
STAGES = (2, 4, 8, 16, 30, 50)
"""Numbers of trees among which the inner folds choose."""
RATE = 0.25
FEWEST = 5
"""Rows that a leaf must hold."""


def boosting(batch: Batch, design: Design) -> Predictions:
    """Boosted trees of two levels."""
    cuts = _cuts()
    found = []
    for x, y, fresh in zip(batch.x, batch.y, batch.fresh, strict=True):
        forest = _Forest(_sides(x, cuts), _sides(fresh, cuts), y.astype(np.float32), design)
        found.append(forest.chosen())
    return Predictions(*(np.stack(each).astype(np.float64) for each in zip(*found, strict=True)))


def _cuts() -> Array:
    from scipy.stats import norm

    return np.asarray(norm.ppf(np.arange(1, CUTS + 1) / (CUTS + 1)))


def _sides(x: Array, cuts: Array) -> Single:
    """One where a row is on the left of a cut, shape (predictors times cuts, rows)."""
    return np.ascontiguousarray((x[:, :, None] <= cuts).reshape(len(x), -1).T.astype(np.float32))


class _Forest:
    """The fits of one draw: those of the T splits first, then T times I of the inner folds."""

    def __init__(self, left: Single, fresh: Single, y: Single, design: Design) -> None:
        self.left, self.fresh, self.y, self.design = left, fresh, y, design
        self.splits = len(design.train)
        self.weights = _training_weights(design, len(y))
        self.count = self.weights.sum(axis=1)
        self.to_left = self.weights @ left.T
        self.both = _pairs(self.weights, left)
        self.allowed = _enough(self.to_left, self.count[:, None])

    def chosen(self) -> tuple[Single, Single, Single]:
        """Predictions at test, fresh and held rows with the number of trees that has the least inner error."""
        design, splits = self.design, np.arange(self.splits)
        kept = []
        for rows, fresh in self.stages():
            test = rows[splits[:, None], design.test]
            inner = rows[self.splits :].reshape(*design.held.shape[:2], -1)
            held = np.take_along_axis(inner, design.held, axis=2)
            kept.append((test, fresh, held))
        errors = [np.square(self.y[design.held] - held).mean(axis=(1, 2)) for _, _, held in kept]
        best = np.argmin(errors, axis=0)
        return tuple(np.stack(each)[best, splits] for each in zip(*kept, strict=True))

    def stages(self) -> Iterator[tuple[Single, Single]]:
        """Predictions at all rows by all fits, and at fresh rows by those of the splits, after each number of trees."""
        level = (self.weights @ self.y) / self.count
        rows = np.repeat(level[:, None], self.left.shape[1], axis=1)
        fresh = np.repeat(level[: self.splits, None], self.fresh.shape[1], axis=1)
        residuals = (self.y - rows) * self.weights
        for number in range(1, STAGES[-1] + 1):
            cuts, leaves = self._tree(residuals)
            change = _answers(self.left, cuts, leaves)
            rows += change
            residuals -= change * self.weights
            fresh += _answers(self.fresh, cuts[:, : self.splits], leaves[:, : self.splits])
            if number in STAGES:
                yield rows.copy(), fresh.copy()

    def _tree(self, residuals: Single) -> tuple[NDArray[np.int64], Single]:
        """Cuts of the root, its left and its right child (3, fits), and the leaves' values (4, fits) from left to right."""
        fits = np.arange(len(residuals))
        total: Single = residuals.sum(axis=1)
        to_left = residuals @ self.left.T
        root = _best(to_left, self.to_left, total, self.count, self.allowed)
        sums = (residuals * self.left[root]) @ self.left.T
        counts = self.both[fits, root]
        size, mass = self.to_left[fits, root], to_left[fits, root]
        cuts, leaves = [root], []
        for side_sums, side_counts, side_mass, side_size in (
            (sums, counts, mass, size),
            (to_left - sums, self.to_left - counts, total - mass, self.count - size),
        ):
            allowed = _enough(side_counts, side_size[:, None])
            cut = _best(side_sums, side_counts, side_mass, side_size, allowed)
            low, n_low = side_sums[fits, cut], side_counts[fits, cut]
            # A child too small to be cut is one leaf.
            whole = ~allowed[fits, cut]
            average = side_mass / side_size
            leaves += [
                np.where(whole, average, low / np.maximum(n_low, 1)),
                np.where(whole, average, (side_mass - low) / np.maximum(side_size - n_low, 1)),
            ]
            cuts.append(cut)
        return np.stack(cuts), (RATE * np.stack(leaves)).astype(np.float32)


def _training_weights(design: Design, n: int) -> Single:
    """One for the rows that each fit learns from, zero for others."""
    outer = np.zeros((len(design.train), n), np.float32)
    np.put_along_axis(outer, design.train, 1, axis=1)
    inner = np.repeat(outer[:, None], design.held.shape[1], axis=1)
    np.put_along_axis(inner, design.held, 0, axis=2)
    return np.concatenate([outer, inner.reshape(-1, n)])


def _pairs(weights: Single, left: Single) -> Single:
    """Training rows on the left of both of two cuts, shape (fits, cuts, cuts)."""
    return np.stack([(left * each) @ left.T for each in weights])


def _enough(to_left: Single, size: Single) -> NDArray[np.bool_]:
    return (to_left >= FEWEST) & (size - to_left >= FEWEST)


def _best(
    sums: Single, counts: Single, total: Single, size: Single, allowed: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The cut of each fit that explains most."""
    rest, n_rest = total[:, None] - sums, size[:, None] - counts
    gain = np.square(sums) / np.maximum(counts, 1) + np.square(rest) / np.maximum(n_rest, 1)
    return np.asarray(np.where(allowed, gain, -1).argmax(axis=1))


def _answers(left: Single, cuts: NDArray[np.int64], leaves: Single) -> Single:
    """What a tree of each fit adds at rows, shape (fits, rows)."""
    low = leaves[1][:, None] + left[cuts[1]] * (leaves[0] - leaves[1])[:, None]
    high = leaves[3][:, None] + left[cuts[2]] * (leaves[2] - leaves[3])[:, None]
    return np.asarray(high + left[cuts[0]] * (low - high))
