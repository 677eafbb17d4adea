"""Convolutions by hand: the book's image and filter, and what follows from the equation."""

import numpy as np
import pytest
from small_fits import apply_layer, assert_gradient

from lamina.errors import SpecificationError
from lamina.layers import Context, Conv1D, Conv2D, Conv2DTranspose, Layer, MaxPool2D, Sequential
from lamina.networks import count_parameters

# ISLP section 10.3.1: the image has the letters a to l, the filter α β over γ δ.
LETTERS = np.arange(1.0, 13.0).reshape(4, 3)
ALPHA, BETA, GAMMA, DELTA = 2.0, -1.0, 0.5, 3.0


def test_the_example_of_the_book() -> None:
    (a, b, c), (d, e, f), (g, h, i), (j, k, l) = LETTERS  # noqa: E741
    weights = np.array([[ALPHA, BETA], [GAMMA, DELTA]]).reshape(2, 2, 1, 1)
    y = apply_layer(Conv2D(1, 2, use_bias=False), LETTERS[None], {"weights": weights})
    expected = [
        [a * ALPHA + b * BETA + d * GAMMA + e * DELTA, b * ALPHA + c * BETA + e * GAMMA + f * DELTA],
        [d * ALPHA + e * BETA + g * GAMMA + h * DELTA, e * ALPHA + f * BETA + h * GAMMA + i * DELTA],
        [g * ALPHA + h * BETA + j * GAMMA + k * DELTA, h * ALPHA + i * BETA + k * GAMMA + l * DELTA],
    ]
    np.testing.assert_allclose(y[0, :, :, 0], expected)


def test_channels_add_up_and_every_filter_has_its_bias() -> None:
    x = np.ones((1, 2, 2, 3))
    weights = np.stack([np.full((1, 1, 3), 1.0), np.full((1, 1, 3), -2.0)], axis=-1)
    y = apply_layer(Conv2D(2, 1, "relu"), x, {"weights": weights, "bias": np.array([0.5, 7.0])})
    np.testing.assert_allclose(y[0, 0, 0], [3.5, 1.0])


def test_zeros_and_the_edge_around_the_image() -> None:
    weights = {"weights": np.ones((3, 3, 1, 1))}
    x = np.ones((1, 4, 4, 1))
    zeros = apply_layer(Conv2D(1, 3, padding="same", use_bias=False), x, weights)[0, :, :, 0]
    edge = apply_layer(Conv2D(1, 3, padding="edge", use_bias=False), x, weights)[0, :, :, 0]
    np.testing.assert_array_equal(zeros[0], [4, 6, 6, 4])
    np.testing.assert_array_equal(edge, np.full((4, 4), 9.0))


def test_a_sequence_is_an_image_of_one_row() -> None:
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(2, 9, 3)), rng.normal(size=(4, 3, 5))
    layer = Conv1D(5, 4, stride=2, dilation=2, padding="same", use_bias=False)
    y = apply_layer(layer, x, {"weights": weights})
    image = Conv2D(5, (1, 4), stride=(1, 2), dilation=(1, 2), padding="same", use_bias=False)
    np.testing.assert_allclose(y, apply_layer(image, x[:, None], {"weights": weights[None]})[:, 0])
    expected = sum(weights[u].T @ x[0, 2 * 2 + 2 * u - 3] for u in range(4))  # t = 2, three zeros before
    np.testing.assert_allclose(y[0, 2], expected)


def test_a_causal_convolution_does_not_see_the_future() -> None:
    layer = Conv1D(2, 3, padding="causal", dilation=2)
    parameters = layer.init(np.random.default_rng(0), (8, 1))[0]
    x = np.random.default_rng(1).normal(size=(1, 8, 1))
    changed = x.copy()
    changed[:, 5:] = 9.0
    before, after = apply_layer(layer, x, parameters), apply_layer(layer, changed, parameters)
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert (before[:, 5:] != after[:, 5:]).all()


def test_a_transposed_convolution_by_hand() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
    weights = np.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(2, 2, 1, 1)
    y = apply_layer(Conv2DTranspose(1, 2, use_bias=False), x, {"weights": weights})[0, :, :, 0]
    np.testing.assert_array_equal(y, [[1, 12, 20], [103, 1234 + 0, 2040], [300, 3400, 4000]])
    doubled = apply_layer(Conv2DTranspose(1, 2, stride=2, use_bias=False), x, {"weights": weights})
    np.testing.assert_array_equal(doubled[0, :2, :2, 0], weights[:, :, 0, 0])


@pytest.mark.parametrize(
    ("layer", "given"),
    [
        (Conv2D(7, 3, padding="same"), (6, 7, 2)),
        (Conv2D(4, (2, 3), stride=2, dilation=2, groups=2), (9, 9, 4)),
        (Conv2D(3, 5, padding=2, stride=3), (8, 7, 1)),
        (Conv2D(3, 2, padding=((0, 1), (2, 0))), (5, 5, 1)),
        (Conv1D(3, 4, padding="causal"), (6, 2)),
        (Conv2DTranspose(3, 3, stride=2, padding="same"), (4, 5, 2)),
        (Conv2DTranspose(3, 2, stride=3, padding="same"), (4, 5, 2)),
        (Conv2DTranspose(3, 4, stride=2, padding=1), (4, 5, 2)),
    ],
    ids=str,
)
def test_the_shape_is_what_comes_out_and_the_count_what_is_learnt(
    layer: Layer, given: tuple[int, ...]
) -> None:
    parameters = layer.init(np.random.default_rng(0), given)[0]
    y = apply_layer(layer, np.random.default_rng(1).normal(size=(2, *given)), parameters)
    assert y.shape == (2, *layer.output_shape(given))
    assert count_parameters(layer, given) == sum(leaf.size for leaf in parameters.values())
    at = parameters, np.random.default_rng(2).normal(size=(1, *given))
    assert_gradient(lambda p: layer.apply(p[0], {}, p[1], Context(training=True))[0], at)


def test_the_first_layer_of_the_book_s_cifar_network_counts_896() -> None:
    assert count_parameters(Conv2D(32, 3, padding="same"), (32, 32, 3)) == 896


@pytest.mark.parametrize("activation", ["relu", "linear", "sigmoid", "gelu"])
def test_pooling_behind_a_convolution_gives_the_same_before_and_after_the_bias(activation: str) -> None:
    layers = [Conv2D(4, 3, activation), MaxPool2D(2)]
    network = Sequential(layers)
    parameters = network.init(np.random.default_rng(0), (7, 7, 2))[0]
    parameters["conv2d_1"]["bias"] = np.array([0.3, -0.4, 0.0, 1.0])
    x = np.random.default_rng(1).normal(size=(2, 7, 7, 2))
    one_by_one = apply_layer(layers[1], apply_layer(layers[0], x, parameters["conv2d_1"]))
    np.testing.assert_allclose(apply_layer(network, x, parameters), one_by_one, rtol=1e-12)
    at = parameters, x[:1]
    assert_gradient(lambda p: network.apply(p[0], {}, p[1], Context(training=True))[0], at)


def test_initial_weights_follow_the_fan_of_a_filter() -> None:
    weights = Conv2D(64, 3, "relu").init(np.random.default_rng(0), (8, 8, 32))[0]["weights"]
    assert weights.var() == pytest.approx(2 / (9 * 32), rel=0.05)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Conv2D(0, 3), r"Conv2D\(filters=0\): filters must be a whole number"),
        (lambda: Conv2D(4, 0), r"Conv2D\(size=0\): size must be a whole number, 1 or more, or a pair"),
        (lambda: Conv2D(4, (3, 3, 3)), "or a pair of them"),
        (lambda: Conv2D(4, 3, padding="full"), "take 'valid', 'same', 'edge', or a number of pixels"),
        (lambda: Conv2D(4, 3, padding="causal"), "take 'valid', 'same', 'edge', or"),
        (lambda: Conv2D(4, 3, padding=-1), "or a number of pixels on every side"),
        (lambda: Conv2D(4, 3, groups=3), "filters must be a multiple of groups"),
        (lambda: Conv2D(4, 3, "rellu"), "did you mean 'relu'"),
        (
            lambda: Conv2D(4, 3, groups=2).output_shape((8, 8, 3)),
            "3 channels, which do not divide into 2 groups",
        ),
        (
            lambda: Conv2D(4, 5).output_shape((4, 9, 1)),
            "needs 5 × 5 and is given 4 × 9: the filter is larger",
        ),
        (lambda: Conv1D(4, 5).output_shape((4, 1)), "needs 5 and is given 4"),
        (lambda: Conv2D(4, 3).output_shape((64,)), r"takes images of shape \(height, width, channels\)"),
        (lambda: Conv2D(4, 3).output_shape((2, 8, 8, 3)), "was given shape"),
        (lambda: Conv2DTranspose(4, 3, groups=2), "takes neither groups nor dilation"),
        (lambda: Conv2DTranspose(4, 2, padding=3).output_shape((2, 2, 1)), "cuts off more than there is"),
    ],
)
def test_what_cannot_be_meant_is_refused(make: object, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        (Conv2D(6, 5), "Conv2D(6, 5)"),
        (Conv2D(6, (5, 3), "relu", stride=2, padding=1), "Conv2D(6, (5, 3), 'relu', stride=2, padding=1)"),
        (Conv1D(6, 5, padding="causal"), "Conv1D(6, 5, padding='causal')"),
        (MaxPool2D(2), "MaxPool2D()"),
        (MaxPool2D(3, stride=2, padding=1), "MaxPool2D(3, 2, 1)"),
    ],
)
def test_a_layer_prints_as_the_code_that_makes_it(layer: Layer, code: str) -> None:
    assert repr(layer) == code
    assert eval(code) == layer
