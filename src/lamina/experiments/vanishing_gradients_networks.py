"""Deep networks for digits: by activation, initial weights, and what helps gradients through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.explain import backpropagate
from lamina.explain.tape.drawing import error_by_depth
from lamina.layers import Activation, BatchNorm, Dense, Layer, LayerNorm, Residual, Sequential

WIDTH, CLASSES = 64, 10
STARTS = (
    ("sigmoid", "xavier"),
    ("sigmoid", "he"),
    ("tanh", "xavier"),
    ("tanh", "he"),
    ("relu", "xavier"),
    ("relu", "he"),
)
"""Activations and initial weights."""
HELPS = ("plain", "residual", "batch norm", "layer norm")


@dataclass(frozen=True)
class Deep:
    """A network of ``depth`` hidden layers of 64 units.

    >>> Deep("relu", "he", "residual", 2).hidden()
    [Residual([Dense(64, 'relu', weight_init='he')]), Residual([Dense(64, 'relu', weight_init='he')])]
    """

    activation: str
    start: str
    help: str
    depth: int

    def hidden(self) -> list[Layer]:
        """The hidden layers."""
        return [layer for _ in range(self.depth) for layer in self.block()]

    def block(self) -> list[Layer]:
        """One hidden layer, with what helps."""
        if self.help == "plain":
            return [Dense(WIDTH, self.activation, weight_init=self.start)]
        if self.help == "residual":
            return [Residual([Dense(WIDTH, self.activation, weight_init=self.start)])]
        norm = BatchNorm() if self.help == "batch norm" else LayerNorm()
        return [Dense(WIDTH, weight_init=self.start), norm, Activation(self.activation)]

    def errors(self, x: NDArray[np.float64], y: NDArray[np.int_], seed: int) -> NDArray[np.float64]:
        """Root mean square of the error that arrives at each hidden layer's output at the start, from first to last."""
        network = Sequential([*self.hidden(), Dense(CLASSES, "softmax")])
        # In a pass of training a normalisation takes the batch's own statistics, as the first step does.
        tape = backpropagate(network, x, y, training=True, seed=seed)
        size = len(self.block())
        found: NDArray[np.float64] = error_by_depth(tape)[size - 1 : -1 : size]
        return found
