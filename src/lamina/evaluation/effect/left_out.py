r"""Leave one column out: how much larger the error is when the model is fitted again without a column, or a set of them.

For each test row of a fold, :math:`\Delta_i = \ell(y_i, \hat f_{-j}(x_i)) - \ell(y_i, \hat f(x_i))`, both fitted on the fold's
training rows (Lei, G'Sell, Rinaldo, Tibshirani and Wasserman 2018, section 6). The mean over rows has standard error
:math:`s_\Delta / \sqrt n`, which is right for the mean error of these fits if the learner is stable (Bayle, Bayle, Janson and
Mackey 2020); with groups it is that of the groups' sums. What new training rows would change is not in it.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataError, SpecificationError
from lamina.evaluation.effect.columns import Table
from lamina.evaluation.effect.refits import Tell, ensemble_members, networks_of
from lamina.evaluation.effect.surfaces import response_of
from lamina.evaluation.estimate import t_quantile
from lamina.evaluation.metrics import Metric

Array = NDArray[Any]
Split = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True, eq=False)
class Exam:
    """What the fits learn from and are tested by.

    Attributes
    ----------
    truth
        The outcome as metrics take it.
    """

    model: Any
    table: Table
    y: Array
    truth: Array
    classes: Array | None
    metric: Metric
    splits: Sequence[Split]
    groups: Array | None
    seed: int


def splits_of(
    cv: Any, table: Table, y: Array, groups: Array | None, classifies: bool, seed: int
) -> list[Split]:
    """Folds: shuffled, with a share of every class, and with groups whole; or those of the user's splitter.

    Raises
    ------
    SpecificationError
        If there are fewer rows, or groups, than folds.
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, check_cv

    if not isinstance(cv, int | np.integer) or isinstance(cv, bool):
        return [(np.asarray(a), np.asarray(b)) for a, b in check_cv(cv).split(table.native, y, groups)]
    units = len(y) if groups is None else len(np.unique(groups))
    if not 2 <= cv <= units:
        what = "rows" if groups is None else "groups"
        raise SpecificationError(f"cv={cv} with {units} {what}: give 2 to {units} folds")
    if groups is not None:
        return list(GroupKFold(cv, shuffle=True, random_state=seed).split(y, y, groups))
    if classifies and np.unique(y, return_counts=True)[1].min() >= cv:
        return list(StratifiedKFold(cv, shuffle=True, random_state=seed).split(y, y))
    return list(KFold(cv, shuffle=True, random_state=seed).split(y, y))


def row_losses(
    exam: Exam, sets: Sequence[Sequence[int]], tell: Tell
) -> list[NDArray[np.float64] | Exception]:
    """Losses on the test rows of all splits, one after the other, without each set of columns."""
    if exam.metric.losses is None:
        raise SpecificationError(
            f"metric={exam.metric.name!r} is no mean over rows, which leaving columns out needs: take 'mae' or 'deviance' of "
            "numbers, 'log_loss', 'brier' or 'misclassification' of classes"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if networks_of(exam.model):
            return _of_networks(exam, sets, tell)
        return [_of_others(exam, columns, tell) for columns in sets]


def _of_networks(
    exam: Exam, sets: Sequence[Sequence[int]], tell: Tell
) -> list[NDArray[np.float64] | Exception]:
    """All fits of all sets and splits as one population; a fit with and one without a column share their seed."""
    from lamina.estimators.many import Source, Task, fit_many

    tasks, owners, queries = [], [], []
    everything = exam.table.told_apart(networks_of(exam.model)[0].features_.encoder)
    for number, columns in enumerate(sets):
        table = everything.without(columns)
        for split, (train, test) in enumerate(exam.splits):
            query = table.rows(test).native
            source = Source(table.rows(train).native, exam.y[train], queries=(query,))
            queries.append(query)
            members = _members(exam, train, exam.seed + split)
            tasks += [Task(member, source, picks) for member, picks in members]
            owners += [(number, split)] * len(members)
    results = fit_many(tasks, keep_parameters=False, on_done=lambda done: tell(len(done)))
    found: list[NDArray[np.float64] | Exception] = []
    for number in range(len(sets)):
        own = [place for place, owner in enumerate(owners) if owner[0] == number]
        found.append(_joined(exam, [results[p] for p in own], [owners[p][1] for p in own], queries, number))
    return found


def _joined(
    exam: Exam, results: Sequence[Any], splits: Sequence[int], queries: Sequence[Any], number: int
) -> NDArray[np.float64] | Exception:
    error = next((result.error for result in results if result.error is not None), None)
    if error is not None:
        return error  # type: ignore[no-any-return]
    if any(result.estimator is None or result.estimator.interrupted_ for result in results):
        raise KeyboardInterrupt
    losses = []
    for split, (_, test) in enumerate(exam.splits):
        query = queries[number * len(exam.splits) + split]
        members = [r.estimator for r, s in zip(results, splits, strict=True) if s == split]
        responses = np.mean([_output(member, query, exam.classes) for member in members], axis=0)
        losses.append(_losses(exam, test, responses))
    return np.concatenate(losses)


def _members(exam: Exam, train: NDArray[np.intp], seed: int) -> list[tuple[Any, Any]]:
    from lamina.model_selection.members import member_of

    if networks_of(exam.model)[0] is exam.model:
        members: list[tuple[Any, Any]] = [(member_of(exam.model, seed), None)]
    else:
        members = ensemble_members(exam.model, exam.y[train], np.arange(len(train)), seed)
    for member, _ in members:
        if exam.classes is not None:
            member._announced = exam.classes
    return members


def _of_others(exam: Exam, columns: Sequence[int], tell: Tell) -> NDArray[np.float64] | Exception:
    """Other models are fitted with the columns held at one value, so that pipelines that name them go on."""
    from lamina.model_selection.members import member_of

    table = exam.table.with_columns({place: _middle(exam.table, place) for place in columns})
    losses = []
    for split, (train, test) in enumerate(exam.splits):
        try:
            model = member_of(exam.model, exam.seed + split).fit(table.rows(train).native, exam.y[train])
            losses.append(_losses(exam, test, _output(model, table.rows(test).native, exam.classes)))
        except Exception as error:  # one set of columns must not end the others
            return error
        tell(1)
    return np.concatenate(losses)


def _middle(table: Table, place: int) -> Any:
    """A value that the column has: the most frequent of texts, the one nearest the median of numbers."""
    values = table.columns()[place]
    if values.kind == "numeric":
        return np.nanquantile(values.numbers, 0.5, method="inverted_cdf")
    import pandas as pd

    series = pd.Series(table.column(place))
    most = series.mode(dropna=True)
    return most.iloc[0] if len(most) else series.iloc[0]


def _output(model: Any, X: Any, classes: Array | None) -> Array:
    """Predictions (n,) or probabilities of all classes (n, classes)."""
    response = response_of(model, X, classes)
    if classes is None:
        return response
    return np.column_stack([1 - response, response]) if response.shape[1] == 1 else response


def _losses(exam: Exam, test: NDArray[np.intp], output: Array) -> NDArray[np.float64]:
    assert exam.metric.losses is not None
    truth = exam.truth[test]
    if exam.classes is None and truth.ndim == 2:
        return np.asarray(np.mean(exam.metric.losses(truth, output), axis=1), np.float64)
    if exam.metric.needs == "prediction":
        output = output[:, 0] if exam.classes is None else np.argmax(output, axis=1)
    return np.asarray(exam.metric.losses(truth, output), np.float64)


def increase(
    exam: Exam, without: NDArray[np.float64], whole: NDArray[np.float64], level: float
) -> tuple[float, float, float, float]:
    """Mean increase of the loss, its standard error, and the bounds of its t interval.

    Rows that are tested several times count once, with their mean; rows of a group are one unit.
    """
    rows = np.concatenate([test for _, test in exam.splits])
    units = rows if exam.groups is None else np.unique(exam.groups, return_inverse=True)[1][rows]
    _, codes = np.unique(units, return_inverse=True)
    count = codes.max() + 1
    difference = without - whole
    mean = float(difference.mean())
    sums = np.bincount(codes, weights=difference - mean)
    if count < 2:
        return mean, float("nan"), float("nan"), float("nan")
    se = float(np.sqrt(count / (count - 1) * np.sum(np.square(sums))) / len(difference))
    half = t_quantile(int(count) - 1, level) * se
    return mean, se, mean - half, mean + half


def refuse_one_column(table: Table) -> None:
    """Raise where nothing would be left to predict from."""
    if len(table.names) < 2:
        raise DataError(
            "X has one column: nothing is left to predict from without it; give kinds without 'loco'"
        )
