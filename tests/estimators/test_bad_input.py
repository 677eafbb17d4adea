"""What cannot be fitted is refused before it is compiled, saying what was given, what is needed and what to do."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from small_fits import linear_data

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import ArgumentTypeError, DataError, DataWarning, SpecificationError
from lamina.layers import Activation, Dense, Dropout, Residual
from lamina.layers.activations import ACTIVATIONS

X, Y = linear_data()
TWO = (Y > 0.5).astype(int)


def broken(y: np.ndarray, value: Any) -> np.ndarray:
    return np.where(np.arange(len(y)) == 7, value, y)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (Y[:1], r"X has 60 rows but y has 1"),
        (Y[:59], r"X has 60 rows but y has 59: give one value of y for each row of X"),
        (np.full(60, 3.0), r"y is constant, \[3.0\] in all 60 rows, .*: is it the right column\?"),
        (
            broken(Y, np.nan),
            r"y contains NaN: it is missing in 1 of 60 rows \(the first is row 7\).*remove these rows",
        ),
        (broken(Y, np.inf), r"y contains infinity in 1 of 60 rows \(the first is row 7\).*remove or correct"),
        (np.where(TWO, "high", "low"), "no numbers, such as 'high'|no numbers, such as 'low'"),
        (
            Y.reshape(5, 4, 3),
            r"y has 3 dimensions, but needs 1 \(or 2 for several outcomes\): reshape it|inconsistent",
        ),
        (Y + 1j, "y has complex numbers, but real ones are needed"),
    ],
)
def test_outcomes_of_a_regression(y: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        NeuralRegressor(epochs=1).fit(X, y)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.ones(60, int), r"y has one class only, 1, but at least two .* is it the right column"),
        (
            Y,
            r"continuous values such as .* needs class labels .*: for a continuous outcome use NeuralRegressor",
        ),
        (broken(TWO.astype(float), np.nan), "y contains NaN: it is missing in 1 of 60 rows"),
        (broken(TWO.astype(float), np.inf), "Unknown label type|infinity"),
        (broken(np.where(TWO, "a", "b").astype(object), None), "missing in 1 of 60 rows"),
        (np.column_stack([TWO, TWO + 1]), r"2 columns with values other than 0 and 1.* one column a label"),
        (TWO[:30], "X has 60 rows but y has 30"),
    ],
)
def test_outcomes_of_a_classification(y: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        NeuralClassifier(epochs=1).fit(X, y)


@pytest.mark.parametrize("y", ["outcome", {"a": 1}, 3.0, scipy.sparse.eye_array(60)], ids=type)
def test_what_is_no_outcome(y: Any) -> None:
    for model in (NeuralRegressor(), NeuralClassifier()):
        with pytest.raises(ArgumentTypeError, match="y is"):
            model.fit(X, y)


@pytest.mark.parametrize("model", [NeuralRegressor(), NeuralClassifier()])
def test_no_outcome_at_all(model: Any) -> None:
    with pytest.raises(
        DataError, match="requires y to be passed, but the target y is None: give the outcome to fit"
    ):
        model.fit(X, None)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (X[:1], "1 sample"),
        (X[:0], "0 sample"),
        (np.where(X[3, 1] == X, np.nan, X), "NaN"),
        (np.where(X[3, 1] == X, np.inf, X), "infinity"),
        (X[:, :0], r"0 feature\(s\)"),
        (X[:, 0], "Expected 2D array, got 1D array"),
        (X.astype(str)[:, :1] + "x", "could not convert|no numbers|numeric"),
    ],
    ids=["one row", "no rows", "NaN", "infinity", "no columns", "one dimension", "text"],
)
def test_rows_that_cannot_be_used(rows: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        NeuralRegressor(epochs=1).fit(rows, Y[: rows.shape[0]])


GAPS = X.copy()
GAPS[[3, 5, 5], [1, 0, 2]] = np.nan
FRAME, GAPPY = (pd.DataFrame(rows, columns=["a", "b", "c"]) for rows in (X, GAPS))
COUNTED = "X contains NaN: 3 of 180 values are missing, in 2 of 60 rows. "


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_table_without_columns(library: str) -> None:
    empty = pd.DataFrame(index=range(60)) if library == "pandas" else pytest.importorskip(library).DataFrame()
    with pytest.raises(DataError, match="X is a data frame with 0 columns, but at least 1 is needed"):
        NeuralRegressor(epochs=1).fit(empty, Y)
    with pytest.raises(DataError, match="X is a data frame with 0 columns, but at least 1 is needed"):
        NeuralRegressor([], epochs=1).fit(X, Y).predict(empty)


@pytest.mark.parametrize(
    "rows",
    [GAPS, GAPS.astype(object), np.where(np.isnan(GAPS), None, GAPS), pd.DataFrame(GAPS)],
    ids=["numbers", "objects", "None", "columns without names"],
)
def test_gaps_are_counted_and_the_cure_that_is_told_works(rows: Any) -> None:
    cure = r"named by text, such as pd.DataFrame\(X\).add_prefix\('x'\): the model fills its gaps itself"
    with pytest.raises(DataError, match=f"{COUNTED}Give a pandas or polars DataFrame .*{cure}.*impute"):
        NeuralRegressor([], epochs=1).fit(rows, Y)
    table = pd.DataFrame(GAPS).add_prefix("x")
    assert np.isfinite(NeuralRegressor([], epochs=1).fit(table, Y).predict(table)).all()


@pytest.mark.parametrize(
    ("learnt", "new", "cure"),
    [
        (
            X,
            GAPS,
            "The training rows had none, .*: fill them in .* or fit the model on a data frame that has",
        ),
        (X, GAPPY, "The training rows had none"),
        (FRAME, GAPS, "The model was fitted on a data frame: give one with the same columns"),
    ],
    ids=["array", "data frame for an array", "array for a data frame"],
)
@pytest.mark.filterwarnings("ignore:X (does not have valid|has) feature names")
def test_gaps_in_new_rows(learnt: Any, new: Any, cure: str) -> None:
    with pytest.raises(DataError, match=COUNTED + cure):
        NeuralRegressor([], epochs=1).fit(learnt, Y).predict(new)


def test_gaps_in_images() -> None:
    images = np.where(np.arange(60)[:, None, None] == 4, np.nan, np.ones((60, 2, 2)))
    with pytest.raises(
        DataError, match=r"4 of 240 values .* in 1 of 60 rows. Fill .* or leave these images out"
    ):
        NeuralRegressor([], epochs=1).fit(images, Y)


def test_one_row_of_a_table() -> None:
    with pytest.raises(DataError, match="at least 2"):
        NeuralRegressor(epochs=1).fit(pd.DataFrame({"a": [1.0], "b": ["x"]}), [1.0])


def test_columns_that_hold_nothing_are_told_and_left_out() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "number": X[:, 0],
            "group": np.where(TWO, "u", "v"),
            "empty": np.full(60, np.nan),
            "name": [f"person {k} {rng.integers(10**9)}" for k in range(60)],
        }
    )
    with pytest.warns(DataWarning) as told:
        model = NeuralRegressor([Dense(2)], epochs=2, random_state=0).fit(frame, Y)
    assert len([warning for warning in told if warning.category is DataWarning]) == 1
    assert "'empty'" in str(told[0].message)
    assert "'name'" in str(told[0].message)
    assert model.n_parameters_ == 2 * 2 + 2 + 3


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (
            {"epochs": 0},
            SpecificationError,
            r"NeuralRegressor\(epochs=0\): epochs must be a whole number, 1 or more",
        ),
        ({"epochs": "10"}, SpecificationError, "must be a whole number"),
        ({"batch_size": -1}, SpecificationError, "batch_size must be a whole number"),
        ({"optimizer": "adm"}, SpecificationError, "did you mean 'adam'"),
        ({"optimizer": 0.1}, ArgumentTypeError, "give a name"),
        ({"loss": "square"}, SpecificationError, "did you mean 'squared_error'"),
        ({"penalty": -1.0}, SpecificationError, "zero or more"),
        ({"penalty": "l2"}, ArgumentTypeError, "give the ridge coefficient as a number"),
        (
            {"early_stopping": 10},
            ArgumentTypeError,
            r"give None, or EarlyStopping\(patience, validation_fraction\)",
        ),
        ({"clip_norm": 0.0}, SpecificationError, "must be above zero"),
        ({"layers": [64]}, ArgumentTypeError, r"Did you mean Dense\(64\)\?"),
        ({"layers": "relu"}, ArgumentTypeError, "takes a list of layers"),
        ({"layers": 64}, ArgumentTypeError, "takes a list of layers"),
        ({"layers": [Residual([Dense(2)])]}, SpecificationError, "Residual adds its input of shape"),
        (
            {"layers": [Dense(2, connections=[[1, 0]])]},
            SpecificationError,
            "connections for 1 inputs and is given 3",
        ),
    ],
)
def test_settings_that_mean_nothing(given: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        NeuralRegressor(**given).fit(X, Y)


@pytest.mark.parametrize(
    "layer",
    [Dense(3, "step"), Activation("step"), Residual([Dense(3, "step")]), Dense(3, ACTIVATIONS["step"])],
    ids=repr,
)
def test_a_step_cannot_be_trained(layer: Any) -> None:
    with pytest.raises(
        SpecificationError, match=r"derivative of activation='step' is zero everywhere. Use 'sigmoid'"
    ):
        NeuralRegressor([layer]).fit(X, Y)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"X_val": X}, ArgumentTypeError, "need both X_val and y_val"),
        ({"y_val": Y}, ArgumentTypeError, "need both X_val and y_val"),
        ({"X_val": X, "y_val": Y[:5]}, DataError, "y_val has 5 values and X_val 60 rows: they must agree"),
        ({"X_val": X[:, :2], "y_val": Y}, ValueError, "2 features, but NeuralRegressor is expecting 3"),
        (
            {"X_val": X, "y_val": broken(Y, np.nan)},
            DataError,
            "y_val has NaN or infinite values: leave those",
        ),
        ({"X_val": X, "y_val": ["a"] * 60}, DataError, "no numbers, such as .*'a'"),
        (
            {"X_val": X, "y_val": np.column_stack([Y, Y])},
            DataError,
            "2 outcomes and the model was fitted on 1",
        ),
        ({"sample_weight": np.zeros(60)}, ValueError, "zero for every row|at least one non-zero"),
        ({"sample_weight": np.ones(5)}, ValueError, r"sample_weight"),
        ({"sample_weight": -np.ones(60)}, ValueError, "[Nn]egative"),
        ({"sample_weight": np.full(60, np.nan)}, ValueError, "NaN"),
    ],
)
def test_validation_rows_and_weights(given: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        NeuralRegressor([], epochs=1).fit(X, Y, **given)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda model: model.predict(X[:, :2]), "2 features, but NeuralRegressor is expecting 3"),
        (lambda model: model.predict(np.where(X[0, 0] == X, np.nan, X)), "NaN"),
        (lambda model: model.partial_fit(X, Y[:5]), "y has 5 values and X 60 rows: they must agree"),
        (lambda model: model.partial_fit(X, ["a"] * 60), "no numbers, such as"),
        (lambda model: model.partial_fit(X, broken(Y, np.nan)), "y has NaN or infinite values"),
    ],
)
def test_after_a_fit(call: Callable[[Any], Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call(NeuralRegressor([], epochs=1).fit(X, Y))


def test_too_few_rows_to_hold_any_back() -> None:
    from lamina.estimators import EarlyStopping

    with pytest.raises(
        DataError, match=r"holds back 2 of 2 rows, which leaves none to train on: give more rows"
    ):
        NeuralRegressor(early_stopping=EarlyStopping(3, validation_fraction=0.9)).fit(X[:2], Y[:2])


def test_a_rate_is_refused_where_it_is_written() -> None:
    with pytest.raises(SpecificationError, match=r"rate must be a number in \[0, 1\)"):
        NeuralRegressor([Dropout(40)])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (X[:, :0], r"0 feature\(s\)"),
        (broken(X[:, 0], np.inf)[:, None], "infinity"),
        (X + 1j, "Complex data not supported"),
    ],
)
def test_rows_that_scikit_learn_refuses_are_refused_by_a_class_of_ours(rows: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        NeuralRegressor(epochs=1).fit(rows, Y)
