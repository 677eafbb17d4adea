"""The classifier: logistic regression without hidden layers, for any labels, losses and weights."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from small_fits import assert_close, linear_data

from lamina import NeuralClassifier
from lamina.errors import DataError, SpecificationError
from lamina.estimators import EarlyStopping
from lamina.layers import Dense
from lamina.training import (
    LBFGS,
    Adam,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Hinge,
    Huber,
    SquaredError,
)

X, Y = linear_data()
NOISY = Y + np.random.default_rng(5).normal(size=60)
TWO = (NOISY > 0.5).astype(int)
THREE = np.digitize(NOISY, [-0.3, 1.0])
EXACT: dict[str, Any] = {"layers": [], "optimizer": LBFGS(tolerance=1e-10), "epochs": 1000}
SHORT: dict[str, Any] = {"layers": [Dense(4, "tanh")], "epochs": 5, "random_state": 0}


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_without_hidden_layers_it_is_logistic_regression(y: np.ndarray) -> None:
    model = NeuralClassifier(penalty=0.02, **EXACT).fit(X, y)
    scaled = StandardScaler().fit_transform(X)
    expected = LogisticRegression(C=1 / (2 * 60 * 0.02), tol=1e-10, max_iter=1000).fit(scaled, y)
    np.testing.assert_allclose(model.predict_proba(X), expected.predict_proba(scaled), atol=1e-5)
    np.testing.assert_array_equal(model.predict(X), expected.predict(scaled))
    if y is TWO:
        np.testing.assert_allclose(model.decision_function(X), expected.decision_function(scaled), rtol=1e-3)


@pytest.mark.parametrize(
    "names",
    [
        ["no", "yes"],
        np.array(["no", "yes"], dtype=object),
        [False, True],
        [-1, 1],
        [10, 3],
        [0.0, 1.0],
        ["b", "a"],
    ],
    ids=str,
)
def test_any_labels(names: Any) -> None:
    """Labels are names: other names in the same order give the same probabilities."""
    y = np.asarray(names)[TWO]
    model = NeuralClassifier(**SHORT).fit(X, y)
    assert model.classes_.tolist() == sorted(np.asarray(names).tolist())
    plain = NeuralClassifier(**SHORT).fit(X, TWO if sorted(names) == list(names) else 1 - TWO)
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))
    assert set(model.predict(X).tolist()) <= set(np.asarray(names).tolist())
    assert model.predict(X).dtype == y.dtype


def test_probabilities_sum_to_one_and_the_largest_is_predicted() -> None:
    for y in (TWO, THREE):
        model = NeuralClassifier(**SHORT).fit(X, y)
        p = model.predict_proba(X)
        np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
        np.testing.assert_array_equal(model.predict(X), model.classes_[p.argmax(axis=1)])


def test_two_softmax_units_are_a_logistic_unit() -> None:
    one = NeuralClassifier(**EXACT).fit(X, TWO)
    two = NeuralClassifier(loss="categorical_crossentropy", **EXACT).fit(X, TWO)
    np.testing.assert_allclose(two.predict_proba(X), one.predict_proba(X), atol=1e-4)
    np.testing.assert_allclose(two.decision_function(X), one.decision_function(X), atol=1e-2)
    assert two.n_parameters_ == 2 * one.n_parameters_


def test_several_labels_are_several_logistic_regressions() -> None:
    labels = np.column_stack([TWO, X[:, 0] + np.random.default_rng(0).normal(size=60) > 0])
    model = NeuralClassifier(penalty=0.02, **EXACT).fit(X, labels)
    alone = [NeuralClassifier(penalty=0.02 * 2, **EXACT).fit(X, labels[:, k].astype(int)) for k in range(2)]
    expected = np.column_stack([each.predict_proba(X)[:, 1] for each in alone])
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-4)
    np.testing.assert_array_equal(model.predict(X), expected > 0.5)
    assert model.decision_function(X).shape == (60, 2)


@pytest.mark.parametrize("y", [TWO, THREE], ids=["two", "three"])
def test_hinge_gives_classes_and_no_probabilities(y: np.ndarray) -> None:
    model = NeuralClassifier(**{**SHORT, "epochs": 60}, loss="hinge", optimizer=Adam(0.05))
    assert not hasattr(model, "predict_proba")
    model.fit(X, y)
    assert not hasattr(model, "predict_proba")
    assert model.score(X, y) > 0.6
    with pytest.raises(AttributeError, match="predict_proba"):
        model.predict_proba(X)


def test_a_function_gives_no_probabilities_but_cross_entropies_do() -> None:
    assert not hasattr(NeuralClassifier(loss=lambda z, y: (z - y) ** 2), "predict_proba")
    for loss in (None, "binary_crossentropy", CategoricalCrossEntropy(0.1), BinaryCrossEntropy()):
        assert hasattr(NeuralClassifier(loss=loss), "predict_proba")


@pytest.mark.parametrize("weights", ["balanced", {0: 1.0, 1: 3.0}])
def test_class_weights_are_row_weights(weights: Any) -> None:
    from sklearn.utils.class_weight import compute_sample_weight

    rows = np.random.default_rng(0).uniform(0.5, 2, size=60)
    # The scale of X follows the rows' own weights alone, so the two agree where X comes standardised.
    scaled = StandardScaler().fit_transform(X)
    by_class = NeuralClassifier(class_weight=weights, scale=False, **SHORT).fit(
        scaled, TWO, sample_weight=rows
    )
    by_row = NeuralClassifier(scale=False, **SHORT).fit(
        scaled, TWO, sample_weight=rows * compute_sample_weight(weights, TWO)
    )
    assert_close(by_class.parameters_, by_row.parameters_, rtol=1e-9)


def test_class_weights_by_name_of_class() -> None:
    names = np.array(["low", "high"])[TWO]
    model = NeuralClassifier(class_weight={"low": 1, "high": 1000}, **EXACT).fit(X, names)
    assert np.mean(model.predict(X) == "high") > 0.9


def test_label_smoothing_keeps_probabilities_off_the_edge() -> None:
    """Where a feature settles the class, the smoothed target is the probability that costs least."""
    easy = (X[:, :1] > 0).astype(float)
    model = NeuralClassifier(loss=BinaryCrossEntropy(0.2), **EXACT).fit(easy, easy[:, 0].astype(int))
    np.testing.assert_allclose(np.unique(model.predict_proba(easy)[:, 1]), [0.1, 0.9], atol=1e-5)


def test_held_back_rows_have_the_shares_of_the_classes() -> None:
    y = np.repeat([0, 1], [50, 10])
    kept, held = NeuralClassifier()._held_back(y, 0.2, np.random.RandomState(0))
    assert sorted([*kept, *held]) == list(range(60))
    assert np.bincount(y[held]).tolist() == [10, 2]


def test_a_class_of_one_row_is_known_even_if_it_is_held_back() -> None:
    rare = np.r_[2, TWO[1:]]
    for seed in range(5):
        model = NeuralClassifier(early_stopping=EarlyStopping(2), **{**SHORT, "random_state": seed}).fit(
            X, rare
        )
        assert model.classes_.tolist() == [0, 1, 2]


def test_partial_fit_takes_classes_that_come_later() -> None:
    model = NeuralClassifier(optimizer=Adam(0.05), **SHORT)
    model.partial_fit(X[:30], np.zeros(30, int), classes=[0, 1, 2])
    assert model.classes_.tolist() == [0, 1, 2]
    for _ in range(60):
        model.partial_fit(X, THREE)
    assert model.score(X, THREE) > 0.5
    assert model.n_iter_ == 61


@pytest.mark.parametrize(
    ("given", "y", "words"),
    [
        (
            {"loss": "binary_crossentropy"},
            THREE,
            r"y has 3 classes but loss='binary_crossentropy' takes 2: leave",
        ),
        (
            {"loss": "squared_error"},
            TWO,
            "is for numbers and y holds classes: leave loss unset, or use NeuralReg",
        ),
        ({"loss": SquaredError()}, TWO, "is for numbers and y holds classes"),
        ({"loss": Huber()}, THREE, "is for numbers and y holds classes"),
        (
            {"loss": "hinge"},
            np.column_stack([TWO, TWO]),
            "y has 2 labels at once, for which loss='hinge' is not made",
        ),
        ({"loss": Hinge(), "class_weight": {0: 0, 1: 0}}, TWO, "some class needs a weight above zero"),
        ({"class_weight": "balanced"}, np.column_stack([TWO, TWO]), "use sample_weight with several labels"),
    ],
)
def test_losses_and_weights_that_do_not_fit(given: dict[str, Any], y: np.ndarray, words: str) -> None:
    with pytest.raises((SpecificationError, DataError), match=words):
        NeuralClassifier(**SHORT, **given).fit(X, y)


@pytest.mark.parametrize(
    "y_val", [np.full(60, 7), np.full(60, "a"), np.full(60, "a", dtype=object)], ids=["7", "U", "O"]
)
def test_unknown_classes_among_validation_rows_are_named(y_val: np.ndarray) -> None:
    with pytest.raises(
        DataError, match=r"the class ('a'|7) that the model does not know: its classes are \[0, 1\]"
    ):
        NeuralClassifier(**SHORT).fit(X, TWO, X_val=X, y_val=y_val)
    with pytest.raises(DataError, match="does not know"):
        NeuralClassifier(**SHORT).fit(X, TWO).partial_fit(X, y_val)
