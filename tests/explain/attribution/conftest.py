"""Small fitted models of tables, images and texts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from lamina import NeuralClassifier, NeuralRegressor, TextClassifier
from lamina.layers import (
    LSTM,
    Activation,
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    MaxPool2D,
    Residual,
    Scale,
)


class Known(NamedTuple):
    """A fitted model and rows like those that it was fitted on."""

    model: Any
    X: Any


@pytest.fixture(scope="session")
def regression() -> Known:
    """A smooth network on four columns of very different units, float64."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 4)) * [1.0, 10.0, 0.1, 1.0] + [0.0, 50.0, 0.0, 3.0]
    y = X[:, 0] * X[:, 1] / 20 + np.sin(X[:, 3])
    return Known(NeuralRegressor([Dense(6, "tanh")], epochs=60, random_state=0).fit(X, y), X[:9])


@pytest.fixture(scope="session")
def classes() -> Known:
    """Three classes of numbers, a deeper network of ReLUs with all that stands between dense layers."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(90, 5))
    y = np.array(["low", "middle", "top"])[np.digitize(X[:, 0] + X[:, 1] ** 2, [0.3, 1.5])]
    layers = [Scale(), Dense(8, "relu"), Dropout(0.2), Dense(8), BatchNorm(), Activation("relu")]
    return Known(NeuralClassifier(layers, epochs=30, random_state=0).fit(X, y), X[:7])


@pytest.fixture(scope="session")
def table() -> Known:
    """A data frame with numbers, gaps, categories of few and of many levels, dates and a constant; the default network."""
    rng = np.random.default_rng(2)
    n = 120
    frame = pd.DataFrame(
        {
            "size": rng.normal(50, 10, n),
            "age": np.where(rng.uniform(size=n) < 0.2, np.nan, rng.uniform(20, 60, n)),
            "town": rng.choice(["Ulm", "Bonn", "Kiel"], n),
            "member": rng.choice(["yes", "no"], n),
            "shop": rng.choice([f"shop {place}" for place in range(40)], n),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
            "same": 1.0,
        }
    )
    y = frame["size"] / 10 + (frame["town"] == "Ulm") * 2 + rng.normal(size=n)
    with pytest.warns(UserWarning, match="left out"):
        model = NeuralRegressor(epochs=8, random_state=0).fit(frame, y)
    return Known(model, frame.head(6))


@pytest.fixture(scope="session")
def pictures() -> Known:
    """Convolutions, pooling of both kinds, residual blocks with and without a projection, BatchNorm behind and apart; float64."""
    rng = np.random.default_rng(3)
    images = rng.uniform(size=(45, 8, 8, 1))
    y = np.arange(45) % 3
    images[y == 1, :4] += 0.5
    layers = [
        Conv2D(4, 3, padding="same"),
        BatchNorm(),
        Activation("relu"),
        MaxPool2D(2),
        Residual([Conv2D(4, 3, padding="same"), BatchNorm()], activation="relu"),
        Residual(
            [Conv2D(6, 3, "relu", padding="same", stride=2)],
            projection=Conv2D(6, 1, stride=2),
            activation="relu",
        ),
        AveragePool2D(2),
        Flatten(),
        Dense(6, "relu"),
        BatchNorm(),
        Dropout(0.3),
    ]
    return Known(NeuralClassifier(layers, epochs=4, random_state=0).fit(images, y), images[:5])


TEXTS = ["a fine film", "fine acting", "dull plot", "a dull, dull film"] * 10
GOOD = ["good", "good", "bad", "bad"] * 10


@pytest.fixture(scope="session")
def bag() -> Known:
    """A bag of words."""
    model = TextClassifier([Dense(4, "relu")], epochs=60, random_state=0).fit(TEXTS, GOOD)
    return Known(model, ["what a fine film", "dull acting", ""])


@pytest.fixture(scope="session")
def sequences() -> Known:
    """Documents as sequences through an LSTM."""
    model = TextClassifier([Embedding(4), LSTM(4)], epochs=60, random_state=0).fit(TEXTS, GOOD)
    return Known(model, ["what a fine film", "dull acting", ""])
