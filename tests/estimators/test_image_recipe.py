"""The default network on images: which it is, how it is trained, and that it learns."""

from __future__ import annotations

from functools import cache

import numpy as np

from lamina import NeuralClassifier, NeuralRegressor
from lamina.estimators.image_recipe import BEST_IMAGE_EPOCH
from lamina.layers import Conv2D, Dense
from lamina.training import Adam
from lamina.training.schedules import Cosine

rng = np.random.default_rng(0)
CORNER = np.arange(100) % 2
IMAGES = rng.integers(0, 128, size=(100, 8, 8), dtype=np.uint8)
IMAGES[CORNER == 1, :4, :4] += 100


@cache
def fitted() -> NeuralClassifier:
    return NeuralClassifier(epochs=12, random_state=0).fit(IMAGES, CORNER)


def test_the_default_network_learns_where_an_image_is_bright() -> None:
    fresh = rng.integers(0, 128, size=(60, 8, 8), dtype=np.uint8)
    corner = np.arange(60) % 2
    fresh[corner == 1, :4, :4] += 100
    assert fitted().score(fresh, corner) > 0.9


def test_it_is_a_convolutional_network_trained_by_its_recipe() -> None:
    model = fitted()
    assert isinstance(model.network_.layers[0], Conv2D)
    assert model._chosen_optimizer() == Adam(Cosine(0.001))
    assert model._early_stopping(100, (8, 8)) == BEST_IMAGE_EPOCH
    assert model._early_stopping(49, (8, 8)) is None
    assert model._chosen_batch_size(90) == 32
    assert model.history_.best_epoch is not None  # a tenth was held back
    assert model.features_.standardizer is None


def test_a_named_optimizer_leaves_the_default_layers() -> None:
    model = NeuralClassifier(optimizer="adam", epochs=1, random_state=0)
    model.fit(IMAGES, CORNER)
    assert model.network_.layers == fitted().network_.layers
    assert model._early_stopping(100, (8, 8)) is None


def test_a_table_keeps_its_own_recipe() -> None:
    model = NeuralClassifier(epochs=1, random_state=0).fit(IMAGES.reshape(100, -1), CORNER)
    assert not any(isinstance(layer, Conv2D) for layer in model.network_.layers)


def test_numbers_from_images() -> None:
    y = IMAGES.reshape(100, -1).mean(axis=1)
    model = NeuralRegressor(epochs=12, random_state=0).fit(IMAGES, y)
    assert model.network_.layers[-1] == Dense(1)
    assert model.score(IMAGES, y) > 0.5
