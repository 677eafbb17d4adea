"""The networks compared on Genz's functions: one base design, and others that differ from it in one factor."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DivergenceWarning
from lamina.experiments.genz_sample import Sample
from lamina.experiments.progress import counted_up
from lamina.layers import Dense
from lamina.layers.containers import Sequential
from lamina.networks import with_output
from lamina.training import (
    LBFGS,
    SGD,
    Adam,
    AdamW,
    DataSet,
    Member,
    Momentum,
    Optimizer,
    Outcome,
    RMSProp,
    Settings,
    SquaredError,
    fit_population,
)
from lamina.training.program import Rows
from lamina.training.schedules import Cosine, Schedule

Array = NDArray[np.float64]
UNITS, BATCH = 32, 32
FACTORS_OF_RATE = (1.0, 0.3, 0.1, 0.03, 0.01)
ITERATIONS = 500
SMALLEST = 1e-12
ROOMS, FULL_BATCH_ROOMS = (12, 512, 5120), (128,)
"""Rows that samples are padded to, so that sizes share a program; a full batch computes them all."""


@dataclass(frozen=True)
class Design:
    """A network and how it is fitted; a rate is chosen among a hundredth to the whole of ``highest_rate``."""

    name: str
    depth: int = 2
    activation: str = "relu"
    optimizer: Callable[[Schedule], Optimizer] | None = Adam
    highest_rate: float = 0.1

    @property
    def network(self) -> Sequential:
        """Hidden layers of 32 units and a linear output."""
        return with_output([Dense(UNITS, self.activation)] * self.depth, 1, "linear")

    @property
    def rates(self) -> tuple[float, ...]:
        """Learning rates to choose among; L-BFGS has none."""
        return (
            () if self.optimizer is None else tuple(self.highest_rate * factor for factor in FACTORS_OF_RATE)
        )

    def settings(self, n: int, steps: int, rate: float) -> Settings:
        """A given number of steps whatever the number of points; iterations over all points without an optimizer."""
        if self.optimizer is None:
            return Settings(LBFGS(), epochs=min(steps, ITERATIONS), batch_size=None)
        settings = Settings(self.optimizer(Cosine(rate)), epochs=1, batch_size=BATCH)
        epochs = -(-steps // settings.steps(n))
        return Settings(settings.optimizer, epochs=epochs, batch_size=BATCH)

    def room(self, n: int) -> int:
        """Rows that n points are padded to."""
        rooms = FULL_BATCH_ROOMS if self.optimizer is None else ROOMS
        return next(room for room in rooms if room >= n)


BASE = Design("base")
DEPTHS = tuple(Design(f"depth: {depth}", depth=depth) for depth in (1, 3, 4))
ACTIVATIONS = tuple(Design(f"activation: {name}", activation=name) for name in ("tanh", "sigmoid", "swish"))
OPTIMIZERS = (
    Design("optimizer: SGD", optimizer=SGD, highest_rate=0.3),
    Design("optimizer: momentum", optimizer=Momentum),
    Design("optimizer: RMSProp", optimizer=RMSProp),
    Design("optimizer: AdamW", optimizer=AdamW),
)
QUASI_NEWTON = Design("optimizer: L-BFGS", optimizer=None)


@dataclass(frozen=True, eq=False)
class Trial:
    """One fit: a design on the first n points of a family's function."""

    design: Design
    sample: Sample
    family: int
    n: int
    rate: float = 0.0

    @property
    def outcome(self) -> Array:
        """What there is to learn from, shape (n,)."""
        return self.sample.y[: self.n, self.family]


@dataclass(frozen=True, eq=False)
class Tried:
    """What trials gave: mean and maximum error of each, shape (trials, 2); how many were constant, how many diverged."""

    errors: Array
    constant: int
    diverged: int


def fit_trials(trials: Sequence[Trial], steps: int, what: str, progress: bool) -> Tried:
    """Fit all trials in one population.

    A sample whose outcome does not vary, as few points of a function that is zero nearly everywhere, is predicted by its
    constant; so is one on which a fit diverged, by its mean.
    """
    varying = [trial for trial in trials if np.ptp(trial.outcome) > 0]
    arrays: dict[tuple[int, ...], Rows] = {}
    queries: dict[int, NDArray[np.float32]] = {}
    members, data = [], []
    for place, trial in enumerate(varying):
        members.append(_member(trial, steps, place))
        data.append(_data_set(trial, arrays, queries))
    with counted_up(len(members), what, progress) as advance, warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)
        outcomes = fit_population(
            members, data, keep_parameters=False, on_done=lambda done: advance(len(done))
        )
    found = {id(trial): _standardised(outcome) for trial, outcome in zip(varying, outcomes, strict=True)}
    errors = [_errors(trial, found.get(id(trial))) for trial in trials]
    diverged = sum(outcome.error is not None or _broke_off(outcome) for outcome in outcomes)
    return Tried(np.array(errors), len(trials) - len(varying), diverged)


def choose_rates(
    designs: Sequence[Design], samples: Sequence[Sample], n: int, steps: int, progress: bool
) -> tuple[dict[str, float], int]:
    """The rate of each design with the smallest geometric mean of errors on samples kept for this; and the number of fits."""
    families = range(samples[0].y.shape[1])
    trials = [
        Trial(design, sample, family, n, rate)
        for design in designs
        for rate in design.rates
        for sample in samples
        for family in families
    ]
    tried = fit_trials(trials, steps, "choosing rates", progress)
    scores: dict[tuple[str, float], list[float]] = {}
    for trial, (mean, _) in zip(trials, tried.errors, strict=True):
        scores.setdefault((trial.design.name, trial.rate), []).append(log_error(mean))
    chosen = {
        design.name: min(design.rates, key=lambda rate: np.mean(scores[design.name, rate]))
        for design in designs
    }
    return chosen, len(trials) - tried.constant


def log_error(error: float) -> float:
    """Logarithm of an error; of none at all, that of a number smaller than any model's."""
    return float(np.log(max(error, SMALLEST)))


def _member(trial: Trial, steps: int, place: int) -> Member:
    settings = trial.design.settings(trial.n, steps, trial.rate)
    return Member(trial.design.network, SquaredError(), settings, trial.sample.draw, data=place)


def _data_set(
    trial: Trial, arrays: dict[tuple[int, ...], Rows], queries: dict[int, NDArray[np.float32]]
) -> DataSet:
    """A data set of its own, so that every trial takes the same program, around arrays that trials share."""
    sample, room = trial.sample, trial.design.room(trial.n)
    key = (id(sample), trial.family, trial.n, room)
    if key not in arrays:
        arrays[key] = _padded(_scaled(sample.x[: trial.n]), trial.outcome, room)
    if id(sample) not in queries:
        queries[id(sample)] = _scaled(sample.x_test)
    return DataSet(arrays[key], None, (queries[id(sample)],))


def _scaled(x: Array) -> NDArray[np.float32]:
    """Mean zero and variance one under the uniform distribution."""
    return np.asarray((x - 0.5) * np.sqrt(12), np.float32)


def _padded(x: NDArray[np.float32], y: Array, room: int) -> Rows:
    """Rows of weight one, the outcome standardised, and zeros up to ``room`` rows."""
    n = len(y)
    beyond = ((0, room - n), (0, 0))
    outcome = ((y - y.mean()) / y.std()).astype(np.float32)[:, None]
    weights = (np.arange(room) < n).astype(np.float32)
    return Rows(np.pad(x, beyond), np.pad(outcome, beyond), weights, np.int32(n))


def _standardised(outcome: Outcome) -> Array:
    """Predictions of the standardised outcome; zero, which is its mean, after divergence."""
    if outcome.fitted is None and outcome.error is None:
        raise KeyboardInterrupt
    return np.zeros(1) if outcome.fitted is None else outcome.answers[0][:, 0].astype(np.float64)


def _broke_off(outcome: Outcome) -> bool:
    return outcome.fitted is not None and outcome.fitted.history.stopped == "diverged"


def _errors(trial: Trial, standardised: Array | None) -> Array:
    y = trial.outcome
    predicted = np.full(1, y.mean()) if standardised is None else y.mean() + y.std() * standardised
    return trial.sample.errors(predicted, trial.family)
