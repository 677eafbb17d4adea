"""Images moved and turned agree with SciPy, and what should change nothing changes nothing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage

from lamina.numerics.warp import shift, warp

IMAGES = np.random.default_rng(0).uniform(size=(3, 7, 9, 2))
MATRICES = np.array(
    [
        [[0.9, 0.3, 0.4], [-0.2, 1.1, -1.3]],
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        [[-0.5, 0.7, 2.0], [0.8, 0.6, 5.0]],
    ]
)


def by_scipy(image: np.ndarray, matrix: np.ndarray, fill: float | str) -> np.ndarray:
    """The same map with SciPy, whose places are counted from the corner."""
    middle = (np.array(image.shape[:2]) - 1) / 2
    linear, moved = matrix[:, :2], matrix[:, 2]
    how = {"mode": "nearest"} if fill == "edge" else {"mode": "grid-constant", "cval": fill}
    offset = middle + moved - linear @ middle
    channels = [
        ndimage.affine_transform(image[..., c], linear, offset, order=1, **how)
        for c in range(image.shape[-1])
    ]
    return np.stack(channels, axis=-1)


@pytest.mark.parametrize("fill", ["edge", 0.0, 0.25])
def test_a_warp_is_that_of_scipy(fill: float | str) -> None:
    with jax.enable_x64(True):
        ours = np.asarray(warp(jnp.asarray(IMAGES), jnp.asarray(MATRICES), fill))
    for image, matrix, found in zip(IMAGES, MATRICES, ours, strict=True):
        np.testing.assert_allclose(found, by_scipy(image, matrix, fill), atol=1e-12)


@pytest.mark.parametrize("fill", ["edge", 0.0])
def test_the_identity_changes_no_bit(fill: float | str) -> None:
    images = IMAGES.astype(np.float32)
    same = np.broadcast_to(MATRICES[1], (3, 2, 3))
    assert (warp(images, same, fill) == images).all()
    assert (shift(images, np.zeros(3, int), np.zeros(3, int), fill) == images).all()


def test_images_without_a_channel_axis_are_warped_as_those_with_one() -> None:
    images = IMAGES.astype(np.float32)
    np.testing.assert_array_equal(warp(images[..., 0], MATRICES, 0.5), warp(images, MATRICES, 0.5)[..., 0])


@pytest.mark.parametrize("fill", ["edge", 0.25])
def test_a_shift_is_the_warp_by_whole_pixels(fill: float | str) -> None:
    images = IMAGES.astype(np.float32)
    down, right = np.array([1, -8, 3]), np.array([0, 2, -4])
    matrices = np.stack([[[1, 0, -r], [0, 1, -s]] for r, s in zip(down, right, strict=True)]).astype(float)
    np.testing.assert_array_equal(shift(images, down, right, fill), warp(images, matrices, fill))


def test_an_image_of_one_pixel_stays_it() -> None:
    assert warp(jnp.full((1, 1, 1, 1), 0.5), MATRICES[:1]).item() == 0.5
