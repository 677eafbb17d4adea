"""How often 95 % intervals hold the expected error over training sets, and the expected error of these very fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.calibration_engine import NETWORK, SIMPLE, Measured
from lamina.experiments.calibration_rules import Judged, Share, reach
from lamina.experiments.calibration_truths import Array, Cell

Held = NDArray[np.bool_]
EXPECTED, THESE = "expected", "these fits"
CORRECTED, NAIVE = "corrected t", "naive t"
NESTED, ROWS = "nested", "naive over rows"
DIFFERENCE = "network minus reference"


def of_model(measured: Measured, metric: int, name: str) -> dict[tuple[str, str], Held]:
    """Whether each interval of a contender's error holds each target, by method and target, on every draw."""
    place = [*SIMPLE, NETWORK].index(name)
    test, fresh = measured.test[metric, place], measured.fresh[metric, place]
    splits, spread = test.shape[1], test.std(axis=1, ddof=1)
    halves = {
        CORRECTED: reach(splits) * spread * np.sqrt(1 / splits + measured.test_to_train),
        NAIVE: reach(splits) * spread / np.sqrt(splits),
    }
    targets = {EXPECTED: np.full(measured.draws, fresh.mean()), THESE: fresh.mean(axis=1)}
    return _held(test.mean(axis=1), halves, targets)


def of_difference(judged: Judged) -> dict[tuple[str, str], Held]:
    """The same of the difference that the rule sees."""
    halves = {CORRECTED: (judged.high - judged.low) / 2, NAIVE: judged.naive_half}
    targets = {EXPECTED: np.full(len(judged.true), judged.difference), THESE: judged.true}
    return _held(judged.estimated, halves, targets)


def of_nested(measured: Measured) -> dict[tuple[str, str], Held]:
    """Nested cross-validation, and the naive interval over test rows, of the error of least squares on all rows."""
    low, high, naive_low, naive_high, fit = measured.nested
    targets = {EXPECTED: np.full(measured.draws, fit.mean()), THESE: fit}
    return {
        (method, target): (bounds[0] <= value) & (value <= bounds[1])
        for method, bounds in ((NESTED, (low, high)), (ROWS, (naive_low, naive_high)))
        for target, value in targets.items()
    }


def _held(
    centre: Array, halves: Mapping[str, Array], targets: Mapping[str, Array]
) -> dict[tuple[str, str], Held]:
    return {
        (method, target): np.abs(centre - value) <= half
        for method, half in halves.items()
        for target, value in targets.items()
    }


def by_size(
    cells: Mapping[Cell, Measured], judged: Mapping[Cell, Judged], metric: int
) -> dict[str, dict[int, Share]]:
    """Share of draws whose interval holds its target: what and how, by the number of rows, over all cells of that size."""
    found: dict[str, dict[int, Share]] = {}
    for what, held_of in _kinds(cells, judged, metric):
        for n in sorted({cell.n for cell in cells}):
            parts = [held_of(cell) for cell in cells if cell.n == n]
            for key in parts[0]:
                held = np.concatenate([part[key] for part in parts])
                label = f"{what}: {key[0]}, {key[1]}"
                found.setdefault(label, {})[n] = Share(int(held.sum()), len(held))
    return found


def _kinds(cells: Mapping[Cell, Measured], judged: Mapping[Cell, Judged], metric: int) -> Iterable[tuple]:  # type: ignore[type-arg]
    yield DIFFERENCE, lambda cell: of_difference(judged[cell])
    for name in ("lasso", "boosting", NETWORK):
        yield name, lambda cell, name=name: of_model(cells[cell], metric, name)
    yield "linear", lambda cell: of_model(cells[cell], metric, "linear")
    if metric == 0:
        yield "linear", lambda cell: of_nested(cells[cell])
