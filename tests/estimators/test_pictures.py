"""Estimators take folders, lists of paths and what read_images gives, and read new pictures as they learnt the old."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lamina
from lamina import EarlyStopping, NeuralClassifier, NeuralRegressor
from lamina.data import streaming
from lamina.data.images import cache, read_images
from lamina.data.streaming import StoredRows
from lamina.errors import DataError, DataWarning, FileFormatError
from lamina.layers import LSTM, Conv2D, Dense, Flatten, Residual
from lamina.training import Adam

LAYERS = [Flatten(), Dense(8, "tanh")]
HOW = {"epochs": 40, "batch_size": 8, "optimizer": Adam(0.02), "random_state": 0}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve dark cats and twelve bright dogs of 6 × 6."""
    rng = np.random.default_rng(0)
    for name, grey in (("cat", 40), ("dog", 200)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(12):
            pixels = np.clip(rng.normal(grey, 10, (6, 6, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number:02}.png")
    return tmp_path / "photos"


def classifier(**settings: object) -> NeuralClassifier:
    return NeuralClassifier(LAYERS, **HOW, **settings)  # type: ignore[arg-type]


def test_a_folder_is_its_pixels_and_the_names_of_its_folders(photos: Path, tmp_path: Path) -> None:
    images = read_images(photos)
    model = classifier().fit(str(photos))
    by_hand = classifier().fit(images.pixels, images.labels)
    assert model.classes_.tolist() == ["cat", "dog"]
    assert model.input_shape_ == (6, 6, 3)
    for other in (by_hand, classifier().fit(images), classifier().fit(list(images.paths), images.labels)):
        np.testing.assert_array_equal(model.predict_proba(photos), other.predict_proba(images.pixels))
    assert (model.predict(photos) == images.labels).all()
    assert model.score(images, images.labels) == 1.0
    assert model.predict([photos / "dog" / "03.png"]).tolist() == ["dog"]
    assert model.predict(photos / "dog" / "03.png").tolist() == ["dog"]

    # New pictures take the size and channels of the old ones, also from a model that was saved and loaded.
    new = tmp_path / "new"
    new.mkdir()
    Image.new("L", (50, 30), 205).save(new / "b.png")
    Image.new("RGB", (9, 12), (35, 40, 45)).save(new / "a.jpg")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"holds no pictures, but nothing: .* are needed\.$"):
        model.predict(tmp_path / "empty")
    model.save(tmp_path / "m.lamina")
    with pytest.warns(DataWarning, match="1 of 2 pictures is grey"):
        assert model.predict(new).tolist() == ["cat", "dog"]
    with pytest.warns(DataWarning, match="grey"):
        assert lamina.load(tmp_path / "m.lamina").predict(new).tolist() == ["cat", "dog"]


def test_grey_arrays_without_a_channel_axis_are_matched_by_files(photos: Path) -> None:
    pixels = read_images(photos, channels=1).pixels[..., 0]
    y = np.repeat([0, 1], 12)
    model = classifier().fit(pixels, y)
    np.testing.assert_array_equal(model.predict(photos), y)
    # 64-bit whole numbers of the same values are the same images.
    again = classifier().fit(pixels.astype(np.int64), y)
    np.testing.assert_array_equal(again.predict_proba(pixels), model.predict_proba(pixels))
    np.testing.assert_array_equal(model.predict_proba(pixels.astype(np.int64)), model.predict_proba(pixels))
    np.testing.assert_array_equal(model.predict(list(pixels)), y)


def test_whole_numbers_beyond_eight_bits_are_refused_as_images_and_taken_as_sequences() -> None:
    x, y = np.random.default_rng(0).integers(0, 4000, (8, 6, 6)), np.arange(8) % 2
    for layers in (None, [Conv2D(2, 3), Flatten()], [Residual([Conv2D(1, 3, padding="same")]), Flatten()]):
        with pytest.raises(DataError, match=r"images have 8 bits.*X / 257"):
            NeuralClassifier(layers, epochs=1).fit(x, y)
    for first in (Flatten(), LSTM(2)):
        NeuralClassifier([first, Dense(2)], epochs=1).fit(x, y).predict(x)
    grey = x / 4000 * 255
    with pytest.warns(DataWarning, match="X / 255"):
        NeuralClassifier([Conv2D(2, 3), Flatten()], epochs=1).fit(grey, y)
    NeuralClassifier([LSTM(2)], epochs=1).fit(grey, y)


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64])
def test_one_image_and_other_shapes_are_told_apart(kind: type) -> None:
    x, y = np.random.default_rng(0).uniform(0, 1.9, (8, 6, 6)).astype(kind), np.arange(8) % 2
    model = NeuralClassifier([Flatten()], epochs=1).fit(x, y)
    assert len(model.predict(x[0][None])) == 1
    for given, words in (
        (x[0], r"X is one of them: give X\[None\]"),
        (x[:, :5], r"shape \(6, 6\) and these have shape \(5, 6\): resize"),
        (x[:, :, :5], r"shape \(6, 6\) and these have shape \(6, 5\): resize"),
        (x[0, :5], r"X has shape \(5, 6\): give several, shape \(n, 6, 6\)"),
        (x[..., None], r"X has shape \(8, 6, 6, 1\): give several, shape \(n, 6, 6\)"),
        (x[0].tolist(), r"X is one of them"),
    ):
        with pytest.raises(DataError, match=words):
            model.predict(given)


def test_numbers_for_pictures(photos: Path) -> None:
    paths = sorted(photos.rglob("*.png"))
    y = np.repeat([-1.0, 1.0], 12)
    model = NeuralRegressor(LAYERS, **HOW).fit(paths, y)
    assert np.abs(model.predict(paths) - y).mean() < 0.5
    with pytest.raises(DataError, match="NeuralRegressor needs y, a number for each picture"):
        NeuralRegressor(LAYERS).fit(photos)


def test_pictures_to_watch(photos: Path) -> None:
    model = classifier(early_stopping=EarlyStopping(5)).fit(photos, X_val=str(photos))
    images = read_images(photos)
    other = classifier(early_stopping=EarlyStopping(5)).fit(
        images.pixels, images.labels, X_val=images.pixels, y_val=images.labels
    )
    assert model.history_.validation_loss == other.history_.validation_loss
    assert len(model.history_.validation_loss) > 0


def test_what_cannot_be_used_says_why(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="come without classes: give y"):
        classifier().fit([str(path) for path in photos.rglob("*.png")])
    with pytest.raises(DataError, match="12 pictures and no folders"):
        classifier().fit(photos / "cat")
    with pytest.raises(DataError, match=r"transpose\(0, 2, 3, 1\)"):
        classifier().fit(np.zeros((4, 3, 8, 8), np.uint8), [0, 1, 0, 1])
    model = classifier().fit(photos)
    with pytest.raises(DataError, match=r"shape \(6, 6, 3\) and these have shape \(6, 7, 3\)"):
        model.predict(np.zeros((2, 6, 7, 3), np.uint8))
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.png").touch()
    with pytest.raises(
        FileFormatError, match=r"1 of 1 pictures cannot be read: .*a.png \(the file is empty\)"
    ):
        model.predict(tmp_path / "new")
    table = NeuralClassifier([], epochs=1).fit(np.eye(4), [0, 1, 0, 1])
    with pytest.raises(DataError, match="fitted on a table"):
        table.predict(photos)
    two = classifier().fit(np.zeros((4, 5, 5, 2), np.float32), [0, 1, 0, 1])
    with pytest.raises(DataError, match="pictures have 1 or 3 channels"):
        two.predict(photos)


def test_pictures_that_stay_on_the_disk_give_the_model_of_those_in_memory(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, streamed = read_images(photos), read_images(photos, stream=True)
    weights = np.arange(24) % 3 + 0.5
    for how in ({}, {"early_stopping": EarlyStopping(3, 0.25)}, {"class_weight": {"cat": 2.0, "dog": 1.0}}):
        memory = classifier(**how).fit(images, sample_weight=weights)
        disk = classifier(**how).fit(streamed, sample_weight=weights)
        np.testing.assert_allclose(disk.predict_proba(streamed), memory.predict_proba(images), atol=1e-5)
        np.testing.assert_allclose(disk.loss_curve_, memory.loss_curve_, rtol=1e-4)
    watched = classifier().fit(streamed, X_val=images, y_val=images.labels)
    assert len(watched.history_.validation_loss) == watched.n_iter_

    # A memory map beyond the share of memory is streamed without being asked.
    seen: list[int] = []
    take = StoredRows.take
    monkeypatch.setattr(
        StoredRows, "take", lambda self, *rest, **named: seen.append(1) or take(self, *rest, **named)
    )
    monkeypatch.setattr(streaming, "most_in_memory", lambda: 100)
    monkeypatch.setattr(cache, "most_in_memory", lambda: 100)
    mapped = read_images(photos, size=5)
    again = classifier().fit(mapped)
    assert seen
    assert again.input_shape_ == (5, 5, 3)
    assert again.score(mapped, mapped.labels) == 1.0
    again.warm_start = True
    again.fit(mapped)
    assert again.fitted_.epochs == 80
    with pytest.raises(DataError, match=r"transpose\(0, 2, 3, 1\)"):
        classifier().fit(StoredRows(np.zeros((4, 3, 8, 8), np.uint8)), [0, 1, 0, 1])
    with pytest.raises(DataError, match=r"shape \(5, 5, 3\) and these"):
        again.predict(StoredRows(np.zeros((4, 8, 8, 3), np.uint8)))
    with pytest.raises(DataError, match="too few"):
        classifier().fit(StoredRows(np.zeros((1, 8, 8, 3), np.uint8)), [0])
