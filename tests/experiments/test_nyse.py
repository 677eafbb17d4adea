"""The book's figures that no seed changes, and that networks reach those that seeds do."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lamina.data.datasets import load_dataset
from lamina.experiments.nyse import PUBLISHED_PARAMETERS, autocorrelation, run
from lamina.experiments.report import Findings


@cache
def quick() -> Findings:
    return run(quick=True, progress=False)


def mean(section: str, quantity: str) -> float:
    return next(row.mean for row in quick().rows if section in row.section and row.quantity == quantity)


def test_simple_forecasts_and_parameters_are_the_books() -> None:
    assert mean("five lags", "straw man") == pytest.approx(0.18, abs=0.005)
    assert mean("five lags", "AR(5)") == pytest.approx(0.41, abs=0.005)
    assert mean("with the day", "AR(5)") == pytest.approx(0.46, abs=0.005)
    for name, parameters in PUBLISHED_PARAMETERS.items():
        assert mean("Parameters", name) == parameters


def test_networks_learn_even_in_a_quick_run_and_intervals_hold_nine_days_in_ten() -> None:
    assert mean("with the day", "network on the lags") > 0.3
    assert mean("with the day", "RNN") > 0.3
    assert mean("Adaptive", "AR(5)") == pytest.approx(0.9, abs=0.01)
    assert mean("Adaptive", "network on the lags") == pytest.approx(0.9, abs=0.01)


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    picture = quick().picture
    assert picture is not None
    picture(tmp_path / "nyse.png")
    assert (tmp_path / "nyse.png").stat().st_size > 30_000


def test_autocorrelations_are_those_of_statsmodels() -> None:
    stattools = pytest.importorskip("statsmodels.tsa.stattools")
    volume = load_dataset("nyse").frame["log_volume"]
    assert autocorrelation(volume, 36) == pytest.approx(stattools.acf(volume, nlags=36, fft=False))
    assert np.argmax(autocorrelation(volume, 36)) == 0
