"""Scores of many members on the same rows at once.

The usual scores are computed in NumPy from stacked predictions, equal to scikit-learn's to rounding; any other goes member by
member through scikit-learn's scorer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from sklearn import metrics
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics._scorer import _BaseScorer, _MultimetricScorer, _PassthroughScorer
from sklearn.model_selection._validation import _score
from sklearn.utils.metadata_routing import _routing_enabled

from lamina.estimators.base import NeuralEstimator
from lamina.estimators.classifier import NeuralClassifier
from lamina.estimators.regressor import NeuralRegressor
from lamina.model_selection.fitting import Fit
from lamina.model_selection.folds import Part

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
        return self.leader.outcome_.invert(self.activated)  # type: ignore[no-any-return]

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
    """Mean over classes of the share that is right."""
    present, labels = np.unique(y), stacked.labels()
    if not np.isin(labels, present).all():
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


class MemberScorer:
    """Scores fits on one fold with any of scikit-learn's scorers, or a function of (model, X, y).

    Attributes
    ----------
    answered
        Whether the predictions at the rows to score are all it needs; a function may do anything with the model.
    """

    def __init__(self, scorer: Any, error_score: float | str) -> None:
        self.scorer, self._error_score = scorer, error_score
        self._several = isinstance(scorer, _MultimetricScorer)
        self._each = dict(scorer._scorers) if self._several else {"score": scorer}
        self.answered = all(isinstance(one, (_BaseScorer, _PassthroughScorer)) for one in self._each.values())

    def scores(self, fits: Sequence[Fit], which: str) -> list[Any]:
        """Scores of fits on the same fold: a number each, or a dictionary by the names of several scores.

        Parameters
        ----------
        which
            ``"test"`` or ``"train"``.
        """
        parts = [getattr(fit.rows, which) for fit in fits]
        found: list[Any] = [None] * len(fits)
        groups: dict[Hashable, list[int]] = {}
        for place, (fit, part) in enumerate(zip(fits, parts, strict=True)):
            groups.setdefault(_kind(fit.network, part), []).append(place)
        for key, places in groups.items():
            stacked = None if key is None else _stack([fits[place] for place in places], parts[places[0]])
            scores = None if stacked is None else self._at_once(stacked, parts[places[0]])
            for number, place in enumerate(places):
                found[place] = self._alone(fits[place], parts[place]) if scores is None else scores[number]
        return found

    def _at_once(self, stacked: Stacked, part: Part) -> list[Any] | None:
        """All scores of all members, or None where one of them needs scikit-learn's own code."""
        if part.params.keys() - {"sample_weight"} or (self._several and part.params and _routing_enabled()):
            return None
        weights = part.params.get("sample_weight")
        weights = None if weights is None else np.asarray(weights, np.float64)
        y = _outcome(stacked.leader, part.y)
        if y is None or (weights is not None and not _usable(weights, len(y))):
            return None
        columns = {}
        for name, scorer in self._each.items():
            score = _known(scorer, stacked.leader)
            with np.errstate(
                over="ignore", invalid="ignore"
            ):  # what overflows goes to the scorer itself, which says so
                values = None if score is None else score(stacked, y, weights)
            if values is None or not np.isfinite(values).all():
                return None
            columns[name] = values.tolist()
        if not self._several:
            return list(columns["score"])
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def _alone(self, fit: Fit, part: Part) -> Any:
        answered = self.answered and part.query is not None
        model, X = (fit.network, part.query) if answered else (fit.model(), part.X)
        return _score(model, X, part.y, self.scorer, part.params, self._error_score)


def _kind(network: Any, part: Part) -> Hashable:
    """Equal for members whose predictions can be stacked; None for those that must be asked one by one."""
    if type(network) not in (NeuralRegressor, NeuralClassifier) or part.query is None:
        return None
    learnt = network.outcome_ if isinstance(network, NeuralRegressor) else network.classes_
    activation = network.loss_.output_activation
    if activation not in ACTIVATIONS or getattr(network, "multilabel_", False):
        return None
    return type(network), id(learnt), activation, network.n_outputs_


def _stack(fits: Sequence[Fit], part: Part) -> Stacked | None:
    outputs = []
    for fit in fits:
        answers = fit.network.__dict__.get("_answers", ())
        z = next((z for asked, z in answers if asked is part.query), None)
        if z is None:
            return None
        outputs.append(z)
    if len({z.shape for z in outputs}) > 1:
        return None
    z, leader = np.stack(outputs), fits[0].network
    assert leader is not None
    return Stacked(leader, z) if np.isfinite(z).all() else None


def _known(scorer: Any, leader: NeuralEstimator) -> Score | None:
    """The function that computes a scorer's score of many members, if there is one."""
    if isinstance(scorer, _PassthroughScorer):
        return OWN_SCORE.get(type(leader).score)
    if not isinstance(scorer, _BaseScorer) or scorer._kwargs:
        return None
    table = REGRESSION if isinstance(leader, NeuralRegressor) else CLASSIFICATION
    expected = "predict_proba" if scorer._score_func is metrics.log_loss else "predict"
    sign = SIGNS.get(scorer._score_func, -1)
    if scorer._sign != sign or scorer._response_method != expected:
        return None
    if expected == "predict_proba" and not hasattr(leader, "predict_proba"):
        return None
    return table.get(scorer._score_func)


def _outcome(leader: NeuralEstimator, y: Any) -> np.ndarray | None:
    """Numbers (n, outputs), or places of classes (n,) with -1 for one that the members do not know."""
    values = np.asarray(y)
    if isinstance(leader, NeuralRegressor):
        if values.ndim != leader.outcome_ndim_ or values.dtype.kind not in "fiub":
            return None
        columns = values.astype(np.float64).reshape(len(values), -1)
        return columns if columns.shape[1] == leader.n_outputs_ else None
    classes = leader.classes_
    if values.ndim != 1 or (values.dtype.kind in "OUS") != (classes.dtype.kind in "OUS"):
        return None
    try:
        places = np.minimum(np.searchsorted(classes, values), len(classes) - 1)
    except TypeError:
        return None
    return np.where(classes[places] == values, places, -1)


def _usable(weights: np.ndarray, n: int) -> bool:
    return weights.shape == (n,) and bool(
        np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0
    )


def _mean(values: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Weighted mean over rows, the second axis."""
    mean: np.ndarray = np.average(values, axis=1, weights=weights)
    return mean


def _softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    softmax: np.ndarray = e / e.sum(axis=-1, keepdims=True)
    return softmax


def scores_at_once(
    scorer: Any, leader: NeuralEstimator, z: np.ndarray, y: Any, sample_weight: Any = None
) -> list[Any] | None:
    """Scores of several outputs of one model at the same rows, or None where scikit-learn's own code must be asked.

    Parameters
    ----------
    scorer
        As scikit-learn's ``check_scoring`` gives it.
    z
        Before the output activation, shape (outputs of the model at hand, n, outputs of the network).
    """
    params = {} if sample_weight is None else {"sample_weight": sample_weight}
    part = Part(None, y, params, query=z)
    if _kind(leader, part) is None or not np.isfinite(z).all():
        return None
    return MemberScorer(scorer, np.nan)._at_once(Stacked(leader, z), part)
