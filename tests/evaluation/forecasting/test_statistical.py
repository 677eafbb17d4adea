"""ARIMA and ETS: forecasts are statsmodels' own from each origin, and later values change none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lamina.errors import DataError, SpecificationError
from lamina.evaluation.forecasting import ARIMA, ETS, Shape, compare_forecasts, statistical

pytest.importorskip("statsmodels")
RNG = np.random.default_rng(0)
N = 60
FRAME = pd.DataFrame({"y": np.sin(np.arange(N) * np.pi / 2) + RNG.normal(size=N) / 5})
MODELS = {"arima": ARIMA((1, 0, 0)), "ets": ETS(season=4)}


@pytest.mark.parametrize("name", MODELS)
def test_what_comes_later_changes_no_forecast(name: str) -> None:
    changed = FRAME.assign(y=np.where(np.arange(N) < 54, FRAME["y"], 100.0))
    found = [MODELS[name].backtest(frame, horizon=2).predictions for frame in (FRAME, changed)]
    before, after = (each[each["origin"] < 54]["predicted"].to_numpy() for each in found)
    assert len(before) == 2 * 7
    assert before.tolist() == after.tolist()


def test_one_step_and_several_agree_and_are_statsmodels_own() -> None:
    from statsmodels.tsa.arima.model import ARIMA as Reference

    y = FRAME["y"].to_numpy()
    model = ARIMA((1, 0, 0)).fit(FRAME[:40])
    reference = Reference(y[:40], order=(1, 0, 0)).fit()
    assert model.n_parameters_ == 3
    assert model.predict(5).to_numpy() == pytest.approx(reference.forecast(5))
    one, two = (model.backtest(FRAME, cv=None, horizon=steps).predictions for steps in (1, 2))
    assert one["predicted"].to_numpy() == pytest.approx(two[two["step"] == 1]["predicted"].to_numpy())
    moved = model.update(FRAME.assign(y=FRAME["y"]).iloc[40:])
    assert moved.predict(3).to_numpy() == pytest.approx(reference.append(y[40:]).forecast(3))


def test_they_stand_in_the_table_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compare_forecasts(FRAME, include=["straw_man", "ets"], shape=Shape(season=4))
    assert found["ets"].values("mae")[0] < found["straw_man"].values("mae")[0] / 2
    monkeypatch.setattr(statistical.importlib, "import_module", _absent)
    with pytest.raises(SpecificationError, match="pip install statsmodels"):
        ARIMA().fit(FRAME)


def _absent(name: str) -> None:
    raise ImportError(name)


@pytest.mark.parametrize("model", [ETS(season=40), ARIMA((1, 2))])  # type: ignore[arg-type]
def test_what_statsmodels_cannot_fit_is_told_in_words(model: Any) -> None:
    with pytest.raises(
        DataError, match=r"cannot be fitted to the 60 rows of the series: .*Choose other settings"
    ):
        model.fit(FRAME)
