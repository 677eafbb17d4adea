"""The simple models: counts by hand, agreement with plain least squares, nothing learnt outside the training rows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lamina.data.validation import Task
from lamina.evaluation.simple import boosting, forest
from lamina.evaluation.simple.baselines import BASELINES, Baseline, baselines
from lamina.evaluation.simple.chosen import chosen
from lamina.evaluation.splits import Sample

pytestmark = pytest.mark.usefixtures("one_thread")

RNG = np.random.default_rng(1)
N = 80
TABLE = pd.DataFrame(
    {
        "a": RNG.normal(size=N),
        "b": RNG.normal(size=N) * 1e4,
        "noise": RNG.normal(size=N),
        "town": RNG.choice(["Ulm", "Bonn", "Kiel"], size=N),
    }
)
SIGNAL = 2 * TABLE["a"] + TABLE["b"] / 1e4 + (TABLE["town"] == "Ulm")
PRICE = (SIGNAL + RNG.normal(size=N) / 2).to_numpy()
LABEL = np.where(SIGNAL + RNG.logistic(size=N) > 0, "yes", "no")
SIZE = np.select([SIGNAL + RNG.logistic(size=N) > 1, SIGNAL + RNG.logistic(size=N) > -1], ["L", "M"], "S")

REGRESSION, CLASSES = [PRICE], [LABEL, SIZE]
OUTCOMES = {
    "poisson": [RNG.poisson(np.exp(TABLE["a"])).astype(float)],
    "fractional_logit": [np.clip(PRICE / 8 + 0.5, 0, 1)],
}


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested here does not depend on how many there are."""
    monkeypatch.setattr(forest, "TREES", 15)
    monkeypatch.setattr(forest, "TUNING_TREES", 10)
    monkeypatch.setattr(boosting, "MOST_ROUNDS", 50)


def sample(y: np.ndarray, groups: Any = None) -> Sample:
    return Sample(TABLE, y, groups, y.dtype.kind == "U")


def fitted(baseline: Baseline, y: np.ndarray, groups: Any = None) -> Any:
    return baseline.pipeline(sample(y, groups), 0).fit(TABLE, y)


def output(model: Any) -> np.ndarray:
    """Probabilities where there are classes, else predictions."""
    return np.asarray(model.predict_proba(TABLE) if hasattr(model, "classes_") else model.predict(TABLE))


def named(task: Task, name: str) -> Baseline:
    return baselines(task)[name]


def test_names_and_order() -> None:
    flexible = ["gam", "forest", "boosting"]
    assert list(baselines("regression")) == ["mean", "linear", "ridge", "lasso", "elastic_net", *flexible]
    assert list(baselines("classification")) == ["majority", "logistic", "ridge", "lasso", "lda", *flexible]


@pytest.mark.parametrize(
    ("y", "more"),
    [
        (PRICE, set()),
        ([0, 3, 1, 2], {"poisson"}),
        ([0.0, 0.5, 1.0], {"fractional_logit"}),
        ([0, 1, 1], set()),
    ],
)
def test_the_outcome_asks_for_further_models(y: Any, more: set[str]) -> None:
    assert set(baselines("regression", y)) - set(baselines("regression")) == more


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda each: f"{each.task}-{each.name}")
@pytest.mark.parametrize("groups", [None, np.arange(N) // 4], ids=["rows", "groups"])
def test_every_model_fits_without_a_warning_and_has_parameters(baseline: Baseline, groups: Any) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Variables are collinear")
        for y in OUTCOMES.get(baseline.name, REGRESSION if baseline.task == "regression" else CLASSES):
            model = fitted(baseline, y, groups)
            assert baseline.count_parameters(model) >= 1
            assert len(model.predict(TABLE)) == N
            again = baseline.pipeline(sample(y, groups), 0).set_params(model=chosen(model[-1])).fit(TABLE, y)
            np.testing.assert_allclose(
                output(again), output(model), rtol=1e-3, atol=0.02 * np.std(output(model))
            )


@pytest.mark.parametrize(
    ("task", "name", "y", "count"),
    [
        ("regression", "mean", PRICE, 1),
        ("regression", "linear", PRICE, 6),  # 3 numbers, 3 towns of which 2 are free, 1 intercept
        ("regression", "ridge", PRICE, 7),  # with a penalty all 3 towns count
        ("classification", "majority", LABEL, 1),
        ("classification", "majority", SIZE, 2),
        ("classification", "logistic", LABEL, 7),
        ("classification", "logistic", SIZE, 14),  # (6 columns + 1) · (3 classes - 1)
    ],
)
def test_parameters_by_hand(task: Task, name: str, y: np.ndarray, count: int) -> None:
    baseline = named(task, name)
    assert baseline.count_parameters(fitted(baseline, y)) == count


def test_linear_regression_of_19_predictors_has_20_parameters() -> None:
    X = pd.DataFrame(RNG.normal(size=(60, 19))).rename(columns=str)
    y = RNG.normal(size=60)
    linear = named("regression", "linear")
    assert linear.count_parameters(linear.pipeline(Sample(X, y), 0).fit(X, y)) == 20


def test_the_lasso_leaves_noise_out_and_counts_what_is_left() -> None:
    X = pd.DataFrame(RNG.normal(size=(100, 30))).rename(columns=str)
    y = (5 * X["0"] + RNG.normal(size=100)).to_numpy()
    lasso = named("regression", "lasso")
    model = lasso.pipeline(Sample(X, y), 0).fit(X, y)
    assert lasso.count_parameters(model) == np.count_nonzero(model[-1].coef_) + 1 < 31


def test_boosting_counts_leaves() -> None:
    boosting = named("regression", "boosting")
    model = fitted(boosting, PRICE)
    trees = [tree for (tree,) in model[-1].boosting_._predictors]
    assert boosting.count_parameters(model) == sum(int(tree.nodes["is_leaf"].sum()) for tree in trees)


def test_linear_is_least_squares_on_the_indicators() -> None:
    design = np.column_stack(
        [np.ones(N), TABLE[["a", "b", "noise"]], TABLE["town"] == "Ulm", TABLE["town"] == "Bonn"]
    )
    expected = design @ np.linalg.lstsq(design, PRICE, rcond=None)[0]
    np.testing.assert_allclose(
        fitted(named("regression", "linear"), PRICE).predict(TABLE), expected, rtol=1e-6
    )


@pytest.mark.parametrize("name", list(baselines("regression")))
def test_predictions_follow_the_units_of_y(name: str) -> None:
    # A power of two rounds nothing, so that splits of trees that are equally good stay equally good.
    baseline, shift = named("regression", name), 0 if name == "forest" else 7
    plain, scaled = fitted(baseline, PRICE), fitted(baseline, 1024 * PRICE + shift)
    np.testing.assert_allclose(scaled.predict(TABLE), 1024 * plain.predict(TABLE) + shift, rtol=1e-3, atol=1)


def test_scales_are_those_of_the_training_rows() -> None:
    training = TABLE[:40]
    model = named("regression", "ridge").pipeline(Sample(training, PRICE[:40]), 0).fit(training, PRICE[:40])
    np.testing.assert_allclose(model["scale"].mean_[:3], training[["a", "b", "noise"]].mean())


def test_inner_folds_keep_groups_whole() -> None:
    groups = np.repeat(np.arange(20), 4)
    for name in ("ridge", "lasso", "elastic_net", "gam", "forest", "boosting"):
        pipeline = named("regression", name).pipeline(sample(PRICE, groups), 0)
        for train, test in pipeline[-1].cv:
            assert not set(groups[train]) & set(groups[test])
