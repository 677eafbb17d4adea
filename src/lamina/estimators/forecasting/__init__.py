"""Forecasters: fitted to lag windows of series, rolled forward step by step, with intervals that adapt."""

from lamina.estimators.forecasting.backtest import Backtest, backtest
from lamina.estimators.forecasting.base import Forecaster
from lamina.estimators.forecasting.networks import SeriesForecaster

__all__ = ["Backtest", "Forecaster", "SeriesForecaster", "backtest"]
