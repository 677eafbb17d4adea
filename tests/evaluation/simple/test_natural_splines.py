"""Natural cubic splines: SciPy's, their curvature by quadrature, lines beyond the knots, columns of few values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.interpolate import CubicSpline

from lamina.evaluation.simple.natural_splines import AdditiveBasis, curvature, curved, curved_part, knots_of

KNOTS = np.array([-1.0, -0.4, 0.1, 0.9, 2.0])
RNG = np.random.default_rng(0)


def test_lines_and_curved_functions_make_scipys_natural_spline() -> None:
    heights = np.array([0.3, -1.0, 2.0, 0.5, 1.0])
    natural = CubicSpline(KNOTS, heights, bc_type="natural")
    x = np.linspace(-1, 2, 50)
    gamma = natural(KNOTS[1:-1], 2)
    rest = natural(x) - curved(x, KNOTS) @ gamma
    np.testing.assert_allclose(np.diff(rest, 2), 0.0, atol=1e-12)


def test_curvature_is_the_integral_of_the_squared_second_derivative() -> None:
    x = np.linspace(-1, 2, 30_001)
    second = np.column_stack([np.interp(x, KNOTS, hat) for hat in np.eye(5)[1:-1]])
    integral = trapezoid(second[:, :, None] * second[:, None, :], x, axis=0)
    np.testing.assert_allclose(curvature(KNOTS), integral, atol=1e-6)


def test_beyond_the_knots_it_goes_on_as_a_line() -> None:
    for outside in (np.linspace(2, 1e7, 5), np.linspace(-1e7, -1, 5)):
        values = curved(outside, KNOTS)
        np.testing.assert_allclose(np.diff(values, 2, axis=0), 0.0, atol=1e-6)
    step = 1e-6
    left, at, right = curved(np.array([2 - step, 2.0, 2 + step]), KNOTS)
    np.testing.assert_allclose(at - left, right - at, atol=1e-11)


def test_curved_parts_have_no_line_in_them_and_the_size_of_one_column() -> None:
    X = RNG.normal(size=(200, 2))
    part = curved_part(X, 1, 8)
    assert part is not None
    values = part.values(X)
    np.testing.assert_allclose(values.mean(axis=0), 0.0, atol=1e-8)
    np.testing.assert_allclose(values.T @ X[:, 1], 0.0, atol=1e-6)
    assert np.sum(values**2) == pytest.approx(200)


def test_columns_of_few_values() -> None:
    assert knots_of(np.repeat([0.0, 1.0, 5.0], 9), 8).tolist() == [0.0, 1.0, 5.0]
    assert knots_of(np.array([0.0, 1e-12, 1.0, 2.0]), 8).tolist() == [0.0, 1.0, 2.0]
    many_zeros = np.r_[np.zeros(90), np.arange(1.0, 11.0)]
    assert len(knots_of(many_zeros, 8)) >= 2
    binary, constant = np.tile([0.0, 1.0], 10), np.ones(20)
    basis = AdditiveBasis(np.column_stack([binary, constant, np.arange(20.0)]), 6)
    assert [part.column for part in basis.parts] == [2]
    assert basis.values(np.zeros((4, 3))).shape == (4, 3 + basis.curved_columns)
