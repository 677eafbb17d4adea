"""The posterior against its definition, a simulated posterior, and the interval it has in common with the t test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lamina.evaluation.bayes import posterior_probabilities, region_of_equality
from lamina.evaluation.estimate import Estimate, corrected_estimate

DIFFERENCES = np.array([-0.4, 0.1, -0.3, -0.2, 0.0, -0.5, 0.2, -0.1, -0.3, -0.6])


def test_the_posterior_by_sampling_the_correlated_normal_model() -> None:
    # d = μ 1 + e with covariance σ² ((1 - ρ) I + ρ 11'), prior 1/σ²: σ² | d by its scaled inverse χ², then μ | σ², d.
    rho, count, draws = 0.1, len(DIFFERENCES), 400_000
    rng = np.random.default_rng(0)
    squares = np.sum((DIFFERENCES - DIFFERENCES.mean()) ** 2) / (1 - rho)
    variance = squares / rng.chisquare(count - 1, size=draws)
    mean = rng.normal(DIFFERENCES.mean(), np.sqrt(variance * (1 + (count - 1) * rho) / count))
    estimate = corrected_estimate(DIFFERENCES, rho / (1 - rho))
    found = posterior_probabilities(estimate, rope=0.1)
    assert found is not None
    assert found.better == pytest.approx(np.mean(mean < -0.1), abs=0.003)
    assert found.worse == pytest.approx(np.mean(mean > 0.1), abs=0.003)


def test_without_a_rope_it_is_the_one_sided_t_test() -> None:
    found = posterior_probabilities(corrected_estimate(DIFFERENCES, 0.0), rope=0.0)
    assert found is not None
    assert found.worse == pytest.approx(stats.ttest_1samp(DIFFERENCES, 0, alternative="less").pvalue)
    assert found.equal == pytest.approx(0.0, abs=1e-12)


@given(st.floats(-3, 3), st.floats(0, 2), st.integers(1, 100), st.floats(0, 2))
def test_probabilities_add_up_and_swap_with_the_sides(
    mean: float, se: float, freedom: int, rope: float
) -> None:
    found = posterior_probabilities(Estimate(mean, se, freedom, ""), rope)
    mirrored = posterior_probabilities(Estimate(-mean, se, freedom, ""), rope)
    assert found is not None
    assert mirrored is not None
    assert found.better + found.equal + found.worse == pytest.approx(1.0)
    assert min(found.better, found.equal, found.worse) >= 0
    assert found.better == pytest.approx(mirrored.worse)


@pytest.mark.parametrize(("mean", "where"), [(-1.0, "better"), (0.05, "equal"), (1.0, "worse")])
def test_without_spread_it_is_certain(mean: float, where: str) -> None:
    found = posterior_probabilities(Estimate(mean, 0.0, 9, ""), rope=0.1)
    assert found is not None
    assert getattr(found, where) == 1.0


def test_without_an_estimate_of_spread_nothing_is_said() -> None:
    assert posterior_probabilities(Estimate(1.0, float("nan"), 0, ""), rope=0.1) is None


def test_the_rope_is_the_margin_or_one_percent_of_the_error() -> None:
    assert region_of_equality(3.0, 100.0) == 3.0
    assert region_of_equality(0.0, -100.0) == 1.0
