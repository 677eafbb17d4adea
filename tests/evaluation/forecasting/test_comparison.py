"""The table of forecasters: the book's figures where no seed is drawn, and what a reader of JSON finds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lamina.data.datasets import load_dataset
from lamina.errors import SpecificationError
from lamina.evaluation.forecasting import Shape, compare_forecasts
from lamina.evaluation.forecasting.contenders import NETWORKS

NYSE = load_dataset("nyse").frame


def test_the_books_simple_forecasts() -> None:
    """ISLP section 10.5.2: R² of 0.18 and 0.41, 16 parameters; 0.46 with the day of the week; 1,770 test days."""
    found = compare_forecasts(NYSE, "log_volume", split="train", include=["straw_man", "ar"])
    assert (found.test_rows, found["ar"].parameters, found["straw_man"].parameters) == (1770, 16, 0)
    assert found["straw_man"].values("r2")[0] == pytest.approx(0.18, abs=0.005)
    assert found["ar"].values("r2")[0] == pytest.approx(0.4129, abs=5e-5)
    days = Shape(calendar=("day_of_week",))
    with_days = compare_forecasts(NYSE, "log_volume", split="train", include=["ar"], shape=days)
    assert with_days["ar"].parameters == 20
    assert with_days["ar"].values("r2")[0] == pytest.approx(0.46, abs=0.005)


def test_the_books_rows_without_the_lags_that_are_not_there() -> None:
    learnt = (
        compare_forecasts(NYSE, "log_volume", split="train", include=["ar"])["ar"].backtests[0].forecasters[0]
    )
    windows = learnt._prepare(NYSE[NYSE["train"]], "log_volume")
    assert len(windows) == 4276


def test_networks_have_the_books_parameters_and_a_value_a_seed(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 3)), columns=["y", "a", "b"])
    found = compare_forecasts(frame, "y", seeds=2, include=list(NETWORKS))
    assert [each.parameters for each in found.contenders] == [545, 205, 781]
    assert all(len(set(each.values("r2"))) == 2 for each in found.contenders)
    found.to_json(tmp_path / "all.json")
    told = json.loads((tmp_path / "all.json").read_text())
    assert [model["name"] for model in told["models"]] == list(NETWORKS)
    assert {"parameters", "r2", "r2_by_seed", "mae", "mase"} <= told["models"][0].keys()
    assert "Networks from 2 seeds" in str(found)


def test_the_season_is_forecast_where_there_is_one() -> None:
    frame = pd.DataFrame({"y": np.tile([1.0, 5.0, 2.0, 8.0], 20) + np.arange(80) % 3})
    found = compare_forecasts(
        frame, shape=Shape(season=12, horizon=3), include=["straw_man", "seasonal_naive"]
    )
    assert found["seasonal_naive"].values("mae")[0] == pytest.approx(0)
    assert len(found["straw_man"].to_dict()["r2_by_step"]) == 3


def test_an_unknown_forecaster_is_told_with_the_nearest() -> None:
    with pytest.raises(SpecificationError, match="no forecaster 'rn': did you mean 'rnn'"):
        compare_forecasts(NYSE, "log_volume", include=["rn"])
