"""Standardising is scikit-learn's StandardScaler, weighted, and undone exactly enough."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler
from small_fits import linear_data

from lamina.estimators.standardizer import Standardizer

X = linear_data(5000)[0] * [1.0, 100.0, 1e-3] + [0.0, 50.0, -2.0]
WEIGHTS = np.random.default_rng(0).uniform(0, 2, size=5000)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_equals_scikit_learn(weights: np.ndarray | None) -> None:
    ours, theirs = Standardizer.learn(X, weights), StandardScaler().fit(X, sample_weight=weights)
    np.testing.assert_allclose(ours.mean, theirs.mean_, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.scale, theirs.scale_, rtol=1e-10)
    np.testing.assert_allclose(ours.apply(X), theirs.transform(X), rtol=1e-9, atol=1e-10)


def test_there_and_back() -> None:
    made = Standardizer.learn(X)
    np.testing.assert_allclose(made.invert(made.apply(X)), X, rtol=1e-12, atol=1e-12)


def test_rows_of_weight_zero_are_as_if_absent() -> None:
    more = np.vstack([X[:100], 1e6 + X[100:120]])
    weighted = Standardizer.learn(more, np.repeat([1.0, 0.0], [100, 20]))
    np.testing.assert_allclose(weighted.mean, Standardizer.learn(X[:100]).mean, rtol=1e-12)


def test_a_column_that_does_not_vary_becomes_zero() -> None:
    x = np.column_stack([np.full(10, 0.1), np.arange(10.0)])
    made = Standardizer.learn(x)
    assert made.scale[0] == 1
    np.testing.assert_allclose(made.apply(x)[:, 0], 0, atol=1e-15)


def test_columns_outside_the_mask_stay() -> None:
    made = Standardizer.learn(X, None, np.array([True, False, True]))
    np.testing.assert_array_equal(made.apply(X)[:, 1], X[:, 1])
    assert made.apply(X)[:, 0].std() == pytest.approx(1)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_keeps_the_precision(dtype: str) -> None:
    assert Standardizer.learn(X.astype(dtype)).apply(X.astype(dtype)).dtype == np.dtype(dtype)
