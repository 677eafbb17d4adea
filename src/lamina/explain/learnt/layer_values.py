"""Every layer's output for rows of a table, of Lamina's networks and of scikit-learn's perceptrons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.data.sparse import SparseTable
from lamina.errors import ArgumentTypeError, DataError
from lamina.estimators.base import NeuralEstimator, final_step
from lamina.estimators.features import in_precision
from lamina.explain.outputs import output_blocks
from lamina.layers.activations import ACTIVATIONS
from lamina.layers.base import children
from lamina.training.precision import precision

LOGISTIC = {"logistic": "sigmoid", "identity": "linear"}
"""scikit-learn's names of activations that have another one here."""


def layer_values(model: Any, X: Any) -> dict[str, np.ndarray]:
    """Outputs (n, ...) of every layer by its path, in the order of computation; steps of a pipeline before it are applied.

    Raises
    ------
    ArgumentTypeError
        If the model has no layers.
    NotFittedError, DataError
        If it is not fitted; if the rows are not like those of the fit, or sparse.
    """
    check_is_fitted(model)
    if hasattr(model, "steps"):
        X = model[:-1].transform(X) if len(model.steps) > 1 else X
        model = final_step(model)
    if isinstance(model, NeuralEstimator):
        blocks = list(output_blocks(model, network_input(model, X), None))
        return {path: np.concatenate([block[path] for block in blocks]) for path in blocks[0]}
    if hasattr(model, "hidden_layer_sizes") and hasattr(model, "coefs_"):
        return _of_perceptron(model, X)
    raise ArgumentTypeError(
        f"{type(model).__name__} has no layers to look into: give a fitted NeuralClassifier or NeuralRegressor, or a "
        "multi-layer perceptron of scikit-learn."
    )


def hidden_layers(model: Any, known: Mapping[str, Any]) -> list[str]:
    """Paths of the outermost layers before the output layer that change what they are given, dropout and the like left out."""
    network = getattr(final_step(model), "network_", None)
    if network is None:
        return list(known)[:-1]
    *hidden, _ = children(network)
    return [name for name, layer in hidden if not layer.draws]


def network_input(model: NeuralEstimator, X: Any) -> np.ndarray:
    """Rows as the network of a fitted estimator is given them: encoded and standardised, (n, ...)."""
    check_is_fitted(model)
    x = in_precision(model.features_.finish(model._features(X, reset=False)), model._precision())
    if isinstance(x, SparseTable):
        raise DataError(
            "the model was fitted on sparse rows, and a picture of its layers needs others: fit it on X.toarray()."
        )
    return np.asarray(x)


def _of_perceptron(model: Any, X: Any) -> dict[str, np.ndarray]:
    """a_l = g(a_{l-1} W_l + b_l), as scikit-learn computes it."""
    x = np.asarray(X, float)
    if x.ndim != 2 or x.shape[1] != model.n_features_in_:
        raise DataError(
            f"X has shape {x.shape} and the model was fitted on {model.n_features_in_} columns: give (n, {model.n_features_in_})."
        )
    kinds = [model.activation] * (len(model.coefs_) - 1) + [model.out_activation_]
    values = {}
    for place, (weights, bias, kind) in enumerate(
        zip(model.coefs_, model.intercepts_, kinds, strict=True), start=1
    ):
        with precision(np.dtype(float)):
            x = np.asarray(ACTIVATIONS[LOGISTIC.get(kind, kind)](x @ weights + bias))
        values[f"layer {place}"] = x
    return values
