"""Any fitted estimator as a function of rows: probabilities of a classifier, predictions of any other."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from lamina.errors import ArgumentTypeError, DataError
from lamina.estimators.base import NeuralEstimator, final_step
from lamina.explain.attribution.network_input import refuse_other_outputs
from lamina.explain.attribution.question import Answers

WAYS = {
    "predict_proba": "probability of the class",
    "decision_function": "decision function of the class",
}


def check_estimator(model: Any, method: str) -> Any:
    """The model, if it is fitted and predicts numbers.

    Raises
    ------
    ArgumentTypeError
        If it is a class, or predicts nothing but classes.
    NotFittedError
    """
    refuse_other_outputs(model)
    if isinstance(model, type) or not hasattr(model, "predict"):
        what = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise ArgumentTypeError(
            f"method={method!r} asks a fitted estimator for predictions, and {what} makes none: give one with predict or "
            "predict_proba."
        )
    if isinstance(model, NeuralEstimator) or not hasattr(model, "steps"):
        check_is_fitted(model)
    else:
        check_is_fitted(final_step(model))
    if is_classifier(model) and _way(model) is None:
        raise ArgumentTypeError(
            f"{type(model).__name__} predicts classes and no numbers, so that there is nothing to share out: give a classifier "
            "with predict_proba or decision_function."
        )
    return model


def numbers_of(model: Any, X: Any) -> np.ndarray:
    """What the model says of rows, (n, units)."""
    way = _way(model) if is_classifier(model) else "predict"
    found = np.asarray(getattr(model, way or "predict")(X))
    if found.dtype.kind not in "uifb":
        raise ArgumentTypeError(
            f"{type(model).__name__}.predict gives {found.dtype} and no numbers, so that there is nothing to share out."
        )
    if found.ndim > 2:
        raise ArgumentTypeError(
            f"{type(model).__name__} gives an array {found.shape}: one number a class or outcome is needed, (n, k)."
        )
    return found.astype(float).reshape(len(found), -1)


def estimator_answers(model: Any, X: Any) -> Answers:
    """The same with what can be asked for: its classes, or its outcomes."""
    numbers = numbers_of(model, X)
    units = numbers.shape[1]
    if not is_classifier(model):
        predicted = np.zeros(len(numbers), int) if units == 1 else None
        scale = f"prediction of {type(model).__name__}"
        return Answers(numbers, np.arange(units), np.eye(units), np.zeros(units), predicted, scale, "outcome")
    labels = np.asarray(model.classes_)
    if labels.ndim != 1:
        raise DataError(
            f"{type(model).__name__} has several outcomes with classes of their own: explain the estimator of one of them."
        )
    scale = WAYS[str(_way(model))]
    if units == 1 and len(labels) == 2:
        seeds, predicted = np.array([[-1.0], [1.0]]), (numbers[:, 0] > 0).astype(int)
    elif units == len(labels):
        seeds, predicted = np.eye(units), numbers.argmax(axis=1)
    else:
        raise DataError(
            f"{type(model).__name__} gives {units} numbers for {len(labels)} classes: one a class is needed "
            "(decision_function_shape='ovr')."
        )
    return Answers(numbers, labels, seeds, np.zeros(len(labels)), predicted, scale, "class")


def _way(model: Any) -> str | None:
    return next((name for name in WAYS if hasattr(model, name)), None)
