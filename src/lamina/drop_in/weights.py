"""scikit-learn's lists of coefficients and intercepts, and Lamina's tree of parameters by layer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from lamina.layers.base import Parameters
from lamina.layers.containers import Sequential
from lamina.layers.dense import Dense

ACTIVATION_NAMES = {
    "identity": "linear",
    "logistic": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "softmax": "softmax",
    "exp": "exponential",
}
"""Lamina's name of each activation of scikit-learn's."""


def draw_weights(
    units: Sequence[int], activation: str, dtype: Any, rng: np.random.RandomState
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Coefficients and intercepts uniform on ±sqrt(6 / (inputs + outputs)), or ±sqrt(2 / …) for the logistic activation.

    Drawn in scikit-learn's order, so the same ``random_state`` gives the same numbers. Glorot and Bengio 2010.

    >>> coefs, intercepts = draw_weights([3, 2, 1], "relu", np.float64, np.random.RandomState(0))
    >>> [c.shape for c in coefs], [b.shape for b in intercepts]
    ([(3, 2), (2, 1)], [(2,), (1,)])
    """
    factor = 2.0 if activation == "logistic" else 6.0
    coefs, intercepts = [], []
    for inputs, outputs in pairwise(units):
        bound = np.sqrt(factor / (inputs + outputs))
        coefs.append(rng.uniform(-bound, bound, (inputs, outputs)).astype(dtype, copy=False))
        intercepts.append(rng.uniform(-bound, bound, outputs).astype(dtype, copy=False))
    return coefs, intercepts


def network_of(coefs: Sequence[np.ndarray], activation: str, out_activation: str) -> Sequential:
    """The network with these coefficients.

    >>> network_of([np.zeros((3, 2)), np.zeros((2, 1))], "tanh", "logistic")
    Sequential([Dense(2, 'tanh'), Dense(1, 'sigmoid')])
    """
    names = [activation] * (len(coefs) - 1) + [out_activation]
    layers = [Dense(c.shape[1], ACTIVATION_NAMES[name]) for c, name in zip(coefs, names, strict=True)]
    return Sequential(layers)


def as_tree(coefs: Sequence[Any], intercepts: Sequence[Any], dtype: Any) -> Parameters:
    """Parameters by layer, as :func:`lamina.training.fit` takes them."""
    return {
        f"dense_{place}": {"weights": np.asarray(weights, dtype), "bias": np.asarray(bias, dtype)}
        for place, (weights, bias) in enumerate(zip(coefs, intercepts, strict=True), start=1)
    }


def as_lists(parameters: Parameters) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Coefficients and intercepts of parameters by layer; the inverse of :func:`as_tree`."""
    layers = [parameters[f"dense_{place}"] for place in range(1, len(parameters) + 1)]
    return [layer["weights"] for layer in layers], [layer["bias"] for layer in layers]
