"""Gradients against finite differences, momentum by hand, and every update against the compiled engine."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import numpy as np
import pytest

from lamina.classics import MultiLayerPerceptron
from lamina.classics.learning import Learner
from lamina.classics.outputs import OUTPUTS, sigmoid
from lamina.classics.propagation import backward, forward, with_bias
from lamina.classics.starting import drawn_weights
from lamina.layers import Dense, Sequential
from lamina.training import (
    SGD,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Loss,
    Settings,
    SquaredError,
    fit,
    pad_rows,
)
from lamina.training.fitted import begun
from lamina.training.losses import FunctionLoss

X = np.random.default_rng(0).normal(size=(24, 3))
REAL = np.random.default_rng(1).normal(size=(24, 3))
CLASSES = np.arange(24) % 3
RATE, MOMENTUM = 0.02, 0.9


def targets(output: str) -> np.ndarray:
    return REAL if output == "linear" else np.eye(3)[CLASSES]


@pytest.mark.parametrize("beta", [1.0, 2.5])
@pytest.mark.parametrize("hidden", [[], [4], [5, 4]])
@pytest.mark.parametrize("output", OUTPUTS)
def test_gradients_are_finite_differences(output: str, hidden: list[int], beta: float) -> None:
    kind, t, x = OUTPUTS[output], targets(output), with_bias(X)
    weights = drawn_weights([3, *hidden, 3], np.float64, np.random.RandomState(0))
    learner = Learner(weights, beta, kind, RATE, MOMENTUM)
    inputs, y = forward(weights, x, beta, kind)
    found = backward(weights, inputs, kind.delta(y, t, beta), beta)
    for w, gradient in zip(weights, found, strict=True):
        for place in np.ndindex(w.shape):
            here, errors = w[place], []
            for moved in (here + 1e-5, here - 1e-5):
                w[place] = moved
                errors.append(learner.error(x, t))
            w[place] = here
            assert gradient[place] == pytest.approx((errors[0] - errors[1]) / 2e-5, rel=1e-6, abs=1e-9)


def test_the_sigmoid_is_its_equation() -> None:
    h = np.linspace(-20, 20, 101)
    np.testing.assert_allclose(sigmoid(h, 1.5), 1 / (1 + np.exp(-1.5 * h)), atol=1e-15)


def test_two_steps_with_momentum_by_hand() -> None:
    """y = w x - θ for x = 2, t = 0, from w = 1, θ = 0: δ = 2, then Δw = η·4 and w = 1 - 0.4, and so on."""
    model = MultiLayerPerceptron(
        [], "linear", learning_rate=0.1, momentum=0.5, epochs=2, initial_weights=[[[1.0], [0.0]]]
    ).fit([[2.0]], [0.0])
    w, theta, step_w, step_theta = 1.0, 0.0, 0.0, 0.0
    for _ in range(2):
        delta = w * 2 - theta
        step_w, step_theta = 0.1 * delta * 2 + 0.5 * step_w, 0.1 * delta * -1 + 0.5 * step_theta
        w, theta = w - step_w, theta - step_theta
    np.testing.assert_allclose(model.weights_[0].ravel(), [w, theta], rtol=1e-14)


def squares(z: Any, y: Any) -> Any:
    return 0.5 * (y - jax.nn.sigmoid(z)) ** 2


# Output, hidden layers, classes, the engine's loss and the activation of its last layer, and its rate over ours: the engine
# averages over the K outputs, and its squared error has no ½.
ENGINE: list[tuple[str, list[int], int, Loss, str, float]] = [
    ("softmax", [4], 3, CategoricalCrossEntropy(), "softmax", 1),
    ("softmax", [5, 4], 3, CategoricalCrossEntropy(), "softmax", 1),
    ("logistic", [4], 2, BinaryCrossEntropy(), "sigmoid", 1),
    ("logistic", [4], 3, BinaryCrossEntropy(), "sigmoid", 3),
    ("logistic_squares", [4], 3, FunctionLoss(squares), "linear", 3),
    ("linear", [4], 1, SquaredError(), "linear", 1 / 2),
    ("linear", [5, 4], 3, SquaredError(), "linear", 3 / 2),
]


def outcome(output: str, number: int) -> np.ndarray:
    """y of so many classes or, of a regression, outputs."""
    y = REAL[:, :number] if output == "linear" else np.arange(24) % number
    return y.ravel() if number == 1 else y


def engine_y(output: str, y: np.ndarray, number: int) -> np.ndarray:
    one_hot = output.startswith("logistic") and number > 2
    return np.eye(number)[y] if one_hot else y.reshape(len(y), -1).astype(np.float64)


WAYS = [*itertools.product(ENGINE, [("sequential", 1.0), (8, 2.0)]), (ENGINE[1], ("batch", 1.5))]


@pytest.mark.parametrize(
    ("output", "hidden", "number", "loss", "link", "factor", "updating", "beta"), [a + b for a, b in WAYS]
)
def test_updates_are_the_compiled_engines(
    output: str,
    hidden: list[int],
    number: int,
    loss: Loss,
    link: str,
    factor: float,
    updating: Any,
    beta: float,
) -> None:
    """Three epochs from the same weights over the same rows in the same order, with momentum, agree to 1e-10.

    A layer of steepness β is one of steepness 1 with weights βw, whose rate is β²η.
    """
    y = outcome(output, number)
    units = 1 if output == "logistic" and number == 2 else number
    steep = [beta] * len(hidden) + [beta if output.startswith("logistic") else 1.0]
    start = drawn_weights([3, *hidden, units], np.float64, np.random.RandomState(1))
    ours = MultiLayerPerceptron(
        hidden,
        output,
        beta=beta,
        updating=updating,
        learning_rate=RATE,
        momentum=MOMENTUM,
        epochs=3,
        shuffle=False,
        initial_weights=start,
    ).fit(X, y)

    layers = [*(Dense(k, "sigmoid") for k in hidden), Dense(units, link)]
    names = [f"dense_{number}" for number in range(1, len(layers) + 1)]
    parameters = {
        name: {"weights": b * w[:-1], "bias": -b * w[-1]}
        for name, w, b in zip(names, start, steep, strict=True)
    }
    rate, factors = RATE * factor, {name: b**2 for name, b in zip(names, steep, strict=True)}
    batch = {"sequential": 1, "batch": None}.get(updating, updating)
    settings = Settings(SGD(rate, MOMENTUM, factors=factors), epochs=3, batch_size=batch, shuffle=False)
    rows = pad_rows(X, engine_y(output, y, number), None)
    theirs = fit(Sequential(layers), loss, rows, settings, 0, start_from=begun((parameters, {})))

    moved = 0.0
    for name, w, b, w_start in zip(names, ours.weights_, steep, start, strict=True):
        np.testing.assert_allclose(b * w[:-1], theirs.parameters[name]["weights"], rtol=0, atol=1e-10)
        np.testing.assert_allclose(-b * w[-1], theirs.parameters[name]["bias"], rtol=0, atol=1e-10)
        moved = max(moved, np.abs(w - w_start).max())
    assert moved > 0.01
