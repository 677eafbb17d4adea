"""Which test belongs to which splits, and the margin: how the difference of two models is to be judged.

=================  ==========================================================================================
test               made for
=================  ==========================================================================================
corrected_t        folds, repeated folds, repeated hold-outs: the corrected resampled t of Nadeau and Bengio (2003)
diebold_mariano    forecasts, tested after the rows trained on: Diebold, Mariano (1995), Harvey, Leybourne, Newbold (1997)
mcnemar            one hold-out, misclassification: McNemar's exact test (1947)
paired_rows        one hold-out, any other error: a paired t over its rows, or a jackknife
nested_cv          folds, refitted without every two: Bates, Hastie, Tibshirani (2023)
one_se             no test: the simplest model within one standard error of the lowest error (Breiman and others 1984)
=================  ==========================================================================================
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.evaluation.margins import Margin
from lamina.evaluation.metrics import Metric
from lamina.evaluation.splits import Splits

TESTS = ("corrected_t", "diebold_mariano", "mcnemar", "paired_rows", "nested_cv", "one_se")


@dataclass(frozen=True)
class Design:
    """How a difference is judged: by which test, beyond which margin, and how many rows ahead forecasts look."""

    test: str = "corrected_t"
    margin: Margin = field(default_factory=Margin)
    horizon: int = 1


def choose_test(given: Any, splits: Splits, metric: Metric, cv: Any = None, grouped: bool = False) -> str:
    """The test that the user named, if it can be made on these splits, or the one made for them.

    Raises
    ------
    SpecificationError
        If the name is unknown, or the splits or the metric do not fit the test.
    ArgumentTypeError
        If it is no text.

    >>> from lamina.evaluation.metrics import find_metric
    >>> from lamina.evaluation.splits import Sample, make_splits
    >>> splits, metric = make_splits(Sample(None, np.arange(30.0))), find_metric(None, "regression")
    >>> choose_test("auto", splits, metric)
    'corrected_t'
    """
    if not isinstance(given, str):
        raise ArgumentTypeError(
            f"test is of type {type(given).__name__}: give 'auto' or one of {', '.join(TESTS)}"
        )
    name = given.lower().replace("-", "_")
    if name == "auto":
        return _made_for(splits, metric, cv, grouped)
    if name not in TESTS:
        raise SpecificationError(f"test={given!r} is no test: {nearest_name(name, ('auto', *TESTS))}")
    reason = _hindrance(name, splits, metric, grouped)
    if reason is not None:
        raise SpecificationError(
            f"test={given!r} {reason}; leave test unset for the one made for these splits"
        )
    return name


def _made_for(splits: Splits, metric: Metric, cv: Any, grouped: bool) -> str:
    if (
        type(cv).__name__ == "TimeSeriesSplit"
        and _hindrance("diebold_mariano", splits, metric, grouped) is None
    ):
        return "diebold_mariano"
    if len(splits) > 1:
        return "corrected_t"
    return "paired_rows" if _hindrance("mcnemar", splits, metric, grouped) else "mcnemar"


def _hindrance(name: str, splits: Splits, metric: Metric, grouped: bool) -> str | None:
    """Why a test cannot be made, or None."""
    several = len(splits) > 1
    if name in ("corrected_t", "nested_cv") and not several:
        return "needs several splits, and there is one"
    if name in ("mcnemar", "paired_rows") and several:
        return f"is for one hold-out, and there are {len(splits)} splits"
    if name == "mcnemar" and (metric.name != "misclassification" or grouped):
        return "compares misclassification row by row" + (
            ", and groups are not single rows" if grouped else ""
        )
    if name in ("diebold_mariano", "nested_cv") and metric.losses is None:
        return f"needs a loss for every row, and metric={metric.name!r} has none"
    if name == "diebold_mariano" and not _ordered(splits):
        return "is for forecasts, and some rows are trained on that come after rows tested on"
    return _not_folds(splits) if name == "nested_cv" else None


def _ordered(splits: Splits) -> bool:
    """Whether every split tests rows after all that it trains on, each later than those of the split before."""
    tests = [test for _, test in splits]
    forward = all(train.max() < test.min() for train, test in splits)
    return forward and all(one.max() < other.min() for one, other in itertools.pairwise(tests))


def _not_folds(splits: Splits) -> str | None:
    return None if repetitions(splits) else "needs folds of which each repetition tests every row once"


def repetitions(splits: Splits) -> list[range]:
    """The splits of each repetition of K-fold cross-validation, K ≥ 3; none where they are something else.

    >>> from sklearn.model_selection import RepeatedKFold
    >>> from lamina.evaluation.splits import Sample, make_splits
    >>> repetitions(make_splits(Sample(None, np.arange(30.0)), RepeatedKFold(n_splits=3, n_repeats=2)))
    [range(0, 3), range(3, 6)]
    """
    rows = np.unique(np.concatenate([np.concatenate(pair) for pair in splits]))
    found, start, seen = [], 0, np.zeros(0, dtype=np.int64)
    for number, (train, test) in enumerate(splits):
        seen = np.concatenate([seen, test])
        if len(train) + len(test) != len(rows) or len(np.unique(seen)) != len(seen):
            return []
        if len(seen) == len(rows):
            found.append(range(start, number + 1))
            start, seen = number + 1, np.zeros(0, dtype=np.int64)
    folds = {len(each) for each in found}
    return found if not len(seen) and len(folds) == 1 and min(folds) >= 3 else []
