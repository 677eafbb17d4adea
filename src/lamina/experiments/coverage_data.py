"""Simulated data sets, and the networks that learn them, of the experiment on coverage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.estimators import NeuralClassifier, NeuralRegressor
from lamina.layers import Dense, Dropout
from lamina.training import Adam

Array = NDArray[np.float64]
TRAINING, TEST = 150, 400
EVEN, GROWING = "noise alike everywhere", "noise that grows"
KINDS = (EVEN, GROWING)
CLASSES = np.arange(3)


@dataclass(frozen=True)
class Draw:
    """One simulated data set."""

    x: Array
    y: Array
    x_test: Array
    y_test: Array


def noise(x: Array, kind: str) -> Array:
    """Standard deviation of the outcome at x."""
    return np.full_like(x, 0.3) if kind == EVEN else 0.1 + 0.3 * np.abs(x)


def numbers(rng: np.random.Generator, kind: str) -> Draw:
    """A smooth curve with normal noise."""
    x = rng.uniform(-2, 2, TRAINING + TEST)
    y = np.sin(2 * x) + noise(x, kind) * rng.normal(size=len(x))
    return _parted(x[:, None], y)


def clouds(rng: np.random.Generator) -> Draw:
    """Three classes in the plane, each a normal cloud, of unequal size."""
    y = rng.choice(CLASSES, TRAINING + TEST, p=[0.5, 0.3, 0.2])
    centres = np.array([[0.0, 0.0], [1.5, 0.0], [0.0, 1.5]])
    return _parted(centres[y] + rng.normal(size=(len(y), 2)), y)


def _parted(x: Array, y: Array) -> Draw:
    return Draw(x[:TRAINING], y[:TRAINING], x[TRAINING:], y[TRAINING:])


def regressor(seed: int, epochs: int, *, dropout: bool = False) -> NeuralRegressor:
    """The network of one draw, with four times the units under dropout."""
    layers = [Dense(32, "tanh"), Dropout(0.2)] if dropout else [Dense(8, "tanh")]
    return NeuralRegressor(
        layers, optimizer=Adam(0.05), epochs=epochs, batch_size=25, random_state=seed, verbose=False
    )


def classifier(seed: int, epochs: int, draw: Draw) -> NeuralClassifier:
    """The network of one draw, not fitted, but with its classes known."""
    model = NeuralClassifier(
        [Dense(8, "tanh")],
        optimizer=Adam(0.05),
        epochs=epochs,
        batch_size=25,
        random_state=seed,
        verbose=False,
    )
    model._learn_classes(draw.y)
    return model
