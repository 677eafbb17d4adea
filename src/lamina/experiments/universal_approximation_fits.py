"""The fits of all widths and depths, and the errors of bumps of as many units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.progress import counted_up
from lamina.explain.learnt.bumps import bump_network
from lamina.layers import Dense
from lamina.networks import with_output
from lamina.training import LBFGS, Adam, DataSet, Member, Settings, SquaredError, fit_population, pad_rows
from lamina.training.schedules import Cosine

Array = NDArray[np.float64]
OPTIMIZERS = ("Adam", "L-BFGS")
CONSTRUCTIONS: Mapping[str, float] = {"steep": 20.0, "gentle": 4.0}
"""Steepness of the sigmoids by name."""
POINTS, TEST_POINTS, BATCH, RATE = 500, 1000, 100, 0.01


@dataclass(frozen=True)
class Plan:
    """What is run: units of a layer, numbers of hidden layers, seeds, and how long each optimizer goes on."""

    widths: tuple[int, ...]
    depths: tuple[int, ...]
    seeds: int
    epochs: int
    iterations: int


@dataclass(frozen=True, eq=False)
class Found:
    """Errors, root mean square and largest.

    Attributes
    ----------
    trained
        By optimizer, depth and width: (seeds, 2).
    built
        By name and units: a pair.
    """

    plan: Plan
    trained: Mapping[tuple[str, int, int], Array]
    built: Mapping[tuple[str, int], tuple[float, float]]

    def slope_of_bumps(self, name: str) -> float:
        """Of a line through the logarithms of error and units."""
        return slope(self.plan.widths, np.array([self.built[name, width][0] for width in self.plan.widths]))

    def slopes(self, optimizer: str) -> list[float]:
        """The same of trained networks of one hidden layer, seed by seed."""
        errors = np.stack([self.trained[optimizer, 1, width][:, 0] for width in self.plan.widths])
        return [slope(self.plan.widths, errors[:, seed]) for seed in range(errors.shape[1])]


def nielsen(x: Array) -> Array:
    """f(x) = 0.2 + 0.4 x² + 0.3 x sin(15 x) + 0.05 cos(50 x), of Nielsen's chapter 4.

    >>> nielsen(np.array([0.0])).tolist()
    [0.25]
    """
    return np.asarray(0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.05 * np.cos(50 * x))


def slope(widths: tuple[int, ...], errors: Array) -> float:
    """Of a line through logarithms.

    >>> round(slope((1, 10, 100), np.array([1.0, 0.1, 0.01])), 6)
    -1.0
    """
    return float(np.polyfit(np.log(widths), np.log(errors), 1)[0])


def points_between() -> Array:
    """In the middles between equidistant points, so that hardly one was learnt from."""
    return (np.arange(TEST_POINTS) + 0.5) / TEST_POINTS


def measure_bumps(plan: Plan) -> dict[tuple[str, int], tuple[float, float]]:
    """Errors of the constructions with so many units."""
    x = points_between()
    found = {}
    for name, steepness in CONSTRUCTIONS.items():
        for width in plan.widths:
            model = bump_network(nielsen, 0.0, 1.0, width // 2, steepness=steepness)
            found[name, width] = _errors(model.predict(x[:, None]))
    return found


def fit_networks(plan: Plan, progress: bool) -> dict[tuple[str, int, int], Array]:
    """Train all as one population."""
    x = np.linspace(0.0, 1.0, POINTS)
    y = nielsen(x)
    rows = pad_rows(_scaled(x), ((y - y.mean()) / y.std())[:, None], None)
    data = [DataSet(rows, None, (_scaled(points_between()),))]
    keys = [(name, depth, width) for name in OPTIMIZERS for depth in plan.depths for width in plan.widths]
    members = [_member(plan, *key, seed) for key in keys for seed in range(plan.seeds)]
    with counted_up(len(members), "fitting networks", progress) as advance:
        outcomes = fit_population(
            members, data, keep_parameters=False, on_done=lambda done: advance(len(done))
        )
    if any(outcome.fitted is None and outcome.error is None for outcome in outcomes):
        raise KeyboardInterrupt
    errors = np.array([_errors_of(outcome, y) for outcome in outcomes]).reshape(len(keys), plan.seeds, 2)
    return dict(zip(keys, errors, strict=True))


def _member(plan: Plan, optimizer: str, depth: int, width: int, seed: int) -> Member:
    network = with_output([Dense(width, "tanh")] * depth, 1, "linear")
    if optimizer == "Adam":
        settings = Settings(Adam(Cosine(RATE)), epochs=plan.epochs, batch_size=BATCH)
    else:
        settings = Settings(LBFGS(), epochs=plan.iterations, batch_size=None)
    return Member(network, SquaredError(), settings, seed)


def _scaled(x: Array) -> Array:
    """Mean zero and variance one on the interval, (n, 1)."""
    return np.asarray((x - 0.5) * np.sqrt(12))[:, None]


def _errors_of(outcome: Any, y: Array) -> tuple[float, float]:
    """Of the outcome's mean, where a fit diverged."""
    standardised = np.zeros(TEST_POINTS) if outcome.fitted is None else outcome.answers[0][:, 0].astype(float)
    return _errors(y.mean() + y.std() * standardised)


def _errors(predicted: Array) -> tuple[float, float]:
    error = np.abs(predicted - nielsen(points_between()))
    return float(np.sqrt(np.mean(np.square(error)))), float(error.max())
