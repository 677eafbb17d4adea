"""Every augmentation acts in training alone, draws for each image by itself, and keeps what it is said to keep."""

from __future__ import annotations

import functools
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage

from lamina.errors import SpecificationError
from lamina.layers import (
    Brightness,
    Context,
    Contrast,
    Crop,
    Cutout,
    HorizontalFlip,
    Layer,
    Rotate,
    Sequential,
    Shear,
    Shift,
    VerticalFlip,
    Warp,
    Zoom,
)
from lamina.layers.augmentation import joined
from lamina.layers.base import traced_values

IMAGES = np.random.default_rng(1).uniform(size=(200, 8, 6, 3)).astype(np.float32)
EVERY = [
    HorizontalFlip(),
    VerticalFlip(),
    Shift(0.3),
    Crop(2),
    Crop(size=(5, 4)),
    Zoom(0.3),
    Shear(20),
    Rotate(40),
    Warp([Zoom(0.2), Rotate(20), Shift(0.2)]),
    Brightness(0.2),
    Contrast(0.5),
    Cutout(3),
]
EVERY_ONE = pytest.mark.parametrize("layer", EVERY, ids=repr)


def context(seed: int, epoch: int = 0) -> Context:
    return Context(jax.random.key(seed), (epoch,), training=True)


@functools.partial(jax.jit, static_argnums=0)
def apply(layer: Layer, x: Any, key: Any, epoch: Any) -> Any:
    return layer.apply({}, {}, x, Context(key, (epoch,), training=True).child("it"))[0]


def varied(layer: Layer, x: Any = IMAGES, seed: int = 0, epoch: int = 0) -> np.ndarray:
    return np.asarray(apply(layer, x, jax.random.key(seed), np.uint32(epoch)))


@EVERY_ONE
def test_at_prediction_nothing_happens(layer: Layer) -> None:
    assert layer.apply({}, {}, IMAGES, Context())[0] is IMAGES


@EVERY_ONE
def test_the_same_key_draws_the_same_and_another_epoch_others(layer: Layer) -> None:
    first = varied(layer)
    assert first.shape == IMAGES.shape
    assert first.dtype == IMAGES.dtype
    np.testing.assert_array_equal(first, varied(layer))
    assert (first != varied(layer, epoch=1)).any()


@EVERY_ONE
def test_each_image_has_its_own_draw(layer: Layer) -> None:
    same = np.broadcast_to(IMAGES[:1], IMAGES.shape)
    variants = {image.tobytes() for image in varied(layer, same)}
    assert len(variants) > 1
    if not isinstance(layer, (HorizontalFlip, VerticalFlip)):
        assert len(variants) > 5


@EVERY_ONE
def test_float64_images_have_the_same_draws(layer: Layer) -> None:
    with jax.enable_x64(True):
        wide = varied(layer, IMAGES.astype(np.float64))
    assert wide.dtype == np.float64
    np.testing.assert_allclose(wide, varied(layer), atol=1e-5)


@EVERY_ONE
def test_a_single_channel_needs_no_axis(layer: Layer) -> None:
    assert layer.output_shape((8, 6)) == (8, 6)
    np.testing.assert_array_equal(varied(layer, IMAGES[..., 0]), varied(layer, IMAGES[..., :1])[..., 0])


@EVERY_ONE
def test_a_traced_strength_counts_and_not_the_field(layer: Layer) -> None:
    given = traced_values(layer, "it")
    none = {path: np.float32(0) for path in given}
    asked = Context(jax.random.key(0), training=True, hyperparameters=none).child("it")
    y = np.asarray(layer.apply({}, {}, IMAGES, asked)[0])
    if given:
        np.testing.assert_allclose(y, IMAGES, atol=1e-6)


@EVERY_ONE
def test_rows_of_numbers_are_refused(layer: Layer) -> None:
    with pytest.raises(SpecificationError, match=r"takes images of shape \(height, width, channels\)"):
        layer.output_shape((5,))


@pytest.mark.parametrize("flip", [HorizontalFlip, VerticalFlip])
def test_a_flip_twice_is_the_identity(flip: type[Layer]) -> None:
    always = flip(1.0)  # type: ignore[call-arg]
    once = varied(always)
    assert (once != IMAGES).any()
    np.testing.assert_array_equal(varied(always, once), IMAGES)


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_the_share_of_mirrored_images_is_the_probability(share: float) -> None:
    images = np.random.default_rng(0).uniform(size=(5000, 2, 2, 1)).astype(np.float32)
    y = varied(HorizontalFlip(share), images)
    mirrored = (y == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert ((y == images).all(axis=(1, 2, 3)) | mirrored).all()
    assert abs(mirrored.mean() - share) < 4 * np.sqrt(share * (1 - share) / 5000) + 1e-12


@pytest.mark.parametrize(
    "layer", [Shift(0), Rotate(0), Zoom(0), Shear(0), Warp([Rotate(0), Zoom(0)]), Cutout(0)], ids=repr
)
def test_no_strength_is_the_identity(layer: Layer) -> None:
    np.testing.assert_array_equal(varied(layer), IMAGES)


def angles(degrees: float) -> np.ndarray:
    """What Rotate(degrees) drew, in radians."""
    matrices = np.asarray(Rotate(degrees).matrices(jnp.asarray(IMAGES), context(0).child("it")))
    return np.arctan2(matrices[:, 0, 1], matrices[:, 0, 0])


def test_rotation_is_that_of_scipy_and_a_positive_angle_turns_against_the_clock() -> None:
    turned = varied(Rotate(30))
    for image, angle, found in list(zip(IMAGES, angles(30), turned, strict=True))[:5]:
        middle = (np.array(image.shape[:2]) - 1) / 2
        linear = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        for c in range(3):
            wanted = ndimage.affine_transform(
                image[..., c], linear, middle - linear @ middle, order=1, mode="nearest"
            )
            np.testing.assert_allclose(found[..., c], wanted, atol=1e-5)
    quarter = np.asarray(Rotate(30)._vary(jnp.eye(3)[None, :, :], Context(jax.random.key(3), training=True)))
    assert quarter.shape == (1, 3, 3)


def test_angles_are_uniform_up_to_the_largest() -> None:
    drawn = np.degrees(angles(30))
    assert -30 <= drawn.min() < -25
    assert 25 < drawn.max() <= 30
    assert abs(drawn.mean()) < 4 * 30 / np.sqrt(3 * 200)


def test_a_shift_moves_by_whole_pixels_up_to_its_share() -> None:
    rows, columns = np.indices((10, 20)).astype(np.float32)
    y = varied(Shift(0.2, 0.1), np.broadcast_to(np.stack([rows, columns], -1), (200, 10, 20, 2)))
    down, right = rows[5, 10] - y[:, 5, 10, 0], columns[5, 10] - y[:, 5, 10, 1]
    assert set(down) == set(right) == {-2.0, -1.0, 0.0, 1.0, 2.0}
    assert y[..., 0].min() == 0
    assert y[..., 0].max() == 9  # the edge is repeated, nothing else comes in


def test_a_crop_takes_each_window_of_the_padded_image_alike() -> None:
    image = np.arange(1.0, 17.0, dtype=np.float32).reshape(1, 4, 4, 1)
    y = varied(Crop(1), np.broadcast_to(image, (900, 4, 4, 1)))
    padded = np.pad(image[0, :, :, 0], 1)
    windows = [padded[i : i + 4, j : j + 4] for i in range(3) for j in range(3)]
    counts = [int((y[..., 0] == window).all(axis=(1, 2)).sum()) for window in windows]
    assert sum(counts) == 900
    assert min(counts) > 60  # expected 100, standard deviation 9.4


def test_a_crop_of_a_size_shows_that_window_enlarged() -> None:
    ramp = np.broadcast_to(np.arange(8, dtype=np.float32)[None, :, None], (8, 8, 1))
    y = varied(Crop(size=4), np.broadcast_to(ramp, (200, 8, 8, 1)))
    steps = np.diff(y[:, 0, :, 0], axis=1)
    np.testing.assert_allclose(steps[:, 1:-1], 0.5, atol=1e-5)  # four columns spread over eight
    middles = y[..., 0].mean(axis=(1, 2))
    assert {round(float(middle) * 2) / 2 for middle in middles[(middles > 2) & (middles < 5)]} == {
        2.5,
        3.5,
        4.5,
    }


def test_joined_maps_are_interpolated_once() -> None:
    smooth = np.add.outer(np.arange(12.0), 2 * np.arange(12.0)).astype(np.float32)
    images = np.broadcast_to(smooth, (50, 12, 12))
    warp = Warp([Zoom(0.1), Rotate(10)])
    asked = context(0)
    first, second = (
        np.asarray(layer.matrices(jnp.asarray(images), asked.child(name)))  # type: ignore[attr-defined]
        for layer, name in zip(warp.layers, ("zoom_1", "rotate_1"), strict=True)
    )
    whole = np.asarray(warp.matrices(jnp.asarray(images), asked))
    np.testing.assert_allclose(whole[:, :, :2], first[:, :, :2] @ second[:, :, :2], atol=1e-6)
    one_after_another = np.asarray(warp._vary(jnp.asarray(images), asked))
    for layer, name in zip(warp.layers, ("zoom_1", "rotate_1"), strict=True):
        images = np.asarray(layer.apply({}, {}, jnp.asarray(images), asked.child(name))[0])
    inside = slice(3, -3)
    np.testing.assert_allclose(one_after_another[:, inside, inside], images[:, inside, inside], atol=1e-3)


def test_only_neighbours_with_the_same_fill_are_joined() -> None:
    layers = [Shift(0.2), Rotate(20), HorizontalFlip(), Zoom(0.2), Shear(20, fill=0.0), Crop(3)]
    assert joined(layers) == (
        Warp([Shift(0.2), Rotate(20)]), HorizontalFlip(), Zoom(0.2), Warp([Shear(20, fill=0.0), Crop(3)])
    )  # fmt: skip


def test_brightness_adds_one_number_and_contrast_keeps_each_channels_mean() -> None:
    added = varied(Brightness(0.2)) - IMAGES
    assert np.ptp(added, axis=(1, 2, 3)).max() < 1e-6
    assert np.abs(added).max() <= 0.2
    stronger = varied(Contrast(0.5))
    np.testing.assert_allclose(stronger.mean(axis=(1, 2)), IMAGES.mean(axis=(1, 2)), atol=1e-6)
    ratio = stronger.std(axis=(1, 2)) / IMAGES.std(axis=(1, 2))
    assert ratio.min() >= 0.5 - 1e-5
    assert ratio.max() <= 1.5 + 1e-5
    assert np.ptp(ratio, axis=1).max() < 1e-5


def test_cutout_covers_a_square_that_the_edge_may_cut() -> None:
    covered = varied(Cutout(3, fill=-1.0)) == -1.0
    assert (covered.any(axis=3) == covered.all(axis=3)).all()
    rows, columns = covered[..., 0].any(axis=2).sum(axis=1), covered[..., 0].any(axis=1).sum(axis=1)
    assert (covered[..., 0].sum(axis=(1, 2)) == rows * columns).all()
    assert set(rows) == set(columns) == {2, 3}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: HorizontalFlip(1.5),
            r"HorizontalFlip\(probability=1.5\): probability must be a number from 0 to 1",
        ),
        (lambda: Shift(3), r"Shift\(height=3\): height must be a number from 0 to 1, for example 0.1"),
        (lambda: Shift(0.1, -1), r"Shift\(width=-1\)"),
        (lambda: Rotate("10"), r"Rotate\(degrees='10'\)"),
        (lambda: Rotate(True), r"Rotate\(degrees=True\)"),
        (lambda: Zoom(1.0), r"number in \[0, 1\)"),
        (lambda: Shear(90), "from 0 to 80"),
        (
            lambda: Rotate(10, fill="black"),
            r"Rotate\(fill='black'\): take 'edge', .* or a number such as 0.0",
        ),
        (lambda: Crop(), r"write for example Crop\(4\) or Crop\(size=24\)"),
        (lambda: Crop(0), "padding must be a whole number"),
        (lambda: Crop(size=0), "size must be a whole number"),
        (lambda: Crop(size=40).output_shape((32, 32, 3)), "larger than its image, 32 × 32"),
        (lambda: Brightness(-1), "zero or more"),
        (lambda: Contrast(2), "from 0 to 1"),
        (lambda: Cutout(-1), "zero or more"),
        (lambda: Cutout(3, fill="edge"), "give a number"),
        (lambda: Warp([]), "Warp takes Rotate, Zoom, Shear, Shift and Crop"),
        (lambda: Warp([HorizontalFlip()]), "Warp takes"),
        (lambda: Warp([Rotate(10), Crop(4)]), "all the same fill"),
    ],
)
def test_impossible_settings_are_refused(make: Any, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        make()


def test_a_chain_compiles_in_seconds_by_either_way_of_making_machine_code() -> None:
    # What is drawn or moved must be computed once, not put into each loop that uses it: that took minutes.
    chain = Sequential(joined([HorizontalFlip(), Shift(0.2), Rotate(20), Cutout(2), Contrast()]))
    x = jax.ShapeDtypeStruct((20, 6, 6, 1), np.float32)
    lowered = apply.lower(chain, x, jax.random.key(0), np.uint32(0))
    began = time.process_time()
    lowered.compile()
    lowered.compile({"xla_cpu_use_fusion_emitters": False})
    assert time.process_time() - began < 20
