"""Linear networks without intercept, in double precision, fitted by Lamina's engine and stopped at several times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lamina.layers import Dense
from lamina.layers.containers import Sequential
from lamina.layers.initializers import Initializer, Normal, Zeros
from lamina.training import (
    DataSet,
    Member,
    Optimizer,
    Outcome,
    Settings,
    SquaredError,
    fit_population,
    pad_rows,
)

Array = NDArray[np.float64]
Advance = Callable[[int], None]


@dataclass(frozen=True)
class Way:
    """How a path is walked.

    Attributes
    ----------
    name
        What it is called in tables.
    optimizer
        With its step.
    batch
        Rows a step; None takes all.
    start
        Where the coefficients begin.
    """

    name: str
    optimizer: Optimizer
    batch: int | None = None
    start: Initializer = field(default_factory=Zeros)


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows to learn from, and the seed of the order of the rows and of the start."""

    x: Array
    y: Array
    seed: int = 0


def walk(problems: Sequence[Problem], way: Way, epochs: Sequence[int], advance: Advance) -> Array:
    """Coefficients on every problem after each number of epochs, shape (epochs, problems, p): all fits are one population.

    A constant step and one seed make a longer fit go through the shorter one's coefficients.

    Warns
    -----
    DivergenceWarning
        Where steps are too long; the coefficients are then those of the best epoch.
    """
    network = Sequential([Dense(1, use_bias=False, weight_init=way.start)])
    members = [
        Member(
            network,
            SquaredError(),
            Settings(way.optimizer, epochs=count, batch_size=way.batch),
            problem.seed,
            data=place,
        )
        for count in epochs
        for place, problem in enumerate(problems)
    ]
    # The outputs at the unit vectors are the coefficients.
    data = [
        DataSet(pad_rows(problem.x, problem.y[:, None], None), None, (np.eye(problem.x.shape[1]),))
        for problem in problems
    ]
    outcomes = fit_population(members, data, on_done=lambda done: advance(len(done)))
    learnt = np.array([_coefficients(outcome) for outcome in outcomes])
    return learnt.reshape(len(epochs), len(problems), -1)


def first_coefficients(problem: Problem, sd: float) -> Array:
    """Where a start from ``Normal(sd)`` is."""
    network = Sequential([Dense(1, use_bias=False, weight_init=Normal(sd))])
    from lamina.training.plan import initial

    parameters, _ = initial(network, (problem.x.shape[1],), problem.seed, np.float64)
    [layer] = parameters.values()
    return np.asarray(layer["weights"], np.float64)[:, 0]


def _coefficients(outcome: Outcome) -> Array:
    if outcome.error is not None:
        raise outcome.error
    if outcome.fitted is None:
        raise KeyboardInterrupt
    return np.asarray(outcome.answers[0][:, 0], np.float64)
