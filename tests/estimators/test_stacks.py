"""Outputs of many networks in one program are those that each gives by itself, of images too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import NeuralClassifier
from lamina.estimators.stacks import outputs_of
from lamina.layers import BatchNorm, Conv2D, Dense, Flatten, Layer, Shift
from lamina.model_selection import EnsembleClassifier

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (24, 8, 8), dtype=np.uint8)
Y = np.arange(24) % 3
DENSE: list[Layer] = [Flatten(), Dense(4, "relu")]
CONVOLVING: list[Layer] = [Conv2D(2, 3, "relu"), BatchNorm(), Flatten()]


def fitted(layers: list[Layer], seed: int, images: Any = X, **settings: Any) -> NeuralClassifier:
    model = NeuralClassifier(layers, epochs=2, batch_size=8, random_state=seed, **settings)
    return model.fit(images, Y)


@pytest.mark.parametrize("layers", [DENSE, CONVOLVING], ids=["dense", "convolving"])
@pytest.mark.parametrize("precision", [None, "bfloat16"])
def test_8_bit_images_are_what_each_network_was_fitted_on(layers: list[Layer], precision: str | None) -> None:
    models = [fitted(layers, seed, precision=precision) for seed in range(3)]
    for model, output in zip(models, outputs_of(models, X), strict=True):
        # The products of 16-bit numbers are summed in another order.
        np.testing.assert_allclose(output, model.predict_proba(X), atol=1e-5 if precision is None else 0.02)


def test_images_of_numbers_beside_images_of_8_bits() -> None:
    models = [fitted(DENSE, 0), fitted(DENSE, 1, X / 255), fitted(DENSE, 2)]
    for model, output in zip(models, outputs_of(models, X), strict=True):
        np.testing.assert_allclose(output, model.predict_proba(X), atol=1e-5)


def test_an_ensemble_of_8_bit_images_is_the_mean_of_its_members() -> None:
    model = NeuralClassifier(DENSE, augment=[Shift(0.1)], epochs=2, batch_size=8)
    ensemble = EnsembleClassifier(model, 3, random_state=0).fit(X, Y)
    each = [member.predict_proba(X) for member in ensemble.estimators_]
    np.testing.assert_allclose(ensemble.predict_proba(X), np.mean(each, axis=0), atol=1e-5)
