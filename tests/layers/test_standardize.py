"""Standardize subtracts and divides by its own numbers, whatever comes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.errors import SpecificationError
from lamina.layers import Context, Standardize

IMAGES = np.random.default_rng(0).uniform(size=(2, 3, 4, 2))


def test_each_channel_by_its_own_numbers() -> None:
    y, after = Standardize((0.1, 0.2), (2, 4)).apply({}, {}, jnp.asarray(IMAGES), Context())
    np.testing.assert_allclose(y[..., 0], (IMAGES[..., 0] - 0.1) / 2, rtol=1e-6)
    np.testing.assert_allclose(y[..., 1], (IMAGES[..., 1] - 0.2) / 4, rtol=1e-6)
    assert after == {}


def test_one_number_serves_any_shape() -> None:
    layer = Standardize(0.5, 0.25)
    assert layer.output_shape((28, 28)) == (28, 28)
    np.testing.assert_allclose(layer.apply({}, {}, jnp.ones((1, 2, 2)), Context())[0], 2.0)


def test_its_gradient_is_one_by_the_deviation() -> None:
    gradient = jax.grad(lambda x: jnp.sum(Standardize(0.3, (2, 4)).apply({}, {}, x, Context())[0]))(
        jnp.asarray(IMAGES)
    )
    np.testing.assert_allclose(gradient, np.broadcast_to([0.5, 0.25], IMAGES.shape))


@pytest.mark.parametrize(
    "fields",
    [
        {"sd": 0.0},
        {"sd": (1, -1)},
        {"mean": float("nan")},
        {"mean": "0.5"},
        {"mean": ()},
        {"mean": (1, 2), "sd": (1, 1, 1)},
    ],
    ids=str,
)
def test_numbers_that_mean_nothing_are_refused(fields: dict) -> None:
    with pytest.raises(SpecificationError, match=r"must be a finite number|must have as many"):
        Standardize(**{"mean": 0.0, "sd": 1.0} | fields)


def test_other_channels_are_told_what_to_do() -> None:
    with pytest.raises(SpecificationError, match=r"np\.repeat\(images"):
        Standardize((0, 0, 0)).output_shape((28, 28))
    with pytest.raises(SpecificationError, match="one number a channel"):
        Standardize((0, 0, 0)).output_shape((28, 28, 4))
