"""Pixels as numbers: what is averaged, standardised and projected, beside NumPy."""

import numpy as np
import pytest

from lamina.evaluation.simple.pixels import FlatPixels, PixelComponents, averaged, how_many

rng = np.random.default_rng(0)


def test_blocks_are_averaged_the_last_ones_over_fewer_pixels() -> None:
    images = rng.integers(0, 255, size=(3, 7, 4, 2)).astype(np.float64)
    found = averaged(images, 4)
    assert found.shape == (3, 4, 4, 2)
    np.testing.assert_allclose(found[:, 0], images[:, :2].mean(axis=1))
    np.testing.assert_allclose(found[:, 3], images[:, 6])


def test_bytes_and_numbers_give_the_same() -> None:
    images = rng.integers(0, 255, size=(4, 100, 90, 3), dtype=np.uint8)
    flat = FlatPixels(64).transform(images)
    assert flat.shape == (4, 50 * 45 * 3)
    np.testing.assert_allclose(flat, FlatPixels(64).transform(images / 255), atol=1e-6)


def test_components_are_those_of_the_standardised_training_pixels() -> None:
    images = rng.normal(size=(40, 3, 4)) * rng.uniform(1, 2, size=(3, 4))
    model = PixelComponents()
    found = model.fit_transform(images)
    flat = images.reshape(40, -1)
    z = (flat - flat.mean(axis=0)) / flat.std(axis=0)
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    expected = u * s
    np.testing.assert_allclose(np.abs(found) * model.size_, np.abs(expected), atol=1e-8)
    np.testing.assert_allclose(model.transform(images), found, atol=1e-8)


def test_pixels_that_hardly_vary_are_not_blown_up() -> None:
    images = rng.normal(size=(50, 4, 4))
    images[:, 0, 0] *= 1e-6
    images[:, 0, 1] = 3.0
    model = PixelComponents()
    model.fit(images)
    assert model.scale_.min() == pytest.approx(0.1 * np.sqrt(np.mean(images.reshape(50, -1).var(axis=0))))
    assert np.isfinite(model.transform(images)).all()


def test_constant_images_have_components_of_zero() -> None:
    assert not np.any(PixelComponents().fit_transform(np.ones((10, 3, 3))))


@pytest.mark.parametrize(("images", "pixels", "components"), [(2, 784, 1), (50, 9, 9), (48_000, 3072, 300)])
def test_no_more_components_than_there_are(images: int, pixels: int, components: int) -> None:
    assert how_many(images, pixels) == components
