"""The outcome is taken out of a table, or what is wrong with it is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.data import split_target
from lamina.errors import DataError


def test_the_target_is_parted_from_the_predictors() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, np.nan, 0.0], "c": list("xyz")})
    with pytest.raises(DataError, match=r"'b' is missing.*1 of 3 rows.*drop_missing_target"):
        split_target(frame, "b")
    X, y = split_target(frame, "b", drop_missing_target=True)
    assert X["a"].tolist() == [1, 3]
    assert y.tolist() == [1, 0]
    assert y.dtype == np.int64
    X, y = split_target(pl.from_pandas(frame), "c")
    assert list(X.columns) == ["a", "b"]
    assert y.tolist() == list("xyz")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("revenu", "did you mean 'revenue'"),
        ("empty", "missing in all 2 rows"),
        ("zzz", "known are 'empty', 'revenue'"),
    ],
)
def test_a_target_that_is_not_there_is_told(target: str, message: str) -> None:
    frame = pd.DataFrame({"revenue": [1, 2], "empty": [None, None]})
    with pytest.raises(DataError, match=message):
        split_target(frame, target, drop_missing_target=True)


def test_an_outcome_written_with_signs_is_a_number_and_digits_as_text_stay_labels() -> None:
    frame = pd.DataFrame({"x": [1, 2], "price": ["$1,200.50", "$3"], "code": ["1", "2"]})
    assert split_target(frame, "price")[1].tolist() == [1200.5, 3.0]
    assert split_target(frame, "code")[1].tolist() == ["1", "2"]


def test_a_table_of_the_target_alone_is_refused() -> None:
    with pytest.raises(DataError, match="at least one predictor"):
        split_target(pd.DataFrame({"y": [1, 2]}), "y")
