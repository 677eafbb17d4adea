"""Images scaled in proportion and cut around their centre, as published weights expect them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lamina.data.images.resizing import centred, scaled_size
from lamina.errors import DataError

RNG = np.random.default_rng(0)


def test_it_is_pillows_scaling_and_the_centre() -> None:
    image = RNG.integers(0, 256, (50, 80, 3), dtype=np.uint8)
    scaled = np.asarray(Image.fromarray(image).resize((51, 32), Image.Resampling.BILINEAR))
    found = centred(image[None], (28, 28, 3), 32 / 28)[0]
    np.testing.assert_array_equal(found, scaled[2:30, 12:40])  # round(11.5) is 12, as in torchvision


@pytest.mark.parametrize(
    ("size", "inner"),
    [((480, 640), (256, 341)), ((640, 480), (341, 256)), ((256, 256), (256, 256)), ((32, 32), (256, 256))],
)
def test_the_shorter_side_decides(size: tuple[int, int], inner: tuple[int, int]) -> None:
    assert scaled_size(size, (224, 224), 256 / 224) == inner


def test_images_of_the_size_stay_as_they_are() -> None:
    images = RNG.integers(0, 256, (2, 28, 28, 3), dtype=np.uint8)
    np.testing.assert_array_equal(centred(images, (28, 28, 3), 8 / 7), images)


@pytest.mark.parametrize("size", [(40, 60), (9, 7)])
def test_a_uniform_image_stays_uniform_and_a_slope_a_slope(size: tuple[int, int]) -> None:
    assert (centred(np.full((1, *size, 3), 77, np.uint8), (20, 20, 3)) == 77).all()
    slope = np.broadcast_to(np.linspace(0, 1, size[1], dtype=np.float32), (1, *size))
    across = centred(slope, (20, 20, 1))[0, 10, 2:-2, 0]
    steps = np.diff(across)[3:-3]
    assert (steps > 0).all()
    assert steps.max() < 1.3 * steps.min()


def test_bytes_and_numbers_agree() -> None:
    images = RNG.integers(0, 256, (2, 40, 60, 3), dtype=np.uint8)
    numbers = centred(images / 255, (20, 20, 3), 8 / 7)
    np.testing.assert_allclose(centred(images, (20, 20, 3), 8 / 7) / 255, numbers, atol=1.1 / 255)


def test_one_channel_becomes_three_and_others_are_refused() -> None:
    grey = RNG.integers(0, 256, (2, 20, 20), dtype=np.uint8)
    np.testing.assert_array_equal(centred(grey, (20, 20, 3)), np.stack([grey] * 3, axis=-1))
    with pytest.raises(DataError, match="2 channels and the network takes 3: give as many"):
        centred(np.zeros((1, 20, 20, 2)), (20, 20, 3))
