"""The lasso of the labs against scikit-learn and its own optimality conditions."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Lasso

from lamina.experiments.lasso import fit_lasso


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 6)) * [1, 10, 0.1, 1, 1, 1] + 5
    y = 3 * x[:, 0] - 0.2 * x[:, 1] + rng.normal(size=80) + 100
    return x, y, np.arange(80) % 10


def test_the_coefficients_are_scikit_learns_for_the_same_penalty(rows: tuple[np.ndarray, ...]) -> None:
    x, y, folds = rows
    model = fit_lasso(x, y, folds, 1e-3)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    reference = Lasso(alpha=model.penalty, tol=1e-8).fit(z, y)
    assert model.predict(x) == pytest.approx(reference.predict(z), abs=1e-3)


def test_units_of_the_predictors_change_nothing(rows: tuple[np.ndarray, ...]) -> None:
    x, y, folds = rows
    scale = np.array([1e3, 1.0, 1e-3, 5.0, 2.0, 7.0])
    one, other = fit_lasso(x, y, folds, 1e-3), fit_lasso(x * scale + 9, y, folds, 1e-3)
    assert one.predict(x) == pytest.approx(other.predict(x * scale + 9), abs=1e-6)


def test_noise_gets_no_coefficient() -> None:
    rng = np.random.default_rng(1)
    model = fit_lasso(rng.normal(size=(60, 4)), rng.normal(size=60), np.arange(60) % 10, 1e-2)
    assert model.parameters <= 2
