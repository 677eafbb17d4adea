"""The output layer: its activation, the error of a row, and δ, the derivative of that error by the weighted sums h."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def sigmoid(h: Array, beta: float) -> Array:
    """1 / (1 + exp(-β h)), written as (1 + tanh(β h / 2)) / 2, which never overflows.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]), 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    a: Array = 0.5 * (1 + np.tanh(0.5 * beta * h))
    return a


class Output(ABC):
    """Base of the outputs. h, y and the targets t have the shape (n, outputs)."""

    classifies: ClassVar[bool] = True

    @abstractmethod
    def activation(self, h: Array, beta: float) -> Array:
        """y from the weighted sums h."""

    @abstractmethod
    def error(self, y: Array, t: Array) -> Array:
        """E of each row, (n,)."""

    @abstractmethod
    def delta(self, y: Array, t: Array, beta: float) -> Array:
        """δ = ∂E/∂h."""


class Linear(Output):
    """y = h and E = ½ Σ_k (y_k - t_k)²."""

    classifies = False

    def activation(self, h: Array, beta: float) -> Array:
        return h

    def error(self, y: Array, t: Array) -> Array:
        squares: Array = 0.5 * np.sum((y - t) ** 2, axis=1)
        return squares

    def delta(self, y: Array, t: Array, beta: float) -> Array:
        delta: Array = y - t  # δ_k = y_k - t_k
        return delta


class Logistic(Output):
    """y = 1 / (1 + exp(-β h)) and E = -Σ_k (t_k log y_k + (1 - t_k) log(1 - y_k)), the cross-entropy."""

    def activation(self, h: Array, beta: float) -> Array:
        return sigmoid(h, beta)

    def error(self, y: Array, t: Array) -> Array:
        entropy: Array = -np.sum(t * _log(y) + (1 - t) * _log(1 - y), axis=1)
        return entropy

    def delta(self, y: Array, t: Array, beta: float) -> Array:
        return beta * (y - t)  # δ_k = β (y_k - t_k): the factor y (1 - y) cancels


class LogisticSquares(Logistic):
    """y = 1 / (1 + exp(-β h)) and E = ½ Σ_k (y_k - t_k)², as the book has it."""

    def error(self, y: Array, t: Array) -> Array:
        squares: Array = 0.5 * np.sum((y - t) ** 2, axis=1)
        return squares

    def delta(self, y: Array, t: Array, beta: float) -> Array:
        delta: Array = beta * (y - t) * y * (1 - y)  # δ_k = β (y_k - t_k) y_k (1 - y_k)
        return delta


class Softmax(Output):
    """y_k = exp(h_k) / Σ_m exp(h_m) and E = -Σ_k t_k log y_k; β has no part in it."""

    def activation(self, h: Array, beta: float) -> Array:
        powers = np.exp(h - h.max(axis=1, keepdims=True))  # the largest taken off, which changes no quotient
        y: Array = powers / powers.sum(axis=1, keepdims=True)
        return y

    def error(self, y: Array, t: Array) -> Array:
        entropy: Array = -np.sum(t * _log(y), axis=1)
        return entropy

    def delta(self, y: Array, t: Array, beta: float) -> Array:
        delta: Array = y - t  # δ_k = y_k - t_k
        return delta


OUTPUTS: dict[str, Output] = {
    "linear": Linear(),
    "logistic": Logistic(),
    "logistic_squares": LogisticSquares(),
    "softmax": Softmax(),
}


def _log(y: Array) -> Array:
    """The logarithm, finite where a probability has been rounded to zero."""
    logarithm: Array = np.log(np.maximum(y, np.finfo(y.dtype).tiny))
    return logarithm
