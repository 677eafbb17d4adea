"""Diebold-Mariano and McNemar against their formulas worked by hand, other libraries and simulated coverage."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from lamina.evaluation.paired_tests import diebold_mariano_estimate, mcnemar_estimate


def outcomes(both: int, only: int, other_only: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Which rows two models have wrong."""
    counts = [both, only, other_only, neither]
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


@pytest.mark.parametrize(
    "counts", [(5, 2, 9, 84), (0, 0, 6, 94), (3, 12, 1, 30), (0, 0, 0, 20), (9, 4, 4, 9)]
)
def test_mcnemar_agrees_with_statsmodels(counts: tuple[int, ...]) -> None:
    first, other = outcomes(*counts)
    table = [[counts[3], counts[2]], [counts[1], counts[0]]]
    p = mcnemar(table, exact=True).pvalue
    estimate = mcnemar_estimate(first, other)
    assert f"p = {p:.3f}" in estimate.method
    assert estimate.mean == pytest.approx(first.mean() - other.mean())
    low, high = estimate.interval()
    assert (p < 0.05) == (low > 0 or high < 0)
    assert low <= estimate.mean <= high


def test_the_interval_of_bonett_and_price_by_hand() -> None:
    # n = 100, b = 2, c = 20: middle -18/102, se² = (24/102 - (18/102)²)/102.
    low, high = mcnemar_estimate(*outcomes(0, 2, 20, 78)).interval()
    reach = 1.959964 * np.sqrt((24 / 102 - (18 / 102) ** 2) / 102)
    assert (low, high) == pytest.approx((-18 / 102 - reach, -18 / 102 + reach), abs=1e-6)


def test_the_interval_never_says_more_than_the_exact_test() -> None:
    # p = 0.065, and the interval by itself would leave zero out.
    estimate = mcnemar_estimate(*outcomes(0, 2, 9, 89))
    low, high = estimate.interval()
    assert low < 0
    assert high == 0.0


def test_the_interval_of_two_rates_covers_their_difference() -> None:
    rng, share, draws = np.random.default_rng(0), np.array([0.1, 0.05, 0.12, 0.73]), 4000
    covered = 0
    for counts in rng.multinomial(150, share, size=draws):
        low, high = mcnemar_estimate(*outcomes(*counts)).interval()
        covered += low <= 0.05 - 0.12 <= high
    assert 0.945 <= covered / draws <= 0.97


def test_one_step_ahead_it_is_a_t_test_of_the_differences() -> None:
    # With h = 1, se² = γ_0/(n - 1) = s²/n: the paired t test.
    differences = np.random.default_rng(0).normal(0.3, 1, size=40)
    usual = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert diebold_mariano_estimate(differences).interval() == pytest.approx((usual.low, usual.high))


def test_the_variance_further_ahead_by_hand() -> None:
    d = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 6.0])
    x = d - 3.5
    n, h = 6, 2
    covariances = [x @ x / n, x[1:] @ x[:-1] / n]
    variance = (covariances[0] + 2 * covariances[1]) / n
    correction = (n + 1 - 2 * h + h * (h - 1) / n) / n
    estimate = diebold_mariano_estimate(d, horizon=2)
    # The statistic of Harvey, Leybourne and Newbold is √correction times that of Diebold and Mariano.
    assert estimate.mean / estimate.se == pytest.approx(np.sqrt(correction) * 3.5 / np.sqrt(variance))
    assert estimate.freedom == 5


def test_the_unweighted_sum_is_that_of_statsmodels_autocovariances() -> None:
    d = np.cumsum(np.random.default_rng(1).normal(size=60)) / 5
    gamma = sm.tsa.stattools.acovf(d, fft=False)
    n, h = 60, 4
    expected = (gamma[0] + 2 * gamma[1:h].sum()) / (n + 1 - 2 * h + h * (h - 1) / n)
    assert diebold_mariano_estimate(d, horizon=4).se == pytest.approx(np.sqrt(expected))


def test_a_sum_that_is_not_positive_is_weighted_instead() -> None:
    alternating = np.tile([1.0, -1.0], 10)
    estimate = diebold_mariano_estimate(alternating, horizon=2)
    # γ_0 = 1, γ_1 = -19/20: unweighted -0.9, weighted 1 - 0.95.
    assert estimate.se**2 == pytest.approx(0.05 / (21 - 4 + 2 / 20))


def test_overlapping_forecasts_need_the_correction_for_correlation() -> None:
    # Errors h rows ahead overlap: moving sums of h shocks. Without the autocovariances the interval is far too short.
    rng, n, h, draws = np.random.default_rng(2), 120, 4, 1500
    covered = {1: 0, h: 0}
    for _ in range(draws):
        differences = np.convolve(rng.normal(size=n + h - 1), np.ones(h), "valid")
        for horizon in covered:
            low, high = diebold_mariano_estimate(differences, horizon).interval() or (0, 0)
            covered[horizon] += low <= 0 <= high
    assert covered[1] / draws < 0.75
    assert covered[h] / draws > 0.91


@pytest.mark.parametrize(("n", "horizon"), [(1, 1), (5, 6)])
def test_too_few_forecasts_have_no_interval(n: int, horizon: int) -> None:
    assert diebold_mariano_estimate(np.arange(float(n)), horizon).interval() is None
