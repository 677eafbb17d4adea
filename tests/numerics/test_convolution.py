"""Our convolutions are XLA's, and so are their gradients, for windows and images of every shape."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_fits import assert_gradient

from lamina.numerics.convolution import convolve, convolve_transposed, plain, plain_transposed
from lamina.numerics.patches import by_patches, gathered, patches
from lamina.numerics.window import Window, same_padding
from lamina.numerics.winograd import transformed_filters, winograd
from lamina.training.precision import precision

PAIRS = st.tuples(st.integers(0, 2), st.integers(0, 2))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Window, np.ndarray, np.ndarray]:
    """A window, images and filters that fit it."""
    groups = draw(st.sampled_from([1, 1, 2, 4]))
    window = Window(
        (draw(st.integers(1, 4)), draw(st.integers(1, 4))),
        (draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        (draw(PAIRS), draw(PAIRS)),
        (draw(st.integers(1, 2)), draw(st.integers(1, 2))),
        groups,
    )
    height, width = draw(st.integers(4, 9)), draw(st.integers(4, 9))
    assume(min(window.output(height, width)) >= 1)
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    x = rng.normal(size=(2, height, width, 4))
    return window, x, rng.normal(size=(*window.size, 4 // groups, 4))


@st.composite
def winograd_cases(draw: st.DrawFn) -> tuple[Window, np.ndarray, np.ndarray]:
    """3 × 3 filters with stride one, channels enough, any padding."""
    window = Window((3, 3), padding=(draw(PAIRS), draw(PAIRS)))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    x = rng.normal(size=(2, draw(st.integers(3, 11)), draw(st.integers(3, 11)), 8))
    return window, x, rng.normal(size=(3, 3, 8, 8))


def both(window: Window, x: np.ndarray, weights: np.ndarray) -> None:
    """Outputs and gradients, ours beside the plain ones."""
    with precision(np.float64):
        ours = functools.partial(convolve, window=window, training=True)
        theirs = functools.partial(plain, window=window)
        y, pullback = jax.vjp(ours, jnp.asarray(x), jnp.asarray(weights))
        expected, plain_pullback = jax.vjp(theirs, jnp.asarray(x), jnp.asarray(weights))
        error = jnp.asarray(np.random.default_rng(1).normal(size=y.shape))
        np.testing.assert_allclose(y, expected, atol=1e-11)
        for own, other in zip(pullback(error), plain_pullback(error), strict=True):
            np.testing.assert_allclose(own, other, atol=1e-11)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_patches_equal_the_plain_convolution(case: tuple[Window, np.ndarray, np.ndarray]) -> None:
    both(*case)


@settings(max_examples=8, deadline=None)
@given(winograd_cases())
def test_winograd_equals_the_plain_convolution(case: tuple[Window, np.ndarray, np.ndarray]) -> None:
    both(*case)


def test_winograd_keeps_five_digits_in_single_precision() -> None:
    rng = np.random.default_rng(0)
    window = Window((3, 3), padding=((1, 1), (1, 1)))
    x = rng.normal(size=(4, 16, 16, 32)).astype(np.float32)
    weights = rng.normal(size=(3, 3, 32, 32)).astype(np.float32)
    expected = np.asarray(plain(x, weights, window))
    error = np.abs(np.asarray(winograd(x, transformed_filters(weights), window)) - expected).max()
    assert error < 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize(
    "window",
    [
        Window((3, 3), padding=((1, 1), (1, 1))),
        Window((3, 2), (2, 1), ((1, 0), (0, 1)), (1, 2)),
        Window((2, 2), groups=8),
    ],
    ids=["winograd", "patches", "depthwise"],
)
def test_gradients_are_finite_differences(window: Window) -> None:
    rng = np.random.default_rng(2)
    at = rng.normal(size=(1, 5, 5, 8)), rng.normal(size=(*window.size, 8 // window.groups, 8))
    assert_gradient(lambda given: convolve(*given, window, training=True), at)


@settings(max_examples=6, deadline=None)
@given(cases() | winograd_cases())
def test_gradients_of_any_shape_are_finite_differences(case: tuple[Window, np.ndarray, np.ndarray]) -> None:
    window, x, weights = case
    assert_gradient(lambda given: convolve(*given, window, training=True), (x, weights))


@settings(max_examples=10, deadline=None)
@given(cases())
def test_the_transpose_is_the_gradient_in_the_images(case: tuple[Window, np.ndarray, np.ndarray]) -> None:
    window, x, weights = case
    assume(window.groups == 1)
    with precision(np.float64):
        y, pullback = jax.vjp(functools.partial(plain, weights=weights, window=window), jnp.asarray(x))
        error = jnp.asarray(np.random.default_rng(1).normal(size=y.shape))
        for transposed in (convolve_transposed, plain_transposed):
            found = transposed(error, jnp.asarray(weights), window, x.shape[1:3])
            np.testing.assert_allclose(found, pullback(error)[0], atol=1e-11)


@settings(max_examples=10, deadline=None)
@given(cases())
def test_gathering_is_the_transpose_of_cutting_patches(case: tuple[Window, np.ndarray, np.ndarray]) -> None:
    window, x, _ = case
    rows = np.asarray(patches(x, window))
    error = np.random.default_rng(3).normal(size=rows.shape).astype(np.float32)
    spread = error.reshape(*rows.shape[:3], len(window.places), x.shape[-1])
    left = np.vdot(rows, error)
    np.testing.assert_allclose(np.vdot(x, gathered(spread, window, x.shape)), left, rtol=1e-3, atol=1e-3)


def test_any_derivative_may_be_taken_outside_training() -> None:
    rng = np.random.default_rng(4)
    window = Window((3, 3), padding=((1, 1), (1, 1)))
    x, direction = rng.normal(size=(2, 1, 4, 4, 8))
    weights = rng.normal(size=(3, 3, 8, 8))
    with precision(np.float64):
        _, slope = jax.jvp(lambda x: convolve(x, weights, window), (x,), (direction,))
        np.testing.assert_allclose(slope, plain(direction, weights, window), atol=1e-11)


def test_a_population_of_convolutions_is_each_alone() -> None:
    rng = np.random.default_rng(5)
    window = Window((3, 3), padding=((1, 1), (1, 1)))
    x, weights = rng.normal(size=(2, 4, 4, 8)), rng.normal(size=(3, 3, 3, 8, 8))
    with precision(np.float64):
        many = jax.vmap(lambda w: convolve(x, w, window, training=True))(weights)
        for place in range(3):
            np.testing.assert_allclose(many[place], plain(x, weights[place], window), atol=1e-11)


def test_one_channel_a_group_is_a_sum_of_slices() -> None:
    x, weights = np.arange(8.0).reshape(1, 2, 2, 2), np.array([10.0, 100.0]).reshape(1, 1, 1, 2)
    y = by_patches(x, weights, Window((1, 1), groups=2))
    np.testing.assert_array_equal(y[0, :, :, 1], x[0, :, :, 1] * 100)


def test_same_padding_keeps_the_length() -> None:
    for length in range(3, 12):
        for size in range(1, 4):
            for stride in range(1, 4):
                pad = same_padding(length, size, stride, 1)
                places = Window((size, 1), (stride, 1), (pad, (0, 0))).output(length, 1)[0]
                assert places == -(-length // stride)
