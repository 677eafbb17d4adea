"""Forecasts: of series whose future is known, by hand, in sktime's terms, and after saving."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from lamina import SeriesForecaster, load
from lamina.errors import ArgumentTypeError, DataError, DataWarning, SpecificationError
from lamina.estimators.forecasting.inputs import latest_apart
from lamina.estimators.forecasting.together import fit_together
from lamina.evaluation.forecasting import AutoRegression, LastValue, SeasonalNaive
from lamina.layers import Dense, Flatten
from lamina.training import EarlyStopping

N = 120
DATES = pd.date_range("2024-01-01", periods=N)
RNG = np.random.default_rng(0)


def made_up(n: int = N) -> pd.DataFrame:
    """y depends on its last value, on the last price, and on Sundays."""
    price = np.cumsum(RNG.normal(size=n))
    y = np.zeros(n)
    for t in range(1, n):
        y[t] = 0.6 * y[t - 1] + 0.5 * price[t - 1] + 2.0 * (DATES[t].day_of_week == 6)
    return pd.DataFrame({"date": DATES[:n], "y": y, "price": price})


FRAME = made_up()
QUICK: dict[str, Any] = {"lags": 3, "epochs": 5, "random_state": 0}


def test_an_autoregression_finds_the_equation_and_follows_it() -> None:
    """Least squares on data without noise are exact, so that forecasts are those of the equation with the prices that come."""
    model = AutoRegression(lags=1, calendar=["day_of_week"]).fit(FRAME[:100], "y")
    assert model.n_parameters_ == 1 + 2 + 6
    found = model.predict(horizon=20, future=FRAME[100:])
    assert found.to_numpy() == pytest.approx(FRAME["y"][100:].to_numpy())
    assert found.index.equals(pd.DatetimeIndex(FRAME["date"][100:]))
    assert found.name == "y"


def test_without_a_future_the_calendar_goes_on_and_lagged_columns_by_their_autoregression() -> None:
    model = AutoRegression(lags=1, calendar=["day_of_week"]).fit(FRAME, "y")
    found = model.predict(horizon=8)
    price = model.reader_, model.carrier_
    assert all(part is not None for part in price)
    assert found.index[0] == DATES[-1] + pd.Timedelta(days=1)
    y, x = FRAME["y"].iloc[-1], FRAME["price"].iloc[-1]
    assert found.iloc[0] == pytest.approx(0.6 * y + 0.5 * x + 2.0 * (found.index[0].day_of_week == 6))


def test_steps_are_counted_from_the_cutoff_as_sktime_does() -> None:
    model = AutoRegression(lags=2).fit(FRAME[["date", "y"]])
    assert model.cutoff == DATES[-1]
    every, some = model.predict(6), model.predict([1, 4, 6])
    assert some.tolist() == every.iloc[[0, 3, 5]].tolist()
    assert some.index.tolist() == every.index[[0, 3, 5]].tolist()
    with pytest.raises(SpecificationError, match="steps are counted from 1"):
        model.predict([0, 1])


def test_direct_and_recursive_agree_where_the_equation_is_exact() -> None:
    y = pd.DataFrame({"y": 0.9 ** np.arange(40.0)})
    recursive = AutoRegression(lags=2).fit(y).predict(4)
    direct = AutoRegression(lags=2, horizon=4, strategy="direct").fit(y)
    assert direct.predict().to_numpy() == pytest.approx(recursive.to_numpy())
    with pytest.raises(
        SpecificationError, match=r"beyond the 4 steps.*fit with horizon=5, or use strategy='recursive'"
    ):
        direct.predict(5)


def test_naive_forecasts_repeat_what_was() -> None:
    frame = FRAME[["date", "y"]]
    assert LastValue().fit(frame).predict(3).tolist() == pytest.approx([frame["y"].iloc[-1]] * 3)
    weekly = SeasonalNaive(7).fit(frame).predict(10)
    assert weekly.to_numpy() == pytest.approx(frame["y"].to_numpy()[[*range(-7, 0), -7, -6, -5]])


def test_updating_moves_the_cutoff_and_learns_nothing() -> None:
    whole = AutoRegression(lags=2).fit(FRAME[:100], "y")
    coefficients = whole.coefficients_.copy()
    moved = clone(whole).fit(FRAME[:100], "y").update(FRAME)
    assert moved.cutoff == DATES[-1]
    assert np.array_equal(moved.coefficients_, coefficients)
    lagged = FRAME[["y", "price"]].to_numpy()[-2:]
    scaled = (lagged - moved.scale_.mean) / moved.scale_.deviation
    wanted = (
        moved.fit_.predict(scaled.reshape(1, -1)) * moved.scale_.deviation[0, 0] + moved.scale_.mean[0, 0]
    )
    assert moved.predict(1).iloc[0] == pytest.approx(wanted[0, 0])


def test_rows_without_dates_are_counted_on() -> None:
    model = AutoRegression(lags=2).fit(FRAME[["y"]])
    assert model.predict(2).index.tolist() == [N, N + 1]
    assert model.update(FRAME[["y"]][:3]).cutoff == N + 2


def test_many_series_have_one_network_and_forecasts_of_their_own() -> None:
    both = pd.concat([FRAME.assign(shop="a"), FRAME.assign(shop="b", y=1000 + 50 * FRAME["y"])])
    model = SeriesForecaster([Dense(4, "tanh")], id="shop", **QUICK).fit(both, "y")
    found = model.predict(2)
    assert found.index.names == ["shop", "date"]
    assert found["b"].to_numpy() == pytest.approx(1000 + 50 * found["a"].to_numpy(), rel=1e-4)


def test_a_network_takes_sequences_where_its_layers_do() -> None:
    flat = SeriesForecaster([Dense(4)], **QUICK).fit(FRAME, "y")
    sequence = SeriesForecaster([Flatten(), Dense(4)], calendar=["month"], **QUICK).fit(FRAME, "y")
    assert flat.networks_[0].input_shape_ == (6,)
    assert sequence.networks_[0].input_shape_ == (3, 2 + 4)
    assert flat.n_parameters_ == 4 * 7 + 5


def test_members_are_seeds_of_one_population_whose_forecasts_are_averaged() -> None:
    alone = SeriesForecaster([Dense(4, "relu")], **QUICK).fit(FRAME, "y")
    three = SeriesForecaster([Dense(4, "relu")], n_members=3, **QUICK).fit(FRAME, "y")
    assert len(three.networks_) == 3
    own = []
    for member in three.networks_:
        alone.networks_ = [member]
        own.append(alone.predict(1).iloc[0])
    assert len(set(np.round(own, 6))) == 3
    assert three.predict(1).iloc[0] == pytest.approx(np.mean(own), rel=1e-5)


def test_forecasters_fitted_together_are_those_fitted_alone() -> None:
    models = [
        SeriesForecaster([Dense(width, "relu")], **QUICK | {"lags": lags}) for width, lags in ((4, 2), (8, 3))
    ]
    fit_together(models, FRAME, "y")
    for model in models:
        alone = clone(model).fit(FRAME, "y")
        assert model.predict(3).to_numpy() == pytest.approx(alone.predict(3).to_numpy(), rel=1e-3)


def test_early_stopping_watches_the_latest_windows_and_nothing_that_reaches_into_them() -> None:
    both = pd.concat([FRAME.assign(shop="a"), FRAME.assign(shop="b")])
    windows = AutoRegression(lags=3, horizon=2, strategy="direct", id="shop")._prepare(both, "y")
    early, late = latest_apart(windows, 0.25)
    for shop in (0, 1):
        learnt, watched = (part.origins[part.series == shop] for part in (early, late))
        assert watched.tolist() == list(range(N - 2 - len(watched), N - 2))
        assert learnt.max() + 2 == watched.min()
    model = SeriesForecaster([], early_stopping=EarlyStopping(2), **QUICK).fit(FRAME, "y")
    assert len(model.networks_[0].history_.validation_loss) > 0


@pytest.mark.parametrize(
    "settings", [{}, {"n_members": 2, "calendar": ["day_of_week"]}, {"strategy": "direct", "horizon": 3}]
)
def test_a_saved_forecaster_forecasts_the_same(tmp_path: Path, settings: dict[str, Any]) -> None:
    both = pd.concat([FRAME.assign(shop="a"), FRAME.assign(shop="b")])
    model = SeriesForecaster([Dense(4, "relu")], id="shop", **QUICK | settings).fit(both, "y")
    intervals = model.predict_interval(3, 0.8)
    model.save(tmp_path / "shops.lamina")
    again = load(tmp_path / "shops.lamina")
    pd.testing.assert_series_equal(again.predict(3), model.predict(3))
    pd.testing.assert_frame_equal(again.predict_interval(3, 0.8), intervals)
    assert again.get_params() == model.get_params()
    later = both.assign(date=both["date"] + pd.Timedelta(days=N))
    pd.testing.assert_series_equal(again.update(later).predict(3), model.update(later).predict(3))


def test_intervals_after_loading_need_scores_in_the_file(tmp_path: Path) -> None:
    SeriesForecaster([], **QUICK).fit(FRAME[["y"]]).save(tmp_path / "y.lamina")
    with pytest.raises(DataError, match="call predict_interval\\(horizon=2\\) before saving"):
        load(tmp_path / "y.lamina").predict_interval(2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"lags": 0}, "lags"),
        ({"horizon": 2.5}, "horizon"),
        ({"strategy": "both"}, "strategy='both'"),
        ({"gaps": "fill"}, "gaps='fill'"),
        ({"n_members": 0}, "n_members"),
    ],
)
def test_settings_that_mean_nothing_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        SeriesForecaster(**QUICK | change).fit(FRAME, "y")


def test_what_looks_back_a_season_is_told_of_it_by_its_name() -> None:
    with pytest.raises(SpecificationError, match=r"SeasonalNaive\(season=0\)"):
        SeasonalNaive(0).fit(FRAME, "y")


def test_steps_and_the_speed_of_intervals_are_numbers_that_mean_something() -> None:
    model = AutoRegression(lags=2).fit(FRAME, "y")
    with pytest.raises(ArgumentTypeError, match="whole numbers"):
        model.predict([2.7])
    for gamma in (-1, "a", np.inf):
        with pytest.raises(SpecificationError, match=r"gamma=.*0 or more"):
            model.predict_interval(2, gamma=gamma)


def test_a_horizon_beyond_what_is_known_is_refused() -> None:
    frame = FRAME.assign(plan=np.arange(N) % 3)
    model = AutoRegression(lags=2, known=["plan"], exogenous=["price"]).fit(frame[:100], "y")
    with pytest.raises(
        DataError, match="'plan' must be known at the times that are forecast, from 2024-04-10 on"
    ):
        model.predict(3)
    with pytest.raises(DataError, match="future= has 2 rows after 2024-04-09 and horizon=3 needs 3"):
        model.predict(3, future=frame[90:102])
    gappy = frame[100:110].assign(price=[1.0, np.nan, *[1.0] * 8])
    with pytest.raises(
        DataError, match="does not give 'price' at 2024-04-11, but horizon=5 goes on from 4 rows"
    ):
        model.predict(5, future=gappy)
    assert len(model.predict(5, future=frame[100:110].drop(columns="price"))) == 5


def test_a_series_that_was_not_learnt_cannot_be_updated() -> None:
    model = AutoRegression(lags=2, id="shop").fit(FRAME.assign(shop="a")[:50], "y")
    with pytest.raises(DataError, match=r"the series 'b' had no training rows, .*fit again with all series"):
        model.update(FRAME.assign(shop="b"))
    assert model.cutoff == DATES[49]


def test_a_leap_before_the_rows_that_follow_is_told_or_refused() -> None:
    later = FRAME[60:70]
    said = "time leaps from 2024-02-19 to 2024-03-01 in the rows that follow"
    model = AutoRegression(lags=3).fit(FRAME[:50], "y")
    for follow in (lambda: model.predict(3, future=later), lambda: model.update(later)):
        with pytest.warns(DataWarning, match=said):
            follow()
    with pytest.raises(DataError, match=said):
        AutoRegression(lags=3, gaps="error").fit(FRAME[:50], "y").update(later)


def test_too_little_to_learn_from_is_told() -> None:
    with pytest.raises(DataError, match="needs 2 windows or more to learn from, and there is 1"):
        SeriesForecaster(**QUICK, exogenous=[]).fit(FRAME[:4], "y")
    with pytest.raises(DataError, match="'y' does not vary in the rows that a network is to learn from"):
        SeriesForecaster(**QUICK).fit(FRAME.assign(y=2.0), "y")


def test_gaps_are_told_once_in_a_fit() -> None:
    with pytest.warns(DataWarning, match="1 gap in time") as told:
        AutoRegression(lags=2).fit(FRAME.drop(index=range(40, 60)), "y")
    assert len(told) == 1
