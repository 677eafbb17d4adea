"""Calibrations: networks with rows that they have not seen, and how far off they are there.

All networks that a calibration needs, or several calibrations, are one population.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_is_fitted

from lamina.errors import ArgumentTypeError, DataError, DataWarning, SpecificationError, nearest_name
from lamina.estimators.base import NeuralEstimator
from lamina.estimators.checks import check_further_outcome, draw_seed
from lamina.estimators.conformal import check_coverage
from lamina.estimators.many import Source, Task, fit_many
from lamina.estimators.remembered import TrainingRows
from lamina.training.losses import Quantile

Folds = list[tuple[NDArray[np.intp], NDArray[np.intp]]]
METHODS = ("cv+", "split", "cqr")
FOLDS = 10
"""The default number of folds, which fewer rows lower: with eight, each is a fold of its own."""


@dataclass(frozen=True, eq=False)
class _Itself:
    """Equal to what holds the same object, which it keeps alive: no other can take its identity, nor after unpickling."""

    held: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.held is other.held

    def __hash__(self) -> int:
        return id(self.held)


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a calibration is made.

    Attributes
    ----------
    cv
        Number of folds (ten, the default, are as many as there are rows where those are fewer), a splitter, or the splits
        themselves; None where one part is held out.
    holdout
        Share of the rows held out.
    levels
        Quantiles that the networks learn in place of the estimator's own loss.
    """

    cv: Any = None
    holdout: float = 0.25
    levels: tuple[float, ...] | None = None

    @classmethod
    def of(cls, method: str, cv: Any, holdout: float, coverage: float) -> Self:
        """The recipe behind the name of a method.

        >>> Recipe.of("cqr", 10, 0.25, 0.9).levels
        (0.05, 0.95)
        """
        coverage = check_coverage(coverage)
        if method not in METHODS:
            raise SpecificationError(f"method={method!r} is unknown: {nearest_name(method, METHODS)}")
        if method == "split":
            if isinstance(holdout, bool) or not isinstance(holdout, (int, float)) or not 0 < holdout < 1:
                raise SpecificationError(
                    f"holdout={holdout!r}: give the share of the rows to score, inside (0, 1), for example 0.25."
                )
            return cls(None, float(holdout))
        tail = round((1 - coverage) / 2, 12)
        return cls(cv, levels=(tail, 1 - tail) if method == "cqr" else None)

    @property
    def key(self) -> Hashable:
        """Tells calibrations of one model apart; recipes without a whole number of folds are themselves alone."""
        cv = self.cv if self.cv is None or isinstance(self.cv, (int, np.integer)) else _Itself(self.cv)
        return cv, self.holdout, self.levels

    def folds(self, X: Any, y: Any, n: int, seed: int) -> Folds:
        """Rows to learn from and rows to score, for each network."""
        if self.cv is None:
            order = np.random.RandomState(seed).permutation(n)
            held = round(self.holdout * n)
            if not 0 < held < n - 1:
                raise DataError(
                    f"holdout={self.holdout:g} of {n} rows leaves {held} to score and {n - held} to learn from: give more "
                    "rows, or another share."
                )
            return [(np.sort(order[held:]), np.sort(order[:held]))]
        if isinstance(self.cv, (int, np.integer)) and not isinstance(self.cv, bool):
            return _shuffled(int(self.cv), n, seed)
        try:
            splits = self.cv.split(X, y) if hasattr(self.cv, "split") else self.cv
            folds = [(np.asarray(train), np.asarray(test)) for train, test in splits]
        except (TypeError, ValueError) as error:
            raise _no_folds(self.cv, error) from error
        tested = np.concatenate([np.empty(0, int), *(test for _, test in folds)])
        if not np.array_equal(np.sort(tested), np.arange(n)):
            raise SpecificationError(
                f"cv={self.cv!r} does not test each of the {n} rows exactly once, as the intervals need: give a number of "
                "folds, or a splitter that does, such as KFold."
            )
        return folds


@dataclass(eq=False)
class Calibration:
    """Networks and the scores of rows that they have not seen.

    Attributes
    ----------
    networks
        One a fold.
    folds
        Which network scored each row, shape (n,).
    scores
        What the estimators' ``_score_rows`` gives for each row, shape (n, ...).
    recipe
        How it was made.
    """

    networks: list[Any]
    folds: NDArray[np.intp]
    scores: np.ndarray
    recipe: Recipe = field(default_factory=Recipe)


def calibration_of(estimator: Any, recipe: Recipe, X_cal: Any, y_cal: Any) -> Calibration:
    """The calibration that a fitted estimator was asked for: on given rows, or by the recipe, made once and kept."""
    check_is_fitted(estimator)
    if X_cal is not None or y_cal is not None:
        return _on_given_rows(estimator, recipe, X_cal, y_cal)
    rows: TrainingRows | None = estimator.__dict__.get("_learnt_from")
    if rows is not None:
        rows.check_unchanged(estimator.get_params(deep=False))
    kept: dict[Hashable, Calibration] = estimator.__dict__.setdefault("_calibrations", {})
    if recipe.key not in kept:
        if rows is None:
            raise DataError(
                "the rows of the fit are not at hand: a model that was loaded, copied, fitted by a search, fitted for a fold "
                "of a cross-validation, fitted as a member of an ensemble, or trained in parts (partial_fit, warm_start) does "
                "not hold them. Give X_cal= and y_cal=, rows that it has not seen, or call fit again."
            )
        rows.check_rows()
        [kept[recipe.key]] = calibrate([(estimator, rows)], recipe)
    return kept[recipe.key]


def _on_given_rows(estimator: Any, recipe: Recipe, X_cal: Any, y_cal: Any) -> Calibration:
    if X_cal is None or y_cal is None:
        raise ArgumentTypeError("calibration takes both X_cal and y_cal; one of them is missing.")
    if recipe.levels is not None:
        raise SpecificationError(
            "method='cqr' fits networks of its own, and X_cal calibrates the model as it is: fit it with "
            f"loss=Quantile({recipe.levels}), or leave X_cal out."
        )
    output = estimator._output(X_cal, activated=True)
    y = check_further_outcome(y_cal, len(output), ("y_cal", "X_cal"))
    return Calibration([estimator], np.zeros(len(y), np.intp), estimator._score_rows(estimator, output, y))


def calibrate(wanted: Sequence[tuple[Any, TrainingRows]], recipe: Recipe) -> list[Calibration]:
    """Calibrate estimators on their rows, all networks in one population.

    An estimator need not be fitted, except that a classifier must know its classes. The networks of one share a seed, drawn from
    its ``random_state``. Rows of weight zero are not scored.
    """
    plans = [_plan(estimator, rows, recipe) for estimator, rows in wanted]
    with without_data_warnings():
        results = fit_many([task for tasks, _ in plans for task in tasks])
    for result in results:
        if result.estimator is None:
            raise result.error or KeyboardInterrupt
    return [
        _scored(estimator, rows, tasks, folds, recipe)
        for (estimator, rows), (tasks, folds) in zip(wanted, plans, strict=True)
    ]


@contextmanager
def without_data_warnings() -> Iterator[None]:
    """What is odd in the data was said when the whole was fitted; what is odd in a part of them is no news to the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        yield


def _plan(estimator: Any, rows: TrainingRows, recipe: Recipe) -> tuple[list[Task], Folds]:
    """A task for each network, whose query is the rows that it is to score."""
    seed, n = draw_seed(estimator.random_state), _count(rows.X)
    folds = recipe.folds(rows.X, rows.y, n, seed)
    tasks = []
    for train, test in folds:
        network: NeuralEstimator = clone(estimator)
        network.set_params(random_state=seed, warm_start=False, verbose=False)
        if recipe.levels is not None:
            network.set_params(loss=Quantile(recipe.levels))
        given = dict(rows.fit_params)
        if given.get("sample_weight") is not None:
            given["sample_weight"] = np.asarray(given["sample_weight"])[train]
        source = Source(
            _safe_indexing(rows.X, train),
            _safe_indexing(rows.y, train),
            given,
            (_safe_indexing(rows.X, test),),
        )
        tasks.append(Task(network, source))
    return tasks, folds


def _scored(
    estimator: Any, rows: TrainingRows, tasks: Sequence[Task], folds: Folds, recipe: Recipe
) -> Calibration:
    scores, numbers = [], []
    weights = rows.fit_params.get("sample_weight")
    for number, (task, (_, test)) in enumerate(zip(tasks, folds, strict=True)):
        network: Any = task.estimator
        output = network._output(task.source.queries[0], activated=True)
        network._forget()
        y = check_further_outcome(_safe_indexing(rows.y, test), len(test))
        counted = np.ones(len(test), bool) if weights is None else np.asarray(weights)[test] > 0
        scores.append(estimator._score_rows(network, output, y)[counted])
        numbers.append(np.full(counted.sum(), number))
    return Calibration(
        [task.estimator for task in tasks], np.concatenate(numbers), np.concatenate(scores), recipe
    )


def _shuffled(number: int, n: int, seed: int) -> Folds:
    from sklearn.model_selection import KFold

    if n < 3:
        raise DataError(
            f"folds need 3 rows at least, two to learn from and one to compare, and the fit had {n}: fit more rows, or give "
            "X_cal= and y_cal=, rows that the model has not seen."
        )
    if number == FOLDS:
        number = min(FOLDS, n)
    if not 2 <= number <= n:
        least = "3" if n == 3 else f"a number from 2 to {n}, for example {min(FOLDS, n)}"
        raise SpecificationError(f"cv={number} folds of {n} rows: give {least}.")
    return list(KFold(number, shuffle=True, random_state=seed).split(np.empty(n)))


def _no_folds(cv: Any, reason: Exception) -> Exception:
    """What to do about a ``cv`` that gives no folds."""
    if not hasattr(cv, "split"):
        return ArgumentTypeError(
            f"cv={cv!r}: give a number of folds, a splitter, or a list of pairs (rows to learn from, rows to score)."
        )
    if "groups" in str(reason):
        return SpecificationError(
            f"cv={cv!r} splits by groups, which a fit does not keep: give the splits themselves, "
            f"cv=list({type(cv).__name__}(...).split(X, y, groups)) of the training rows."
        )
    return SpecificationError(f"cv={cv!r} cannot split the training rows: {reason}")


def _count(X: Any) -> int:
    return X.shape[0] if hasattr(X, "shape") else len(X)
