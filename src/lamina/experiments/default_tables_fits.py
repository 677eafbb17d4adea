"""Models on the tables by which defaults are judged: everyone's splits, errors, and how each is fitted."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lamina.data.validation import Task
from lamina.experiments.default_tables_data import CLASSIFICATION, REGRESSION, Table
from lamina.experiments.splits import Split

SPLITS, TEST_SHARE = 10, 0.25
LEAST_PROBABILITY = 1e-6
"""Probabilities below count as this one in the log-loss: a tree that says never would outweigh a table by one row."""

METRICS: Mapping[Task, tuple[str, str]] = {
    REGRESSION: ("mae", "rmse"),
    CLASSIFICATION: ("misclassification", "log_loss"),
}
"""The measure by which models are compared, which is ``lamina compare``'s, and the one that networks minimise."""

LAMINA, ENSEMBLE = "lamina", "lamina, 8 members"
SKLEARN, SKLEARN_SCALED = "scikit-learn's MLP", "scikit-learn's MLP, y scaled"
BOOSTING, FOREST, LINEAR = "boosting", "forest", "lasso or logistic"


@dataclass(frozen=True)
class Outcome:
    """The errors of one fit on its test rows, by metric, and the seconds that it took to fit and to predict."""

    errors: dict[str, float]
    seconds: float


Model = Callable[[Table, Sequence[Split], int], Iterator[Outcome]]
"""Fits a table's splits in order; the number is that of the first, and with it of the seeds."""
Make = Callable[[Task, int], Any]


def splits_of(table: Table, count: int = SPLITS) -> list[Split]:
    """Random splits, a quarter of the rows to test; classes in their shares on both sides, whatever ``count`` is.

    >>> import pandas as pd
    >>> table = Table("eight", pd.DataFrame({"x": range(8)}), np.repeat([0, 1], 4), "classification")
    >>> [sorted(table.y[split.test].tolist()) for split in splits_of(table, 2)]
    [[0, 1], [0, 1]]
    """
    from sklearn.model_selection import train_test_split

    classes = table.y if table.task == CLASSIFICATION else None
    return [
        Split(
            *train_test_split(
                np.arange(len(table.y)), test_size=TEST_SHARE, stratify=classes, random_state=number
            )
        )
        for number in range(count)
    ]


def errors_of(task: Task, truth: NDArray[Any], output: ArrayLike) -> dict[str, float]:
    """Errors of predictions of shape (n,), or of probabilities of shape (n, classes).

    >>> errors_of("regression", np.array([0.0, 0.0]), [1.0, 7.0])
    {'mae': 4.0, 'rmse': 5.0}
    >>> errors_of("classification", np.array([0, 1]), [[0.5, 0.5], [0.9, 0.1]])["misclassification"]
    0.5
    """
    given = np.asarray(output, np.float64)
    if task == REGRESSION:
        residuals = truth - given
        values = float(np.mean(np.abs(residuals))), float(np.sqrt(np.mean(residuals**2)))
    else:
        of_truth = given[np.arange(len(truth)), truth]
        losses = -np.log(np.maximum(of_truth, LEAST_PROBABILITY))
        values = float(np.mean(given.argmax(axis=1) != truth)), float(np.mean(losses))
    return dict(zip(METRICS[task], values, strict=True))


def output_of(task: Task, fitted: Any, X: Any) -> NDArray[Any]:
    """Predictions, or probabilities of the classes."""
    return np.asarray(fitted.predict(X) if task == REGRESSION else fitted.predict_proba(X))


def one_by_one(make: Make, table: Table, splits: Sequence[Split], first: int = 0) -> Iterator[Outcome]:
    """A new model for each split, fitted by itself."""
    for number, split in enumerate(splits, first):
        start = time.perf_counter()
        with warnings.catch_warnings():
            # That a peer's default stops short of its optimum is part of what is measured.
            warnings.simplefilter("ignore")
            model = make(table.task, number).fit(table.X.iloc[split.train], table.y[split.train])
            output = output_of(table.task, model, table.X.iloc[split.test])
        seconds = time.perf_counter() - start
        yield Outcome(errors_of(table.task, table.y[split.test], output), seconds)


def as_population(contender: str, table: Table, splits: Sequence[Split], first: int = 0) -> Iterator[Outcome]:
    """One of the networks that ``lamina compare`` has built in, on all splits at once.

    Seconds are the population's, compilation included, parted evenly.
    """
    from lamina.estimators.many import fit_many
    from lamina.evaluation.averages import Average

    start = time.perf_counter()
    fits = [_tasks(contender, table, split, number) for number, split in enumerate(splits, first)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns left out: said once a fit
        results = fit_many([task for tasks in fits for task in tasks], keep_parameters=False)
    for result in results:
        if result.error is not None:
            raise result.error
    averages = [Average([task.estimator for task in tasks]) for tasks in fits]
    outputs = [
        output_of(table.task, average, tasks[0].source.queries[0])
        for average, tasks in zip(averages, fits, strict=True)
    ]
    seconds = (time.perf_counter() - start) / len(splits)
    for split, output in zip(splits, outputs, strict=True):
        yield Outcome(errors_of(table.task, table.y[split.test], output), seconds)


def _tasks(contender: str, table: Table, split: Split, seed: int) -> list[Any]:
    """The network, or the members of the ensemble, on the training rows of one split."""
    from lamina.estimators.many import Source, Task
    from lamina.evaluation.contenders import choose_contenders
    from lamina.evaluation.splits import Sample

    X, y = table.X.iloc[split.train], table.y[split.train]
    (chosen,) = choose_contenders(table.task, [contender])
    model = chosen.make(Sample(X, y, classification=table.task == CLASSIFICATION), seed)
    members = model.seeded_members() if hasattr(model, "seeded_members") else [model]
    source = Source(X, y, queries=(table.X.iloc[split.test],))
    return [Task(member.set_params(verbose=False), source) for member in members]


def on_numbers(model: Any) -> Any:
    """The table as numbers, standardised, and a model."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from lamina.data import TableEncoder

    return make_pipeline(TableEncoder(dtype="float64", warn=False), StandardScaler(), model)


def make_sklearn(task: Task, seed: int) -> Any:
    """scikit-learn's MLP: its defaults on standardised columns."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPRegressor if task == REGRESSION else MLPClassifier
    return on_numbers(kind(random_state=seed))


def make_sklearn_scaled(task: Task, seed: int) -> Any:
    """The same with a standardised outcome; of classes there is nothing to standardise."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    plain = make_sklearn(task, seed)
    return TransformedTargetRegressor(plain, transformer=StandardScaler()) if task == REGRESSION else plain


def make_boosting(task: Task, seed: int) -> Any:
    """Gradient boosting of histogram trees with its defaults."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if task == REGRESSION else HistGradientBoostingClassifier
    return on_numbers(kind(random_state=seed))


def make_forest(task: Task, seed: int) -> Any:
    """A random forest with its defaults."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if task == REGRESSION else RandomForestClassifier
    return on_numbers(kind(random_state=seed))


def make_linear(task: Task, seed: int) -> Any:
    """The lasso by ten shuffled folds; for classes logistic regression with its default ridge penalty."""
    from sklearn.linear_model import LassoCV, LogisticRegression
    from sklearn.model_selection import KFold

    if task == REGRESSION:
        folds = KFold(10, shuffle=True, random_state=seed)
        return on_numbers(LassoCV(cv=folds, max_iter=100_000))
    return on_numbers(LogisticRegression(max_iter=10_000))


NETWORKS: dict[str, Model] = {
    LAMINA: partial(as_population, "mlp"),
    ENSEMBLE: partial(as_population, "mlp-ensemble"),
}
PEERS: dict[str, Model] = {
    SKLEARN: partial(one_by_one, make_sklearn),
    SKLEARN_SCALED: partial(one_by_one, make_sklearn_scaled),
    BOOSTING: partial(one_by_one, make_boosting),
    FOREST: partial(one_by_one, make_forest),
    LINEAR: partial(one_by_one, make_linear),
}
MODELS: dict[str, Model] = {**NETWORKS, **PEERS}
