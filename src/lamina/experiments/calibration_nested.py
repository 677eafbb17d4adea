"""Nested cross-validation of least squares, beside the naive interval: how certain the error of one model is.

References
----------
Bates, Hastie, Tibshirani (2023), *Cross-validation: what does it estimate and how well does it do it?*, Journal of the American
Statistical Association 119.
"""

from __future__ import annotations

import numpy as np

from lamina.experiments.calibration_draws import Batch
from lamina.experiments.calibration_truths import Array

COLUMNS = ("nested, low", "nested, high", "naive, low", "naive, high", "fit")
"""Bounds of 95 % intervals of the squared error, and what they should hold: the expected error of the fit on all rows."""


def nested_intervals(batch: Batch, folds: int, repetitions: int) -> Array:
    """Intervals of the squared error of least squares on all rows of each draw, shape (5, D).

    The nested one is the library's, over as many repetitions as `compare` has; the naive one takes the losses of the first
    repetition's test rows for independent.
    """
    found = []
    orders = [np.random.default_rng([9, each]).permutation(batch.cell.n) for each in range(repetitions)]
    for x, y, fresh, signal in zip(batch.x, batch.y, batch.fresh, batch.signal, strict=True):
        z = np.column_stack([np.ones(len(x)), x])
        weights = np.linalg.lstsq(z, y, rcond=None)[0]
        gap = signal - weights[0] - fresh @ weights[1:]
        parts = [
            losses(z[order].reshape(folds, -1, z.shape[1]), y[order].reshape(folds, -1)) for order in orders
        ]
        found.append((*_bounds(parts), float(np.square(gap).mean()) + batch.cell.noise**2))
    return np.array(found).T


def _bounds(parts: list[tuple[Array, Array]]) -> tuple[float, float, float, float]:
    from lamina.evaluation.intervals import paired_rows_estimate
    from lamina.evaluation.nested_cv import nested_cv_estimate

    count = len(parts[0][0])
    inner = [
        {(i, k): pairs[k, i] for i in range(count) for k in range(count) if i != k} for _, pairs in parts
    ]
    nested = nested_cv_estimate([list(once) for once, _ in parts], inner).interval()
    naive = paired_rows_estimate(parts[0][0].ravel()).interval()
    unknown = (-np.inf, np.inf)
    return (*(nested or unknown), *(naive or unknown))


def losses(z: Array, y: Array) -> tuple[Array, Array]:
    """Squared errors of fold r by the fit without it (K, v), and by the fit without k and r (K, K, v), from folds (K, v, p)."""
    folds = len(y)
    flipped = np.swapaxes(z, 1, 2)
    grams, crosses = flipped @ z, (flipped @ y[..., None])[..., 0]
    gram, cross = grams.sum(axis=0) - grams, crosses.sum(axis=0) - crosses
    once = np.square(y - (z @ np.linalg.solve(gram, cross[..., None]))[..., 0])
    left, right = np.triu_indices(folds, 1)
    weights = np.linalg.solve(gram[left] - grams[right], (cross[left] - crosses[right])[..., None])
    pairs = np.zeros((folds, folds, y.shape[1]))
    pairs[left, right] = np.square(y[right] - (z[right] @ weights)[..., 0])
    pairs[right, left] = np.square(y[left] - (z[left] @ weights)[..., 0])
    return once, pairs
