"""Intervals and sets at new rows, from a calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.estimators.calibration import Calibration, without_data_warnings
from lamina.estimators.conformal import (
    check_coverage,
    class_scores,
    interval_bounds,
    set_members,
    warn_if_few,
)
from lamina.estimators.stacks import outputs_of


def interval_at(calibration: Calibration, X: Any, coverage: float) -> np.ndarray:
    """Lower and upper bound of each outcome, shape (n, outputs, 2)."""
    coverage = check_coverage(coverage)
    warn_if_few(coverage, len(calibration.scores), "the intervals are infinite")
    networks = calibration.networks
    with without_data_warnings():
        outputs = outputs_of(networks, X)
    found = [network._bounds(output) for network, output in zip(networks, outputs, strict=True)]
    low, high = (np.stack(side) for side in zip(*found, strict=True))
    return interval_bounds(low, high, calibration.scores, calibration.folds, coverage)


def set_at(
    calibration: Calibration, X: Any, coverage: float, classes: np.ndarray, seed: int | None
) -> NDArray[np.bool_]:
    """Which classes belong to the set of each row, shape (n, classes); random with a seed."""
    coverage = check_coverage(coverage)
    warn_if_few(coverage, len(calibration.scores), "the sets hold every class")
    networks = calibration.networks
    with without_data_warnings():
        outputs = outputs_of(networks, X)
    p = np.stack(
        [
            network._probabilities_of(classes, output)
            for network, output in zip(networks, outputs, strict=True)
        ]
    )
    before, own = calibration.scores.T
    if seed is None:
        return set_members(class_scores(p), before, calibration.folds, coverage)
    rng = np.random.default_rng(seed)
    scores = before + rng.uniform(size=len(own)) * own
    u = rng.uniform(size=p.shape[1])
    return set_members(class_scores(p, np.broadcast_to(u, p.shape[:2])), scores, calibration.folds, coverage)
