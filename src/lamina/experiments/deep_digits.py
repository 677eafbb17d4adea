"""Networks of dense layers on MNIST: part of the rows to learn from, others to choose by, the test rows to report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.layers.base import Parameters, State
from lamina.layers.containers import Sequential
from lamina.training import CategoricalCrossEntropy, DataSet, Member, Settings, fit_population, pad_rows
from lamina.training.optimizers import Optimizer

CLASSES = 10
FAILED = 90.0
"""Per cent misclassified by a fit that ceased to be finite: as many as by a guess."""


@dataclass(frozen=True, eq=False)
class Digits:
    """Grey values in [0, 1], (n, 784), and digits, in three parts that share no image."""

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    x_held: NDArray[np.float32]
    y_held: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]

    @classmethod
    def load(cls, rows: int, held: int, test: int = 10_000, *, standardised: bool = False) -> Digits:
        """The first ``rows`` training images to learn from, the last ``held`` to choose by, and the first test images.

        Grey values have the mean zero and the variance one over the rows to learn from if they are ``standardised``.
        """
        from lamina.data.datasets import load_mnist

        (x, y), (x_test, y_test) = load_mnist()
        parts = (x[:rows], y[:rows]), (x[-held:], y[-held:]), (x_test[:test], y_test[:test])
        grey, digits = [_flat(images) for images, _ in parts], [each.astype(np.int64) for _, each in parts]
        if standardised:
            mean, sd = grey[0].mean(), grey[0].std()
            grey = [(each - mean) / sd for each in grey]
        return cls(grey[0], digits[0], grey[1], digits[1], grey[2], digits[2])

    @property
    def data(self) -> DataSet:
        """As populations take them; answers are wanted on the rows to choose by and on the test rows."""
        rows = pad_rows(self.x, self.y[:, None].astype(np.int32), None)
        return DataSet(rows, queries=(self.x_held, self.x_test))


@dataclass(frozen=True, eq=False)
class Trial:
    """A network, how it is trained, and from where."""

    network: Sequential
    optimizer: Optimizer
    seed: int = 0
    start: tuple[Parameters, State] | None = None


@dataclass(frozen=True, eq=False)
class Trained:
    """Loss by epoch, and errors in per cent; ``parameters`` are None of a fit that ceased to be finite."""

    loss: NDArray[np.float64]
    held_error: float
    test_error: float
    parameters: Parameters | None = field(default=None, repr=False)


def train(digits: Digits, trials: Sequence[Trial], epochs: int, batch: int) -> list[Trained]:
    """Fit every trial, as one population.

    Raises
    ------
    KeyboardInterrupt
        If Ctrl-C cut it short.
    """
    members = [
        Member(
            trial.network,
            CategoricalCrossEntropy(),
            Settings(trial.optimizer, epochs=epochs, batch_size=batch),
            trial.seed,
            start=trial.start,
        )
        for trial in trials
    ]
    return [_trained(outcome, digits) for outcome in fit_population(members, [digits.data])]


def _trained(outcome: Any, digits: Digits) -> Trained:
    if outcome.fitted is None:
        if outcome.error is None:
            raise KeyboardInterrupt
        return Trained(np.array([np.nan]), FAILED, FAILED)
    held, test = (
        100 * float(np.mean(z.argmax(axis=1) != y))
        for z, y in zip(outcome.answers, (digits.y_held, digits.y_test), strict=True)
    )
    return Trained(np.array(outcome.fitted.history.loss), held, test, outcome.fitted.parameters)


def best(found: Sequence[Trained]) -> int:
    """Place of the smallest error on the rows to choose by; the first of equals."""
    return min(range(len(found)), key=lambda place: found[place].held_error)


def _flat(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
