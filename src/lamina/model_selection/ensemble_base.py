"""What the ensembles share: drawing and fitting the members, their predictions, saving."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils import get_tags
from sklearn.utils.validation import (
    _check_sample_weight,
    _num_samples,
    check_consistent_length,
    check_is_fitted,
)

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.estimators import NeuralEstimator
from lamina.estimators.stacks import Stack, stack
from lamina.layers.base import check_positive_integer
from lamina.layers.values import refuse_class
from lamina.model_selection.counting import counting
from lamina.model_selection.draws import Sampling, make_draws, seeds_of
from lamina.model_selection.ensemble_checks import warn_if_alike, warn_if_never_left_out
from lamina.model_selection.members import Fitted, Lesson, fit_members, member_of


class Ensemble(BaseEstimator):  # type: ignore[misc]
    """What :class:`EnsembleRegressor` and :class:`EnsembleClassifier` share: drawing, fitting, members, saving."""

    estimators_: list[Any]
    left_out: ClassVar[str]
    """Name of the attribute that holds predictions of rows by members that had not learnt from them."""

    def __init__(
        self,
        model: Any = None,
        n_members: int = 10,
        *,
        draw: str = "seed",
        max_samples: Any = 1.0,
        cv: Any = None,
        random_state: Any = None,
        memory: int | None = None,
        verbose: bool | None = None,
    ) -> None:
        self.model = model
        self.n_members = n_members
        self.draw = draw
        self.max_samples = max_samples
        self.cv = cv
        self.random_state = random_state
        self.memory = memory
        self.verbose = verbose

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        groups: Any = None,
    ) -> Self:
        """Fit every member on X (n, p) and y (n,) or (n, outputs).

        Parameters
        ----------
        X, y
            As the model takes them.
        sample_weight
            Weight of each row in the loss, shape (n,).
        X_val, y_val
            Rows that every member watches, where the model is a network.
        groups
            Group of each row, where ``cv`` keeps groups together.

        Raises
        ------
        DataError, SpecificationError, ArgumentTypeError
            Where data or parameters cannot be used.
        DivergenceError
            If every member diverged; the others are kept where some did, with a warning.
        KeyboardInterrupt
            If Ctrl-C came before a member was finished; later, those that are finished are kept, with a warning.

        Warns
        -----
        UserWarning
            If ``draw="seed"`` and all members are the same, since the model does not depend on its seed.
        DataWarning
            If no member left out some row, which then has no out-of-bag prediction.
        """
        model = self._checked_model()
        check_positive_integer(type(self).__name__, "n_members", self.n_members)
        if y is None:
            raise DataError(
                f"{type(self).__name__} requires y to be passed, but the target y is None: give the outcome to fit."
            )
        X, y = indexable(X), self._outcome(y)
        check_consistent_length(X, y)
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        watched = self._watched(model, X_val, y_val)
        sampling = Sampling(
            model,
            X,
            y,
            weights,
            groups,
            self.n_members,
            self.max_samples,
            self.cv,
            self.random_state,
            watches=watched is None and isinstance(model, NeuralEstimator),
            classifies=is_classifier(self),
        )
        draws = make_draws(self.draw, sampling)
        classes = self._all_classes(y) if isinstance(model, NeuralEstimator) else None
        lesson = Lesson(X, y, weights, watched, classes)
        with counting(len(draws), "members", self.verbose) as tell:
            fitted = fit_members(model, draws, lesson, memory=self.memory, tell=tell)
        self._take_over(fitted, X, y, weights)
        return self

    def seeded_members(self) -> list[Any]:
        """The unfitted members, where they differ by their seeds alone; what else is an ensemble is its own only member.

        >>> from lamina.model_selection import EnsembleRegressor
        >>> len(EnsembleRegressor(n_members=3, random_state=0).seeded_members())
        3
        """
        model = self._checked_model()
        if self.draw != "seed" or not isinstance(model, NeuralEstimator):
            return [self]
        check_positive_integer(type(self).__name__, "n_members", self.n_members)
        seeds = seeds_of(self.random_state, self.n_members)
        return [member_of(model, seed) for seed in seeds]

    def predict_members(self, X: Any) -> np.ndarray:
        """What each member predicts, one batched program for all.

        Returns
        -------
        Shape (members, n) or (members, n, outputs); of a classifier probabilities, (members, n, classes), in the order of
        ``classes_``, or votes (0 or 1) where the members give none.
        """
        check_is_fitted(self)
        stacks = self._stacks
        if not stacks:
            return np.stack([self._of_other(member, X) for member in self.estimators_])
        parts = [self._of_stack(made, X) for made in stacks]
        if len(parts) == 1:
            return parts[0]
        members = np.concatenate(parts)
        order = np.concatenate([made.places for made in stacks])
        return np.asarray(members[np.argsort(order)])

    def save(self, path: str | Path) -> None:
        """Write the fitted ensemble to one ``.lamina`` file; :func:`lamina.load` reads it.

        Raises
        ------
        SpecificationError
            If the members are not Lamina's networks.
        """
        from lamina.files import save

        save(self, path)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimators_")

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_stacks"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if self.__sklearn_is_fitted__():
            self._lay_out()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        of_model = get_tags(self._own_model())
        tags.input_tags = of_model.input_tags
        tags.target_tags = of_model.target_tags
        tags.classifier_tags = of_model.classifier_tags
        return tags

    @abstractmethod
    def _own_model(self) -> Any:
        """The model, or the default one."""

    @abstractmethod
    def _all_classes(self, y: Any) -> np.ndarray | None:
        """Classes of y where there are any: a network must know those that its rows lack."""

    @abstractmethod
    def _of_stack(self, made: Stack, X: Any) -> np.ndarray:
        """Predictions of networks, shape (members, n, ...)."""

    @abstractmethod
    def _of_other(self, member: Any, X: Any) -> np.ndarray:
        """Predictions of a member that is no network, shape (n, ...)."""

    def _outcome(self, y: Any) -> Any:
        """The outcome, as rows can be taken from it."""
        return indexable(y)

    @abstractmethod
    def _learn_outcome(self, y: Any) -> None:
        """What is to be known of the outcome beyond the members."""

    @abstractmethod
    def _keep_left_out(self, prediction: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> None:
        """Keep predictions for rows from members that had not learnt from them, NaN where there is none."""

    def _checked_model(self) -> Any:
        model = self._own_model()
        refuse_class("model", model)
        if not hasattr(model, "fit") or not hasattr(model, "predict"):
            raise ArgumentTypeError(
                f"model={model!r}: give a model with fit and predict, such as NeuralRegressor()."
            )
        if is_classifier(model) != is_classifier(self):
            other = "EnsembleClassifier" if is_classifier(model) else "EnsembleRegressor"
            raise SpecificationError(f"model={model!r} is not for {type(self).__name__}: use {other}.")
        varies = any(name.split("__")[-1] == "random_state" for name in model.get_params())
        if self.draw == "seed" and not varies:
            raise SpecificationError(
                f"model={model!r} has no random_state, so that with draw='seed' all members would be the same: use "
                "draw='bootstrap'."
            )
        return model

    def _watched(self, model: Any, X_val: Any, y_val: Any) -> tuple[Any, Any] | None:
        if X_val is None and y_val is None:
            return None
        if not isinstance(model, NeuralEstimator):
            raise ArgumentTypeError(f"X_val and y_val are for networks, and model={model!r}: leave them out.")
        return X_val, y_val

    def _take_over(self, fitted: Fitted, X: Any, y: Any, weights: np.ndarray | None) -> None:
        for name in (
            "n_features_in_",
            "feature_names_in_",
            "estimators_samples_",
            "oob_score_",
            self.left_out,
        ):
            self.__dict__.pop(name, None)
        self._adopt(fitted.estimators, y)
        if self.draw == "seed":
            warn_if_alike(self.estimators_, X)
            return
        n = _num_samples(X)
        self.estimators_samples_ = [
            np.arange(n) if draw.learnt is None else draw.learnt for draw in fitted.draws
        ]
        out = np.array([draw.left_out(n) for draw in fitted.draws])
        warn_if_never_left_out(out, self.draw, self.left_out)
        self._keep_left_out(_mean_where(out, self.predict_members(X)), np.asarray(y), weights)

    def _adopt(self, members: list[Any], y: Any) -> None:
        """Take fitted members, and what they know of columns and outcome."""
        self.estimators_ = members
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(members[0], name):
                setattr(self, name, getattr(members[0], name))
        self._learn_outcome(y)
        self._lay_out()

    def _lay_out(self) -> None:
        """The members' arrays with one more axis, so that one program computes them all; nothing for other models."""
        networks = isinstance(self.estimators_[0], NeuralEstimator)
        self._stacks: list[Stack] = stack(self.estimators_) if networks else []


def indexable(values: Any) -> Any:
    """Data whose rows can be taken by number: data frames and sparse rows as they are, anything else as an array."""
    if hasattr(values, "tocsr"):
        return values.tocsr()
    if isinstance(values, list) and values and all(isinstance(item, str) for item in values):
        return np.array(
            values, object
        )  # an array of texts of equal length would be as long as the longest, times n
    of_frames = type(values).__module__.partition(".")[0] in ("pandas", "polars")
    return values if of_frames else np.asarray(values)


def spread(members: np.ndarray) -> np.ndarray:
    """Standard deviation over the first axis, with M - 1 below the sum of squares.

    >>> spread(np.array([[1.0], [3.0]])).round(3).tolist()
    [1.414]
    """
    if len(members) < 2:
        raise SpecificationError("return_std=True needs two members at least, and the ensemble has one.")
    return np.asarray(members.std(axis=0, ddof=1))


def _mean_where(out: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Mean of the members' predictions (members, n, ...) for each row over those that ``out`` (members, n) names, or NaN."""
    chosen = out.reshape(*out.shape, *[1] * (members.ndim - 2))
    count = chosen.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(chosen, members, 0).sum(axis=0) / np.where(count, count, np.nan))
