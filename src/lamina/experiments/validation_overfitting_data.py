"""Rows of which few are for choosing, and networks of random settings fitted to the others as one population."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.estimators import NeuralRegressor
from lamina.estimators.many import Source, Task, fit_many
from lamina.experiments.equivalence import Rows
from lamina.layers import Dense, Dropout
from lamina.training import Adam

Array = NDArray[np.float64]
Loss = Callable[[Array, Array], Array]
TRAINING, VALIDATION, COLUMNS, NOISE = 100, 50, 10, 5.0
HITTERS_TRAINING, HITTERS_VALIDATION = 123, 40


def squared(y: Array, predicted: Array) -> Array:
    """Loss of each row."""
    return np.asarray((y - predicted) ** 2)


def absolute(y: Array, predicted: Array) -> Array:
    """Loss of each row."""
    return np.asarray(np.abs(y - predicted))


@dataclass(frozen=True, eq=False)
class Draw:
    """Rows to learn from, to choose on, as many that choose nothing, and fresh ones.

    Attributes
    ----------
    mean
        The true mean of the fresh rows, where it is known: the error is then free of their noise.
    """

    x: Array
    y: Array
    validation: tuple[Array, Array]
    honest: tuple[Array, Array] | None
    fresh: tuple[Array, Array]
    loss: Loss
    mean: Array | None = None
    noise: float = 0.0


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of every setting, shape (settings,), and the losses of the fresh rows, shape (rows, settings)."""

    validation: Array
    honest: Array | None
    fresh: Array
    losses: Array
    n_validation: int


def truth(x: Array) -> Array:
    """Friedman's first function (1991): two columns interact, one is squared, two are linear, five do nothing."""
    bent = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    return np.asarray(bent + 10 * x[:, 3] + 5 * x[:, 4], np.float64)


def simulated(number: int, n_fresh: int) -> Draw:
    """Uniform columns, the mean of :func:`truth`, normal noise of about the same variance."""
    rng = np.random.default_rng([42, number])

    def rows(n: int) -> tuple[Array, Array]:
        x = rng.uniform(size=(n, COLUMNS))
        return x, truth(x) + rng.normal(0, NOISE, n)

    x, y = rows(TRAINING)
    validation, honest, fresh = rows(VALIDATION), rows(VALIDATION), rows(n_fresh)
    return Draw(x, y, validation, honest, fresh, squared, truth(fresh[0]), NOISE)


def hitters_split(rows: Rows, number: int) -> Draw:
    """The Hitters data parted at random in three; what neither trains nor chooses is fresh."""
    order = np.random.default_rng([43, number]).permutation(len(rows.y))
    train, choose, fresh = np.split(order, [HITTERS_TRAINING, HITTERS_TRAINING + HITTERS_VALIDATION])
    return Draw(
        rows.x[train],
        rows.y[train],
        (rows.x[choose], rows.y[choose]),
        None,
        (rows.x[fresh], rows.y[fresh]),
        absolute,
    )


@dataclass(frozen=True)
class Setting:
    """One network."""

    width: int
    dropout: float
    ridge: float
    rate: float
    seed: int

    def network(self, epochs: int) -> NeuralRegressor:
        """Unfitted."""
        return NeuralRegressor(
            [Dense(self.width, "relu"), Dropout(self.dropout)],
            optimizer=Adam(self.rate),
            penalty=self.ridge,
            epochs=epochs,
            batch_size=None,
            random_state=self.seed,
            verbose=False,
        )


def random_settings(number: int, count: int, widths: Sequence[int]) -> list[Setting]:
    """Settings drawn at random; every width as often as the others, so that all draws share their programs.

    >>> [setting.width for setting in random_settings(0, 4, (4, 16))]
    [4, 16, 4, 16]
    """
    rng = np.random.default_rng([44, number])
    return [
        Setting(
            widths[place % len(widths)],
            float(rng.choice([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])),
            float(10 ** rng.uniform(-5, -1)),
            float(10 ** rng.uniform(-3, -1)),
            int(rng.integers(2**31)),
        )
        for place in range(count)
    ]


def seeds_of_one(number: int, count: int, widths: Sequence[int]) -> list[Setting]:
    """One setting, of the middle width, from seeds that differ."""
    rng = np.random.default_rng([45, number])
    width = widths[len(widths) // 2]
    return [Setting(width, 0.2, 0.001, 0.01, int(seed)) for seed in rng.integers(2**31, size=count)]


def measure(
    draws: Sequence[Draw], settings: Sequence[Sequence[Setting]], epochs: int, advance: Callable[[int], None]
) -> list[Errors]:
    """Fit every setting of every draw to its training rows, all as one population, and measure its errors."""
    queries = [_query(draw) for draw in draws]
    sources = [
        Source(draw.x.astype(np.float32), draw.y, queries=(query,))
        for draw, query in zip(draws, queries, strict=True)
    ]
    tasks = [
        [Task(setting.network(epochs), source) for setting in of_draw]
        for of_draw, source in zip(settings, sources, strict=True)
    ]
    results = fit_many(
        [task for of_draw in tasks for task in of_draw],
        keep_parameters=False,
        on_done=lambda done: advance(len(done)),
    )
    for result in results:
        if result.error is not None:
            raise result.error
        if result.estimator is None:
            raise KeyboardInterrupt
    return [
        _errors(draw, np.array([task.estimator.predict(query) for task in of_draw], np.float64).T)
        for draw, of_draw, query in zip(draws, tasks, queries, strict=True)
    ]


def _query(draw: Draw) -> NDArray[np.float32]:
    honest = [] if draw.honest is None else [draw.honest[0]]
    return np.concatenate([draw.validation[0], *honest, draw.fresh[0]]).astype(np.float32)


def _errors(draw: Draw, predicted: Array) -> Errors:
    """From predictions of validation, honest and fresh rows, shape (rows, settings)."""
    n, n_fresh = len(draw.validation[1]), len(draw.fresh[1])
    on_fresh = predicted[-n_fresh:]
    losses = draw.loss(draw.fresh[1][:, None], on_fresh)
    fresh = losses.mean(axis=0)
    if draw.mean is not None:
        fresh = squared(draw.mean[:, None], on_fresh).mean(axis=0) + draw.noise**2
    honest = None
    if draw.honest is not None:
        honest = draw.loss(draw.honest[1][:, None], predicted[n : 2 * n]).mean(axis=0)
    validation = draw.loss(draw.validation[1][:, None], predicted[:n]).mean(axis=0)
    return Errors(validation, honest, fresh, losses, n)
