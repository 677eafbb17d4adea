"""Every named activation equals an independent formula and has the derivative of its curve."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import scipy.stats
from small_fits import apply_layer, assert_gradient

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import ACTIVATIONS, Activation, Context, LeakyReLU
from lamina.layers.activations import activation_name, resolve_activation
from lamina.layers.base import template

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

FORMULAS = {
    "linear": lambda z: z,
    "step": lambda z: (z > 0).astype(float),
    "sigmoid": scipy.special.expit,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z * scipy.stats.norm.cdf(z),
    "softplus": lambda z: np.logaddexp(0, z),
    "swish": lambda z: z * scipy.special.expit(z),
    "mish": lambda z: z * np.tanh(np.logaddexp(0, z)),
    "softmax": lambda z: scipy.special.softmax(z, axis=-1),
    "exponential": np.exp,
}

Z = np.random.default_rng(0).normal(size=(7, 5)) * 3


def test_every_activation_has_a_formula_here() -> None:
    assert FORMULAS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_equals_its_formula(name: str) -> None:
    np.testing.assert_allclose(apply_layer(Activation(name), Z), FORMULAS[name](Z), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_is_that_of_the_curve(name: str) -> None:
    assert_gradient(resolve_activation(name), Z)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"exponential"}))
def test_is_finite_far_from_zero(name: str) -> None:
    assert np.isfinite(apply_layer(Activation(name), np.array([[-1e4, 0.0, 1e4]]))).all()


def test_step_is_flat() -> None:
    assert apply_layer(Activation("step"), np.array([[-1.0, 0.0, 1e-9]])).tolist() == [[0.0, 0.0, 1.0]]


def test_softmax_rows_sum_to_one_and_ignore_a_shift() -> None:
    p = apply_layer(Activation("softmax"), Z)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(apply_layer(Activation("softmax"), Z + 1000), p, rtol=1e-10)


def test_a_function_may_stand_for_a_name() -> None:
    np.testing.assert_allclose(apply_layer(Activation(lambda z: z**2), Z), Z**2)
    assert activation_name("relu") == "relu"
    assert activation_name(np.square) == "square"


def test_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(SpecificationError, match=r"activation='sigmoit' is unknown: did you mean 'sigmoid'"):
        Activation("sigmoit")


def test_neither_name_nor_function_is_refused() -> None:
    with pytest.raises(
        ArgumentTypeError, match=r"activation=3 is neither a name nor a function: give one of"
    ):
        Activation(3)  # type: ignore[arg-type]


def test_the_slope_of_a_leaky_unit_travels_beside_the_network() -> None:
    got = apply_layer(LeakyReLU(0.25), Z)
    np.testing.assert_allclose(got, np.where(Z > 0, Z, 0.25 * Z))
    assert template(LeakyReLU(0.25)) == template(LeakyReLU(0.5))
    moved = LeakyReLU(0.25).apply({}, {}, jnp.asarray(Z), Context(hyperparameters={"slope": 0.5}))[0]
    np.testing.assert_allclose(moved, np.where(Z > 0, Z, 0.5 * Z), rtol=1e-6)
    with pytest.raises(SpecificationError, match=r"LeakyReLU\(slope=-1\): slope must be"):
        LeakyReLU(-1)
