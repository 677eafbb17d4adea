"""Epochs of a multi-layer perceptron: steps with momentum, and when to stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.classics.outputs import Output
from lamina.classics.propagation import backward, forward

Array = NDArray[Any]


@dataclass
class History:
    """How a fit went.

    Attributes
    ----------
    error
        Mean error of the training rows, each as it was met, before its update; one an epoch.
    validation_error
        Mean error of the validation rows whenever they were looked at; empty without early stopping.
    best_epoch
        The epoch whose weights are kept, counted from 1.
    stopped
        "epochs", or "validation" where early stopping ended it.
    """

    error: list[float] = field(default_factory=list)
    validation_error: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stopped: str = "epochs"

    def __len__(self) -> int:
        return len(self.error)


@dataclass
class Learner:
    """Weights in training, and the last step Δw of each layer, which momentum repeats."""

    weights: list[Array]
    beta: float
    output: Output
    learning_rate: float
    momentum: float
    steps: list[Array] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = [np.zeros_like(w) for w in self.weights]

    def epoch(self, x: Array, t: Array, batches: Sequence[Any]) -> float:
        """A step on each batch, which are places of rows; the mean error as it was before them."""
        return sum(self.step(x[batch], t[batch]) for batch in batches) / len(x)

    def step(self, x: Array, t: Array) -> float:
        """One step on rows x with targets t; the sum of their errors before it."""
        inputs, y = forward(self.weights, x, self.beta, self.output)
        delta = self.output.delta(y, t, self.beta)
        gradients = backward(self.weights, inputs, delta, self.beta)
        for w, step, gradient in zip(self.weights, self.steps, gradients, strict=True):
            step *= self.momentum
            step += self.learning_rate * gradient  # Δw(t) = η ∂E/∂w + m Δw(t-1)
            w -= step  # w ← w - Δw(t)
        return float(self.output.error(y, t).sum())

    def error(self, x: Array, t: Array) -> float:
        """Mean error of rows."""
        return float(self.output.error(forward(self.weights, x, self.beta, self.output)[1], t).mean())


def no_longer_falls(errors: Sequence[float], tol: float) -> bool:
    """Whether the last two changes of a validation error were falls of at most ``tol``, or rises.

    >>> no_longer_falls([3.0, 2.0, 2.1, 2.2], 0.0), no_longer_falls([3.0, 2.0, 2.1, 1.9], 0.0)
    (True, False)
    """
    falls = -np.diff(errors[-3:])
    return len(falls) == 2 and bool((falls <= tol).all())
