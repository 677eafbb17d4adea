"""Scores of many members on the same rows at once.

The usual scores come from :mod:`lamina.model_selection.member_scores`; any other goes member by member through scikit-learn's
scorer.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from sklearn import metrics
from sklearn.metrics._scorer import _BaseScorer, _MultimetricScorer, _PassthroughScorer
from sklearn.model_selection._validation import _score
from sklearn.utils.metadata_routing import _routing_enabled

from lamina.estimators.base import NeuralEstimator
from lamina.estimators.classifier import NeuralClassifier
from lamina.estimators.regressor import NeuralRegressor
from lamina.model_selection.fitting import Fit
from lamina.model_selection.folds import Part
from lamina.model_selection.member_scores import (
    ACTIVATIONS,
    CLASSIFICATION,
    OWN_SCORE,
    REGRESSION,
    SIGNS,
    Score,
    Stacked,
)


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
