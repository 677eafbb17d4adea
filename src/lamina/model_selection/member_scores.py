"""The usual scores in NumPy, of many members on the same rows at once; each is scikit-learn's to rounding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import metrics
from sklearn.base import ClassifierMixin, RegressorMixin

from lamina.estimators.base import NeuralEstimator

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda z: z,
    "exponential": np.exp,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "softmax": lambda z: _softmax(z),
}
"""Output activations in NumPy, for z of shape (members, n, outputs)."""


class Stacked:
    """Predictions of members of one kind on the same rows.

    Attributes
    ----------
    z
        Before the output activation, shape (members, n, outputs).
    leader
        Any of the members: what was learnt from the outcome is the same for all.
    """

    def __init__(self, leader: NeuralEstimator, z: np.ndarray) -> None:
        self.leader, self.z = leader, z
        self._activated: np.ndarray | None = None

    @property
    def activated(self) -> np.ndarray:
        """After the output activation."""
        if self._activated is None:
            with np.errstate(over="ignore"):
                self._activated = ACTIVATIONS[self.leader.loss_.output_activation](self.z)
        return self._activated

    def numbers(self) -> np.ndarray:
        """Predictions of a regressor, (members, n, outputs)."""
        return self.leader._numbers(self.activated)  # type: ignore[no-any-return]

    def labels(self) -> np.ndarray:
        """Predicted classes by their places, (members, n)."""
        return (self.z[..., 0] > 0).astype(np.intp) if self.z.shape[-1] == 1 else self.z.argmax(axis=-1)

    def probabilities(self) -> np.ndarray:
        """Probabilities of the classes, (members, n, classes)."""
        p = self.activated
        return np.concatenate([1 - p, p], axis=-1) if p.shape[-1] == 1 else p


Score = Callable[[Stacked, np.ndarray, np.ndarray | None], np.ndarray | None]
"""Scores of members from predictions, outcome (n, outputs) or places of classes (n,), and weights; None where it cannot say."""


def r2(stacked: Stacked, y: np.ndarray, weights: np.ndarray | None) -> np.ndarray | None:
    """1 - residual / total sum of squares, the mean over outputs; 1 or 0 where the outcome does not vary."""
    if len(y) < 2:
        return None
    w = np.ones(len(y)) if weights is None else weights
    residual = np.einsum("n,mnk->mk", w, np.square(y - stacked.numbers()))
    total = w @ np.square(y - np.average(y, axis=0, weights=w))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(total > 0, 1 - residual / total, np.where(residual > 0, 0.0, 1.0))
    return np.asarray(each.mean(axis=-1))


def negative_mean_squared_error(
    stacked: Stacked, y: np.ndarray, weights: np.ndarray | None
) -> np.ndarray | None:
    return np.asarray(-_mean(np.square(y - stacked.numbers()), weights).mean(axis=-1))


def negative_root_mean_squared_error(
    stacked: Stacked, y: np.ndarray, weights: np.ndarray | None
) -> np.ndarray | None:
    return np.asarray(-np.sqrt(_mean(np.square(y - stacked.numbers()), weights)).mean(axis=-1))


def negative_mean_absolute_error(
    stacked: Stacked, y: np.ndarray, weights: np.ndarray | None
) -> np.ndarray | None:
    return np.asarray(-_mean(np.abs(y - stacked.numbers()), weights).mean(axis=-1))


def accuracy(stacked: Stacked, y: np.ndarray, weights: np.ndarray | None) -> np.ndarray | None:
    """Share of rows whose class is right."""
    return _mean(stacked.labels() == y, weights)


def balanced_accuracy(stacked: Stacked, y: np.ndarray, weights: np.ndarray | None) -> np.ndarray | None:
    """Mean over classes of the share that is right; a class whose rows all weigh nothing is left to scikit-learn."""
    present, labels = np.unique(y), stacked.labels()
    if not np.isin(labels, present).all():
        return None
    if weights is not None and not all(weights[y == label].any() for label in present):
        return None
    right = labels == y
    shares = [
        _mean(right[:, y == label], None if weights is None else weights[y == label]) for label in present
    ]
    return np.asarray(np.mean(shares, axis=0))


def negative_log_loss(stacked: Stacked, y: np.ndarray, weights: np.ndarray | None) -> np.ndarray | None:
    """Mean log probability of the right class, probabilities kept away from 0 and 1 by the rounding of their type."""
    if len(np.unique(y)) != len(stacked.leader.classes_) or y.min() < 0:
        return None
    p = stacked.probabilities()
    eps = np.finfo(p.dtype).eps
    right = np.clip(p[:, np.arange(len(y)), y], eps, 1 - eps)
    return _mean(np.log(right.astype(np.float64)), weights)


REGRESSION: dict[Any, Score] = {
    metrics.r2_score: r2,
    metrics.mean_squared_error: negative_mean_squared_error,
    metrics.root_mean_squared_error: negative_root_mean_squared_error,
    metrics.mean_absolute_error: negative_mean_absolute_error,
}
"""By the function that scikit-learn's scorer calls, for regressors."""
CLASSIFICATION: dict[Any, Score] = {
    metrics.accuracy_score: accuracy,
    metrics.balanced_accuracy_score: balanced_accuracy,
    metrics.log_loss: negative_log_loss,
}
"""The same for classifiers."""
OWN_SCORE = {RegressorMixin.score: r2, ClassifierMixin.score: accuracy}
"""What ``score`` of the estimators computes."""
SIGNS = {metrics.r2_score: 1, metrics.accuracy_score: 1, metrics.balanced_accuracy_score: 1}
"""Scores whose scorer does not change the sign; the others' does."""


def _mean(values: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Weighted mean over rows, the second axis."""
    mean: np.ndarray = np.average(values, axis=1, weights=weights)
    return mean


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    softmax: np.ndarray = e / e.sum(axis=-1, keepdims=True)
    return softmax
