"""Traced hyperparameters travel beside the network by path; a user's own layer is one frozen dataclass."""

import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import optax
import pytest
from small_fits import apply_layer

from lamina.layers import (
    L1,
    Context,
    Dense,
    Dropout,
    GaussianNoise,
    Layer,
    Penalty,
    Residual,
    Sequential,
    Shift,
)
from lamina.layers.base import children, snake_case, template, traced, traced_values
from lamina.training import SGD, Adam, Optax
from lamina.training.schedules import Cosine, WarmUp


@dataclass(frozen=True, repr=False)
class Power(Layer):
    """y = slope · x^exponent + shift, a user's own layer."""

    exponent: int = 2
    slope: float = traced(1.0)

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        return input_shape

    def init(self, rng: np.random.Generator, input_shape: tuple[int, ...]) -> tuple[dict, dict]:
        return {"shift": np.zeros(input_shape)}, {}

    def apply(self, parameters: Any, state: Any, x: Any, context: Context) -> tuple[Any, Any]:
        return context.value("slope", self.slope) * x**self.exponent + parameters["shift"], state


NETWORK = Sequential(
    [Dense(4, penalty=L1(0.2)), Dropout(0.3), Residual([GaussianNoise(0.7), Power(3, 2.5)]), Dropout(0.1)]
)


def test_every_traced_number_by_path() -> None:
    assert traced_values(NETWORK) == {
        "dense_1/penalty/l1": 0.2,
        "dense_1/penalty/l2": 0.0,
        "dropout_1/rate": 0.3,
        "residual_1/gaussian_noise_1/sd": 0.7,
        "residual_1/power_1/slope": 2.5,
        "dropout_2/rate": 0.1,
    }


def test_a_number_that_is_left_out_travels_as_the_one_it_follows() -> None:
    alone, both = Shift(0.2), Shift(0.2, 0.4)
    assert traced_values(alone) == {"height": 0.2, "width": 0.2}
    assert traced_values(both) == {"height": 0.2, "width": 0.4}
    assert template(alone) == template(both)


def test_networks_that_differ_in_traced_numbers_alone_share_a_template() -> None:
    other = Sequential(
        [Dense(4, penalty=L1(0.9)), Dropout(0.5), Residual([GaussianNoise(0.1), Power(3, 1.5)]), Dropout(0.4)]
    )
    assert template(other) == template(NETWORK)
    assert hash(template(other)) == hash(template(NETWORK))
    assert template(Power(2)) != template(Power(3))
    assert template(Dense(4)) != template(Dense(4, penalty=0.1))


def test_a_template_is_its_own_template() -> None:
    for value in (NETWORK, Adam(0.3), SGD(WarmUp(Cosine(0.2))), Penalty(0.1, 0.2), Optax(optax.adam(0.1))):
        assert template(template(value)) == template(value)
        assert type(template(value)) is type(value)


def test_the_context_finds_values_by_the_path_where_the_layer_stands() -> None:
    context = Context(hyperparameters={"residual_1/power_1/slope": 9.0})
    inside = context.child("residual_1").child("power_1")
    assert inside.value("slope", 1.0) == 9.0
    assert context.child("power_1").value("slope", 1.0) == 1.0


def test_a_users_layer_computes_prints_and_pickles() -> None:
    x = np.array([[1.0, 2.0]])
    np.testing.assert_allclose(apply_layer(Sequential([Power(3, 2.0)]), x), [[2.0, 16.0]])
    assert repr(Power(3)) == "Power(3)"
    assert Power(3) == Power(3) != Power(2)
    assert pickle.loads(pickle.dumps(Dense(3))) == Dense(3)


@pytest.mark.parametrize(
    ("name", "expected"), [("Conv2D", "conv2d"), ("LSTM", "lstm"), ("MaxPool2D", "max_pool2d")]
)
def test_names_in_paths(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_only_containers_have_children() -> None:
    assert children(Dense(3)) == ()
    assert [name for name, _ in children(NETWORK)] == ["dense_1", "dropout_1", "residual_1", "dropout_2"]
