"""Natural splines against SciPy's interpolation and their own definition; smallest coefficients against the pseudoinverse."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from lamina.experiments.splines import NaturalSplines, smallest_coefficients

X = np.sort(np.random.default_rng(0).uniform(-5, 5, 20))
EVERYWHERE = np.linspace(-8, 8, 400)


@pytest.mark.parametrize("d", [2, 3, 8, 20, 42])
def test_there_are_d_independent_functions(d: int) -> None:
    basis = NaturalSplines.on(X, d)
    assert basis(EVERYWHERE).shape == (400, d)
    assert np.linalg.matrix_rank(basis(np.linspace(X[0], X[-1], 1000))) == d


@pytest.mark.parametrize("d", [2, 8, 42])
def test_they_hold_every_straight_line_and_are_straight_beyond_the_rows(d: int) -> None:
    basis = NaturalSplines.on(X, d)
    line = 3 - 2 * EVERYWHERE
    coefficients = np.linalg.lstsq(basis(EVERYWHERE), line, rcond=None)[0]
    assert basis(EVERYWHERE) @ coefficients == pytest.approx(line, abs=1e-9)
    for start in (-7.0, 6.0):
        values = basis(start + np.array([0.0, 0.5, 1.0]))
        assert values[2] - values[1] == pytest.approx(values[1] - values[0], abs=1e-8)


def test_with_as_many_functions_as_rows_they_interpolate_as_the_natural_spline_on_these_rows() -> None:
    # Inner knots at the rows themselves: the interpolating natural spline is one function, whoever computes it.
    y = np.sin(X)
    basis = NaturalSplines.on(X, len(X))
    assert basis.splines.t[4:-4] == pytest.approx(X[1:-1])
    fitted = basis(EVERYWHERE) @ smallest_coefficients(basis(X), y)
    x = EVERYWHERE
    inside = (x > X[0]) & (x < X[-1])
    reference = CubicSpline(X, y, bc_type="natural")(EVERYWHERE)
    assert fitted[inside] == pytest.approx(reference[inside], abs=1e-6)


def test_beyond_as_many_functions_as_rows_the_coefficients_are_the_smallest_that_interpolate() -> None:
    y = np.cos(X)
    rows = NaturalSplines.on(X, 42)(X)
    coefficients = smallest_coefficients(rows, y)
    assert rows @ coefficients == pytest.approx(y, abs=1e-9)
    assert coefficients == pytest.approx(np.linalg.pinv(rows) @ y, abs=1e-9)
    _, _, directions = np.linalg.svd(rows)
    assert directions[len(X) :] @ coefficients == pytest.approx(np.zeros(22), abs=1e-9)


def test_below_they_are_least_squares() -> None:
    y = np.sin(X)
    rows = NaturalSplines.on(X, 8)(X)
    residuals = y - rows @ smallest_coefficients(rows, y)
    assert rows.T @ residuals == pytest.approx(np.zeros(8), abs=1e-10)
