"""Pooling against the book's example, XLA's own window reductions, and finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from small_fits import assert_gradient

from lamina.numerics.pooling import average_pool, max_pool
from lamina.numerics.window import Window
from lamina.training.precision import precision

WINDOWS = [
    Window((2, 2), (2, 2)),
    Window((3, 2), (3, 2)),
    Window((3, 3), (2, 2), ((1, 1), (1, 1))),
    Window((2, 3), (1, 2), ((0, 1), (1, 1))),
]
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: str(window.size))
def test_the_largest_is_that_of_xla(window: Window, training: bool) -> None:
    x = RNG.normal(size=(2, 7, 8, 3)).astype(np.float32)
    expected = lax.reduce_window(
        x, -np.inf, lax.max, (1, *window.size, 1), (1, *window.stride, 1), ((0, 0), *window.padding, (0, 0))
    )
    np.testing.assert_array_equal(max_pool(x, window, training=training), expected)


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: str(window.size))
def test_gradients_are_finite_differences(window: Window) -> None:
    x = RNG.normal(size=(1, 5, 7, 2))
    assert_gradient(lambda x: max_pool(x, window, training=True), x)
    assert_gradient(lambda x: average_pool(x, window), x)


def test_of_several_largest_pixels_the_first_has_the_gradient() -> None:
    x = jnp.ones((1, 2, 2, 1))
    gradient = jax.grad(lambda x: max_pool(x, Window((2, 2), (2, 2)), training=True).sum())(x)
    assert gradient[0, :, :, 0].tolist() == [[1, 0], [0, 0]]


def test_what_is_added_around_an_image_does_not_count_in_a_mean() -> None:
    window = Window((3, 3), (1, 1), ((1, 1), (1, 1)))
    with precision(np.float64):
        means = np.asarray(average_pool(jnp.arange(9.0).reshape(1, 3, 3, 1), window)[0, :, :, 0])
    assert means[0, 0] == (0 + 1 + 3 + 4) / 4
    assert means[1, 1] == 4
