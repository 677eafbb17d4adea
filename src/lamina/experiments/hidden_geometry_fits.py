"""Two sets of points in the plane, networks fitted to them, and what a straight cut can do after each layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from lamina import NeuralClassifier
from lamina.experiments.progress import tracked
from lamina.explain.learnt.layer_values import hidden_layers, layer_values
from lamina.layers import Dense
from lamina.training import Adam
from lamina.training.schedules import Cosine

Array = NDArray[np.float64]
POINTS = 200
RATE, BATCH, PENALTY = 0.02, 50, 1e-4
STRAIGHT = 1000.0
"""C of the logistic regression: hardly a penalty."""


@dataclass(frozen=True)
class Plan:
    """What is run: units of a layer, hidden layers, seeds and epochs."""

    widths: tuple[int, ...]
    depth: int
    seeds: int
    epochs: int


@dataclass(frozen=True, eq=False)
class Fit:
    """A network, and how many points were right, in per cent: of fresh ones, of the training, and by straight cuts.

    ``by_layer`` has the input first and then each hidden layer.
    """

    data: str
    width: int
    seed: int
    model: NeuralClassifier
    accuracy: float
    training: float
    by_layer: tuple[float, ...]


def circles(rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """A disc of radius 0.5, and a ring from 0.7 to 1."""
    angle = rng.uniform(0, 2 * np.pi, 2 * POINTS)
    squares = np.concatenate([rng.uniform(0, 0.25, POINTS), rng.uniform(0.49, 1, POINTS)])
    return np.sqrt(squares)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), np.repeat(
        [0, 1], POINTS
    )


def spirals(rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """Two arms of one turn, the second the first one turned by half a turn."""
    turn = np.sqrt(rng.uniform(0.01, 1, 2 * POINTS))
    y = np.repeat([0, 1], POINTS)
    angle = 2 * np.pi * turn + np.pi * y
    points = turn[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points + rng.normal(0, 0.02, points.shape), y


DATA: dict[str, Callable[[np.random.Generator], tuple[Array, NDArray[np.int64]]]] = {
    "circles": circles,
    "spirals": spirals,
}


def fit_all(plan: Plan, progress: bool) -> list[Fit]:
    """Every data set, width and seed; a seed draws points and weights."""
    cases = [(name, width, seed) for name in DATA for width in plan.widths for seed in range(plan.seeds)]
    return [_fit(plan, *case) for case in tracked(cases, "fitting networks", progress)]


def _fit(plan: Plan, name: str, width: int, seed: int) -> Fit:
    rng = np.random.default_rng(seed)
    (x, y), (fresh, truth) = DATA[name](rng), DATA[name](rng)
    layers = [Dense(width, "tanh")] * plan.depth
    model = NeuralClassifier(
        layers,
        optimizer=Adam(Cosine(RATE)),
        epochs=plan.epochs,
        batch_size=BATCH,
        penalty=PENALTY,
        random_state=seed,
    ).fit(x, y)
    return Fit(
        name,
        width,
        seed,
        model,
        100 * float(model.score(fresh, truth)),
        100 * float(model.score(x, y)),
        straight_cuts(model, (x, y), (fresh, truth)),
    )


def straight_cuts(
    model: NeuralClassifier, training: tuple[Array, NDArray[np.int64]], fresh: tuple[Array, NDArray[np.int64]]
) -> tuple[float, ...]:
    """Accuracy on fresh points, %, of a logistic regression of the input, and of what each hidden layer makes of it."""
    learnt, asked = layer_values(model, training[0]), layer_values(model, fresh[0])
    stages = [
        (training[0], fresh[0]),
        *((learnt[name], asked[name]) for name in hidden_layers(model, learnt)),
    ]
    return tuple(_straight(*stage, training[1], fresh[1]) for stage in stages)


def _straight(x: Array, fresh: Array, y: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    cut = LogisticRegression(C=STRAIGHT, max_iter=2000).fit(x, y)
    return 100 * float(cut.score(fresh, truth))
