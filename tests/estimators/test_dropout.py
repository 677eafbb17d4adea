"""Dropout at prediction: moments of a linear network by hand, masks from the seed, and nothing else left on."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import SpecificationError
from lamina.layers import Dense, Dropout, Flatten, GaussianNoise, Layer, Residual, Rotate, Sequential, Shift

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype(np.float32)
Y = X @ np.array([1.0, -2.0, 0.5], np.float32)
SHORT: dict[str, Any] = {"epochs": 2, "random_state": 0}


@pytest.fixture(scope="module")
def model() -> NeuralRegressor:
    return NeuralRegressor([Dropout(0.3), GaussianNoise(5.0)], **SHORT).fit(X, Y)


def test_mean_and_spread_are_those_of_a_linear_model_with_masks(model: NeuralRegressor) -> None:
    """Var sum_j w_j x_j m_j / (1 - r) = r / (1 - r) sum_j w_j² x_j²; noise is off, or the spread would be far larger."""
    samples = 4000
    mean, spread = model.predict(X, dropout_samples=samples)
    assert mean.shape == spread.shape == (40,)
    weights = model.parameters_["dense_1"]["weights"][:, 0]
    x = (X - X.mean(0)) / X.std(0)
    expected = Y.std() * np.sqrt(0.3 / 0.7 * np.square(x * weights).sum(axis=1))
    np.testing.assert_allclose(spread, expected, rtol=6 / np.sqrt(2 * samples))
    assert np.abs((mean - model.predict(X)) / (expected / np.sqrt(samples))).max() < 5


def test_masks_follow_from_the_seed_and_from_the_place_of_a_row(model: NeuralRegressor) -> None:
    first = model.predict(X, dropout_samples=50)
    np.testing.assert_array_equal(first, model.predict(X, dropout_samples=50))
    np.testing.assert_allclose(model.predict(X[:5], dropout_samples=50)[1], first[1][:5], rtol=1e-5)
    other = NeuralRegressor([Dropout(0.3), GaussianNoise(5.0)], epochs=2, random_state=1).fit(X, Y)
    other.fitted_ = model.fitted_
    assert not np.allclose(other.predict(X, dropout_samples=50)[1], first[1])


def test_rows_beyond_a_block_have_masks_of_their_own(model: NeuralRegressor) -> None:
    rows = np.repeat(X[:1], 40, axis=0)
    mean, _ = model.predict(rows, dropout_samples=4000)  # blocks of 16 rows
    assert len(np.unique(mean)) == 40


def test_probabilities_have_a_mean_and_a_spread_and_dropout_may_stand_inside() -> None:
    layers = [Dense(4, "relu"), Residual([Dense(4), Dropout(0.5)])]
    model = NeuralClassifier(layers, **SHORT).fit(X, np.where(Y > 0, "yes", "no"))
    mean, spread = model.predict_proba(X, dropout_samples=20)
    np.testing.assert_allclose(mean.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(spread[:, 0], spread[:, 1], rtol=1e-3, atol=1e-6)
    assert (spread > 0).mean() > 0.8


@pytest.mark.parametrize("layers", [[Dense(1)], [Dropout(0.0)], [GaussianNoise(0.1)]])
def test_a_network_without_dropout_says_so(model: NeuralRegressor, layers: list[Any]) -> None:
    other = copy.copy(model)
    other.network_ = Sequential(layers)
    with pytest.raises(
        SpecificationError, match=r"dropout_samples=5, but the network has no Dropout: add one"
    ):
        other.predict(X, dropout_samples=5)


@pytest.mark.parametrize("samples", [1, 0, 2.5, True, "many"])
def test_the_number_of_masks_is_a_whole_number_above_one(model: NeuralRegressor, samples: Any) -> None:
    with pytest.raises(SpecificationError, match="a whole number above one"):
        model.predict(X, dropout_samples=samples)


@pytest.mark.parametrize("augment", [[Shift(0.5), Rotate(180)], [Dropout(0.5)], [GaussianNoise(9.0)]])
def test_augmentation_is_off_where_dropout_is_kept(augment: list[Layer]) -> None:
    images = RNG.integers(0, 256, (12, 4, 4), dtype=np.uint8)
    hidden: list[Layer] = [Flatten(), Dense(4, "relu"), Dropout(0.3)]
    varied = NeuralRegressor(hidden, augment=augment, **SHORT).fit(images, Y[:12])
    samples = 2000
    mean, spread = varied.predict(images, dropout_samples=samples)
    still = NeuralRegressor(hidden, **SHORT).fit(images, Y[:12])
    still.fitted_ = varied.fitted_
    expected, width = still.predict(images, dropout_samples=samples)
    assert (np.abs(mean - expected) <= 6 * width * np.sqrt(2 / samples)).all()
    np.testing.assert_allclose(spread, width, rtol=0.2)


def test_a_dropout_that_varies_images_alone_is_none_of_the_network() -> None:
    images = RNG.integers(0, 256, (12, 4, 4), dtype=np.uint8)
    model = NeuralRegressor([Flatten()], augment=[Dropout(0.5)], **SHORT).fit(images, Y[:12])
    with pytest.raises(SpecificationError, match="the network has no Dropout"):
        model.predict(images, dropout_samples=9)
