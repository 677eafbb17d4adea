"""Nested names read and replace what is inside values, and change nothing in place."""

from typing import Any

import optax
import pytest

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import SpecificationError
from lamina.estimators import EarlyStopping
from lamina.layers import L2, Dense, Dropout, Penalty, Residual
from lamina.training import SGD, Adam, CategoricalCrossEntropy, Huber, Optax
from lamina.training.schedules import Cosine, WarmUp

MODEL: dict[str, Any] = {
    "layers": [Dense(8, "relu", penalty=0.1), Dropout(0.4), Residual([Dense(8), Dropout(0.2)])],
    "optimizer": SGD(WarmUp(Cosine(0.1))),
    "loss": Huber(2.0),
    "penalty": 0.3,
    "early_stopping": EarlyStopping(4),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimizer__learning_rate", WarmUp(Cosine(0.1))),
        ("optimizer__learning_rate__after__rate", 0.1),
        ("optimizer__momentum", 0.0),
        ("layers__dense_1__units", 8),
        ("layers__dense_1__penalty__l2", 0.1),
        ("layers__dropout_1__rate", 0.4),
        ("layers__residual_1", Residual([Dense(8), Dropout(0.2)])),
        ("loss__delta", 2.0),
        ("penalty__l2", 0.3),
        ("early_stopping__patience", 4),
    ],
)
def test_get(name: str, value: Any) -> None:
    assert NeuralRegressor(**MODEL).get_params()[name] == value


@pytest.mark.parametrize("name", sorted(set(NeuralRegressor(**MODEL).get_params()) - {"verbose"}))
def test_setting_what_was_got_changes_nothing(name: str) -> None:
    model = NeuralRegressor(**MODEL)
    before = model.get_params()
    after = NeuralRegressor(**MODEL).set_params(**{name: before[name]}).get_params()
    assert after["layers"] == before["layers"]
    assert {key: value for key, value in after.items() if key != "penalty"} == {
        key: value for key, value in before.items() if key != "penalty"
    }


@pytest.mark.parametrize(
    ("given", "attribute", "expected"),
    [
        ({"optimizer__learning_rate": 0.5}, "optimizer", SGD(0.5)),
        ({"optimizer__learning_rate__after__rate": 0.7}, "optimizer", SGD(WarmUp(Cosine(0.7)))),
        ({"optimizer": "adam", "optimizer__learning_rate": 0.5}, "optimizer", Adam(0.5)),
        ({"optimizer__learning_rate": 0.5, "optimizer": "adam"}, "optimizer", Adam(0.5)),
        (
            {"optimizer": Optax(optax.lion, learning_rate=0.1), "optimizer__learning_rate": 0.2},
            "optimizer",
            Optax(optax.lion, learning_rate=0.2),
        ),
        ({"layers": [Dense(2)], "layers__dense_1__penalty__l2": 0.5}, "layers", [Dense(2, penalty=0.5)]),
        ({"loss__delta": 3.0}, "loss", Huber(3.0)),
        ({"penalty__l1": 0.1}, "penalty", Penalty(0.1, 0.3)),
        ({"penalty__output": False}, "penalty", L2(0.3, output=False)),
        ({"early_stopping__patience": 9}, "early_stopping", EarlyStopping(9)),
        ({"layers": [Dense(2)], "layers__dense_1__units": 5}, "layers", [Dense(5)]),
        (
            {"layers__dropout_1__rate": 0.1, "layers__residual_1__layers": [Dense(8)]},
            "layers",
            [Dense(8, "relu", penalty=0.1), Dropout(0.1), Residual([Dense(8)])],
        ),
        (
            {"layers__dense_1": Dense(3)},
            "layers",
            [Dense(3), Dropout(0.4), Residual([Dense(8), Dropout(0.2)])],
        ),
    ],
)
def test_set(given: dict[str, Any], attribute: str, expected: Any) -> None:
    layers = list(MODEL["layers"])
    model = NeuralRegressor(**{**MODEL, "layers": layers}).set_params(**given)
    assert getattr(model, attribute) == expected
    assert layers == MODEL["layers"]


def test_names_stand_for_values() -> None:
    model = NeuralClassifier(loss="categorical_crossentropy")
    assert model.get_params()["optimizer__learning_rate"] == 0.001
    model.set_params(loss__label_smoothing=0.1, optimizer__learning_rate=0.02)
    assert (model.loss, model.optimizer) == (CategoricalCrossEntropy(0.1), Adam(0.02))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("optimizer__learning_rat", "has no parameter 'learning_rat': did you mean 'learning_rate'"),
        ("optimizer__lr", "has no parameter 'lr': did you mean 'learning_rate'"),
        ("layers__dropout_1__p", "has no parameter 'p': did you mean 'rate'"),
        ("layers__dropout_2__rate", "layers has no layer 'dropout_2': did you mean 'dropout_1'"),
        ("layers__dense_1__unit", "did you mean 'units'"),
        ("epochs__more", "has no parameter 'more': it has none"),
    ],
)
def test_unknown_names_are_told_the_nearest(name: str, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        NeuralRegressor(**MODEL).set_params(**{name: 1})


def test_unknown_parameters_raise_scikit_learns_message() -> None:
    with pytest.raises(ValueError, match=r"Invalid parameter 'epoch' for estimator NeuralRegressor"):
        NeuralRegressor().set_params(epoch=3)


def test_a_bad_value_is_refused_where_it_is_set() -> None:
    with pytest.raises(SpecificationError, match=r"Dropout\(rate=2\)"):
        NeuralRegressor(**MODEL).set_params(layers__dropout_1__rate=2)
