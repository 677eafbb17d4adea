"""Each design has its test; what cannot be tested so is refused with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from misbehaving_models import Constant
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, LeaveOneOut, RepeatedKFold, ShuffleSplit, TimeSeriesSplit
from sklearn.neural_network import MLPClassifier, MLPRegressor

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.evaluation import compare
from lamina.evaluation.designs import choose_test, repetitions
from lamina.evaluation.metrics import find_metric
from lamina.evaluation.paired_tests import diebold_mariano_estimate
from lamina.evaluation.splits import Sample, make_splits

N = 60
RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(N, 2)), columns=["a", "b"])
Y = X["a"] + RNG.normal(size=N)
LABELS = np.where(Y > 0, "up", "down")
MAE, RMSE, RATE = (
    find_metric("mae", "regression"),
    find_metric("rmse", "regression"),
    find_metric(None, "classification"),
)
NET = MLPRegressor(hidden_layer_sizes=(3,), solver="lbfgs", max_iter=30, random_state=0, tol=1.0)


def splits(cv: Any) -> Any:
    return make_splits(Sample(X, Y.to_numpy()), cv)


@pytest.mark.parametrize(
    ("cv", "metric", "test"),
    [
        (None, MAE, "corrected_t"),
        (ShuffleSplit(5, random_state=0), MAE, "corrected_t"),
        (TimeSeriesSplit(4), MAE, "diebold_mariano"),
        (TimeSeriesSplit(4), RMSE, "corrected_t"),
        (0.25, MAE, "paired_rows"),
        (0.25, RMSE, "paired_rows"),
        (0.25, RATE, "mcnemar"),
        (5, RATE, "corrected_t"),
    ],
)
def test_every_design_has_the_test_made_for_it(cv: Any, metric: Any, test: str) -> None:
    assert choose_test("auto", splits(cv), metric, cv) == test


@pytest.mark.parametrize(
    ("name", "cv", "metric", "said"),
    [
        ("corrected_t", 0.25, MAE, "needs several splits"),
        ("mcnemar", 5, RATE, "is for one hold-out, and there are 5 splits"),
        ("mcnemar", 0.25, MAE, "compares misclassification"),
        ("paired_rows", 5, MAE, "is for one hold-out"),
        ("diebold_mariano", 5, MAE, "is for forecasts"),
        ("diebold_mariano", TimeSeriesSplit(4), RMSE, "needs a loss for every row"),
        ("nested_cv", ShuffleSplit(5, random_state=0), MAE, "each repetition tests every row once"),
        ("nested_cv", KFold(2), MAE, "each repetition tests every row once"),
        ("nested_cv", 5, RMSE, "needs a loss for every row"),
        ("diebold_marino", 5, MAE, "did you mean 'diebold_mariano'"),
    ],
)
def test_a_test_that_does_not_fit_is_refused(name: str, cv: Any, metric: Any, said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        choose_test(name, splits(cv), metric, cv)
    with pytest.raises(ArgumentTypeError, match="test is of type"):
        choose_test(3, splits(cv), metric, cv)


def test_repetitions_are_found_in_what_a_splitter_gives() -> None:
    assert repetitions(splits(RepeatedKFold(n_splits=4, n_repeats=2))) == [range(4), range(4, 8)]
    assert repetitions(splits(LeaveOneOut())) == [range(N)]
    assert repetitions(splits(TimeSeriesSplit(4))) == []


def test_forecasts_are_compared_row_by_row_in_time() -> None:
    found = compare(X, Y, models={"net": NET}, include=["linear"], cv=TimeSeriesSplit(4, gap=1))
    losses = []
    for train, test in TimeSeriesSplit(4, gap=1).split(X):
        own = LinearRegression().fit(X.iloc[train], Y[train]).predict(X.iloc[test])
        net = NET.fit(X.iloc[train], Y[train]).predict(X.iloc[test])
        losses.append(np.abs(net - Y[test]) - np.abs(own - Y[test]))
    expected = diebold_mariano_estimate(np.concatenate(losses), horizon=2)
    assert found.verdict.interval == pytest.approx(expected.interval(), rel=1e-3)
    assert found.verdict.method == "Diebold-Mariano over 48 forecasts, 2 rows ahead"
    assert "Diebold-Mariano over 48 forecasts" in found.verdict.reason


def test_later_rows_are_forecasts_where_the_user_says_so() -> None:
    split = [(np.arange(40), np.arange(40, N))]
    models = {"models": {"net": NET}, "include": ["mean"], "cv": split}
    assert compare(X, Y, **models).verdict.method == "paired t over 20 test rows"
    found = compare(X, Y, **models, test="diebold_mariano", horizon=3)
    assert found.verdict.method == "Diebold-Mariano over 20 forecasts, 3 rows ahead"


@pytest.mark.parametrize(
    ("horizon", "error"), [(0, SpecificationError), (1.5, ArgumentTypeError), (True, ArgumentTypeError)]
)
def test_a_horizon_is_a_number_of_rows(horizon: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="horizon="):
        compare(X, Y, include=["mean"], horizon=horizon)


class Says(ClassifierMixin, Constant):
    """One class for everybody."""

    def fit(self, X: Any, y: Any) -> Any:
        self.classes_ = np.unique(y)
        return super().fit(X, y)


def test_one_classification_test_set_is_mcnemars() -> None:
    net = MLPClassifier(hidden_layer_sizes=(2,), solver="lbfgs", max_iter=9, random_state=0, tol=1.0)
    found = compare(X, LABELS, models={"up": Says("up"), "net": net}, include=[], cv=0.5)
    assert found.verdict.method.startswith("McNemar, exact, over 30 test rows: p = ")
    assert found.verdict.reference == "up"
    low, high = found.verdict.interval or (1, -1)
    assert low <= found.verdict.difference <= high


def test_a_horizon_without_forecasts_is_refused() -> None:
    with pytest.raises(SpecificationError, match="belongs to forecasts"):
        compare(X, Y, include=["mean", "linear"], cv=3, horizon=2)


def test_by_the_one_standard_error_rule_the_simplest_close_model_is_taken() -> None:
    models = {"models": {"net": NET}, "include": ["mean", "linear", "ridge"], "cv": 5}
    usual, found = compare(X, Y, **models), compare(X, Y, **models, test="one_se")
    errors, ses = found.table["error_mean"], found.table["error_se"]
    close = errors[errors <= errors.min() + ses[errors.idxmin()]]
    assert found.verdict.recommended == close.index[0]
    assert found.verdict.answer == "not worth it"
    assert "one-standard-error rule" in found.verdict.reason
    assert found.verdict.interval == usual.verdict.interval


def test_the_margin_moves_the_answer_and_is_said() -> None:
    worse = LinearRegression()
    models = {"models": {"net": NET, "noise": worse}, "include": ["mean"], "cv": 5}
    plain = compare(X, Y, **models)
    asked = compare(X, Y, **models, margin="400%")
    assert asked.verdict.margin == pytest.approx(4 * asked.table.loc[asked.verdict.reference, "error_mean"])
    assert asked.verdict.answer == "not worth it"
    assert "of the margin (" in asked.verdict.reason
    assert asked.to_dict()["verdict"]["margin"] == asked.verdict.margin
    assert "the margin)" in str(asked)
    assert "1 % of the reference's error" in str(plain)
    with pytest.raises(SpecificationError, match="has no unit"):
        compare(X, LABELS, margin=0.01)
