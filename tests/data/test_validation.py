"""The outcome: what it is, and what it must not be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.data import check_target, infer_task
from lamina.data.datasets import list_datasets, load_dataset
from lamina.errors import ArgumentTypeError, DataError, SpecificationError


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (["a", "b", "a"], "classification"),
        ([True, False], "classification"),
        (pd.Series(["a", "b"], dtype="category"), "classification"),
        (pd.Series([1, 2, 1], dtype="category"), "classification"),
        (pl.Series(["a", "b"]), "classification"),
        ([0, 1, 1, 0], "classification"),
        (np.arange(100) % 10, "classification"),
        (np.arange(100) % 11, "regression"),
        ([3, 5, 9, 12], "regression"),
        ([0.0, 1.0, 1.0, 0.0], "regression"),
        (pd.Series([1, 2, None], dtype="Int64"), "regression"),
        (pd.Series([1.5, 2.5], dtype=object), "regression"),
        (np.array([[0, 1], [1, 0], [1, 1]]), "classification"),
        (np.array([[0.5, 1.0], [1.5, 0.1]]), "regression"),
    ],
)
def test_the_task_follows_the_values(y: object, task: str) -> None:
    assert infer_task(y) == task


@pytest.mark.parametrize(
    "data", [data for data in list_datasets() if data.where in ("embedded", "with scikit-learn")]
)
def test_the_task_of_each_known_data_set_is_inferred(data: object) -> None:
    table = load_dataset(data.name)  # type: ignore[attr-defined]
    # 346 different whole numbers that scikit-learn holds as floats; all others follow from their values too.
    assert infer_task(table.frame[table.target]) == table.task


@pytest.mark.parametrize(
    ("y", "task", "message"),
    [
        ([1.0, np.nan, 2.0], "regression", "NaN.*1 of 3 rows.*row 1.*remove"),
        ([1.0, np.inf, 2.0], "regression", "infinity.*1 of 3.*row 1"),
        ([[1.0, 2.0], [np.nan, 1.0]], "regression", "NaN.*row 1"),
        ([5, 5, 5], "regression", r"constant.*\b5.0\b.*varies"),
        (["1", "two"], "regression", "'two'.*needs numbers.*NeuralClassifier"),
        ([1.0 + 2j, 2.0], "regression", "Complex data not supported"),
        (["a", None, "b"], "classification", "NaN.*row 1"),
        (pd.Series(["a", pd.NA, "b"], dtype="string"), "classification", "NaN.*row 1"),
        (["a", "a"], "classification", "one class only, 'a'"),
        ([1.5, 2.5, 1.5], "classification", "Unknown label type.*continuous.*1.5.*NeuralRegressor"),
        ([[0, 2], [1, 0]], "classification", "0/1 indicators"),
        ([1.0], "regression", "n_samples=1.*at least 2"),
        ([], "regression", "n_samples=0"),
        ([[[1.0]], [[2.0]]], "regression", "3 dimensions"),
        ([[1.0], [2.0, 3.0]], "regression", "different lengths"),
    ],
)
def test_outcomes_that_cannot_be_fitted_are_refused(y: object, task: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_target(y, task)  # type: ignore[arg-type]


@pytest.mark.parametrize("y", [None, "abc", 3, {"a": 1}])
def test_what_is_no_array_is_refused_by_type(y: object) -> None:
    with pytest.raises(ArgumentTypeError, match="one value for each row"):
        check_target(y, "regression")


def test_lengths_must_agree() -> None:
    with pytest.raises(DataError, match=r"inconsistent.*X has 4 rows but y has 2"):
        check_target([1.0, 2.0], "regression", n_rows=4)


def test_an_unknown_task_is_told_with_the_nearest() -> None:
    with pytest.raises(SpecificationError, match="did you mean 'regression'"):
        check_target([1.0, 2.0], "regresion")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (pd.Series([1, 2], dtype="Int64"), [1.0, 2.0]),
        (pd.DataFrame({"a": [1, 2]}), [1.0, 2.0]),
        (pl.Series([1, 2]), [1.0, 2.0]),
        (np.array([[1], [2]], dtype=np.float32), [1.0, 2.0]),
        ([[1, 2], [3, 4]], [[1.0, 2.0], [3.0, 4.0]]),
        (["1", "2.5"], [1.0, 2.5]),
        ([True, False], [1.0, 0.0]),
    ],
)
def test_good_outcomes_become_double_precision(y: object, expected: list[object]) -> None:
    checked = check_target(y, "regression")
    assert checked.dtype == np.float64
    assert checked.tolist() == expected


def test_labels_keep_their_type() -> None:
    assert check_target(["a", "b"], "classification").tolist() == ["a", "b"]
    assert check_target([0.0, 1.0], "classification").tolist() == [0.0, 1.0]
    assert check_target(np.array([[0, 1], [1, 1]]), "classification").shape == (2, 2)
