"""Ensembles: many models, fitted as one population where they are networks, whose predictions are averaged."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if

from lamina.data.validation import check_target
from lamina.errors import ArgumentTypeError
from lamina.estimators import NeuralClassifier, NeuralRegressor
from lamina.estimators.stacks import Stack
from lamina.model_selection.ensemble_base import Ensemble, spread
from lamina.model_selection.votes import aligned, gives_probabilities


class EnsembleRegressor(RegressorMixin, Ensemble):  # type: ignore[misc]
    r"""The mean of many regressions, and how far they lie apart.

    .. math:: \bar f(x) = \frac1M \sum_{m=1}^M \hat f_m(x), \qquad
        s(x)^2 = \frac1{M-1} \sum_{m=1}^M \bigl(\hat f_m(x) - \bar f(x)\bigr)^2

    The spread :math:`s(x)` says how much one fit would change with its random start (``draw="seed"``) or with the sample
    (``"bootstrap"``: then it is the bootstrap's standard error of one fit, ISLP equation 5.8). It grows where data are few.
    It is *not* a prediction interval: the noise of a new y is not in it, nor an error that all members share.

    Parameters
    ----------
    model : estimator, optional
        What each member is a clone of; None takes ``NeuralRegressor()``. Networks are fitted as one population; a pipeline
        or another regressor of scikit-learn's is fitted once a member.
    n_members : int, default 10
    draw : {"seed", "bootstrap", "fold"}, default "seed"
        How members differ, besides their seeds: not at all; each learns from rows drawn with replacement (bagging), scales
        and encoding being those of all rows; or each learns without one fold.
    max_samples : float or int, default 1.0
        For ``"bootstrap"``: share or number of rows drawn.
    cv : int or splitter, optional
        For ``"fold"``: the folds, one member each, in place of ``n_members`` shuffled ones; else unused.
    random_state : int, RandomState or None
        Source of the members' seeds, in place of the model's own; a larger ensemble begins with the members of a smaller one.
    memory : int, optional
        Bytes that the fits under way may take; default a quarter of the machine's.
    verbose : bool, optional
        Progress bar: True, False, or None for one that appears when fitting takes long; on a terminal only.

    Attributes
    ----------
    estimators_
        The fitted members; with ``draw="seed"`` each is ``clone(model).set_params(random_state=seed).fit(X, y)``.
    estimators_samples_
        Row indices that each member learnt from, unless ``draw="seed"``.
    oob_prediction_, oob_score_
        Unless ``draw="seed"``: mean prediction for each row by the members that had no part of it (NaN where there is none,
        with a warning), and its R².
    n_features_in_, feature_names_in_

    Source: Breiman 1996, "Bagging predictors"; Lakshminarayanan, Pritzel and Blundell 2017, "Simple and scalable predictive
    uncertainty estimation using deep ensembles"; ISLP section 8.2.1.

    Examples
    --------
    >>> from lamina.layers import Dense
    >>> X = np.linspace(-2, 2, 60)[:, None]
    >>> model = NeuralRegressor([Dense(8, "tanh")], epochs=50)
    >>> ensemble = EnsembleRegressor(model, n_members=5, random_state=0).fit(X, np.sin(X[:, 0]))
    >>> mean, spread = ensemble.predict([[0.0], [6.0]], return_std=True)
    >>> mean.shape, bool(spread[1] > spread[0])
    ((2,), True)
    """

    left_out = "oob_prediction_"

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Mean over the members, shape (n,) or (n, outputs); with ``return_std`` also their standard deviation."""
        members = self.predict_members(X)
        mean = members.mean(axis=0)
        return (mean, spread(members)) if return_std else mean

    def _own_model(self) -> Any:
        return NeuralRegressor() if self.model is None else self.model

    def _all_classes(self, y: Any) -> np.ndarray | None:
        return None

    def _learn_outcome(self, y: Any) -> None:
        """Numbers need no more than what the members know."""

    def _of_stack(self, made: Stack, X: Any) -> np.ndarray:
        outputs = zip(made.estimators, made.outputs(X), strict=True)
        members = np.stack([member._numbers(output) for member, output in outputs])
        return members[:, :, 0] if made.estimators[0].outcome_ndim_ == 1 else members

    def _of_other(self, member: Any, X: Any) -> np.ndarray:
        return np.asarray(member.predict(X))

    def _keep_left_out(self, prediction: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> None:
        self.oob_prediction_ = prediction
        known = ~np.isnan(prediction.reshape(len(prediction), -1)).any(axis=1)
        self.oob_score_ = float("nan")
        if known.sum() > 1:
            weights = None if weights is None else weights[known]
            y = y.reshape(prediction.shape)
            self.oob_score_ = float(r2_score(y[known], prediction[known], sample_weight=weights))


class EnsembleClassifier(ClassifierMixin, Ensemble):  # type: ignore[misc]
    r"""The mean of the class probabilities of many classifiers.

    .. math:: \bar p_c(x) = \frac1M \sum_{m=1}^M \hat p_{c,m}(x)

    The predicted class is that of largest mean probability. Members that give no probabilities cast a vote each. The spread
    of the probabilities, as in :class:`EnsembleRegressor`, is no interval for the true one.

    Parameters
    ----------
    model, n_members, draw, max_samples, cv, random_state, memory, verbose
        As in :class:`EnsembleRegressor`; ``model=None`` takes ``NeuralClassifier()``. Folds are stratified.

    Attributes
    ----------
    classes_
        Class labels, sorted: every one of y, whatever rows a member drew.
    oob_decision_function_, oob_score_
        Unless ``draw="seed"``: mean probabilities for each row from the members that had no part of it (NaN where there is
        none, with a warning), and their accuracy.
    estimators_, estimators_samples_, n_features_in_, feature_names_in_
        As in :class:`EnsembleRegressor`.

    Source: as for :class:`EnsembleRegressor`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import NeuralClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> ensemble = EnsembleClassifier(NeuralClassifier(epochs=100), 20, draw="bootstrap", random_state=0)
    >>> ensemble = ensemble.fit(X, y)
    >>> ensemble.predict_proba(X).shape, ensemble.oob_score_ > 0.9
    ((150, 3), True)
    """

    left_out = "oob_decision_function_"

    def predict(self, X: Any, return_std: bool = False) -> np.ndarray:
        """Class of largest mean probability, or of most votes, shape (n,); for several labels those above 1/2.

        ``return_std=True`` is refused: :meth:`predict_proba` takes it.
        """
        if return_std:
            raise ArgumentTypeError(
                "predict of EnsembleClassifier gives classes, which have no standard deviation, and return_std=True was given: "
                "use predict_proba(X, return_std=True), or predict_members(X) where the members only vote."
            )
        return self._chosen(self.predict_members(X).mean(axis=0))

    @available_if(lambda ensemble: gives_probabilities(ensemble._own_model()))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any, return_std: bool = False) -> Any:
        """Mean probabilities, shape (n, classes) or (n, labels); with ``return_std`` also their standard deviation."""
        members = self.predict_members(X)
        mean = members.mean(axis=0)
        return (mean, spread(members)) if return_std else mean

    def _chosen(self, mean: np.ndarray) -> np.ndarray:
        if self.multilabel_:
            return (mean > 0.5).astype(np.int64)
        return np.asarray(self.classes_[mean.argmax(axis=1)])

    def _own_model(self) -> Any:
        return NeuralClassifier() if self.model is None else self.model

    def _all_classes(self, y: Any) -> np.ndarray | None:
        checked = check_target(y, "classification")
        return np.unique(checked) if checked.ndim == 1 else None

    def _outcome(self, y: Any) -> Any:
        y = super()._outcome(y)
        return column_or_1d(y, warn=True) if np.ndim(y) == 2 and np.shape(y)[1] == 1 else y

    def _learn_outcome(self, y: Any) -> None:
        first = self.estimators_[0]
        if isinstance(first, NeuralClassifier):
            self.multilabel_, self.classes_ = first.multilabel_, first.classes_
            return
        values = np.asarray(y)
        self.multilabel_ = values.ndim == 2 and values.shape[1] > 1
        self.classes_ = np.arange(values.shape[1]) if self.multilabel_ else np.unique(values)

    def _of_stack(self, made: Stack, X: Any) -> np.ndarray:
        if not gives_probabilities(made.estimators[0]):
            return np.stack(
                [aligned(member, X, self.classes_, self.multilabel_) for member in made.estimators]
            )
        p = made.outputs(X)
        return p if self.multilabel_ or p.shape[2] > 1 else np.concatenate([1 - p, p], axis=2)

    def _of_other(self, member: Any, X: Any) -> np.ndarray:
        return aligned(member, X, self.classes_, self.multilabel_)

    def _keep_left_out(self, prediction: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> None:
        self.oob_decision_function_ = prediction
        known = ~np.isnan(prediction).any(axis=1)
        self.oob_score_ = float("nan")
        if known.any():
            right = (self._chosen(prediction[known]) == y[known]).reshape(known.sum(), -1).all(axis=1)
            self.oob_score_ = float(np.average(right, weights=None if weights is None else weights[known]))
