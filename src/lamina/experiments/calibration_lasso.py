"""The lasso on all draws, splits and inner folds at once: coordinate descent on their matrices of squares and products."""

from __future__ import annotations

import numpy as np

from lamina.experiments.calibration_draws import Batch, Design, Predictions
from lamina.experiments.calibration_ridge import Moments
from lamina.experiments.calibration_truths import Array

RATIOS = np.logspace(0, -3, 25)
"""Penalties on the path, as shares of the smallest that leaves no coefficient."""
SWEEPS = 30
ENOUGH = 1e-4
"""A path's step ends when no coefficient moved by more, outcomes having variance one."""


def lasso(batch: Batch, design: Design) -> Predictions:
    """The lasso, its penalty by the squared error of the inner folds."""
    blocks = Moments.of(batch.x[:, design.held], batch.y[:, design.held])
    whole = blocks.total()
    centre, level, gram, cross = whole.centred()
    inner_centre, inner_level, inner_gram, inner_cross = blocks.others(whole).centred()
    strongest = np.abs(cross).max(axis=-1) / whole.count
    inner_count = whole.count - blocks.count
    path = coordinate_descent(gram / whole.count, cross / whole.count, strongest)
    inner_path = coordinate_descent(
        inner_gram / inner_count,
        inner_cross / inner_count,
        np.broadcast_to(strongest[..., None], inner_level.shape),
    )
    x, y = batch.x[:, design.held], batch.y[:, design.held]
    residuals = (y - inner_level[..., None])[..., None] - (x - inner_centre[..., None, :]) @ np.moveaxis(
        inner_path, 0, -1
    )
    best = np.square(residuals).mean(axis=(2, 3)).argmin(axis=-1)
    weights = np.take_along_axis(path, best[None, ..., None], axis=0)[0]
    inner = y - np.take_along_axis(residuals, best[..., None, None, None], axis=-1)[..., 0]
    shift = level - (centre * weights).sum(axis=-1)
    fresh = np.swapaxes(batch.fresh @ np.swapaxes(weights, 1, 2), 1, 2)
    test = (batch.x[:, design.test] @ weights[..., None])[..., 0]
    return Predictions(test + shift[..., None], fresh + shift[..., None], inner)


def coordinate_descent(gram: Array, cross: Array, strongest: Array) -> Array:
    r"""Minimisers of :math:`\beta' G \beta / 2 - c' \beta + \lambda |\beta|_1` along the path, from no coefficient on.

    Parameters
    ----------
    gram, cross
        Mean squares and products, shapes (..., k, k) and (..., k).
    strongest
        The λ at which each path begins, shape (...).

    Returns
    -------
    Coefficients, shape (penalties, ..., k).

    >>> coordinate_descent(np.eye(1), np.array([2.0]), np.array(1.0))[[0, -1], 0].round(3).tolist()
    [1.0, 1.999]
    """
    k = cross.shape[-1]
    # Problems last: every operation of a coordinate is then on contiguous numbers.
    products = np.ascontiguousarray(np.moveaxis(gram.reshape(-1, k, k), 0, -1))
    target = np.ascontiguousarray(cross.reshape(-1, k).T)
    first = np.asarray(strongest).reshape(-1)
    weights, fitted = np.zeros_like(target), np.zeros_like(target)
    path = np.empty((len(RATIOS), *target.shape))
    for step, ratio in enumerate(RATIOS):
        for _ in range(SWEEPS):
            moved = 0.0
            for j in range(k):
                square = products[j, j]
                rest = target[j] - fitted[j] + square * weights[j]
                change = rest - np.clip(rest, -ratio * first, ratio * first)
                change = change / square - weights[j]
                weights[j] += change
                fitted += products[j] * change
                moved = max(moved, float(np.abs(change).max()))
            if moved < ENOUGH:
                break
        path[step] = weights
    return np.moveaxis(path, 1, -1).reshape(len(RATIOS), *cross.shape)
