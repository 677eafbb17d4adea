"""Margins in units, in shares and in points: what each means, and what means nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.data.validation import Task
from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.evaluation.margins import IN_UNITS_OF_Y, read_margin
from lamina.evaluation.metrics import METRICS, find_metric

MAE = find_metric("mae", "regression")
RATE = find_metric("misclassification", "classification")
UNITLESS = [(metric.name, metric.task) for metric in METRICS if metric.name not in IN_UNITS_OF_Y]


@pytest.mark.parametrize(
    ("given", "metric", "amount"),
    [
        (0, RATE, 0.0),
        ("0", MAE, 0.0),
        (12.5, MAE, 12.5),
        ("12.5", MAE, 12.5),
        ("1e1", MAE, 10.0),
        ("3 absolute", MAE, 3.0),
        ("5%", MAE, 10.0),
        (" 5 % ", RATE, 10.0),
        ("0.02 absolute", RATE, 0.02),
        ("2 points", RATE, 0.02),
        ("1 point", RATE, 0.01),
    ],
)
def test_what_an_amount_means_beside_an_error_of_200(given: Any, metric: Any, amount: float) -> None:
    assert read_margin(given, metric).at(200.0) == pytest.approx(amount)


@pytest.mark.parametrize(("name", "task"), UNITLESS)
def test_a_bare_number_of_a_metric_without_units_is_ambiguous(name: str, task: Task) -> None:
    for bare in (0.02, "0.02", 1):
        with pytest.raises(SpecificationError, match=r'has no unit.*"2%".*"0.02 absolute"'):
            read_margin(bare, find_metric(name, task))
    assert read_margin(0, find_metric(name, task)).at(1.0) == 0.0


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (-1, SpecificationError, "is negative"),
        ("-5%", SpecificationError, "is negative"),
        (float("nan"), SpecificationError, "is no finite number"),
        ("nan", SpecificationError, "is no finite number"),
        (float("inf"), SpecificationError, "is no finite number"),
        ("much", SpecificationError, "means nothing here: give a number in the units of y"),
        ("", SpecificationError, "means nothing here"),
        ("5 dollars", SpecificationError, "means nothing here"),
        ("1.2.3", SpecificationError, "means nothing here"),
        ("2 points", SpecificationError, "means nothing here"),
        (None, ArgumentTypeError, "is of type NoneType"),
        (True, ArgumentTypeError, "is of type bool"),
    ],
)
def test_what_is_no_margin_is_refused_with_what_would_be(
    given: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match="margin") as told:
        read_margin(given, MAE)
    assert said in str(told.value)


@given(st.floats(0.01, 99), st.floats(0.1, 1e6))
def test_a_share_grows_with_the_error(percent: float, error: float) -> None:
    assert read_margin(f"{percent:.6f}%", MAE).at(error) == pytest.approx(percent * error / 100, rel=1e-4)
