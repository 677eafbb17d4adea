"""One cell of the calibration study: its draws, the contenders on every split of each, and what is kept of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from lamina.experiments import calibration_ridge as least_squares
from lamina.experiments.calibration_boosting import boosting
from lamina.experiments.calibration_draws import Batch, Design, Errors, Predictions
from lamina.experiments.calibration_lasso import lasso
from lamina.experiments.calibration_nested import nested_intervals
from lamina.experiments.calibration_network import network
from lamina.experiments.calibration_truths import Array, Cell

Contender = Callable[[Batch, Design], Predictions]

SIMPLE: MappingProxyType[str, Contender] = MappingProxyType(
    {
        "mean": least_squares.mean,
        "linear": least_squares.linear,
        "ridge": least_squares.ridge,
        "lasso": lasso,
        "gam": least_squares.gam,
        "boosting": boosting,
    }
)
"""From the simplest on."""
NETWORK = "network"
CHUNK = 20
"""Draws fitted at a time; few enough for the memory, many enough for the network's population."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What a cell's draws gave.

    Attributes
    ----------
    test, fresh
        Errors by metric, contender (the simple ones, then the network), draw and split, shape (2, S + 1, D, T): on the split's
        test rows, and the expectation for a fresh row.
    inner
        Inner errors of the simple models, shape (2, S, D, T).
    nested
        Intervals of the error of least squares, shape (5, D): ``COLUMNS`` of `calibration_nested`.
    test_to_train
        Test rows to training rows of a split.
    seconds
        Of one core.
    """

    test: Array
    fresh: Array
    inner: Array
    nested: Array
    test_to_train: float
    seconds: float

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.test.shape[2])

    def save(self, path: Path) -> None:
        """Write all arrays, in single precision, to a file that appears whole or not at all."""
        from lamina.files.atomic import replacing

        arrays: dict[str, Any] = {
            field.name: np.asarray(getattr(self, field.name), np.float32) for field in fields(self)
        }
        with replacing(path) as scratch, scratch.open("wb") as file:
            np.savez_compressed(file, **arrays)

    @classmethod
    def load(cls, path: Path) -> Measured:
        """Read what was saved."""
        with np.load(path) as stored:
            arrays: dict[str, Any] = {
                field.name: np.asarray(stored[field.name], np.float64) for field in fields(cls)
            }
        scalars: dict[str, Any] = {name: float(each) for name, each in arrays.items() if each.ndim == 0}
        return cls(**(arrays | scalars))


def measure(cell: Cell, draws: int, contenders: MappingProxyType[str, Contender] = SIMPLE) -> Measured:
    """Simulate a cell and fit every contender on every split of every draw."""
    from threadpoolctl import threadpool_limits

    clock, design = time.process_time(), Design.of(cell.n)
    # The matrices are small: threads of the linear algebra would wait for each other.
    with threadpool_limits(1):
        parts = [
            _chunk(Batch.draw(cell, range(start, min(start + CHUNK, draws))), design, contenders)
            for start in range(0, draws, CHUNK)
        ]
    test, fresh, inner, nested = zip(*parts, strict=True)
    return Measured(
        np.concatenate(test, axis=2),
        np.concatenate(fresh, axis=2),
        np.concatenate(inner, axis=2),
        np.concatenate(nested, axis=1),
        design.test_to_train,
        time.process_time() - clock,
    )


def _chunk(
    batch: Batch, design: Design, contenders: MappingProxyType[str, Contender]
) -> tuple[Array, Array, Array, Array]:
    simple = [Errors.of(batch, design, fit(batch, design)) for fit in contenders.values()]
    every = [*simple, Errors.of(batch, design, network(batch, design))]
    return (
        np.stack([each.test for each in every], axis=1),
        np.stack([each.fresh for each in every], axis=1),
        np.stack([each.inner for each in simple if each.inner is not None], axis=1),
        nested_intervals(batch, design.folds, design.repetitions),
    )
