"""The simple models of a split share one encoding, and find what they would find by themselves."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lamina.evaluation.fits as fits
from lamina.data.tables import TableEncoder
from lamina.errors import DataWarning
from lamina.evaluation import compare
from lamina.evaluation.encodings import Encodings, SharedEncoder

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame({"town": RNG.choice(["Ulm", "Bonn", "Kiel"], 30), "x": RNG.normal(size=30)})
Y = TABLE["x"] + (TABLE["town"] == "Ulm") + RNG.normal(size=30)
SIMPLE = ["mean", "linear", "ridge"]


def scores() -> Any:
    return compare(TABLE, Y, include=SIMPLE, cv=3).scores


def test_models_find_the_same_as_each_with_an_encoding_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = scores()
    monkeypatch.setattr(fits, "SHARED_CELLS", 0)
    pd.testing.assert_frame_equal(shared, scores())


def test_the_training_rows_of_a_split_are_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = []
    fit = TableEncoder.fit
    monkeypatch.setattr(TableEncoder, "fit", lambda self, X, y=None: fitted.append(len(X)) or fit(self, X))  # type: ignore[func-returns-value]
    scores()
    assert fitted.count(20) == 3
    assert fitted.count(16) == 3 * 5  # and those of its inner folds once too
    assert len(fitted) == 18


def test_other_rows_are_learnt_anew() -> None:
    encodings = Encodings()
    first = SharedEncoder(encodings).fit(TABLE).transform(TABLE)
    other = TABLE.iloc[:10]
    second = SharedEncoder(encodings).fit(other).transform(other)
    np.testing.assert_array_equal(second, TableEncoder(dtype="float64").fit_transform(other))
    np.testing.assert_array_equal(first, TableEncoder(dtype="float64").fit_transform(TABLE))


def test_what_is_shared_cannot_be_changed() -> None:
    numbers = SharedEncoder(Encodings()).fit(TABLE).transform(TABLE)
    with pytest.raises(ValueError, match="read-only"):
        numbers[0] = 0


def test_warnings_come_again_for_each_model() -> None:
    encodings = Encodings()
    new = TABLE.assign(town="Rome")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            SharedEncoder(encodings).fit(TABLE).transform(new)
    assert [warning.category for warning in caught] == [DataWarning, DataWarning]
    assert caught[0].message is caught[1].message
