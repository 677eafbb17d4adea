"""Layers that learn one number a feature or a unit: they begin as what they stand for."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.errors import SpecificationError
from lamina.layers import Activation, Context, ParametricActivation, Scale

X = np.random.default_rng(0).normal(size=(5, 3))


def test_scale_begins_as_the_identity_and_has_a_number_a_feature() -> None:
    parameters, state = Scale().init(np.random.default_rng(0), (3,))
    y, after = Scale().apply(parameters, state, X, Context())
    np.testing.assert_array_equal(y, X)
    assert after == {}
    assert parameters["factors"].shape == (3,)
    assert Scale().output_shape((4, 3)) == (4, 3)


def test_the_gradient_of_a_factor_is_the_sum_of_its_feature() -> None:
    gradient = jax.grad(lambda factors: jnp.sum(Scale().apply({"factors": factors}, {}, X, Context())[0]))
    np.testing.assert_allclose(gradient(np.ones(3)), X.sum(axis=0), rtol=1e-5)


@pytest.mark.parametrize("name", ["relu", "mish", "tanh"])
def test_a_parametric_activation_begins_as_the_activation_and_ends_as_the_identity(name: str) -> None:
    layer = ParametricActivation(name)
    parameters, _ = layer.init(np.random.default_rng(0), (3,))
    plain, _ = Activation(name).apply({}, {}, X, Context())
    np.testing.assert_allclose(layer.apply(parameters, {}, X, Context())[0], plain, rtol=1e-6)
    np.testing.assert_allclose(layer.apply({"shares": np.zeros(3)}, {}, X, Context())[0], X, rtol=1e-6)


def test_an_unknown_activation_is_refused() -> None:
    with pytest.raises(SpecificationError, match="did you mean 'mish'"):
        ParametricActivation("mich")
