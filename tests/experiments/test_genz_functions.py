"""Genz's functions against hand arithmetic, their moments against quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lamina.experiments.genz_functions import (
    FAMILIES,
    Continuous,
    CornerPeak,
    Discontinuous,
    Gaussian,
    GenzFunction,
    Oscillatory,
    ProductPeak,
    draw_function,
)
from lamina.experiments.genz_sample import draw_sample

C, W = np.array([1.0, 2.0]), np.array([0.25, 0.75])
MIDDLE = np.array([[0.5, 0.5]])


@pytest.mark.parametrize(
    ("family", "value"),
    [
        (Oscillatory, -math.sin(1.5)),  # cos(pi/2 + 0.5 + 1)
        (ProductPeak, 1 / 1.0625 / 0.3125),
        (CornerPeak, 2.5**-3),
        (Gaussian, math.exp(-0.0625 - 4 * 0.0625)),
        (Continuous, math.exp(-0.25 - 2 * 0.25)),
        (Discontinuous, 0.0),
    ],
)
def test_values_by_hand(family: type[GenzFunction], value: float) -> None:
    assert family(C, W).values(MIDDLE) == pytest.approx(value, abs=1e-14)


def test_the_discontinuous_function_is_zero_beyond_either_edge() -> None:
    values = Discontinuous(C, W).values(np.array([[0.2, 0.5], [0.25, 0.75], [0.2, 0.8], [0.3, 0.5]]))
    assert values == pytest.approx([math.exp(1.2), math.exp(1.75), 0, 0])


def test_totals_of_c_are_the_stated_ones_and_w_adds_up_to_one() -> None:
    rng = np.random.default_rng(0)
    for d in (2, 5, 10):
        drawn = [draw_function(family, d, rng) for family in FAMILIES]
        assert [each.c.sum() for each in drawn] == pytest.approx([1.5, d, 1.85, 7.03, 20.4, 4.3])
        assert [each.w.sum() for each in drawn] == pytest.approx([1.0] * 6)
        assert all(each.c.min() > 0 and each.w.min() > 0 for each in drawn)


@pytest.mark.parametrize("family", FAMILIES)
def test_moments_are_those_of_a_quadrature_in_three_dimensions(family: type[GenzFunction]) -> None:
    function = draw_function(family, 3, np.random.default_rng(5))
    nodes, weights = np.polynomial.legendre.leggauss(20)
    axes = []
    for edge in function.w:  # each half by itself, so that edges lie between the pieces
        x = np.concatenate([edge * (nodes + 1) / 2, edge + (1 - edge) * (nodes + 1) / 2])
        axes.append((x, np.concatenate([edge * weights / 2, (1 - edge) * weights / 2])))
    points = np.stack([each.ravel() for each in np.meshgrid(*(x for x, _ in axes), indexing="ij")], axis=1)
    mass = np.einsum("i,j,k->ijk", *(each for _, each in axes)).ravel()
    values = function.values(points)
    assert function.mean() == pytest.approx(mass @ values, rel=1e-9, abs=1e-12)
    assert function.mean_square() == pytest.approx(mass @ values**2, rel=1e-9)


def test_the_deviation_holds_in_ten_dimensions_where_entries_of_c_are_tiny() -> None:
    c = np.full(10, 1.85 / 9)
    c[0] = 1e-9
    function = CornerPeak(c, np.full(10, 0.1))
    x = np.random.default_rng(0).uniform(size=(200_000, 10))
    assert function.deviation == pytest.approx(function.values(x).std(), rel=0.02)


def test_outcomes_have_variance_one_and_draws_differ() -> None:
    first, second = (draw_sample(2, draw, 2000) for draw in (0, 1))
    assert first.y.std(axis=0) == pytest.approx(np.ones(6), rel=0.15)
    assert not np.isclose(first.y_test, second.y_test).any(axis=0).all()
    assert not np.isin(first.x_test, first.x).any()
