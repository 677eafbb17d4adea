"""Metrics against scikit-learn's and against hand arithmetic; every entry of the table goes through the same laws."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from lamina.errors import DataError, SpecificationError
from lamina.evaluation.metrics import ALIASES, METRICS, Metric, find_metric

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=40)
PREDICTED = NUMBERS + RNG.normal(size=40)
TWO = np.arange(40) % 2
THREE = np.arange(40) % 3
TWO_SHARES = RNG.dirichlet([1, 1], size=40).round(2)
THREE_SHARES = RNG.dirichlet([1, 1, 1], size=40)


def outputs(metric: Metric, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """A truth and an output of the kind the metric takes."""
    if metric.task == "regression":
        return NUMBERS, PREDICTED
    truth, shares = (TWO, TWO_SHARES) if classes == 2 else (THREE, THREE_SHARES)
    return truth, shares if metric.needs == "probability" else shares.argmax(axis=1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mae", reference.mean_absolute_error(NUMBERS, PREDICTED)),
        ("rmse", reference.root_mean_squared_error(NUMBERS, PREDICTED)),
        ("deviance", reference.mean_squared_error(NUMBERS, PREDICTED)),
        ("r2", 1 - reference.r2_score(NUMBERS, PREDICTED)),
    ],
)
def test_regression_metrics_are_scikit_learns(name: str, expected: float) -> None:
    assert find_metric(name, "regression").error(NUMBERS, PREDICTED) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "two", "three"),
    [
        ("misclassification", reference.zero_one_loss, reference.zero_one_loss),
        ("log_loss", reference.log_loss, reference.log_loss),
        ("deviance", lambda y, p: 2 * reference.log_loss(y, p), lambda y, p: 2 * reference.log_loss(y, p)),
        (
            "brier",
            lambda y, p: reference.brier_score_loss(y, p[:, 1]),
            lambda y, p: np.mean(((p - np.eye(3)[y]) ** 2).sum(axis=1)),
        ),
        (
            "auc",
            lambda y, p: 1 - reference.roc_auc_score(y, p[:, 1]),
            lambda y, p: 1 - reference.roc_auc_score(y, p, multi_class="ovr"),
        ),
    ],
)
def test_classification_metrics_are_scikit_learns(name: str, two, three) -> None:
    metric = find_metric(name, "classification")
    for classes, expected in ((2, two), (3, three)):
        truth, output = outputs(metric, classes)
        assert metric.error(truth, output) == pytest.approx(expected(truth, output))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: f"{metric.task}-{metric.name}")
def test_no_output_beats_the_truth(metric: Metric) -> None:
    truth, output = outputs(metric, 3)
    best = truth
    if metric.task == "classification" and metric.needs == "probability":
        best = np.eye(3)[truth]
    assert metric.error(truth, best) == pytest.approx(0.0, abs=1e-12)
    assert metric.error(truth, output) > 0


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: f"{metric.task}-{metric.name}")
def test_every_metric_is_found_by_its_name(metric: Metric) -> None:
    assert find_metric(metric.name, metric.task) is metric


def test_other_names_lead_to_metrics() -> None:
    names = {metric.name for metric in METRICS}
    assert set(ALIASES.values()) <= names
    assert find_metric("ROC-AUC", "classification").name == "auc"


def test_an_unknown_metric_is_told_with_the_nearest() -> None:
    with pytest.raises(
        SpecificationError, match=r"metric='maee' is no metric for regression: did you mean 'mae'"
    ):
        find_metric("maee", "regression")
    with pytest.raises(SpecificationError, match="no metric for regression"):
        find_metric("brier", "regression")


def test_a_certain_and_wrong_probability_costs_much_but_not_infinity() -> None:
    error = find_metric("log_loss", "classification").error(np.array([1]), np.array([[1.0, 0.0]]))
    assert error == pytest.approx(-np.log(np.finfo(float).eps))


def test_rows_a_metric_has_no_value_on_are_refused() -> None:
    with pytest.raises(DataError, match=r"split 3 tests 1 row.* at least 2: use fewer folds"):
        find_metric("r2", "regression").check_rows(np.array([1.0]), 0, 3)
    with pytest.raises(DataError, match="1 of the 2 classes"):
        find_metric("auc", "classification").check_rows(np.array([1, 1]), 2, 1)
