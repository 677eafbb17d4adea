"""Fixed filters are those of the book, learnt ones are the weights, and both are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from numpy.lib.stride_tricks import sliding_window_view
from tests.explain.conftest import Fitted

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import apply_filter, plot_augmentation, plot_filters, plot_filters_on, stripe_filter
from lamina.explain.drawing import as_picture
from lamina.layers import Dense, HorizontalFlip, Rotate, Shift

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 3), (9, 7, 5)])
def test_a_filter_is_a_sum_of_products_at_every_place(shape: tuple[int, ...]) -> None:
    image, weights = RNG.normal(size=shape), RNG.normal(size=(3, 2, *shape[2:]))
    windows = sliding_window_view(image, weights.shape)
    found = (windows * weights).sum(axis=tuple(range(windows.ndim - weights.ndim, windows.ndim)))
    np.testing.assert_allclose(apply_filter(image, weights), found.reshape(7, 6), atol=1e-12)


def test_a_large_filter_by_transforms_is_the_same() -> None:
    image, weights = RNG.normal(size=(40, 50)), RNG.normal(size=(15, 15))
    found = (sliding_window_view(image, (15, 15)) * weights).sum(axis=(2, 3))
    np.testing.assert_allclose(apply_filter(image, weights), found, atol=1e-9)


def test_eight_bits_and_colours_count_as_grey_in_zero_to_one() -> None:
    image = RNG.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    np.testing.assert_allclose(apply_filter(image, [[1.0]]), image.mean(axis=2) / 255)


def test_a_stripe_filter_finds_its_own_stripe() -> None:
    for direction in ("vertical", "horizontal", "diagonal", "antidiagonal"):
        stripe = stripe_filter(direction, 7, 1)
        answers = {
            other: float(apply_filter(stripe, stripe_filter(other, 7, 1, balanced=True))[0, 0])
            for other in ("vertical", "horizontal", "diagonal", "antidiagonal")
        }
        assert max(answers, key=lambda name: answers[name]) == direction
        assert stripe.sum() == 7
    assert stripe_filter("vertical").shape == (15, 15)
    assert stripe_filter("vertical", width=3).sum() == 45
    assert abs(stripe_filter("diagonal", balanced=True).sum()) < 1e-12


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: apply_filter(np.ones((2, 2)), np.ones((3, 3))), DataError, "larger than the image"),
        (
            lambda: apply_filter(np.ones((4, 4, 3)), np.ones((2, 2, 2))),
            DataError,
            "with the image's channels",
        ),
        (
            lambda: apply_filter(np.ones((2, 4, 4, 3)), [[1]]),
            DataError,
            r"of several images take one, images\[0\]",
        ),
        (lambda: apply_filter(np.ones((50, 8, 8)), [[1]]), DataError, r"take one, images\[0\]"),
        (lambda: plot_filters_on(np.ones((50, 28, 28))), DataError, r"take one, images\[0\]"),
        (
            lambda: plot_augmentation(np.ones((50, 8, 8)), [HorizontalFlip()]),
            DataError,
            r"1, 3 or 4 channels, and shape \(50, 8, 8\)",
        ),
        (lambda: stripe_filter("vertcal"), SpecificationError, "did you mean 'vertical'"),
        (lambda: stripe_filter("vertical", 6, 1), SpecificationError, "an odd size, or width=2"),
        (
            lambda: stripe_filter("diagonal", 3, 9, balanced=True),
            SpecificationError,
            "narrower than the filter",
        ),
        (lambda: plot_filters_on(np.ones((4, 4)), {}), DataError, "there is no filter"),
        (
            lambda: plot_augmentation(np.ones((4, 4)), [HorizontalFlip()], n=0),
            SpecificationError,
            r"n must be a whole number, 1 or more, for example 12",
        ),
        (lambda: plot_augmentation(np.ones((4, 4)), []), SpecificationError, "augment has no layer"),
        (lambda: plot_augmentation(np.ones((4, 4)), [Dense(3)]), ArgumentTypeError, "act in training alone"),
        (lambda: plot_augmentation(np.ones(4), [HorizontalFlip()]), DataError, "one image is needed"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_an_image_between_other_numbers_is_brought_into_shades() -> None:
    np.testing.assert_allclose(as_picture(np.array([[-2.0, 2.0]])), [[0.0, 1.0]])
    np.testing.assert_allclose(as_picture(np.array([[0.2, 0.7]])), [[0.2, 0.7]])
    assert as_picture(np.ones((2, 3, 5))).shape == (2, 3)


@pytest.mark.parametrize("side", [1, 2, 3, 8, 10, 28, 32, 64, 100])
def test_the_default_stripes_find_something_in_images_of_every_size(side: int) -> None:
    drawn = [np.asarray(axes.images[0].get_array()) for axes in plot_filters_on(np.eye(side)).axes]
    assert all(shown.any() for shown in drawn)
    assert drawn[0].shape[0] % 2 == 1


def test_fixed_filters_are_drawn_with_what_they_find(tmp_path: Path) -> None:
    image = RNG.uniform(size=(30, 40))
    stripe = stripe_filter("diagonal", 5, 1, balanced=True)
    figure = plot_filters_on(image, {"diagonal": stripe}, path=tmp_path / "filters.png")
    drawn = {axes.get_title(): np.asarray(axes.images[0].get_array()) for axes in figure.axes}
    np.testing.assert_allclose(drawn["what it finds"], apply_filter(image, stripe))
    np.testing.assert_allclose(drawn["diagonal"], stripe)
    assert imread(tmp_path / "filters.png").shape[0] > 100


def test_the_twelve_variants_are_drawn_beside_the_image(tmp_path: Path) -> None:
    image = RNG.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    augment = [HorizontalFlip(), Shift(0.2), Rotate(20)]
    figure = plot_augmentation(image, augment, path=tmp_path / "twelve.png")
    shown = [axes for axes in figure.axes if axes.images]
    assert len(shown) == 13
    pixels = [np.asarray(axes.images[0].get_array()) for axes in shown]
    np.testing.assert_allclose(pixels[0], image / 255)
    assert len({variant.tobytes() for variant in pixels}) == 13
    again = plot_augmentation(image, augment)
    np.testing.assert_array_equal(again.axes[3].images[0].get_array(), figure.axes[3].images[0].get_array())
    assert (tmp_path / "twelve.png").exists()


def test_variants_of_numbers_up_to_255_are_drawn_in_shades() -> None:
    image = np.linspace(0.0, 255.0, 64).reshape(8, 8)
    figure = plot_augmentation(image, [HorizontalFlip(0.5)], n=4)
    shown = [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]
    for tile in shown[1:]:
        assert np.allclose(tile, image / 255, atol=1e-6) or np.allclose(tile, image[:, ::-1] / 255, atol=1e-6)


def test_learnt_filters_are_the_weights_symmetric_about_zero(fitted: Fitted, tmp_path: Path) -> None:
    weights = fitted.model.parameters_["conv2d_1"]["weights"]
    figure = plot_filters(fitted.model, path=tmp_path / "f.png")
    shown = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(shown) == weights.shape[3]
    for place, tile in enumerate(shown):
        np.testing.assert_allclose(tile.get_array(), weights[:, :, 0, place])
        assert tile.norm.vmax == -tile.norm.vmin == np.abs(weights).max()
    assert (tmp_path / "f.png").exists()


def test_filters_behind_others_are_drawn_channel_by_channel(fitted: Fitted) -> None:
    weights = fitted.model.parameters_["residual_1"]["conv2d_1"]["weights"]
    figure = plot_filters(fitted.model, "residual_1/conv2d_1")
    shown = [np.asarray(axes.images[0].get_array()) for axes in figure.axes]
    assert len(shown) == weights.shape[2] * weights.shape[3]
    np.testing.assert_allclose(shown[1], weights[:, :, 1, 0])


def test_a_wrong_layer_is_told_the_nearest(fitted: Fitted) -> None:
    with pytest.raises(SpecificationError, match="no layer 'conv2d_11': did you mean 'conv2d_1'"):
        plot_filters(fitted.model, "conv2d_11")
    with pytest.raises(
        SpecificationError, match=r"'flatten_1' is Flatten\(\) and has no filters: take one of conv2d_1"
    ):
        plot_filters(fitted.model, "flatten_1")
