"""Linear networks whose inputs are disturbed in training, beside the ridge regression that they should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.data.datasets import load_dataset
from lamina.layers.base import Layer
from lamina.networks import with_output
from lamina.training import SGD, DataSet, Member, Outcome, Settings, SquaredError, fit_population, pad_rows
from lamina.training.schedules import Cosine

Array = NDArray[np.float64]
RATE, MOMENTUM = 0.01, 0.9
"""An effective rate of 0.1, which is stable for the strongest penalty and the largest eigenvalue of X'X / n, about 7."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Predictors (n, p) and outcome (n,), centred."""

    x: Array
    y: Array
    names: tuple[str, ...]

    @classmethod
    def hitters(cls) -> Rows:
        """The 263 players whose salary is known: 19 predictors and the salary, standardised."""
        import pandas as pd

        frame = load_dataset("hitters").frame
        y = frame.pop("Salary").to_numpy(np.float64)
        dummies = pd.get_dummies(frame, drop_first=True, dtype=float)
        return cls(_standardised(dummies.to_numpy(np.float64)), _standardised(y), tuple(dummies.columns))

    def ridge(self, penalties: Array | float) -> Array:
        r"""Minimise :math:`\|y - Xw\|^2 + \sum_j \lambda_j w_j^2`: :math:`w = (X^TX + \Lambda)^{-1} X^T y`.

        >>> Rows(np.eye(2), np.array([3.0, 4.0]), ("a", "b")).ridge(np.array([0.0, 1.0])).tolist()
        [3.0, 2.0]
        """
        diagonal = np.broadcast_to(np.asarray(penalties, np.float64), self.x.shape[1])
        solved = np.linalg.solve(self.x.T @ self.x + np.diag(diagonal), self.x.T @ self.y)
        return np.asarray(solved, np.float64)


@dataclass(frozen=True, eq=False)
class Fitted:
    """What networks with disturbed inputs learnt, beside ridge regression.

    Attributes
    ----------
    strengths
        The theory's ridge coefficients divided by n, one a setting.
    coefficients
        Shape (settings, seeds, p).
    ridge
        Shape (settings, p).
    least_squares
        Shape (p,).
    """

    strengths: Array
    coefficients: Array
    ridge: Array
    least_squares: Array

    @property
    def means(self) -> Array:
        """Means over the seeds, shape (settings, p)."""
        return np.asarray(self.coefficients.mean(axis=1))

    @property
    def errors(self) -> Array:
        """Standard errors of those means."""
        n = self.coefficients.shape[1]
        return np.asarray(self.coefficients.std(axis=1, ddof=1) / np.sqrt(n))

    @property
    def lengths(self) -> Array:
        """Euclidean length of the ridge coefficients."""
        return np.asarray(np.linalg.norm(self.ridge, axis=1))

    @property
    def of_means(self) -> Array:
        """Relative distance of the seeds' mean from ridge, one a setting."""
        return np.asarray(np.linalg.norm(self.means - self.ridge, axis=1) / self.lengths)

    @property
    def of_noise(self) -> Array:
        """What that distance would be on the average if nothing but the standard errors made it."""
        return np.asarray(np.linalg.norm(self.errors, axis=1) / self.lengths)

    @property
    def of_each(self) -> Array:
        """Relative distance of every fit from ridge, shape (settings, seeds)."""
        away = np.linalg.norm(self.coefficients - self.ridge[:, None], axis=2)
        return np.asarray(away / self.lengths[:, None])

    @property
    def of_least_squares(self) -> Array:
        """Relative distance of least squares from ridge."""
        return np.asarray(np.linalg.norm(self.least_squares - self.ridge, axis=1) / self.lengths)


def fit_disturbed(
    rows: Rows,
    layers: Sequence[Layer],
    penalties: Sequence[Array | float],
    seeds: int,
    epochs: int,
    advance: Callable[[int], None],
) -> Fitted:
    """A linear network behind each layer, from every seed, as one population of full-batch fits.

    Parameters
    ----------
    layers
        What disturbs the inputs: a value of :class:`~lamina.layers.Dropout` or :class:`~lamina.layers.GaussianNoise` a setting.
    penalties
        The ridge coefficients that the theory gives for each, one for all columns or one a column.
    """
    p = rows.x.shape[1]
    settings = Settings(SGD(Cosine(RATE), momentum=MOMENTUM), epochs=epochs, batch_size=None)
    networks = [with_output([layer], 1, "linear") for layer in layers]
    members = [
        Member(network, SquaredError(), settings, seed) for seed in range(seeds) for network in networks
    ]
    # The outputs at no input and at each unit vector are the intercept and its sums with the coefficients.
    probes = np.vstack([np.zeros(p), np.eye(p)]).astype(np.float32)
    data = DataSet(
        pad_rows(rows.x.astype(np.float32), rows.y[:, None].astype(np.float32), None), None, (probes,)
    )
    outcomes = fit_population(members, [data], on_done=lambda done: advance(len(done)))
    learnt = np.array([_coefficients(outcome) for outcome in outcomes]).reshape(seeds, len(layers), p)
    return Fitted(
        np.array([float(np.mean(np.asarray(each))) / len(rows.y) for each in penalties]),
        learnt.swapaxes(0, 1),
        np.array([rows.ridge(each) for each in penalties]),
        rows.ridge(0.0),
    )


def closest_strengths(rows: Rows, coefficients: Array) -> Array:
    """The ridge coefficient over n whose solution is nearest, for each of some coefficients (fits, p)."""
    from scipy.optimize import minimize_scalar

    values, vectors = np.linalg.eigh(rows.x.T @ rows.x / len(rows.y))
    turned = vectors.T @ (rows.x.T @ rows.y) / len(rows.y)

    def nearest(one: Array) -> float:
        own = vectors.T @ one

        def distance(log_strength: float) -> float:
            return float(np.sum((own - turned / (values + np.exp(log_strength))) ** 2))

        return float(np.exp(minimize_scalar(distance, bounds=(-10, 5), method="bounded").x))

    return np.array([nearest(one) for one in coefficients])


def _coefficients(outcome: Outcome) -> Array:
    if outcome.error is not None:
        raise outcome.error
    if outcome.fitted is None:
        raise KeyboardInterrupt
    answers = outcome.answers[0][:, 0].astype(np.float64)
    return np.asarray(answers[1:] - answers[0])


def _standardised(values: Array) -> Array:
    return np.asarray((values - values.mean(axis=0)) / values.std(axis=0))
