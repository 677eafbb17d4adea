"""Containers are compositions: a sequence applies in order, a residual adds its input, flattening keeps the numbers."""

import numpy as np
import pytest
from small_fits import apply_layer, assert_gradient

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import Activation, Context, Dense, Dropout, Flatten, Residual, Sequential

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 3))


def test_a_sequence_is_a_composition() -> None:
    network = Sequential([Dense(5, "tanh"), Activation("relu"), Dense(2)])
    parameters = network.init(np.random.default_rng(0), (3,))[0]
    first, second = parameters["dense_1"], parameters["dense_2"]
    hidden = np.maximum(np.tanh(X @ first["weights"] + first["bias"]), 0)
    expected = hidden @ second["weights"] + second["bias"]
    np.testing.assert_allclose(apply_layer(network, X, parameters), expected, rtol=1e-12)


def test_a_residual_adds_its_input() -> None:
    inner = [Dense(6, "relu"), Dense(3)]
    parameters = Sequential(inner).init(np.random.default_rng(0), (3,))[0]
    expected = X + apply_layer(Sequential(inner), X, parameters)
    np.testing.assert_allclose(apply_layer(Residual(inner), X, parameters), expected, rtol=1e-12)


def test_a_residual_of_zero_weights_changes_nothing() -> None:
    np.testing.assert_array_equal(apply_layer(Residual([Dense(3, weight_init="zeros")]), X), X)


@pytest.mark.parametrize(
    "network",
    [
        Sequential([Flatten(), Dense(4, "gelu"), Residual([Dense(4, "tanh")]), Dense(2)]),
        Sequential([Flatten(), Residual([Residual([Dense(6, "sigmoid")]), Dense(6, "swish")])]),
    ],
)
def test_gradient_through_nested_containers(network: Sequential) -> None:
    at = network.init(np.random.default_rng(0), (3, 2))[0], np.random.default_rng(1).normal(size=(3, 3, 2))
    assert_gradient(lambda given: network.apply(given[0], {}, given[1], Context())[0], at)


def test_flatten_takes_rows_in_order() -> None:
    images = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(apply_layer(Flatten(), images), images.reshape(2, 12))
    assert Flatten().output_shape((3, 4, 5)) == (60,)
    assert Flatten().output_shape((7,)) == (7,)


def test_names_count_within_their_kind_and_reach_inside() -> None:
    network = Sequential([Dense(3), Dropout(0.1), Residual([Dense(3), Dense(3)]), Dense(1)])
    parameters = network.init(RNG, (2,))[0]
    assert parameters.keys() == {"dense_1", "residual_1", "dense_2"}
    assert parameters["residual_1"].keys() == {"dense_1", "dense_2"}


def test_layers_are_drawn_one_after_the_other() -> None:
    network = Sequential([Dense(3, "relu"), Dense(1)])
    rng = np.random.default_rng(7)
    first, second = Dense(3, "relu").init(rng, (2,))[0], Dense(1).init(rng, (3,))[0]
    drawn = network.init(np.random.default_rng(7), (2,))[0]
    np.testing.assert_array_equal(drawn["dense_1"]["weights"], first["weights"])
    np.testing.assert_array_equal(drawn["dense_2"]["weights"], second["weights"])


def test_a_single_layer_may_stand_for_a_list() -> None:
    assert Sequential(Dense(2)) == Sequential([Dense(2)]) == Sequential((Dense(2),))


def test_residual_shapes_must_agree() -> None:
    with pytest.raises(SpecificationError, match=r"input of shape \(3,\) to an output of shape \(2,\)"):
        Residual([Dense(2)]).init(RNG, (3,))


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([64], r"given 64 \(int\). Did you mean Dense\(64\)\?"),
        ("Dense", r"takes a list of layers .* write for example \[Dense\(64, 'relu'\)\]"),
        (None, "takes a list of layers"),
        ([Dense], "Dense is a class"),
        ([{}], r"was given {} \(dict\)"),
    ],
)
def test_only_layers_go_inside(layers: object, words: str) -> None:
    with pytest.raises(ArgumentTypeError, match=words):
        Sequential(layers)  # type: ignore[arg-type]
