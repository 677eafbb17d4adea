"""Fits that differ in numbers alone share one compiled program."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import optax
import pytest
from small_fits import assert_same_bits, fit_rows, linear_data

from lamina import NeuralRegressor
from lamina.layers import L1, L2, Context, Dense, Dropout, GaussianNoise, Sequential
from lamina.layers.base import ParameterFreeLayer, traced
from lamina.training import SGD, Adam, Huber, Optax
from lamina.training.prediction import _apply, predict
from lamina.training.program import advance
from lamina.training.schedules import Cosine, Exponential, WarmUp


def network(rate: float = 0.2, sd: float = 0.1, ridge: float = 0.1, units: int = 5) -> Sequential:
    return Sequential([Dense(units, "tanh", penalty=ridge), Dropout(rate), GaussianNoise(sd), Dense(1)])


BASE: dict[str, Any] = {
    "n": 57,
    "network": network(),
    "optimizer": Adam(0.01),
    "penalty": L2(0.1),
    "loss": Huber(1.0),
    "epochs": 2,
    "batch_size": 16,
    "clip_norm": 1.0,
    "patience": 3,
}


def compilations(changed: dict[str, Any]) -> int:
    given = {**BASE, **changed}
    X, y = linear_data(given.pop("n"))
    before = advance._cache_size()  # type: ignore[attr-defined]
    fit_rows(given.pop("network"), X, y, validation=linear_data(given.pop("watched", 20), seed=1), **given)
    return int(advance._cache_size()) - before  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _compiled() -> None:
    compilations({})


@pytest.mark.parametrize(
    "changed",
    [
        {"optimizer": Adam(0.5)},
        {"optimizer": Adam(0.01, beta_1=0.5, beta_2=0.99)},
        {"penalty": L2(0.7)},
        {"loss": Huber(2.0)},
        {"network": network(rate=0.6)},
        {"network": network(sd=0.9)},
        {"network": network(ridge=0.9)},
        {"seed": 5},
        {"epochs": 3},
        {"patience": None},
        {"min_improvement": 0.5},
        {"clip_norm": 3.0},
        {"n": 50},
        {"n": 63},
        {"watched": 23},
        {"weights": np.linspace(1, 2, 57)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_nothing_is_compiled_for_another_number(changed: dict[str, Any]) -> None:
    assert compilations(changed) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Adam(Cosine(0.1)), Adam(Cosine(0.2))),
        (Adam(WarmUp(Exponential(0.1))), Adam(WarmUp(Exponential(0.2)))),
        (SGD(0.1, momentum=0.5), SGD(0.2, momentum=0.9)),
        (Optax(optax.lion, learning_rate=0.1), Optax(optax.lion, learning_rate=0.1)),
    ],
)
def test_optimizers_that_differ_in_rates_share_a_program(one: Any, other: Any) -> None:
    compilations({"optimizer": one})
    assert compilations({"optimizer": other}) == 0


@pytest.mark.parametrize("changed", [{"penalty": L1(0.1)}, {"network": network(units=6)}], ids=str)
def test_another_structure_is_another_program(changed: dict[str, Any]) -> None:
    """Guards the tests above: were nothing ever counted, they would say nothing."""
    assert compilations(changed) == 1


def test_predictions_of_any_number_of_rows_share_programs() -> None:
    given = network()
    parameters = given.init(np.random.default_rng(0), (3,))[0]
    X = linear_data(1000)[0].astype(np.float32)
    predict(given, parameters, {}, X[:60])
    before = _apply._cache_size()  # type: ignore[attr-defined]
    for n in (49, 57, 64):
        predict(network(rate=0.9), parameters, {}, X[:n])
    assert _apply._cache_size() == before  # type: ignore[attr-defined]


@dataclass(frozen=True, repr=False)
class Gain(ParameterFreeLayer):
    """A user's own layer: y = gain · x."""

    gain: float = traced(1.0)

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        return input_shape

    def apply(self, parameters: Any, state: Any, x: Any, context: Context) -> Any:
        return context.value("gain", self.gain) * x, state


def test_a_users_own_layer_is_trained_and_its_numbers_are_traced_too() -> None:
    X, y = linear_data()
    inside = fit_rows(Sequential([Gain(4.0), Dense(1)]), X, y, epochs=3)
    outside = fit_rows(Sequential([Dense(1)]), 4 * X, y, epochs=3)
    assert_same_bits(inside.parameters, outside.parameters)
    before = advance._cache_size()  # type: ignore[attr-defined]
    fit_rows(Sequential([Gain(2.0), Dense(1)]), X, y, epochs=3)
    assert advance._cache_size() == before  # type: ignore[attr-defined]


def test_estimators_of_equal_structure_share_a_program() -> None:
    X, y = linear_data()

    def model(**given: Any) -> NeuralRegressor:
        options = {"layers": [Dense(3, "tanh")], "epochs": 2, "random_state": 0, "batch_size": 16}
        return NeuralRegressor(**{**options, **given})

    model(penalty=0.1).fit(X, y)
    before = advance._cache_size()  # type: ignore[attr-defined]
    for rows, given in ((60, {"penalty": 0.3}), (55, {"optimizer": Adam(0.1)}), (63, {"random_state": 3})):
        X, y = linear_data(rows, seed=rows)
        model(**{"penalty": 0.2, **given}).fit(X, y)
    assert advance._cache_size() == before  # type: ignore[attr-defined]
