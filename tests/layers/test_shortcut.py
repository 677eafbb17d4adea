"""The shortcut without parameters keeps every other pixel and adds channels of zeros."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.errors import SpecificationError
from lamina.layers import Context, Shortcut

IMAGES = np.random.default_rng(0).normal(size=(2, 5, 4, 3))


def of(layer: Shortcut, x: np.ndarray) -> np.ndarray:
    return np.asarray(layer.apply({}, {}, jnp.asarray(x), Context())[0])


def test_pixels_kept_and_channels_of_zeros() -> None:
    y = of(Shortcut(7, stride=2), IMAGES)
    assert y.shape == (2, *Shortcut(7).output_shape((5, 4, 3))) == (2, 3, 2, 7)
    np.testing.assert_allclose(y[..., :3], IMAGES[:, [0, 2, 4]][:, :, [0, 2]], rtol=1e-6)
    np.testing.assert_array_equal(y[..., 3:], 0)


def test_with_a_stride_of_one_and_as_many_channels_it_is_the_identity() -> None:
    np.testing.assert_allclose(of(Shortcut(3, stride=1), IMAGES), IMAGES, rtol=1e-6)


def test_its_gradient_reaches_the_kept_pixels_alone() -> None:
    gradient = jax.grad(lambda x: jnp.sum(Shortcut(4).apply({}, {}, x, Context())[0]))(jnp.asarray(IMAGES))
    kept = np.zeros_like(IMAGES)
    kept[:, ::2, ::2] = 1
    np.testing.assert_array_equal(gradient, kept)


def test_fewer_channels_than_there_are_is_refused() -> None:
    with pytest.raises(SpecificationError, match="filters of 16 or more"):
        Shortcut(8).output_shape((4, 4, 16))


@pytest.mark.parametrize("fields", [{"filters": 0}, {"filters": 4, "stride": 0}, {"filters": 2.5}])
def test_numbers_below_one_are_refused(fields: dict[str, int]) -> None:
    with pytest.raises(SpecificationError, match="whole number"):
        Shortcut(**fields)
