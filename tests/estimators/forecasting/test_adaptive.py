"""Adaptive intervals keep Gibbs and Candès' promise for any series, and hold nine outcomes in ten of ordinary ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina import SeriesForecaster
from lamina.errors import SpecificationError
from lamina.estimators.forecasting.adaptive import AdaptiveLevel, adaptive_widths
from lamina.evaluation.forecasting import AutoRegression
from lamina.layers import Dense


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0, 1e6), min_size=20, max_size=200),
    st.floats(0.5, 0.95),
    st.sampled_from([0.02, 0.1, 0.3]),
)
def test_the_long_run_coverage_is_bounded_whatever_the_scores(
    scores: list[float], coverage: float, gamma: float
) -> None:
    """Gibbs and Candès 2021, proposition 4.1, an inequality without probability."""
    level = AdaptiveLevel(coverage, gamma, scores[:5])
    missed = [level.observe(score) for score in scores[5:]]
    alpha = 1 - coverage
    bound = (max(alpha, 1 - alpha) + gamma) / (gamma * len(missed))
    assert abs(np.mean(missed) - alpha) <= bound + 1e-9


def test_widths_are_quantiles_of_what_is_known() -> None:
    """Of nine scores the eighth covers 0.8 · 10; with a delay of two, the outcome before is not known yet."""
    before = np.arange(1.0, 10.0)
    assert adaptive_widths([0.0, 0.0], 1, 0.8, gamma=1e-9, before=before)[0] == 8
    near, far = (adaptive_widths([50.0] * 3, delay, 0.8, gamma=0.01, before=before) for delay in (1, 2))
    assert near.tolist() == [8, 9, 50]
    assert far.tolist() == [8, 8, 9]


def test_too_few_scores_give_the_whole_line() -> None:
    assert AdaptiveLevel(0.9, scores=[1.0] * 8).width() == np.inf
    assert AdaptiveLevel(0.9, scores=[1.0] * 9).width() == 1


def drifting(n: int, seed: int) -> pd.DataFrame:
    """Autoregressive, with a noise that grows fourfold half way."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=n) * np.where(np.arange(n) < n // 2, 1.0, 4.0)
    y = np.zeros(n)
    for t in range(1, n):
        y[t] = 0.7 * y[t - 1] + noise[t]
    return pd.DataFrame({"y": y, "train": np.arange(n) < n // 2})


def test_intervals_adapt_where_the_noise_grows() -> None:
    """Quantiles of the latest scores at a fixed level come back slowly; an adaptive level makes up for what was missed."""
    fixed, adaptive = (
        AutoRegression(lags=2).backtest(drifting(2000, 0), cv="train", coverage=0.9, gamma=gamma)
        for gamma in (1e-9, 0.05)
    )
    assert adaptive.coverage == pytest.approx(0.9, abs=0.03)
    assert fixed.coverage < 0.85


def test_the_last_interval_learns_from_updates() -> None:
    frame = drifting(600, 1)
    model = AutoRegression(lags=2).fit(frame[:280])
    narrow = model.predict_interval([1, 3], 0.8)
    assert (narrow["high"] > narrow["low"]).all()
    assert len(model.scores_["", 1]) == 70
    for row in range(280, 600, 40):
        model.update(frame[row : row + 40])
    wide = model.predict_interval([1, 3], 0.8)
    assert len(model.scores_["", 1]) == 70 + 320
    assert len(model.scores_["", 3]) == 68 + 320
    widths = [(each["high"] - each["low"]).to_numpy() for each in (narrow, wide)]
    assert (widths[1] > 2 * widths[0]).all()


def test_intervals_surround_the_forecast_of_a_network_and_hold_what_comes() -> None:
    frame = drifting(300, 2)
    model = SeriesForecaster([Dense(4, "tanh")], lags=2, epochs=20, random_state=0).fit(frame[:140])
    bounds, forecast = model.predict_interval(10, 0.9), model.predict(10)
    middle = bounds.mean(axis=1)
    assert middle.to_numpy() == pytest.approx(forecast.to_numpy())
    with pytest.raises(SpecificationError, match="coverage=90"):
        model.predict_interval(1, 90)
