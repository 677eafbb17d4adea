"""scikit-learn's inspection takes Lamina's networks, and a quick look at an array gives what the checks give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import NeuralClassifier, NeuralRegressor
from lamina.layers import Dense
from lamina.training import Adam

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 2))
Y = 3 * X[:, 0] + 0.1 * RNG.normal(size=40)
SMALL: dict[str, Any] = {
    "layers": [Dense(3, "tanh")],
    "optimizer": Adam(0.1),
    "epochs": 50,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def model() -> Any:
    return NeuralRegressor(**SMALL).fit(X, Y)


def test_the_column_that_matters_is_the_important_one(model: Any) -> None:
    importances = permutation_importance(model, X, Y, random_state=0).importances_mean
    assert importances[0] > 10 * abs(importances[1])


def test_a_pipeline_with_a_classifier_is_inspected() -> None:
    piped = make_pipeline(StandardScaler(), NeuralClassifier(**SMALL)).fit(X, Y > 0)
    importances = permutation_importance(piped, X, Y > 0, scoring="neg_log_loss", random_state=0)
    assert importances.importances_mean.argmax() == 0


def test_curves_of_numbers_and_categories_are_drawn() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    frame = pd.DataFrame({"x": X[:, 0], "town": np.where(X[:, 1] > 0, "Ulm", "Bonn")})
    model = NeuralRegressor(**SMALL).fit(frame, Y)
    display = PartialDependenceDisplay.from_estimator(
        model, frame, ["x", "town"], categorical_features=["town"], grid_resolution=5
    )
    slope = display.pd_results[0]
    assert np.all(np.diff(slope["average"][0]) > 0)
    assert list(display.pd_results[1]["grid_values"][0]) == ["Bonn", "Ulm"]


def test_a_plain_array_is_predicted_as_one_that_goes_through_all_checks(model: Any) -> None:
    np.testing.assert_array_equal(model.predict(X), model.predict(X.tolist()))
    np.testing.assert_array_equal(model.predict(X), model.predict(np.asfortranarray(X)))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.array([[np.nan, 0.0]]), "NaN"),
        (np.array([[0.0, np.inf]]), "infinity"),
        (X[:, :1], "1 features"),
        (X[:0], "0 sample"),
        (X[0], "1D array"),
    ],
)
def test_no_array_escapes_the_checks(model: Any, wrong: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model.predict(wrong)


def test_numbers_whose_sum_overflows_are_taken_without_a_word(model: Any) -> None:
    large = np.full((2, 2), 3e38, np.float32)
    assert np.isfinite(model.predict(large)).all()


def test_an_unfitted_model_says_so() -> None:
    with pytest.raises(NotFittedError):
        NeuralRegressor().predict(X)
