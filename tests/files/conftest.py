"""Small fitted networks, and a way to write one and read it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lamina import NeuralClassifier, NeuralRegressor, load, save
from lamina.layers import Dense

ROWS = 120
RoundTrip = Callable[[Any], Any]


@pytest.fixture(scope="session")
def x() -> np.ndarray:
    """120 rows of three numbers."""
    return np.random.default_rng(0).normal(size=(ROWS, 3)).astype(np.float32)


@pytest.fixture(scope="session")
def y(x: np.ndarray) -> np.ndarray:
    """A number for each row."""
    return x[:, 0] - 2 * x[:, 1] ** 2


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    """A number with a gap, a category, many levels, a date and truth values."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "number": rng.normal(size=ROWS),
            "town": rng.choice(["Ulm", "Bonn", "Kiel"], ROWS),
            "customer": [f"c{k % 32}" for k in range(ROWS)],
            "day": pd.date_range("2020-01-01", periods=ROWS),
            "member": rng.random(ROWS) > 0.5,
        }
    )
    frame.loc[3, "number"] = np.nan
    return frame


@pytest.fixture(scope="session")
def regressor(x: np.ndarray, y: np.ndarray) -> NeuralRegressor:
    return NeuralRegressor([Dense(4, "tanh")], epochs=3, random_state=0).fit(x, y)


@pytest.fixture(scope="session")
def classifier(x: np.ndarray, y: np.ndarray) -> NeuralClassifier:
    labels = np.array(["low", "middle", "high"])[np.digitize(y, [-2, 0])]
    return NeuralClassifier([Dense(4, "relu")], epochs=3, random_state=0).fit(x, labels)


@pytest.fixture
def round_trip(tmp_path: Path) -> RoundTrip:
    """Save an estimator and load it."""

    def there_and_back(estimator: Any) -> Any:
        save(estimator, tmp_path / "model.lamina")
        return load(tmp_path / "model.lamina")

    return there_and_back
