"""Backtests: no forecast changes when its future does, errors are those by hand, splits keep the order of time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, TimeSeriesSplit

from lamina import SeriesForecaster
from lamina.errors import ArgumentTypeError, DataError, DataWarning, SpecificationError
from lamina.estimators.forecasting import backtest
from lamina.estimators.forecasting.scores import naive_error
from lamina.evaluation.forecasting import AutoRegression, LastValue, SeasonalNaive
from lamina.layers import Dense

RNG = np.random.default_rng(1)
N = 100
FRAME = pd.DataFrame(
    {
        "date": pd.date_range("2023-01-01", periods=N),
        "y": np.cumsum(RNG.normal(size=N)),
        "price": RNG.normal(size=N),
    }
)
MODELS = {
    "network": SeriesForecaster([Dense(4, "relu")], lags=3, epochs=3, random_state=0),
    "network, calendar": SeriesForecaster(
        [Dense(4)], lags=3, epochs=3, random_state=0, calendar=["day_of_week"]
    ),
    "direct": AutoRegression(lags=3, horizon=3, strategy="direct"),
    "ar": AutoRegression(lags=3, calendar=["month"]),
    "seasonal": SeasonalNaive(7),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("cv", [None, 3])
def test_what_comes_later_changes_no_forecast(name: str, cv: Any) -> None:
    """Every value after an origin is replaced, of the target and of lagged columns: forecasts up to it stay, bit for bit."""
    changed = FRAME.copy()
    changed.loc[92:, ["y", "price"]] = 1e3 * RNG.normal(size=(N - 92, 2))
    origin = FRAME["date"][91]
    found = [
        MODELS[name].backtest(frame, "y", cv=cv, horizon=3, coverage=0.8).predictions
        for frame in (FRAME, changed)
    ]
    before, after = (each[each["origin"] <= origin] for each in found)
    assert len(before) > 20
    for column in ("predicted", "low", "high"):
        assert before[column].tolist() == after[column].tolist()
    later = [each[each["origin"] > origin]["predicted"].to_numpy() for each in found]
    assert len(later[0]) > 10
    assert not np.allclose(*later)


def test_every_test_row_is_forecast_from_every_number_of_steps() -> None:
    found = backtest(LastValue(), FRAME, "y", horizon=3).predictions
    assert found.groupby("step").size().tolist() == [20, 19, 18]
    assert (found["time"] - found["origin"]).dt.days.tolist() == found["step"].tolist()
    y = FRAME.set_index("date")["y"]
    assert found["actual"].tolist() == y[found["time"]].tolist()
    assert found["predicted"].to_numpy() == pytest.approx(y[found["origin"]].to_numpy())


def test_errors_are_those_by_hand() -> None:
    found = backtest(LastValue(), FRAME, "y")
    y = FRAME["y"].to_numpy()
    errors = np.abs(np.diff(y))
    assert found.mae == pytest.approx(errors[79:].mean())
    assert found.mase == pytest.approx(errors[79:].mean() / errors[:79].mean())
    assert found.r2 == pytest.approx(1 - (errors[79:] ** 2).sum() / ((y[80:] - y[80:].mean()) ** 2).sum())
    assert found.by_step().loc[1, "mae"] == pytest.approx(found.mae)


def test_the_naive_forecast_has_a_scaled_error_of_one_on_its_training_rows() -> None:
    season = np.tile([1.0, 5.0, 2.0], 10) + np.arange(30)
    assert naive_error(season, 3) == pytest.approx(3.0)
    assert np.isnan(naive_error(np.ones(5)))


def test_folds_are_those_of_scikit_learn() -> None:
    cv = TimeSeriesSplit(4, test_size=5)
    found = backtest(LastValue(), FRAME.sample(frac=1, random_state=0), "y", cv=cv).predictions
    wanted = [FRAME["date"][test].tolist() for _, test in cv.split(FRAME)]
    assert [part["time"].tolist() for _, part in found.groupby("fold")] == wanted


def test_origins_may_be_further_apart() -> None:
    found = backtest(LastValue(), FRAME, "y", horizon=5, step=5).predictions
    assert found["origin"].nunique() == 4
    assert sorted(found["time"]) == FRAME["date"][80:].tolist()


def test_a_column_says_which_rows_are_learnt_from() -> None:
    frame = FRAME.assign(train=np.arange(N) < 60)
    found = backtest(AutoRegression(lags=2), frame, "y", cv="train")
    assert len(found.predictions) == 40
    assert found.forecasters[0].cutoff == FRAME["date"][59]


def test_no_series_learns_from_times_that_another_forecasts() -> None:
    late = FRAME.assign(shop="b", date=FRAME["date"] + pd.Timedelta(days=50))
    both = pd.concat([FRAME.assign(shop="a"), late])
    with pytest.warns(DataWarning, match="no rows to learn from"):  # the first split ends before b begins
        found = backtest(AutoRegression(lags=2, id="shop"), both, "y", cv=2)
    for fold, part in found.predictions.groupby("fold"):
        assert found.forecasters[fold].cutoff < part["time"].min()


@pytest.mark.parametrize(
    ("frame", "cv", "error", "said"),
    [
        (FRAME, KFold(3), DataError, "learns from times after those that it forecasts"),
        (FRAME, 200, DataError, "200 splits of 100 times cannot be made"),
        (FRAME, 1, SpecificationError, "1 splits in time: give 2 or more"),
        (FRAME[:1], None, DataError, "one time alone"),
        (FRAME, "train", DataError, "no column 'train'"),
        (FRAME, "price", DataError, r"must be True or False; it holds -?\d"),
        (FRAME.assign(train=True), "train", DataError, "is True everywhere"),
        (FRAME.assign(train=np.arange(N) > 50), "train", DataError, "learns only from times before"),
        (FRAME, 2.5, ArgumentTypeError, "give a number of splits"),
    ],
)
def test_splits_against_the_order_of_time_are_refused(
    frame: pd.DataFrame, cv: Any, error: Any, said: str
) -> None:
    with pytest.raises(error, match=said):
        backtest(AutoRegression(lags=2), frame, "y", cv=cv)


def test_a_horizon_beyond_the_rows_that_are_forecast_is_refused() -> None:
    assert set(AutoRegression(lags=2).backtest(FRAME, "y", horizon=20).predictions["step"]) == {*range(1, 21)}
    with pytest.raises(DataError, match="horizon=21 is beyond the 20 rows that are forecast"):
        AutoRegression(lags=2).backtest(FRAME, "y", horizon=21)


def test_a_series_without_rows_to_learn_from_is_told() -> None:
    late = pd.concat([FRAME.assign(shop="a"), FRAME[85:].assign(shop="b")], ignore_index=True)
    with pytest.warns(DataWarning, match=r"1 of 2 series has no rows to learn from \(such as 'b'\)"):
        found = AutoRegression(lags=2, id="shop").backtest(late, "y")
    assert set(found.predictions["series"]) == {"a"}
