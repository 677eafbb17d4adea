"""A pooled convolution on Winograd's tiles is the plain convolution, pooled; so are its gradients."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina.numerics.convolution import plain
from lamina.numerics.pooled import POOL, _on_tiles, convolve_pooled
from lamina.numerics.pooling import max_pool
from lamina.numerics.window import Window
from lamina.training.precision import precision

SAME = Window((3, 3), padding=((1, 1), (1, 1)))


@pytest.mark.parametrize(
    ("shape", "window", "pool", "on_tiles"),
    [
        ((2, 8, 4, 8), SAME, POOL, True),
        ((2, 6, 10, 8), Window((3, 3)), POOL, True),
        ((2, 6, 8, 8), SAME, POOL, False),
        ((2, 8, 8, 8), SAME, Window((2, 2), (1, 1)), False),
        ((2, 9, 9, 8), Window((2, 2), (2, 2)), POOL, False),
    ],
    ids=["same", "valid", "no whole tiles", "overlapping", "patches"],
)
def test_equals_convolution_and_pooling(
    shape: tuple[int, ...], window: Window, pool: Window, on_tiles: bool
) -> None:
    rng = np.random.default_rng(0)
    with precision(np.float64):
        x, weights = jnp.asarray(rng.normal(size=shape)), jnp.asarray(rng.normal(size=(*window.size, 8, 8)))
        assert _on_tiles(x, weights, window, pool) == on_tiles

        def reference(x: jax.Array, weights: jax.Array) -> jax.Array:
            return max_pool(plain(x, weights, window), pool)

        ours = functools.partial(convolve_pooled, window=window, pool=pool, training=True)
        y, pullback = jax.vjp(ours, x, weights)
        expected, plain_pullback = jax.vjp(reference, x, weights)
        np.testing.assert_allclose(y, expected, atol=1e-11)
        np.testing.assert_allclose(convolve_pooled(x, weights, window, pool, training=False), y, atol=1e-11)
        error = jnp.asarray(rng.normal(size=y.shape))
        for own, other in zip(pullback(error), plain_pullback(error), strict=True):
            np.testing.assert_allclose(own, other, atol=1e-11)


def test_equal_pixels_send_the_error_to_one_of_them() -> None:
    x, weights = jnp.zeros((1, 4, 4, 8)), jnp.ones((3, 3, 8, 8))
    y, pullback = jax.vjp(lambda w: convolve_pooled(x + 1.0, w, SAME, POOL, training=True), weights)
    # Four windows: the middle of a constant image has nine ones under the filter, and no more than one pixel of each counts.
    assert float(pullback(jnp.ones_like(y))[0][1, 1, 0, 0]) == pytest.approx(4, rel=1e-4)
