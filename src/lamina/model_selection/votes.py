"""Class probabilities, or votes, of models of any make in one order of the classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.errors import DataError


def gives_probabilities(model: Any) -> bool:
    """Whether a classifier has ``predict_proba``.

    >>> from lamina import NeuralClassifier
    >>> gives_probabilities(NeuralClassifier()), gives_probabilities(NeuralClassifier(loss="hinge"))
    (True, False)
    """
    return hasattr(model, "predict_proba")


def aligned(member: Any, X: Any, classes: np.ndarray, labels: bool) -> np.ndarray:
    """Probabilities (n, classes) of one fitted classifier, zero for a class that it does not know; else its votes.

    With several ``labels`` a row there is a column a label.
    """
    if labels:
        return _of_labels(member, X)
    if not gives_probabilities(member):
        return votes(member.predict(X), classes)
    found = np.asarray(member.predict_proba(X))
    everything = np.zeros((len(found), len(classes)), found.dtype)
    everything[:, np.searchsorted(classes, member.classes_)] = found
    return everything


def votes(predicted: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """One where the class was predicted, else zero, shape (n, classes).

    >>> votes(np.array(["b", "a"]), np.array(["a", "b"])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return np.asarray(np.asarray(predicted)[:, None] == classes, np.float64)


def _of_labels(member: Any, X: Any) -> np.ndarray:
    if not gives_probabilities(member):
        return np.asarray(member.predict(X), np.float64)
    found = member.predict_proba(X)
    if not isinstance(found, list):
        return np.asarray(found)
    # Some of scikit-learn's give (n, 2) a label, or (n, 1) where a label was always there or never.
    if any(part.shape[1] != 2 for part in found):
        raise DataError(
            "a label was the same in all rows that a member learnt from: give more rows, or larger draws."
        )
    return np.stack([part[:, 1] for part in found], axis=1)
