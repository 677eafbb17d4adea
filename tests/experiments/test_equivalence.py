"""Ridge regression against scikit-learn's; networks with disturbed inputs against ridge regression."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from lamina.experiments.equivalence import Fitted, Rows, closest_strengths, fit_disturbed
from lamina.experiments.equivalence_report import Comparison
from lamina.layers import Dropout, GaussianNoise

RNG = np.random.default_rng(0)
# Correlated columns of unlike size, so that (X'X)_jj differs from column to column.
MIXED = RNG.normal(size=(60, 4)) @ RNG.normal(size=(4, 4)) * [0.5, 1.0, 1.5, 2.0]
X = MIXED - MIXED.mean(axis=0)
Y = X @ [1.0, -1.0, 0.5, 0.0] + RNG.normal(size=60)
ROWS = Rows(X / X.std(), (Y - Y.mean()) / Y.std(), ("a", "b", "c", "d"))
SQUARES = np.diag(ROWS.x.T @ ROWS.x)


@pytest.fixture(scope="module")
def dropout() -> Fitted:
    rates = (0.2, 0.5)
    return fit_disturbed(
        ROWS,
        [Dropout(rate) for rate in rates],
        [rate / (1 - rate) * SQUARES for rate in rates],
        8,
        1500,
        lambda done: None,
    )


def test_ridge_is_scikit_learns() -> None:
    reference = Ridge(alpha=7.0, fit_intercept=False).fit(ROWS.x, ROWS.y)
    assert ROWS.ridge(7.0) == pytest.approx(reference.coef_)


def test_a_coefficient_a_column_is_that_of_rescaled_columns() -> None:
    scale = np.sqrt(SQUARES)
    reference = Ridge(alpha=0.5, fit_intercept=False).fit(ROWS.x / scale, ROWS.y)
    assert ROWS.ridge(0.5 * SQUARES) == pytest.approx(reference.coef_ / scale)


def test_the_nearest_ridge_coefficient_of_a_ridge_solution_is_its_own() -> None:
    solutions = np.array([ROWS.ridge(60 * strength) for strength in (0.05, 3.0)])
    assert closest_strengths(ROWS, solutions) == pytest.approx([0.05, 3.0], rel=1e-3)


def agrees(fitted: Fitted) -> bool:
    """Whether means over seeds are ridge regression's, within the noise, which is small beside the shrinking."""
    return bool(
        np.all(fitted.of_means < 3 * fitted.of_noise)
        and np.all(fitted.of_noise < fitted.of_least_squares / 5)
    )


def test_dropout_is_ridge_with_a_coefficient_for_each_column(dropout: Fitted) -> None:
    assert agrees(dropout)
    # One coefficient for all columns, of the same size on average, is another solution.
    flat = np.array([ROWS.ridge(60 * strength) for strength in dropout.strengths])
    away = np.linalg.norm(dropout.means - flat, axis=1) / dropout.lengths
    assert np.all(away > 5 * dropout.of_noise)


def test_gaussian_noise_is_ridge_with_one_coefficient() -> None:
    sds = (0.5, 1.0)
    layers = [GaussianNoise(sd) for sd in sds]
    assert agrees(fit_disturbed(ROWS, layers, [60 * sd**2 for sd in sds], 8, 1500, lambda done: None))


def test_the_wrong_strength_is_noticed(dropout: Fitted) -> None:
    halved = np.array([ROWS.ridge(0.5 * rate / (1 - rate) * SQUARES) for rate in (0.2, 0.5)])
    wrong = Fitted(dropout.strengths, dropout.coefficients, halved, dropout.least_squares)
    assert not agrees(wrong)


def test_the_report_says_the_theory_beside_ours(dropout: Fitted) -> None:
    found = Comparison(ROWS, dropout, "rate", (0.2, 0.5))
    assert [row.n for row in found.strength_rows()] == [8, 8]
    assert found.table().columns[-1] == "least squares"
    assert "of ridge regression" in found.verdict()
