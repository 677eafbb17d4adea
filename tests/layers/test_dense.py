"""A dense layer is hand arithmetic: sums of products, cut where connections say so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_fits import apply_layer, assert_gradient

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import ACTIVATIONS, L2, Context, Dense, Normal, Penalty
from lamina.layers.activations import resolve_activation

RNG = np.random.default_rng(0)


def test_by_hand() -> None:
    parameters = {"weights": np.array([[1.0, -2.0], [0.5, 3.0]]), "bias": np.array([0.1, -0.2])}
    y = apply_layer(Dense(2, "relu"), np.array([[2.0, 4.0], [-1.0, 1.0]]), parameters)
    np.testing.assert_allclose(y, [[2 + 2 + 0.1, -4 + 12 - 0.2], [0.0, 2 + 3 - 0.2]])


@settings(max_examples=10, deadline=None)
@given(p=st.integers(1, 4), units=st.integers(1, 4), seed=st.integers(0, 2**16))
def test_equals_numpy(p: int, units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights, bias, x = rng.normal(size=(p, units)), rng.normal(size=units), rng.normal(size=(5, p))
    y = apply_layer(Dense(units, "tanh"), x, {"weights": weights, "bias": bias})
    np.testing.assert_allclose(y, np.tanh(x @ weights + bias), rtol=1e-12)


def test_without_bias_zero_gives_zero() -> None:
    layer = Dense(3, use_bias=False)
    assert layer.init(RNG, (2,))[0].keys() == {"weights"}
    assert (apply_layer(layer, np.zeros((4, 2))) == 0).all()


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_gradient_of_parameters_and_input(activation: str) -> None:
    layer = Dense(3, activation, connections=[[1, 1, 0], [0, 1, 1]])
    parameters = layer.init(np.random.default_rng(3), (2,))[0]
    at = parameters, np.random.default_rng(4).normal(size=(4, 2))
    assert_gradient(lambda given: layer.apply(given[0], {}, given[1], Context())[0], at)


@pytest.mark.parametrize(
    ("layer", "inputs", "count"),
    [
        (Dense(64), 19, 1280),
        (Dense(1), 64, 65),
        (Dense(256), 784, 200_960),
        (Dense(5, use_bias=False), 4, 20),
        (Dense(2, connections=[[1, 0], [1, 1], [0, 1]]), 3, 4 + 2),
    ],
)
def test_counts_its_parameters(layer: Dense, inputs: int, count: int) -> None:
    assert layer.count((inputs,)) == count


def test_a_cut_connection_carries_nothing_and_has_no_gradient() -> None:
    layer = Dense(2, connections=[[1, 0], [1, 1], [0, 1]])
    parameters = {"weights": np.ones((3, 2)), "bias": np.zeros(2)}
    np.testing.assert_array_equal(
        apply_layer(layer, np.array([[1.0, 10.0, 100.0]]), parameters), [[11.0, 110.0]]
    )
    import jax

    gradient = jax.grad(
        lambda w: layer.apply({**parameters, "weights": w}, {}, np.ones((1, 3)), Context())[0].sum()
    )
    np.testing.assert_array_equal(gradient(parameters["weights"]), [[1, 0], [1, 1], [0, 1]])


def test_cut_weights_begin_at_zero_and_the_fan_counts_what_is_left() -> None:
    connections = np.zeros((100, 50), dtype=int)
    connections[:4] = 1
    weights = Dense(50, "relu", connections=connections).init(np.random.default_rng(0), (100,))[0]["weights"]
    assert (weights[4:] == 0).all()
    assert weights[:4].var() == pytest.approx(2 / 4, rel=0.25)  # He, with a fan-in of four


def test_weights_follow_the_activation_and_biases_begin_at_zero() -> None:
    drawn = Dense(200, "relu").init(np.random.default_rng(0), (400,))[0]
    assert drawn["weights"].var() == pytest.approx(2 / 400, rel=0.05)
    assert (drawn["bias"] == 0).all()
    assert Dense(300, "tanh").init(np.random.default_rng(0), (100,))[0]["weights"].var() == pytest.approx(
        2 / 400, rel=0.05
    )
    given = Dense(50, weight_init=Normal(3.0), bias_init="normal").init(np.random.default_rng(0), (60,))[0]
    assert given["weights"].std() == pytest.approx(3, rel=0.1)
    assert given["bias"].std() == pytest.approx(0.05, rel=0.3)


def test_a_number_is_a_ridge_penalty() -> None:
    assert Dense(2, penalty=0.5).penalty == Penalty(l2=0.5) == L2(0.5)


def test_selects_no_units_of_another_type() -> None:
    assert type(Dense(np.int64(3)).units) is int
    assert Dense(np.int64(3)) == Dense(3)


@pytest.mark.parametrize("units", [0, -1, 2.0, True, "3", None])
def test_units_must_be_a_whole_number_above_zero(units: object) -> None:
    with pytest.raises(SpecificationError, match=r"Dense\(units=.*whole number, 1 or more, for example 64"):
        Dense(units)  # type: ignore[arg-type]


@pytest.mark.parametrize("connections", [[[1, 2]], [[1, 0], [1]], [1, 0], [[1, 0, 1]], [["a", "b"]]])
def test_connections_must_be_a_table_of_zero_and_one(connections: object) -> None:
    with pytest.raises(SpecificationError, match="table of 0 and 1"):
        Dense(2, connections=connections)


def test_connections_must_match_the_inputs() -> None:
    with pytest.raises(
        SpecificationError, match=r"connections for 2 inputs and is given 3: the table needs a row"
    ):
        Dense(1, connections=[[1], [1]]).init(RNG, (3,))


def test_images_need_flattening() -> None:
    with pytest.raises(SpecificationError, match=r"shape \(28, 28\): put Flatten\(\) before it"):
        Dense(2).output_shape((28, 28))


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"activation": "rellu"}, SpecificationError, "did you mean 'relu'"),
        ({"weight_init": "hee"}, SpecificationError, "did you mean 'he'"),
        ({"bias_init": 0.0}, ArgumentTypeError, "neither a name nor an Initializer"),
        ({"penalty": "ridge"}, ArgumentTypeError, "give the ridge coefficient as a number"),
        ({"penalty": -0.1}, SpecificationError, "zero or more"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(given: dict, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        Dense(2, **given)


def test_activation_functions_are_resolved() -> None:
    function = resolve_activation("tanh")
    x = RNG.normal(size=(3, 2))
    np.testing.assert_array_equal(apply_layer(Dense(2, function), x), apply_layer(Dense(2, "tanh"), x))
