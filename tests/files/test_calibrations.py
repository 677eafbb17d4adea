"""A saved model answers for the intervals that it was asked for before, to the bit, and for no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import KFold
from small_fits import linear_data

from lamina import NeuralClassifier, NeuralRegressor, load
from lamina.errors import DataError, FileFormatError
from lamina.files.container import Content
from lamina.files.models import from_content, to_content
from lamina.layers import Dense

X, Y = linear_data(60, dtype=np.float32)
SMALL: dict[str, Any] = {"layers": [Dense(4, "tanh")], "epochs": 5, "batch_size": 30, "random_state": 0}


@pytest.fixture(scope="module")
def calibrated() -> NeuralRegressor:
    model = NeuralRegressor(**SMALL).fit(X, Y)
    model.predict_interval(X, cv=3)
    model.predict_interval(X, cv=3, method="cqr")
    model.predict_interval(X, cv=KFold(3))
    return model


def test_intervals_come_back(calibrated: NeuralRegressor, tmp_path: Path) -> None:
    calibrated.save(tmp_path / "m.lamina")
    again = load(tmp_path / "m.lamina")
    for asked in ({"cv": 3}, {"cv": 3, "coverage": 0.8}, {"cv": 3, "method": "cqr"}):
        np.testing.assert_array_equal(
            again.predict_interval(X, **asked), calibrated.predict_interval(X, **asked)
        )
    for asked in ({"cv": 4}, {"cv": KFold(3)}, {"cv": 3, "coverage": 0.8, "method": "cqr"}):
        with pytest.raises(DataError, match="the rows of the fit are not at hand"):
            again.predict_interval(X, **asked)


def test_sets_come_back(tmp_path: Path) -> None:
    model = NeuralClassifier(**SMALL).fit(X, Y > 0)
    sets = model.predict_set(X, cv=3)
    model.save(tmp_path / "m.lamina")
    np.testing.assert_array_equal(load(tmp_path / "m.lamina").predict_set(X, cv=3), sets)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("@calibration_0/folds", np.full(60, 3)),
        ("@calibration_0/scores", np.zeros((59, 1))),
        ("@calibration_0/network_1/dense_1/bias", None),
        ("@calibration_0/network_1/more", np.zeros(2)),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    calibrated: NeuralRegressor, name: str, array: np.ndarray | None
) -> None:
    content = to_content(calibrated)
    arrays = {key: value for key, value in content.arrays.items() if key != name}
    if array is not None:
        arrays[name] = array
    with pytest.raises(FileFormatError, match="not saved by Lamina"):
        from_content(Content(content.specification, arrays))
