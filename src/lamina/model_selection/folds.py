"""The rows of each split: parted, and preprocessed once for all candidates whose steps before the network agree."""

from __future__ import annotations

import time
import warnings
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params, _num_samples

from lamina.errors import DataWarning
from lamina.estimators.many import Source
from lamina.model_selection.candidates import Candidate


@dataclass(eq=False)
class Part:
    """Rows that predictions are scored on: as the user gave them, and as the network takes them.

    Attributes
    ----------
    query
        What the network is asked: the very object among its source's queries, or None where the steps before failed on it.
    """

    X: Any
    y: Any
    params: dict[str, Any]
    query: Any = None

    def __len__(self) -> int:
        return int(_num_samples(self.X))


@dataclass(eq=False)
class Fold:
    """One split of the user's rows."""

    place: int
    train: Part
    test: Part
    fit_params: dict[str, Any]


@dataclass(eq=False)
class Rows:
    """A fold as a network takes it.

    Attributes
    ----------
    source
        Rows to learn from, with the parts as queries.
    steps
        The fitted steps before the network.
    seconds
        What fitting them took, a share for each candidate.
    """

    fold: Fold
    source: Source
    train: Part
    test: Part
    steps: list[tuple[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def answered(self) -> bool:
        """Whether the network answers all that is scored."""
        return all(part.query is not None for part in (self.train, self.test))


def part_folds(
    estimator: Any,
    X: Any,
    y: Any,
    splits: Sequence[tuple[Any, Any]],
    fit_params: Mapping[str, Any],
    score_params: Mapping[str, Any],
) -> list[Fold]:
    """The rows of each split, parted as scikit-learn does."""
    folds = []
    for place, (train, test) in enumerate(splits):
        train, test = np.asarray(train), np.asarray(test)
        learnt, scored = (
            _part(X, score_params, rows, _safe_split(estimator, X, y, rows, columns))
            for rows, columns in ((train, None), (test, train))
        )
        folds.append(Fold(place, learnt, scored, _check_method_params(X, fit_params, train)))
    return folds


def _part(X: Any, params: Mapping[str, Any], rows: np.ndarray, taken: tuple[Any, Any]) -> Part:
    return Part(*taken, _check_method_params(X, params, rows))


def warn_of_missing_classes(y: Any, folds: Sequence[Fold]) -> None:
    """Say which folds learn from rows without one of the classes: scorers do not all notice, and some then mislead."""
    labels = np.asarray(y)
    if labels.ndim != 1:
        return
    known = np.unique(labels)
    missing = {fold.place: np.setdiff1d(known, np.unique(np.asarray(fold.train.y))) for fold in folds}
    lacking = [place for place, classes in missing.items() if len(classes)]
    if lacking:
        first = missing[lacking[0]].tolist()[0]
        warnings.warn(
            f"{len(lacking)} of {len(folds)} splits train without one of the classes (split {lacking[0]} without {first!r}): "
            "networks fitted there cannot predict it, and their scores do not compare with others. Use a stratified splitter, "
            "or fewer splits.",
            DataWarning,
            stacklevel=2,
        )


class Preparation:
    """The rows of every fold for every kind of steps, each made when first asked for."""

    def __init__(self, candidates: Sequence[Candidate], train_scores: bool) -> None:
        self._users: dict[Hashable, int] = {}
        for candidate in candidates:
            self._users[candidate.steps_key] = self._users.get(candidate.steps_key, 0) + 1
        self._train_scores = train_scores
        self._made: dict[Hashable, Rows | Exception] = {}

    def rows(self, candidate: Candidate, fold: Fold) -> Rows | Exception:
        """The rows of a fold for a candidate, or why its steps failed."""
        key = candidate.steps_key, fold.place
        if key not in self._made:
            try:
                self._made[key] = self._make(candidate, fold)
            except Exception as error:
                self._made[key] = error
        return self._made[key]

    def _make(self, candidate: Candidate, fold: Fold) -> Rows:
        if candidate.pipeline is None or len(candidate.pipeline.steps) == 1:
            params = _last_params(candidate.pipeline, fold.fit_params)
            return self._rows(fold, fold.train.X, fold.test.X, params)
        clock = time.perf_counter()
        head = Pipeline(clone(candidate.pipeline).steps[:-1])
        x = head.fit_transform(
            fold.train.X, fold.train.y, **_head_params(candidate.pipeline, head, fold.fit_params)
        )
        try:
            x_test = head.transform(fold.test.X)
        except Exception:  # as scikit-learn: the fit stands, and scoring says what is wrong
            x_test = None
        rows = self._rows(fold, x, x_test, _last_params(candidate.pipeline, fold.fit_params))
        rows.steps = head.steps
        rows.seconds = (time.perf_counter() - clock) / self._users[candidate.steps_key]
        return rows

    def _rows(self, fold: Fold, x: Any, x_test: Any, fit_params: dict[str, Any]) -> Rows:
        train, test = (
            Part(part.X, part.y, part.params, query) for part, query in ((fold.train, x), (fold.test, x_test))
        )
        asked = (test, train) if self._train_scores else (test,)
        queries = tuple(part.query for part in asked if part.query is not None)
        return Rows(fold, Source(x, fold.train.y, fit_params, queries), train, test)


def _last_params(pipeline: Pipeline | None, fit_params: dict[str, Any]) -> dict[str, Any]:
    """What of the parameters of ``fit`` is the network's."""
    if pipeline is None:
        return fit_params
    routed = pipeline._check_method_params(method="fit", props=fit_params)
    return dict(routed[pipeline.steps[-1][0]]["fit"])


def _head_params(pipeline: Pipeline, head: Pipeline, fit_params: dict[str, Any]) -> dict[str, Any]:
    """What of the parameters of ``fit`` is for the steps before the network."""
    from sklearn.utils.metadata_routing import _routing_enabled

    if not _routing_enabled():
        last = pipeline.steps[-1][0]
        return {name: value for name, value in fit_params.items() if not name.startswith(f"{last}__")}
    wanted = get_routing_for_object(head).consumes("fit_transform", fit_params.keys())
    return {name: fit_params[name] for name in wanted}
