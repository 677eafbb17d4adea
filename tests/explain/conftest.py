"""A small network of images, fitted once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from lamina import NeuralClassifier
from lamina.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Residual, Rotate, Shift


class Fitted(NamedTuple):
    """A model and the images that it was fitted on."""

    model: NeuralClassifier
    images: np.ndarray
    y: np.ndarray


@pytest.fixture(scope="session")
def fitted() -> Fitted:
    """Three classes that differ in where the image is bright."""
    rng = np.random.default_rng(0)
    y = np.repeat(["left", "middle", "right"], 30)
    images = rng.integers(0, 160, (90, 10, 9, 1), dtype=np.uint8)
    for place, name in enumerate(("left", "middle", "right")):
        images[y == name, :, 3 * place : 3 * place + 3] += 40
    layers = [
        Conv2D(4, 3, "relu", padding="same"),
        MaxPool2D(2),
        Residual([Conv2D(4, 3, padding="same"), BatchNorm()], activation="relu"),
        Dropout(0.2),
        Flatten(),
        Dense(6, "relu"),
    ]
    model = NeuralClassifier(layers, augment=[Shift(0.1), Rotate(5)], epochs=4, batch_size=30, random_state=0)
    return Fitted(model.fit(images, y), images, y)
