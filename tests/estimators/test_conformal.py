"""Conformal intervals and sets: exact coverage by counting, and the definitions written out."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.errors import ArgumentTypeError, DataWarning, SpecificationError
from lamina.estimators import conformal
from lamina.estimators.conformal import (
    check_coverage,
    class_scores,
    interval_bounds,
    interval_scores,
    mass_before,
    rank,
    set_members,
    warn_if_few,
)

RNG = np.random.default_rng(0)


def some_networks(n: int = 23, m: int = 7, networks: int = 3, outputs: int = 2) -> tuple[Any, ...]:
    """Two quantiles of every network at new rows, scores and folds."""
    centre = RNG.normal(size=(networks, m, outputs))
    half = RNG.uniform(0, 1, size=centre.shape)
    return centre - half, centre + half, RNG.normal(size=(n, outputs)), RNG.integers(0, networks, n)


@given(percent=st.integers(1, 99), n=st.integers(1, 400))
def test_the_rank_is_exact_where_floating_point_is_not(percent: int, n: int) -> None:
    assert rank(percent / 100, n) == math.ceil(Fraction(percent, 100) * (n + 1))


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
def test_a_split_covers_exactly_as_often_as_it_says(coverage: float) -> None:
    """Each of n + 1 exchangeable rows is as likely to be the new one: count them."""
    n = 19
    y = RNG.normal(size=n + 1)
    zero = np.zeros((1, 1, 1))
    held = 0
    for new in range(n + 1):
        scores = interval_scores(np.delete(y, new)[:, None], 0.0, 0.0)  # type: ignore[arg-type]
        low, high = interval_bounds(zero, zero, scores, np.zeros(n, int), coverage)[0, 0]
        held += low <= y[new] <= high
    assert held == rank(coverage, n) >= coverage * (n + 1)


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
def test_sets_cover_exactly_as_often_as_they_say(coverage: float) -> None:
    n = 19
    p = RNG.dirichlet(np.ones(4), size=n + 1)
    y, u = RNG.integers(0, 4, n + 1), RNG.uniform(size=n + 1)
    all_scores = class_scores(p, u)
    own = all_scores[np.arange(n + 1), y]
    held = sum(
        set_members(all_scores[None, [new]], np.delete(own, new), np.zeros(n, int), coverage)[0, y[new]]
        for new in range(n + 1)
    )
    assert held == rank(coverage, n)


def test_bounds_are_the_order_statistics_of_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    low, high, scores, folds = some_networks()
    bounds = interval_bounds(low, high, scores, folds, 0.8)
    k, n = rank(0.8, 23), 23
    for row in range(7):
        for output in range(2):
            below = sorted(low[folds[i], row, output] - scores[i, output] for i in range(n))
            above = sorted(high[folds[i], row, output] + scores[i, output] for i in range(n))
            lower, upper = below[n - k], above[k - 1]
            expected = (lower, upper) if lower <= upper else ((lower + upper) / 2,) * 2
            np.testing.assert_allclose(bounds[row, output], expected)
    monkeypatch.setattr(conformal, "ENTRIES", 100)
    np.testing.assert_array_equal(interval_bounds(low, high, scores, folds, 0.8), bounds)


def test_one_network_is_split_conformal_prediction() -> None:
    residuals = np.abs(RNG.normal(size=(30, 1)))
    center = RNG.normal(size=(1, 5, 1))
    bounds = interval_bounds(center, center, residuals, np.zeros(30, int), 0.9)
    half = np.sort(residuals[:, 0])[math.ceil(0.9 * 31) - 1]
    np.testing.assert_allclose(
        bounds[:, 0], np.column_stack([center[0, :, 0] - half, center[0, :, 0] + half])
    )


def test_more_coverage_is_a_wider_interval_and_a_larger_set() -> None:
    low, high, scores, folds = some_networks()
    p = RNG.dirichlet(np.ones(4), size=(3, 9))
    previous = None
    for coverage in (0.3, 0.6, 0.9):
        bounds = interval_bounds(low, high, np.abs(scores), folds, coverage)
        sets = set_members(class_scores(p), np.abs(scores[:, 0]), folds, coverage)
        if previous is not None:
            assert (bounds[..., 0] <= previous[0][..., 0]).all()
            assert (bounds[..., 1] >= previous[0][..., 1]).all()
            assert (sets >= previous[1]).all()
        previous = bounds, sets


def test_sets_by_their_definition() -> None:
    p = RNG.dirichlet(np.ones(4), size=(3, 9))
    scores, folds = RNG.uniform(size=23), RNG.integers(0, 3, 23)
    classes = class_scores(p)
    found = set_members(classes, scores, folds, 0.8)
    for row in range(9):
        for label in range(4):
            below = sum(scores[i] < classes[folds[i], row, label] for i in range(23))
            assert found[row, label] == (below < 0.8 * 24)


def test_scores_of_classes_add_up_from_the_likeliest() -> None:
    p = np.array([0.1, 0.6, 0.3])
    np.testing.assert_allclose(mass_before(p), [0.9, 0.0, 0.6])
    np.testing.assert_allclose(class_scores(p, 1.0), [1.0, 0.6, 0.9])
    np.testing.assert_allclose(class_scores(p, 0.5), [0.95, 0.3, 0.75])
    order = RNG.permutation(3)
    np.testing.assert_allclose(mass_before(p[order]), mass_before(p)[order])


def test_too_few_rows_give_everything_and_say_so() -> None:
    low, high, scores, folds = some_networks(n=8)
    assert np.isinf(interval_bounds(low, high, scores, folds, 0.9)).all()
    assert set_members(np.full((3, 5, 2), 9.0), scores[:, 0], folds, 0.9).all()
    with pytest.warns(DataWarning, match=r"coverage=0.9 needs at least 9 rows .* there are 8: no bounds"):
        warn_if_few(0.9, 8, "no bounds")
    warn_if_few(0.9, 9, "no bounds")


@pytest.mark.parametrize("coverage", [0, 1, 90, -0.1, math.nan])
def test_a_coverage_is_a_probability(coverage: float) -> None:
    with pytest.raises(SpecificationError, match=r"inside \(0, 1\), for example 0.9"):
        check_coverage(coverage)


def test_a_coverage_is_a_number() -> None:
    with pytest.raises(ArgumentTypeError, match=r"coverage='0\.9'"):
        check_coverage("0.9")
