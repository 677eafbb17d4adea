"""Data frames of pandas and polars: columns are matched by name, categories encoded, nothing guessed from arrays."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from small_fits import linear_data

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import DataError, DataWarning
from lamina.layers import Dense

X, Y = linear_data()
GROUPS = np.where(X[:, 0] > 0, "u", "v")
NUMBERS = pd.DataFrame(X, columns=["a", "b", "c"])
MIXED = NUMBERS.assign(group=GROUPS)
SHORT: dict[str, Any] = {"layers": [Dense(4, "tanh")], "epochs": 3, "random_state": 0}


@pytest.mark.parametrize("frame", [NUMBERS, MIXED], ids=["numbers", "mixed"])
def test_polars_gives_what_pandas_gives(frame: pd.DataFrame) -> None:
    pandas_model = NeuralRegressor(**SHORT).fit(frame, Y)
    polars_frame = pl.from_pandas(frame)
    polars_model = NeuralRegressor(**SHORT).fit(polars_frame, pl.Series(Y))
    np.testing.assert_array_equal(polars_model.predict(polars_frame), pandas_model.predict(frame))
    np.testing.assert_array_equal(pandas_model.predict(polars_frame), pandas_model.predict(frame))
    assert polars_model.feature_names_in_.tolist() == pandas_model.feature_names_in_.tolist() == list(frame)
    assert polars_model.n_features_in_ == frame.shape[1]


@pytest.mark.parametrize("frame", [NUMBERS, MIXED], ids=["numbers", "mixed"])
def test_columns_are_matched_by_name(frame: pd.DataFrame) -> None:
    model = NeuralRegressor(**SHORT).fit(frame, Y)
    other = frame[frame.columns[::-1]].assign(further=1.0)
    np.testing.assert_array_equal(model.predict(other), model.predict(frame))
    np.testing.assert_array_equal(model.predict(pl.from_pandas(other)), model.predict(frame))


@pytest.mark.parametrize("frame", [NUMBERS, MIXED], ids=["numbers", "mixed"])
def test_a_missing_column_is_named(frame: pd.DataFrame) -> None:
    model = NeuralRegressor(**SHORT).fit(frame, Y)
    with pytest.raises(DataError, match="'b'"):
        model.predict(frame.drop(columns="b").assign(bb=1.0))


def test_numbers_in_a_frame_are_numbers_in_an_array() -> None:
    framed = NeuralRegressor(**SHORT).fit(NUMBERS, Y)
    expected = NeuralRegressor(**SHORT).fit(X, Y).predict(X)
    np.testing.assert_allclose(framed.predict(NUMBERS), expected, rtol=1e-10)


def test_a_category_is_an_indicator_that_is_not_scaled() -> None:
    model = NeuralRegressor([], optimizer="lbfgs", epochs=500).fit(MIXED, Y)
    by_hand = np.column_stack([X, GROUPS == "v"]).astype(np.float32)
    expected = NeuralRegressor([], optimizer="lbfgs", epochs=500).fit(by_hand, Y)
    np.testing.assert_allclose(model.predict(MIXED), expected.predict(by_hand), rtol=1e-3, atol=1e-3)
    assert model.features_.standardizer.scale[3] == 1
    assert model.features_.standardizer.mean[3] == 0
    assert model.n_parameters_ == 5


def test_unseen_categories_are_zeros_with_a_warning() -> None:
    three = MIXED.assign(group=np.array(["u", "v", "w"])[np.arange(60) % 3])
    model = NeuralRegressor(**SHORT).fit(three, Y)
    with pytest.warns(DataWarning, match=r"group.*new"):
        predicted = model.predict(three.assign(group="new"))
    assert np.isfinite(predicted).all()


def test_many_levels_are_embedded_without_scaling_their_codes() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"number": rng.normal(size=400), "town": [f"t{k % 40}" for k in range(400)]})
    model = NeuralRegressor(**SHORT).fit(frame, rng.normal(size=400))
    assert next(iter(model.parameters_)) == "category_embedding_1"
    assert model.parameters_["category_embedding_1"]["column_1_weights"].shape[0] == 41
    with pytest.warns(DataWarning, match="town"):
        assert np.isfinite(model.predict(frame.assign(town="elsewhere"))).all()


def test_missing_values_are_filled_as_in_training() -> None:
    gaps = MIXED.copy()
    gaps.loc[:9, "a"] = np.nan
    model = NeuralRegressor(**SHORT).fit(gaps, Y)
    filled = gaps.assign(a=gaps["a"].fillna(gaps["a"].median()))
    assert model.n_parameters_ == (5 + 1) * 4 + 5
    full = gaps.index >= 10
    np.testing.assert_array_equal(model.predict(gaps)[full], model.predict(filled)[full])
    assert np.isfinite(model.predict(gaps)).all()


def test_an_array_cannot_stand_for_an_encoded_frame() -> None:
    model = NeuralRegressor(**SHORT).fit(MIXED, Y)
    with pytest.raises(
        DataError, match=r"array without column names, .* give a data frame with the columns 'a', 'b'"
    ):
        model.predict(np.column_stack([X, GROUPS == "v"]))


def test_repeated_names_are_refused() -> None:
    frame = pd.DataFrame(X, columns=["a", "a", "b"])
    with pytest.raises(DataError, match="2 columns named 'a', and columns are matched by name"):
        NeuralRegressor(**SHORT).fit(frame, Y)


def test_names_that_are_no_text_are_only_counted() -> None:
    model = NeuralRegressor(**SHORT).fit(pd.DataFrame(X), Y)
    assert not hasattr(model, "feature_names_in_")
    expected = NeuralRegressor(**SHORT).fit(X, Y).predict(X)
    np.testing.assert_allclose(model.predict(pd.DataFrame(X)), expected, rtol=1e-10)


@pytest.mark.parametrize("frame", [pd.Series, pl.Series])
def test_outcomes_may_be_series_of_text(frame: Any) -> None:
    model = NeuralClassifier(**SHORT).fit(MIXED, frame(GROUPS))
    assert model.classes_.tolist() == ["u", "v"]
    assert set(model.predict(MIXED)) <= {"u", "v"}
    categorical = pd.Series(GROUPS, dtype="category")
    again = NeuralClassifier(**SHORT).fit(MIXED, categorical)
    np.testing.assert_array_equal(again.predict_proba(MIXED), model.predict_proba(MIXED))


def test_validation_rows_are_encoded_as_training_rows() -> None:
    model = NeuralRegressor(**SHORT).fit(MIXED, Y, X_val=MIXED[MIXED.columns[::-1]], y_val=Y)
    first = NeuralRegressor(**{**SHORT, "epochs": model.history_.best_epoch}).fit(MIXED, Y)
    error = np.square(Y - first.predict(MIXED)).mean() / Y.var()
    assert min(model.history_.validation_loss) == pytest.approx(error, rel=1e-4)
