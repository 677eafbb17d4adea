"""The weights of a network of dense layers, one table after another, from Lamina's estimators and scikit-learn's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.errors import ArgumentTypeError
from lamina.estimators.base import NeuralEstimator, final_step
from lamina.explain.learnt.names import input_names, output_names
from lamina.layers.activations import activation_name
from lamina.layers.base import Layer, children
from lamina.layers.dense import Activation, Dense, LeakyReLU


@dataclass(frozen=True, eq=False)
class Chain:
    """Dense layers one after another.

    Attributes
    ----------
    weights
        Of each layer, (inputs, units).
    biases
        Of each layer, (units,), or None.
    connected
        Which weights there are, of the shapes of ``weights``.
    titles
        Of the inputs and of each layer: its name and activation.
    inputs, outputs
        Names.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray | None, ...]
    connected: tuple[np.ndarray, ...]
    titles: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def sizes(self) -> list[int]:
        """Number of inputs, and of units of each layer."""
        return [len(self.weights[0]), *(table.shape[1] for table in self.weights)]


def chain_of(model: Any) -> Chain | str:
    """The dense layers of a fitted model, or the name of the layer that is none.

    Raises
    ------
    ArgumentTypeError
        If the model has no layers.
    NotFittedError
        If it is not fitted.
    """
    model = final_step(model)
    if not isinstance(model, NeuralEstimator) and not hasattr(model, "hidden_layer_sizes"):
        raise ArgumentTypeError(
            f"{type(model).__name__} has no layers to draw: give a fitted NeuralClassifier or NeuralRegressor, or a "
            "multi-layer perceptron of scikit-learn."
        )
    check_is_fitted(model)
    return _of_network(model) if isinstance(model, NeuralEstimator) else _of_perceptron(model)


def _of_network(model: NeuralEstimator) -> Chain | str:
    layers: list[tuple[str, Dense]] = []
    titles: list[str] = []
    for name, layer in children(model.network_):
        if isinstance(layer, Dense):
            layers.append((name, layer))
            titles.append(_titled(name, activation_name(layer.activation)))
        elif isinstance(layer, (Activation, LeakyReLU)) and layers:
            kind = activation_name(layer.activation) if isinstance(layer, Activation) else "leaky_relu"
            titles[-1] = _titled(layers[-1][0], kind)
        elif not _passes(layer):
            return name
    own = [model.parameters_[name] for name, _ in layers]
    weights = [np.asarray(each["weights"], float) for each in own]
    there = [
        np.ones(table.shape, bool) if layer.connections is None else np.asarray(layer.connections, bool)
        for table, (_, layer) in zip(weights, layers, strict=True)
    ]
    biases = [None if "bias" not in each else np.asarray(each["bias"], float) for each in own]
    return _chain(model, weights, biases, there, titles)


def _passes(layer: Layer) -> bool:
    """Whether a layer does nothing at prediction, as dropout and noise do."""
    return layer.draws and not hasattr(layer, "layers")


def _titled(name: str, kind: str) -> str:
    return name if kind in ("linear", "identity") else f"{name}\n{kind}"


def _of_perceptron(model: Any) -> Chain:
    weights = [np.asarray(table, float) for table in model.coefs_]
    biases = [np.asarray(each, float) for each in model.intercepts_]
    kinds = [model.activation] * (len(weights) - 1) + [model.out_activation_]
    titles = [_titled(f"layer {place + 1}", kind) for place, kind in enumerate(kinds)]
    return _chain(model, weights, biases, [np.ones(table.shape, bool) for table in weights], titles)


def _chain(
    model: Any,
    weights: Sequence[np.ndarray],
    biases: Sequence[np.ndarray | None],
    there: Sequence[np.ndarray],
    titles: Sequence[str],
) -> Chain:
    return Chain(
        tuple(weights),
        tuple(biases),
        tuple(there),
        ("inputs", *titles),
        tuple(input_names(model, len(weights[0]))),
        tuple(output_names(model, weights[-1].shape[1])),
    )
