"""A specification is a value: it prints as the code that makes it, compares, hashes, pickles and copies by its fields."""

import copy
import pickle
from typing import Any

import optax
import pytest

import lamina.layers
import lamina.training
import lamina.training.schedules
from lamina.layers import (
    L1,
    L2,
    Activation,
    CategoryEmbedding,
    Constant,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    He,
    LeakyReLU,
    LeCun,
    Normal,
    Penalty,
    Residual,
    Sequential,
    Uniform,
    Xavier,
    Zeros,
)
from lamina.layers.initializers import INITIALIZERS
from lamina.training import LBFGS, LOSSES, OPTIMIZERS, SGD, Adam, EarlyStopping, Huber, Optax, Quantile
from lamina.training.schedules import Cosine, Exponential, InverseScaling, Step, WarmUp

VALUES: list[Any] = [
    Dense(64),
    Dense(64, "relu"),
    Dense(3, use_bias=False, penalty=L1(0.1) + L2(0.2)),
    Dense(2, "tanh", weight_init=Normal(0.1), bias_init="normal", connections=[[1, 0], [1, 1]]),
    Activation("softmax"),
    LeakyReLU(0.2),
    Flatten(),
    Dropout(0.4),
    GaussianNoise(),
    CategoryEmbedding((3, 40), 5),
    Residual([Dense(8, "relu"), Sequential([Dense(5)])]),
    Sequential([Dense(3), Dropout(0.1), Dense(1, "sigmoid")]),
    Penalty(0.1, 0.2, output=False),
    *(Zeros(), Constant(1.0), Normal(0.2), Uniform(0.3), Xavier("normal"), He("uniform"), LeCun()),
    *INITIALIZERS.values(),
    *LOSSES.values(),
    Huber(2.0),
    Quantile(0.9),
    *OPTIMIZERS.values(),
    Adam(0.01, beta_2=0.99),
    SGD(Cosine(0.1), nesterov=True),
    Adam(WarmUp(Step(0.1, drop=0.5, every=3), epochs=2)),
    Optax(optax.lion, learning_rate=1e-3, b1=0.8),
    LBFGS(5),
    *(InverseScaling(0.2), Exponential(0.1, 0.9)),
    EarlyStopping(3, min_improvement=0.1),
]
NAMES = {**vars(lamina.layers), **vars(lamina.training.schedules), **vars(lamina.training)}
NAMES |= {"Constant": Constant, "lion": optax.lion}


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_prints_as_the_code_that_makes_it(value: Any) -> None:
    again = eval(repr(value), NAMES)
    assert again == value
    assert hash(again) == hash(value)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_pickles_and_copies(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value


def test_equality_is_by_kind_and_fields() -> None:
    different = list(dict.fromkeys(VALUES))
    for i, left in enumerate(different):
        assert [right == left for right in different] == [j == i for j in range(len(different))]


def test_a_schedules_constant_prints_as_code_too() -> None:
    value = Adam(lamina.training.schedules.Constant(0.1))
    assert eval(repr(value), vars(lamina.training.schedules) | {"Adam": Adam}) == value


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_cannot_be_changed_in_place(value: Any) -> None:
    with pytest.raises(AttributeError):
        value.units = 3


def test_a_function_prints_by_its_name() -> None:
    def bump(z: Any) -> Any:
        return z

    assert repr(Dense(2, bump)).endswith("bump)")
