"""Standard errors by hand, against textbook formulas, and by simulation where a formula is only approximate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lamina.evaluation.intervals import (
    Estimate,
    corrected_estimate,
    jackknife_estimate,
    paired_rows_estimate,
)

VALUES = np.random.default_rng(0).normal(size=40)


def test_the_corrected_interval_by_hand() -> None:
    # Mean 2, variance ((−1)² + 0² + 1²)/2 = 1, factor 1/3 + 1/9 = 4/9, so se = 2/3; t(0.975; 2) = 4.302653.
    estimate = corrected_estimate(np.array([1.0, 2.0, 3.0]), 1 / 9)
    assert (estimate.mean, estimate.freedom) == (2.0, 2)
    assert estimate.se == pytest.approx(2 / 3)
    assert estimate.interval(0.95) == pytest.approx((2 - 4.302653 * 2 / 3, 2 + 4.302653 * 2 / 3), rel=1e-6)


def test_without_overlap_the_interval_is_the_usual_one() -> None:
    estimate = corrected_estimate(VALUES, 0.0)
    usual = stats.ttest_1samp(VALUES, 0).confidence_interval(0.95)
    assert estimate.interval(0.95) == pytest.approx((usual.low, usual.high))


@given(st.floats(0, 2), st.floats(0, 2))
def test_more_overlap_never_shortens_the_interval(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert corrected_estimate(VALUES, low).se <= corrected_estimate(VALUES, high).se


def test_many_repetitions_do_not_make_the_interval_vanish() -> None:
    once, often = VALUES[:10], np.tile(VALUES[:10], 100)
    assert corrected_estimate(often, 1 / 9).se > 0.6 * corrected_estimate(once, 1 / 9).se


def test_rows_on_a_hold_out_are_a_paired_t_test() -> None:
    other = VALUES + np.random.default_rng(1).normal(size=40)
    usual = stats.ttest_rel(VALUES, other).confidence_interval(0.95)
    assert paired_rows_estimate(VALUES - other).interval(0.95) == pytest.approx((usual.low, usual.high))


def test_the_jackknife_of_a_mean_is_s_over_root_n() -> None:
    estimate = jackknife_estimate(lambda rows: VALUES[rows].mean(), 40)
    assert estimate.se == pytest.approx(VALUES.std(ddof=1) / np.sqrt(40))
    assert estimate.freedom == 39


def test_the_jackknife_of_a_ratio_agrees_with_simulation() -> None:
    rng = np.random.default_rng(2)

    def ratio(y: np.ndarray) -> float:
        return float(np.sqrt(np.mean(y**2)))

    estimates = [ratio(rng.normal(size=200)) for _ in range(2000)]
    y = rng.normal(size=200)
    found = jackknife_estimate(lambda rows: ratio(y[rows]), 200)
    assert found.freedom == 49
    assert found.se == pytest.approx(np.std(estimates), rel=0.3)


def test_groups_that_repeat_a_row_do_not_add_certainty() -> None:
    four_times = np.repeat(VALUES, 4)
    groups = np.repeat(np.arange(40), 4)
    single = jackknife_estimate(lambda rows: VALUES[rows].mean(), 40)
    grouped = jackknife_estimate(lambda rows: four_times[rows].mean(), 160, groups)
    assert grouped.se == pytest.approx(single.se)


def test_one_value_has_no_interval() -> None:
    assert corrected_estimate(np.array([1.0]), 0.5).interval() is None
    assert paired_rows_estimate(np.array([1.0])).interval() is None
    assert jackknife_estimate(lambda rows: 1.0, 1).interval() is None
    assert Estimate(1.0, float("nan"), 5, "").interval() is None
