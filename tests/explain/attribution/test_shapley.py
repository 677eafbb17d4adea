"""Shapley values keep the axioms, equal the sum over all orders, and sampled ones lie within their standard errors."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from tests.explain.attribution.conftest import GOOD, TEXTS, Known

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import Shapley, attribute
from lamina.explain.attribution.shapley import exact_shares, sampled_shares
from lamina.model_selection import EnsembleRegressor


class Formula:
    """A regression that is a formula of the columns."""

    _estimator_type = "regressor"
    fitted_ = True

    def __init__(self, formula: Any) -> None:
        self.formula = formula

    def fit(self, X: Any, y: Any) -> Formula:
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.asarray(self.formula(np.asarray(X)))

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        return LinearRegression().__sklearn_tags__()


ROWS = np.random.default_rng(0).normal(size=(6, 4))
BACKGROUND = np.random.default_rng(1).normal(size=(5, 4))


def shares(formula: Any, samples: int | None = None, X: np.ndarray = ROWS) -> np.ndarray:
    return attribute(Formula(formula), X, Shapley(samples, BACKGROUND)).attributions


def f(x: np.ndarray) -> Any:
    return x[:, 0] * x[:, 1] + np.sin(x[:, 2]) + x[:, 0] ** 2


def g(x: np.ndarray) -> Any:
    return np.exp(x[:, 1] / 2) - x[:, 2] * x[:, 0]


def test_it_is_the_mean_over_all_orders() -> None:
    def v(row: np.ndarray, known: list[int]) -> float:
        mixed = BACKGROUND.copy()
        mixed[:, known] = row[known]
        return float(f(mixed).mean())

    expected = np.zeros(ROWS.shape)
    for order in itertools.permutations(range(4)):
        for place, column in enumerate(order):
            before = list(order[:place])
            for row in range(len(ROWS)):
                expected[row, column] += (v(ROWS[row], [*before, column]) - v(ROWS[row], before)) / 24
    np.testing.assert_allclose(shares(f), expected, atol=1e-12)


def test_efficiency() -> None:
    found = attribute(Formula(f), ROWS, Shapley(background=BACKGROUND))
    np.testing.assert_allclose(found.attributions.sum(axis=1) + found.base_value, f(ROWS), atol=1e-12)
    np.testing.assert_allclose(found.base_value, f(BACKGROUND).mean())
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    assert found.standard_errors is None


def test_symmetry() -> None:
    same = ROWS.copy()
    same[:, 1] = same[:, 0]
    alike = BACKGROUND.copy()
    alike[:, 1] = alike[:, 0]
    model = Formula(lambda x: np.tanh(x[:, 0] + x[:, 1]) + x[:, 2])
    found = attribute(model, same, Shapley(background=alike)).attributions
    np.testing.assert_allclose(found[:, 0], found[:, 1], atol=1e-12)


def test_a_dummy_gets_nothing_and_a_plain_summand_its_own_difference() -> None:
    for samples in (None, 6):
        found = shares(lambda x: x[:, 0] * x[:, 1] + 3 * x[:, 2], samples)
        np.testing.assert_allclose(found[:, 3], 0, atol=1e-12)
        np.testing.assert_allclose(found[:, 2], 3 * (ROWS[:, 2] - BACKGROUND[:, 2].mean()), atol=1e-12)


def test_linearity() -> None:
    both = shares(lambda x: 2 * f(x) - 3 * g(x))
    np.testing.assert_allclose(both, 2 * shares(f) - 3 * shares(g), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(0, 1000))
def test_axioms_of_any_game(inputs: int, seed: int) -> None:
    table = np.random.default_rng(seed).normal(size=1 << inputs)

    def worth(known: np.ndarray) -> np.ndarray:
        return np.asarray(table[known @ (1 << np.arange(inputs))])

    found, base = exact_shares(worth, inputs)
    assert base == table[0]
    np.testing.assert_allclose(found.sum(), table[-1] - table[0], atol=1e-12)
    sampled, _, _ = sampled_shares(worth, inputs, 8, np.random.default_rng(0))
    np.testing.assert_allclose(sampled.sum(), table[-1] - table[0], atol=1e-12)


def test_sampled_shares_lie_within_their_standard_errors() -> None:
    X = np.random.default_rng(3).normal(size=(40, 8))
    model = Formula(lambda x: x[:, 0] * x[:, 1] * x[:, 2] + np.abs(x[:, 3] + x[:, 4]) * x[:, 5])
    exact = attribute(model, X[:8], Shapley(background=X[:20]))
    sampled = attribute(model, X[:8], Shapley(64, X[:20]))
    assert sampled.standard_errors is not None
    np.testing.assert_allclose(sampled.residual, 0, atol=1e-12)
    scores = (sampled.attributions - exact.attributions)[:, :6] / np.maximum(
        sampled.standard_errors[:, :6], 1e-9
    )
    assert np.abs(scores).max() < 6
    assert 0.6 < np.sqrt(np.mean(scores**2)) < 1.5


def test_reversed_orders_cancel_pairs() -> None:
    """With products of two inputs alone, an order and its reverse give the exact value."""
    exact = shares(lambda x: x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3])
    np.testing.assert_allclose(shares(lambda x: x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3], 2), exact, atol=1e-12)


def test_a_linear_model_has_its_coefficients() -> None:
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = LinearRegression().fit(X, X @ [1.0, 2.0, 3.0])
    found = attribute(model, X, "shapley")
    np.testing.assert_allclose(found.attributions, (X - X.mean(axis=0)) * [1, 2, 3], atol=1e-10)
    assert found.scale == "prediction of LinearRegression"
    assert found.names == ("x0", "x1", "x2")


def test_any_classifier_by_its_probabilities() -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    y = np.array(["a", "b", "c"])[np.digitize(X[:, 0], [-0.5, 0.5])]
    forest = RandomForestClassifier(10, random_state=0).fit(X, y)
    found = attribute(forest, X[:5], "shapley", background=X)
    proba = forest.predict_proba(X[:5])
    assert found.target.tolist() == forest.predict(X[:5]).tolist()
    np.testing.assert_allclose(found.output, proba.max(axis=1))
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    assert found.scale == "probability of the class"
    np.testing.assert_allclose(
        attribute(forest, X[:5], "shapley", target="b", background=X).output, proba[:, 1]
    )
    machine = LinearSVC().fit(X, X[:, 0] > 0)
    found = attribute(machine, X[:5], "shapley", target=True, background=X)
    np.testing.assert_allclose(found.output, machine.decision_function(X[:5]))
    assert found.scale == "decision function of the class"


def test_a_pipeline_on_a_data_frame_keeps_the_columns_types() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(size=50), "town": pd.Categorical(rng.choice(["a", "b"], 50))})
    y = frame["size"] + (frame["town"] == "a") * 2
    from sklearn.compose import make_column_transformer

    encoder = make_column_transformer((OneHotEncoder(), ["town"]), remainder="passthrough")
    model = make_pipeline(encoder, LinearRegression()).fit(frame, y)
    found = attribute(model, frame.head(4), "shapley", background=frame)
    np.testing.assert_allclose(found.attributions[:, 0], frame["size"][:4] - frame["size"].mean(), atol=1e-10)
    share = (frame["town"] == "a").mean()
    np.testing.assert_allclose(found.attributions[:, 1], 2 * ((frame["town"][:4] == "a") - share), atol=1e-10)
    assert found.frame().columns.tolist() == ["size", "town"]


def test_networks_are_asked_on_their_linear_predictor(regression: Known, classes: Known) -> None:
    found = attribute(regression.model, regression.X, "shapley")
    np.testing.assert_allclose(found.output, regression.model.predict(regression.X))
    np.testing.assert_allclose(found.residual, 0, atol=1e-9)
    found = attribute(classes.model, classes.X, "shapley")
    np.testing.assert_allclose(found.output, classes.model.decision_function(classes.X).max(axis=1))
    np.testing.assert_allclose(found.residual, 0, atol=1e-9)


def test_a_networks_table_by_encoded_columns_equals_the_frame_itself(table: Known) -> None:
    quick = attribute(table.model, table.X, Shapley(background=table.X))
    slow = attribute(
        Formula(lambda x: table.model.predict(pd.DataFrame(x, columns=table.X.columns).infer_objects())),
        table.X,
        Shapley(background=table.X),
    )
    np.testing.assert_allclose(quick.attributions, slow.attributions, atol=1e-4)
    assert quick.names == tuple(table.X.columns)


def test_an_ensemble_of_networks(regression: Known) -> None:
    X = np.random.default_rng(0).normal(size=(50, 3))
    model = EnsembleRegressor(n_members=2, random_state=0).fit(X, X[:, 0])
    found = attribute(model, X[:3], "shapley", background=X[:20])
    np.testing.assert_allclose(found.output, model.predict(X[:3]), rtol=1e-6)
    np.testing.assert_allclose(found.residual, 0, atol=1e-6)


def test_words_of_any_text_model(sequences: Known, bag: Known) -> None:
    pipeline = make_pipeline(TfidfVectorizer(token_pattern=r"\w+"), LogisticRegression()).fit(TEXTS, GOOD)
    found = attribute(pipeline, ["what a fine film!", "dull", ""], "shapley", target="good")
    assert found.words == (("what", "a", "fine", "film"), ("dull", "", "", ""), ("", "", "", ""))
    np.testing.assert_allclose(found.residual, 0, atol=1e-12)
    np.testing.assert_allclose(found.base_value, pipeline.predict_proba([""])[0, 1])
    np.testing.assert_allclose(found.attributions[0, 0], 0, atol=1e-12)
    for known in (sequences, bag):
        found = attribute(known.model, known.X, "shapley")
        np.testing.assert_allclose(found.residual, 0, atol=1e-5)
        np.testing.assert_allclose(
            found.base_value[0] * (1 if found.target[0] == found.target[2] else -1),  # type: ignore[index]
            found.output[2],
            atol=1e-5,
        )


def test_parts_of_images(pictures: Known) -> None:
    found = attribute(pictures.model, pictures.X[:2], Shapley(4, window=4))
    assert found.attributions.shape == (2, 8, 8, 1)
    np.testing.assert_allclose(found.residual, 0, atol=1e-9)
    assert len(np.unique(found.attributions[0])) == 4
    exact = attribute(pictures.model, pictures.X[:2], Shapley(window=(4, 8), background=0.5))
    np.testing.assert_allclose(exact.residual, 0, atol=1e-9)


def test_forests_and_many_columns_are_sampled() -> None:
    X = np.random.default_rng(0).normal(size=(40, 14))
    forest = RandomForestRegressor(5, random_state=0).fit(X, X[:, 0])
    found = attribute(forest, X[:2], Shapley(samples=8, background=X[:5]))
    assert found.standard_errors is not None
    np.testing.assert_allclose(found.residual, 0, atol=1e-10)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"samples": 3}, "take 4"),
        ({"samples": 0}, "samples must be a whole number"),
        ({"samples": 2.5}, "samples must be a whole number"),
        ({"window": 0}, "window must be a whole number"),
        ({"window": "2"}, "window must be a whole number"),
        ({"random_state": -1}, "random_state must be a whole number"),
    ],
)
def test_options_that_mean_nothing(options: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        Shapley(**options)


def test_bad_rows() -> None:
    X = np.random.default_rng(0).normal(size=(20, 3))
    model = LinearRegression().fit(X, X[:, 0])
    with pytest.raises(DataError, match="single row"):
        attribute(model, X[:1], "shapley")
    with pytest.raises(DataError, match="background has 2 columns and X 3"):
        attribute(model, X, "shapley", background=X[:, :2])
    with pytest.raises(DataError, match="background has no rows"):
        attribute(model, X, "shapley", background=X[:0])
    with pytest.raises(SpecificationError, match="window=2 is for images"):
        attribute(model, X, "shapley", window=2)
    with pytest.raises(DataError, match="X has no rows"):
        attribute(model, X[:0], "shapley")
    from scipy import sparse

    with pytest.raises(DataError, match="sparse matrix of 3 columns"):
        attribute(model, sparse.csr_array(X), "shapley")
    with pytest.raises(DataError, match="give a table of numbers"):
        attribute(model, np.zeros((2, 2, 2)), "shapley")


def test_models_that_give_no_numbers() -> None:
    from sklearn.neighbors import NearestCentroid

    class Plain(NearestCentroid):  # type: ignore[misc]
        @property
        def predict_proba(self) -> Any:
            raise AttributeError

        @property
        def decision_function(self) -> Any:
            raise AttributeError

    X = np.random.default_rng(0).normal(size=(20, 3))
    with pytest.raises(ArgumentTypeError, match="predicts classes and no numbers"):
        attribute(Plain().fit(X, X[:, 0] > 0), X, "shapley")
    with pytest.raises(ArgumentTypeError, match="the class LinearRegression makes none"):
        attribute(LinearRegression, X, "shapley")
    with pytest.raises(ArgumentTypeError, match="StandardScaler makes none"):
        attribute(StandardScaler().fit(X), X, "shapley")
