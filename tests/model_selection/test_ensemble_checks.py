"""An ensemble says what its numbers would hide: members that are all the same, and rows that no member left out."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor
from small_fits import linear_data

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import DataWarning
from lamina.layers import Dense
from lamina.model_selection import EnsembleClassifier, EnsembleRegressor

X, Y = linear_data()
FRAME = pd.DataFrame(X, columns=["a", "b", "c"])
NETWORK = NeuralRegressor([Dense(4, "tanh")], epochs=1)
SAME = r"all 3 members predict the same, .* {} does not depend on its random_state.*Use draw='bootstrap'"


@pytest.mark.parametrize(
    "rows", [X, FRAME, pl.DataFrame(X), csr_matrix(X)], ids=lambda rows: type(rows).__name__
)
def test_members_that_ignore_their_seeds_are_told(rows: Any) -> None:
    with pytest.warns(UserWarning, match=SAME.format("Ridge")):
        fitted = EnsembleRegressor(Ridge(), 3, random_state=0).fit(rows, Y)
    assert (fitted.predict(rows, return_std=True)[1] < 1e-12).all()


def test_it_is_the_last_step_that_ignores_its_seed() -> None:
    with pytest.warns(UserWarning, match=SAME.format("Ridge")):
        EnsembleRegressor(make_pipeline(StandardScaler(), Ridge()), 3, random_state=0).fit(X, Y)


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (NETWORK, X),
        (DecisionTreeRegressor(max_features=1), X),
        (DecisionTreeRegressor(max_features=1), pd.DataFrame(X)),
    ],
    ids=["network", "deep trees, which agree where they learnt", "of a frame"],
)
def test_members_that_differ_somewhere_are_not(model: Any, rows: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        EnsembleRegressor(model, 3, random_state=0).fit(rows, Y)


def test_classifiers_are_compared_by_more_than_their_classes() -> None:
    easy = np.where(X[:, 0] > 0, "high", "low")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        EnsembleClassifier(NeuralClassifier([Dense(4, "tanh")], loss="hinge", epochs=1), 3).fit(X, easy)
        EnsembleClassifier(SGDClassifier(), 3, random_state=0).fit(X, easy)
    with pytest.warns(UserWarning, match=SAME.format("LogisticRegression")):
        EnsembleClassifier(LogisticRegression(), 3, random_state=0).fit(X, easy)


def test_columns_are_tried_with_values_that_they_have() -> None:
    towns = pd.DataFrame({"town": pd.Categorical(["Ulm", "Bonn", "Kiel"] * 20), "size": [1, 2, 3] * 20})
    with pytest.warns(UserWarning, match=SAME.format("Ridge")):
        EnsembleRegressor(make_pipeline(OneHotEncoder(), Ridge()), 3, random_state=0).fit(towns, Y)


def test_rows_that_every_member_drew_are_told() -> None:
    model = EnsembleRegressor(NETWORK, 2, draw="bootstrap", random_state=0)
    with pytest.warns(DataWarning) as told:
        fitted = model.fit(X, Y)
    missing = int(np.isnan(fitted.oob_prediction_).sum())
    assert 0 < missing < 60
    assert str(told[0].message) == (
        f"{missing} of 60 rows were learnt from or watched by each of the 2 members: oob_prediction_ is NaN there, and "
        f"oob_score_ is over the other {60 - missing}. Take more members."
    )
    with pytest.warns(DataWarning, match="the only member: oob_decision_function_ is NaN there"):
        EnsembleClassifier(NeuralClassifier([], epochs=1), 1, draw="bootstrap").fit(X, Y > 0)


def test_rows_that_no_fold_leaves_out_are_told() -> None:
    splitter = ShuffleSplit(2, test_size=6, random_state=0)
    with pytest.warns(DataWarning, match="Give a cv that leaves out each row"):
        EnsembleRegressor(NETWORK, draw="fold", cv=splitter, random_state=0).fit(X, Y)
