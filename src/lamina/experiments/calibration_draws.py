"""Simulated data sets of a cell, the splits they are compared on, and the errors of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.calibration_truths import PREDICTORS, Array, Cell

Rows = NDArray[np.int64]
METRICS = ("squared error", "absolute error")
INNER = 5
FRESH = {100: 1_024, 300: 1_024, 1_000: 8_192, 5_000: 16_384}
"""Fresh rows a draw, by its number of rows: points of a scrambled Sobol sequence, and their noise is integrated, so that what a
fit is worth is known far better than its cross-validation can say."""


@dataclass(frozen=True, eq=False)
class Batch:
    """D simulated data sets of one cell.

    Attributes
    ----------
    x, y
        Predictors (D, n, p) and outcomes (D, n).
    fresh, signal
        Fresh predictors (D, q, p), and the expectation of their outcome (D, q).
    """

    cell: Cell
    x: Array
    y: Array
    fresh: Array
    signal: Array

    @classmethod
    def draw(cls, cell: Cell, numbers: Sequence[int], fresh: int | None = None) -> Batch:
        """Data sets by their numbers; each is the same whichever others are drawn.

        >>> both = Batch.draw(Cell("step", 100, 0.6), [0, 1])
        >>> bool(np.array_equal(both.y[1], Batch.draw(Cell("step", 100, 0.6), [1]).y[0]))
        True
        """
        fresh = FRESH[cell.n] if fresh is None else fresh
        x = np.empty((len(numbers), cell.n + fresh, PREDICTORS))
        noise = np.empty((len(numbers), cell.n))
        for place, number in enumerate(numbers):
            rng = np.random.default_rng([*cell.seed, number])
            x[place, : cell.n], noise[place] = rng.normal(size=(cell.n, PREDICTORS)), rng.normal(size=cell.n)
            x[place, cell.n :] = _spread_out(fresh, rng)
        signal = cell.signal(x.reshape(-1, PREDICTORS)).reshape(x.shape[:2])
        y = signal[:, : cell.n] + cell.noise * noise
        return cls(cell, x[:, : cell.n], y, x[:, cell.n :], signal[:, cell.n :])

    def __len__(self) -> int:
        return len(self.y)


def _spread_out(rows: int, rng: np.random.Generator) -> Array:
    """Standard normal rows that fill space more evenly than independent ones; a power of two of them."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    uniform = qmc.Sobol(PREDICTORS, seed=rng).random(rows)
    return np.asarray(ndtri(np.clip(uniform, 1e-9, 1 - 1e-9)))


@dataclass(frozen=True, eq=False)
class Design:
    """The outer splits of `compare`, and the inner folds of each outer training part.

    Rows of a draw are independent, so all draws of a size may share one design: which rows make a fold is no matter.

    Attributes
    ----------
    train, test
        Rows of each split, shapes (T, m) and (T, v).
    held
        Rows that each inner fold holds out of the training rows, shape (T, I, m / I).
    """

    train: Rows
    test: Rows
    held: Rows

    @classmethod
    def of(cls, n: int) -> Design:
        """As `compare` splits n rows by default.

        >>> design = Design.of(100)
        >>> design.folds, design.train.shape[1], design.test.shape[1], design.held.shape[1:]
        (10, 90, 10, (5, 18))
        """
        from lamina.evaluation.splits import Sample, make_splits

        pairs = make_splits(Sample(None, np.arange(float(n)))).pairs
        train = np.stack([pair[0] for pair in pairs])
        rng = np.random.default_rng([5, n])
        held = np.stack([rng.permutation(rows).reshape(INNER, -1) for rows in train])
        return cls(train, np.stack([pair[1] for pair in pairs]), held)

    @property
    def folds(self) -> int:
        """Folds of one cross-validation."""
        return int(self.train.shape[1] + self.test.shape[1]) // int(self.test.shape[1])

    @property
    def repetitions(self) -> int:
        """How often the folds are drawn."""
        return len(self.train) // self.folds

    @property
    def test_to_train(self) -> float:
        """Test rows to training rows."""
        return float(self.test.shape[1] / self.train.shape[1])


@dataclass(frozen=True, eq=False)
class Predictions:
    """A contender's predictions for D draws and T splits.

    Attributes
    ----------
    test, fresh
        At the split's test rows (D, T, v), and at the draw's fresh rows (D, T, q).
    inner
        At the rows that inner folds hold out, by models fitted without them (D, T, I, m / I); None for a network, whose inner
        error the rule does not ask for.
    """

    test: Array
    fresh: Array
    inner: Array | None = None


@dataclass(frozen=True, eq=False)
class Errors:
    """Mean errors by metric, draw and split, shapes (2, D, T): on test rows, expected at a fresh row, and inner."""

    test: Array
    fresh: Array
    inner: Array | None

    @classmethod
    def of(cls, batch: Batch, design: Design, predictions: Predictions) -> Errors:
        """Errors of predictions."""
        inner = None
        if predictions.inner is not None:
            inner = mean_losses(batch.y[:, design.held] - predictions.inner, (3, 4))
        test = mean_losses(batch.y[:, design.test] - predictions.test, (3,))
        return cls(test, expected_losses(batch, predictions.fresh), inner)


def mean_losses(residuals: Array, axes: tuple[int, ...]) -> Array:
    """Mean squared and mean absolute residuals, the metrics first."""
    return np.asarray(np.stack([np.square(residuals), np.abs(residuals)]).mean(axis=axes))


def expected_losses(batch: Batch, fresh: Array) -> Array:
    r"""Errors at fresh rows, with the expectation over their noise.

    With :math:`d = f(x) - \hat f(x)` the squared error is :math:`d^2 + \sigma^2`, and the absolute error the mean of a folded
    normal variable, :math:`\sigma \sqrt{2 / \pi} \exp(-d^2 / 2 \sigma^2) + d\, \mathrm{erf}(d / \sigma \sqrt 2)`.
    """
    from scipy.special import erf

    gap, sigma = batch.signal[:, None] - fresh, batch.cell.noise
    folded = sigma * np.sqrt(2 / np.pi) * np.exp(-np.square(gap / sigma) / 2) + gap * erf(
        gap / (sigma * np.sqrt(2))
    )
    return np.stack([(np.square(gap) + sigma**2).mean(axis=-1), folded.mean(axis=-1)])
