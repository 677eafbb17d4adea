"""Which number of a model is explained: a class or an outcome of each row, on the scale before the output activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.errors import ArgumentTypeError, DataError
from lamina.estimators.base import NeuralEstimator
from lamina.estimators.classifier import NeuralClassifier
from lamina.estimators.regressor import NeuralRegressor, _levels

CLASS_SCALES = {
    "sigmoid": "log odds of the class (before the sigmoid)",
    "softmax": "linear predictor of the class (before the softmax)",
}


@dataclass(frozen=True)
class Answers:
    """What a model says of some rows, and which numbers of it can be asked for.

    Attributes
    ----------
    numbers
        (n, units), such as linear predictors or probabilities.
    labels
        What can be asked for: classes, or numbers of outcomes.
    seeds, offsets
        A label's number is seeds[label] · numbers + offsets[label]; (labels, units) and (labels,).
    predicted
        Place of the label that is asked for where none is named, (n,); None where one must be named.
    scale
        What the number is, in words.
    what
        "class", "label" or "outcome".
    """

    numbers: np.ndarray
    labels: np.ndarray
    seeds: np.ndarray
    offsets: np.ndarray
    predicted: np.ndarray | None
    scale: str
    what: str


@dataclass(frozen=True)
class Question:
    """One number f of each row: seeds · units + offset.

    Attributes
    ----------
    seeds, offset
        (n, units) and (n,).
    target
        The class, label or outcome asked for, (n,).
    output
        f, (n,).
    scale
        What f is, in words.
    """

    seeds: np.ndarray
    offset: np.ndarray
    target: np.ndarray
    output: np.ndarray
    scale: str


def network_answers(model: NeuralEstimator, X: Any) -> Answers:
    """A network's linear predictors; of a regression in the units of the outcome where nothing bends them."""
    z = model._output(X, activated=False)
    return answers_of(model, z)


def answers_of(model: NeuralEstimator, z: np.ndarray) -> Answers:
    """The same from linear predictors that are at hand."""
    activation = model.loss_.output_activation
    if isinstance(model, NeuralClassifier):
        return _of_classifier(model, z, CLASS_SCALES.get(str(activation), "linear predictor of the class"))
    if isinstance(model, NeuralRegressor):
        return _of_regressor(model, z, str(activation))
    raise ArgumentTypeError(
        f"{type(model).__name__} has no single output to explain: give a NeuralRegressor, a NeuralClassifier, or one of the "
        "text estimators."
    )


def _of_classifier(model: NeuralClassifier, z: np.ndarray, scale: str) -> Answers:
    labels = np.asarray(model.classes_)
    if z.shape[1] == 1 and not model.multilabel_:
        seeds, predicted = np.array([[-1.0], [1.0]]), (z[:, 0] > 0).astype(int)
    else:
        seeds, predicted = np.eye(z.shape[1]), z.argmax(axis=1)
    several = model.multilabel_
    return Answers(
        z,
        labels,
        seeds,
        np.zeros(len(seeds)),
        None if several and len(labels) > 1 else predicted,
        scale.replace("class", "label") if several else scale,
        "label" if several else "class",
    )


def _of_regressor(model: NeuralRegressor, z: np.ndarray, activation: str) -> Answers:
    levels = _levels(model.loss_)
    outputs = model.n_outputs_
    middle = int(np.abs(np.array(levels) - 0.5).argmin())
    seeds = np.zeros((outputs, z.shape[1]))
    seeds[np.arange(outputs), np.arange(outputs) * len(levels) + middle] = model.outcome_.scale
    linear = activation == "linear"
    scale = (
        "prediction in the units of the outcome"
        if linear
        else f"linear predictor of the outcome (before the {activation})"
    )
    if len(levels) > 1:
        scale = f"quantile {levels[middle]:g} of the outcome, in its units"
    predicted = np.zeros(len(z), int) if outputs == 1 else None
    offsets = np.asarray(model.outcome_.mean, float)
    return Answers(z, np.arange(outputs), seeds, offsets, predicted, scale, "outcome")


def question_of(answers: Answers, target: Any) -> Question:
    """The number that is asked for: a label for all rows, one for each row, or None for the predicted one.

    Raises
    ------
    DataError
        If the model has no such class or outcome, or there are not as many as rows.
    """
    n = len(answers.numbers)
    if target is None:
        if answers.predicted is None:
            raise DataError(
                f"the model has {len(answers.labels)} {answers.what}s and one must be explained: give target=, one of "
                f"{_listed(answers.labels)}."
            )
        places = answers.predicted
    else:
        places = _places(answers, target, n)
    seeds, offset = answers.seeds[places], answers.offsets[places]
    output = np.sum(seeds * answers.numbers, axis=1) + offset
    return Question(seeds, offset, answers.labels[places], output, answers.scale)


def _places(answers: Answers, target: Any, n: int) -> np.ndarray:
    wanted = np.asarray(target, dtype=object if isinstance(target, (list, tuple)) else None)
    if wanted.ndim > 1 or (wanted.ndim == 1 and len(wanted) != n):
        raise DataError(
            f"target has shape {wanted.shape} for {n} rows: give one {answers.what} for all rows, or one for each."
        )
    known = {label: place for place, label in enumerate(answers.labels.tolist())}
    found = []
    for label in np.broadcast_to(wanted, (n,)).tolist():
        if isinstance(label, bool) != isinstance(answers.labels.tolist()[0], bool) or label not in known:
            raise DataError(
                f"target={label!r}: the model has no such {answers.what}; known are {_listed(answers.labels)}."
            )
        found.append(known[label])
    return np.array(found, int)


def _listed(labels: np.ndarray) -> str:
    shown = labels.tolist()
    return ", ".join(map(repr, shown[:10])) + (", …" if len(shown) > 10 else "")
