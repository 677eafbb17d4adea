"""What a comparison takes for X, y and groups, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.evaluation.outcome import read_groups, read_outcome, read_table, take_rows

LABELS = ["b", "a", "b", "c", "a", "c"]


@pytest.mark.parametrize(
    "y",
    [
        LABELS,
        np.array(LABELS),
        np.array(LABELS, dtype=object),
        pd.Series(LABELS, name="letter"),
        pd.Series(LABELS, dtype="category"),
        pd.Series(LABELS, index=range(10, 16)),
        pl.Series("letter", LABELS),
        np.array(LABELS)[:, None],
    ],
    ids=lambda y: f"{type(y).__name__}-{getattr(y, 'dtype', '')}",
)
def test_labels_of_any_container_are_the_same_classes(y: Any) -> None:
    outcome = read_outcome(y)
    assert outcome.task == "classification"
    assert outcome.classes is not None
    assert outcome.classes.tolist() == ["a", "b", "c"]
    assert outcome.truth.tolist() == [1, 0, 1, 2, 0, 2]
    assert outcome.values.dtype.kind == "U"


def test_truth_values_and_whole_numbers_can_be_classes() -> None:
    assert read_outcome([True, False, True, False]).class_count == 2
    assert read_outcome([3.0, 7.0, 3.0, 7.0], "classification").truth.tolist() == [0, 1, 0, 1]


def test_numbers_are_a_regression() -> None:
    outcome = read_outcome(pd.Series([1.5, 2.0, 3.0, 1.0], name="price"))
    assert (outcome.task, outcome.name, outcome.class_count) == ("regression", "price", 0)
    assert outcome.truth.dtype == np.float64


@pytest.mark.parametrize(
    ("y", "task", "message"),
    [
        ([1.0, 1.0, 1.0, 1.0], "regression", "constant"),
        (["a"] * 5, None, "one class only"),
        ([1.0, np.nan, 2.0, 3.0], "regression", "missing in 1 of 4"),
        ([1.0, np.inf, 2.0, 3.0], "regression", "infinity in 1 of 4"),
        (["a", None, "b", "a"], None, "missing in 1 of 4"),
        ([1.0], "regression", "1 row"),
        ([1.0, 2.0, 3.0], "regression", "3 rows: a comparison needs at least 4"),
        ([[1.0, 2.0]] * 4, "regression", "constant|one outcome"),
        ([[1.0, 2.0], [3.0, 1.0], [0.0, 1.0], [5.0, 5.0]], "regression", "takes one outcome"),
        (["a", "b", "c", "d"], None, "4 classes in 4 rows"),
        (np.array(["a", 1, "a", 1], dtype=object), "classification", "mixes labels of the types int, str"),
        ([0.5, 1.5, 0.5, 1.5], "classification", "continuous values such as 0.5"),
        (["a", "b", "a", "b"], "regression", "no numbers, such as .*'a'"),
    ],
)
def test_an_outcome_that_cannot_be_compared_on_is_refused(y: Any, task: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_outcome(y, task)


def test_other_lengths_and_tasks_are_refused() -> None:
    with pytest.raises(DataError, match="X has 5 rows but y has 4"):
        read_outcome([1.0, 2.0, 3.0, 4.0], rows=5)
    with pytest.raises(SpecificationError, match="'regresion' is unknown: did you mean 'regression'"):
        read_outcome([1.0, 2.0, 3.0, 4.0], "regresion")  # type: ignore[arg-type]


def test_a_table_of_polars_stays_one_and_rows_are_taken_by_position() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3]}, index=[7, 8, 9])
    rows = np.array([2, 0])
    assert take_rows(read_table(frame), rows)["a"].tolist() == [3, 1]
    taken = take_rows(read_table(pl.from_pandas(frame)), rows)
    assert isinstance(taken, pl.DataFrame)
    assert taken["a"].to_list() == [3, 1]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(DataError, match="2D"):
        read_table(np.zeros(3))
    with pytest.raises(ArgumentTypeError):
        read_table("table.csv")
    with pytest.raises(DataError):
        read_table(pd.DataFrame(index=range(3)))


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (["a", "b"], "shape .2,., and X has 3 rows"),
        (["a", None, "b"], "missing in 1 rows"),
        (["a", "a", "a"], "one value only"),
    ],
)
def test_groups_that_cannot_be_are_refused(groups: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_groups(groups, 3)


def test_groups_may_be_absent() -> None:
    assert read_groups(None, 3) is None
