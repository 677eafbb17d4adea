"""What the loss around a fitted model needs of it: network, loss, parameters, state, and rows as training has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.errors import ArgumentTypeError, DataError
from lamina.estimators.base import NeuralEstimator
from lamina.estimators.features import in_memory, in_precision
from lamina.estimators.sequence_to_sequence import SequenceToSequence
from lamina.layers.base import Parameters, State
from lamina.layers.containers import Sequential
from lamina.layers.dense import Dense
from lamina.training import (
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Loss,
    SequenceCrossEntropy,
    SquaredError,
    pad_rows,
)
from lamina.training.program import Rows

_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid"}


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted network, and rows on which its loss is a number."""

    network: Sequential
    loss: Loss
    parameters: Parameters
    state: State
    rows: Rows


def fit_of(model: Any, X: Any, y: Any) -> Fit:
    """The network inside a model, and the rows as it takes them.

    Raises
    ------
    ArgumentTypeError
        If there is no one network inside.
    NotFittedError
        If the model is not fitted.
    DataError
        If the rows are not like those of the fit.
    """
    if y is None:
        raise DataError("y is missing: the loss needs the outcome of each row.")
    if hasattr(model, "best_estimator_"):
        return fit_of(model.best_estimator_, X, y)
    if hasattr(model, "steps"):
        check_is_fitted(model)
        return fit_of(model.steps[-1][1], model[:-1].transform(X) if len(model.steps) > 1 else X, y)
    if isinstance(model, NeuralEstimator):
        return _of_estimator(model, X, y)
    if isinstance(model, SequenceToSequence):
        return _of_pairs(model, X, y)
    if hasattr(model, "hidden_layer_sizes"):
        return _of_perceptron(model, X, y)
    raise ArgumentTypeError(
        f"{type(model).__name__} holds no one network whose loss could be drawn: give a network of Lamina, scikit-learn's "
        "MLPClassifier or MLPRegressor, a pipeline that ends in one, or of an ensemble or forecaster one of its members."
    )


def _of_estimator(model: NeuralEstimator, X: Any, y: Any) -> Fit:
    check_is_fitted(model)
    X, y = model._opened(X, y)
    x = in_precision(in_memory(model._features(X, reset=False)), model._precision())
    outcome = model._check_outcome(y, len(x), fresh=False)
    fitted = model.fitted_
    return Fit(model.network_, model.loss_, fitted.parameters, fitted.state, model._rows(x, outcome, None))


def _of_pairs(model: SequenceToSequence, sources: Any, targets: Any) -> Fit:
    check_is_fitted(model)
    pairs = model._pairs(sources, targets, ("X", "y"), least=1)
    most, longest = (model.network_.source_length, model.longest_target_ + 1), model._longest(pairs)
    if longest[0] > most[0] or longest[1] > most[1]:
        raise DataError(
            f"the texts have up to {longest[0]} and {longest[1] - 1} tokens, and the model was fitted on up to {most[0]} and "
            f"{most[1] - 1}: leave the longer ones out."
        )
    fitted = model.fitted_
    rows = model._rows(pairs, most)
    return Fit(Sequential([model.network_]), SequenceCrossEntropy(), fitted.parameters, fitted.state, rows)


def _of_perceptron(model: Any, X: Any, y: Any) -> Fit:
    """A network of scikit-learn's, or of :mod:`lamina.drop_in`; its loss without the half of the squared error."""
    check_is_fitted(model)
    x = np.asarray(X, model.coefs_[0].dtype)
    if x.ndim != 2 or x.shape[1] != len(model.coefs_[0]):
        raise DataError(f"X has shape {x.shape}, and the model was fitted on {len(model.coefs_[0])} columns.")
    activation = _ACTIVATIONS.get(model.activation, model.activation)
    *hidden, output = [weights.shape[1] for weights in model.coefs_]
    network = Sequential([*(Dense(units, activation) for units in hidden), Dense(output)])
    parameters: Parameters = {
        f"dense_{place}": {"weights": np.asarray(weights), "bias": np.asarray(bias)}
        for place, (weights, bias) in enumerate(zip(model.coefs_, model.intercepts_, strict=True), start=1)
    }
    losses: dict[str, Loss] = {"softmax": CategoricalCrossEntropy(), "logistic": BinaryCrossEntropy()}
    loss = losses.get(model.out_activation_, SquaredError())
    return Fit(network, loss, parameters, {}, pad_rows(x, _encoded(model, y, loss, x), None))


def _encoded(model: Any, y: Any, loss: Loss, x: np.ndarray) -> np.ndarray:
    given = np.asarray(y)
    if len(given) != len(x):
        raise DataError(f"X has {len(x)} rows and y {len(given)}: give an outcome for each row.")
    if isinstance(loss, SquaredError) or given.ndim == 2:
        return given.reshape(len(given), -1).astype(x.dtype)
    known = np.isin(given, model.classes_)
    if not known.all():
        raise DataError(
            f"y has the class {given[~known].tolist()[0]!r} that the model does not know: its classes are "
            f"{model.classes_.tolist()}."
        )
    codes = np.searchsorted(model.classes_, given)[:, None]
    return codes.astype(np.int32 if isinstance(loss, CategoricalCrossEntropy) else x.dtype)
