"""Arrays that are no images as a network takes them are told what to do; whole numbers of 8 bits are taken as such."""

from __future__ import annotations

import numpy as np
import pytest

from lamina.data.images.arrays import as_one_array, check_images, check_shape, warn_of_unscaled
from lamina.errors import DataError, DataWarning


@pytest.mark.parametrize("shape", [(2, 3, 32, 32), (2, 1, 28, 28), (2, 4, 8, 6)])
def test_channels_first_is_recognised_and_the_cure_is_right(shape: tuple[int, ...]) -> None:
    x = np.zeros(shape)
    with pytest.raises(DataError, match=r"X\.transpose\(0, 2, 3, 1\)"):
        check_images(x)
    assert check_images(x.transpose(0, 2, 3, 1)).shape[-1] == shape[1]


@pytest.mark.parametrize(
    "shape", [(2, 32, 32, 3), (2, 8, 8, 2), (2, 8, 8, 7), (2, 3, 3, 5), (2, 3, 5, 3), (5, 3, 8)]
)
def test_channels_last_of_any_number_pass(shape: tuple[int, ...]) -> None:
    assert check_images(np.zeros(shape)).shape == shape


def test_whole_numbers_of_eight_bits_are_eight_bit() -> None:
    x = np.array([[[0, 255], [7, 1]]], np.int64)
    assert check_images(x).dtype == np.uint8
    assert check_images(x).tolist() == x.tolist()
    assert check_images(x.astype(np.uint16)).dtype == np.uint8
    mask = np.array([[[0, 1], [1, 1]]], np.int64)
    assert check_images(mask).dtype == np.int64
    assert check_images(mask, eight_bit=True).dtype == np.uint8
    assert check_images(x / 255).dtype == np.float64


def test_sixteen_bits_are_told_what_to_do() -> None:
    x = np.full((2, 4, 4), 65535, np.uint16)
    with pytest.raises(DataError, match=r"65535.*\(X / 257\)"):
        check_images(x)
    assert (check_images((x / 257).round().astype(np.uint8)) == 255).all()
    for kind in (np.int32, np.int64):
        with pytest.raises(DataError, match=r"65535.*\(X / 257\)"):
            check_images(x.astype(kind), certain=True)
    sequences = x.astype(np.int64)
    assert check_images(sequences) is sequences
    with pytest.raises(DataError, match="divide them by their largest value"):
        check_images(np.full((2, 4, 4, 1), 1 << 20))


def test_floats_that_nobody_divided_by_255_are_told() -> None:
    x = np.linspace(0, 255, 32).reshape(2, 4, 4)
    with pytest.warns(DataWarning, match=r"from 0 to 255.*X / 255"):
        warn_of_unscaled(x)
    for other in (x / 255, x - 100, x * 100, x / 16, x.astype(np.uint8), x[:0]):
        warn_of_unscaled(other)


def test_images_of_several_sizes_are_refused_with_the_reason() -> None:
    images = [np.zeros((4, 5, 3), np.uint8), np.zeros((5, 4, 3), np.uint8)]
    several = np.empty(2, object)
    several[:] = images
    for given in (images, several):
        with pytest.raises(
            DataError, match=r"2 images have 2 shapes \(\(4, 5, 3\), \(5, 4, 3\)\).*resize them"
        ):
            as_one_array(given)
    assert as_one_array(images[:1] * 3).shape == (3, 4, 5, 3)
    assert as_one_array([[1.0, 2.0]]) == [[1.0, 2.0]]


def test_further_images_must_have_the_shape_of_the_fit() -> None:
    check_shape(np.zeros((9, 4, 4, 3)), (4, 4, 3))
    with pytest.raises(DataError, match=r"shape \(4, 4, 3\) and these have shape \(4, 5, 3\)"):
        check_shape(np.zeros((9, 4, 5, 3)), (4, 4, 3))
