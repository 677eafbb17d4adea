r"""Forwards and backwards through a multi-layer perceptron, for all rows of a batch at once.

A layer's weights have the shape (inputs + 1, units). The last row belongs to the bias input, which is -1: these weights are the
thresholds θ, and h = Σ_j w_j a_j - θ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.classics.outputs import Output, sigmoid

Array = NDArray[Any]


def with_bias(a: Array) -> Array:
    """The bias input -1 as a last column.

    >>> with_bias(np.array([[0.2, 0.3]])).tolist()
    [[0.2, 0.3, -1.0]]
    """
    return np.concatenate([a, np.full((len(a), 1), -1, a.dtype)], axis=1)


def forward(weights: Sequence[Array], x: Array, beta: float, output: Output) -> tuple[list[Array], Array]:
    """Outputs y, (n, outputs), of rows x that have their bias input already, and what each layer was given on the way."""
    inputs = [x]
    for w in weights[:-1]:
        h = inputs[-1] @ w  # h_k = Σ_j a_j w_jk
        a = sigmoid(h, beta)  # a_k = 1 / (1 + exp(-β h_k))
        inputs.append(with_bias(a))
    return inputs, output.activation(inputs[-1] @ weights[-1], beta)


def backward(weights: Sequence[Array], inputs: Sequence[Array], delta: Array, beta: float) -> list[Array]:
    """The derivative of the mean error by every weight, from the δ = ∂E/∂h of the output layer, (n, outputs).

    Examples
    --------
    One weight and a threshold in each of two layers, one row x = 1 with target 0.

    >>> from lamina.classics.outputs import OUTPUTS
    >>> weights = [np.array([[0.0], [0.0]]), np.array([[2.0], [0.0]])]
    >>> inputs, y = forward(weights, np.array([[1.0, -1.0]]), 1.0, OUTPUTS["linear"])
    >>> y.item()  # 2 · sigmoid(0)
    1.0
    >>> hidden, last = backward(weights, inputs, y - 0, 1.0)
    >>> last.ravel().tolist(), hidden.ravel().tolist()  # δ a = 1 · ½; a (1 - a) w δ x = ½ · ½ · 2 · 1 · 1
    ([0.5, -1.0], [0.5, -0.5])
    """
    n = len(delta)
    gradients = [inputs[-1].T @ delta / n]  # ∂E/∂w_jk = mean over rows of a_j δ_k
    for layer in range(len(weights) - 1, 0, -1):
        a = inputs[layer][:, :-1]
        back = delta @ weights[layer][:-1].T  # Σ_k w_jk δ_k: the bias input hands nothing back
        delta = beta * a * (1 - a) * back  # δ_j = β a_j (1 - a_j) Σ_k w_jk δ_k
        gradients.append(inputs[layer - 1].T @ delta / n)
    return gradients[::-1]
