"""Inner errors: how good each model looks inside the training rows of every split, where it may be chosen by it.

    all rows      | training rows of split j                          | test rows of split j |
    inner folds   | train | train | test | train | train |              (nothing here)

The training rows of a split are cut into ``INNER_FOLDS`` folds, the same for all models. A model that tuned itself on the
training rows keeps its settings there, and is refitted on each inner fold's training rows with everything else that
it learns, the encoding of the table included. The inner error is the comparison's metric on the inner test rows.
Nothing of it has seen a test row, so that choosing by it leaves the errors on the test rows honest.

References
----------
Varma, Simon (2006), *Bias in error estimation when using cross-validation for model selection*, BMC Bioinformatics 7;
Cawley, Talbot (2010), *On over-fitting in model selection*, JMLR 11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.contenders import Contender
from lamina.evaluation.fits import Problem, output_of
from lamina.evaluation.splits import Pair, Sample, Splits, fold_pairs

INNER_FOLDS = 5


def inner_folds(problem: Problem, number: int) -> list[Pair]:
    """The inner folds of a split (from 0), as rows of the whole table; classes are spread evenly, groups kept whole.

    Training rows of a single group are cut as if there were none.
    """
    train, _ = problem.splits.pairs[number]
    groups = None if problem.groups is None else problem.groups[train]
    if groups is not None and len(np.unique(groups)) < 2:
        groups = None
    sample = Sample(None, problem.outcome.values[train], groups, problem.outcome.classification)
    return [(train[a], train[b]) for a, b in fold_pairs(sample, INNER_FOLDS, problem.seed)]


@dataclass(frozen=True, eq=False)
class Nest:
    """The inner folds of all splits, as a problem whose splits they are.

    ``places`` says which splits of ``inner`` are the inner folds of each split of ``outer``.
    """

    outer: Problem
    inner: Problem
    places: tuple[range, ...]

    @staticmethod
    def of(problem: Problem) -> Nest:
        """Cut the training rows of every split."""
        folds = [inner_folds(problem, number) for number in range(len(problem.splits))]
        ends = np.cumsum([len(pairs) for pairs in folds])
        places = tuple(range(end - len(pairs), end) for end, pairs in zip(ends, folds, strict=True))
        splits = Splits(tuple(pair for pairs in folds for pair in pairs), "inner folds")
        return Nest(problem, replace(problem, splits=splits, kept={}), places)

    def error(self, number: int, outputs: Sequence[NDArray[Any]]) -> float:
        """The inner error of a split (from 0) from what a model says of the test rows of each of its inner folds.

        That is the mean of the folds' errors, weighted by rows where the metric has a loss a row. Where an inner fold has no
        value of its own (the area under the curve without a row of one class), all inner test rows are taken together.
        """
        tests = [self.inner.splits.pairs[place][1] for place in self.places[number]]
        metric, truths = self.outer.metric, [self.outer.outcome.truth[test] for test in tests]
        if metric.losses is None:
            each = [metric.error(truth, output) for truth, output in zip(truths, outputs, strict=True)]
            if np.isfinite(each).all():
                return float(np.mean(each))
        return metric.error(np.concatenate(truths), np.concatenate(list(outputs)))

    def error_of(self, contender: Contender, fitted: Any, number: int) -> float:
        """The inner error of a model that was fitted to the training rows of a split (from 0)."""
        return self.error(number, [self._output(contender, fitted, place) for place in self.places[number]])

    def _output(self, contender: Contender, fitted: Any, place: int) -> NDArray[Any]:
        problem = self.inner
        training, table = problem.shared_rows(place) if contender.built_in else problem.rows(place)
        model = settled(contender.make(training, problem.seed), fitted)
        model.fit(training.table, training.y)
        return output_of(problem, model, table, len(problem.splits.pairs[place][1]))


def settled(model: Any, fitted: Any) -> Any:
    """An unfitted model with the settings that a fitted one of its kind chose, where it says which.

    Of a pipeline it is the last step that is asked.

    >>> from sklearn.linear_model import RidgeCV
    >>> from sklearn.pipeline import make_pipeline
    >>> fitted = make_pipeline(RidgeCV(alphas=[2.0])).fit([[0.0], [1.0], [3.0]], [0.0, 1.0, 2.0])
    >>> settled(make_pipeline(RidgeCV(alphas=[2.0])), fitted)[-1]
    Ridge(alpha=2.0)
    """
    if not (hasattr(model, "steps") and hasattr(fitted, "steps")):
        return _settings(model, fitted)
    name, last = model.steps[-1]
    model.steps[-1] = (name, _settings(last, fitted.steps[-1][1]))
    return model


def _settings(model: Any, fitted: Any) -> Any:
    from lamina.evaluation.simple.chosen import chosen

    found = chosen(fitted)
    # A model that says nothing is only cloned; the fresh one beside it was made for these very rows.
    return found if hasattr(fitted, "chosen") or type(found) is not type(model) else model
