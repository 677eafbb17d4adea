"""ARIMA and exponential smoothing by statsmodels, where it is installed, beside the other forecasters."""

from __future__ import annotations

import importlib
import warnings
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from lamina.data.series.panel import Array, Series
from lamina.data.series.windows import Windows
from lamina.errors import DataError, LaminaError, SpecificationError
from lamina.estimators.forecasting.base import Forecaster


class StateSpace(Forecaster):
    """A model of each series by itself, fitted once, that then follows the series: base of :class:`ARIMA` and :class:`ETS`."""

    strategy = "recursive"
    exogenous = ()
    known = ()
    calendar = ()
    lags = 2

    @property
    def n_parameters_(self) -> int:
        """Number of parameters of the model of one series."""
        check_is_fitted(self)
        return len(self.fits_[0].params)

    @property
    def _kept(self) -> int:
        return 1_000_000_000  # such a model looks back on the whole series

    def _learn(self, windows: Windows) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # starting values, and optimisers that stop early
            self.fits_ = [self._fitted(each) for each in self.history_]

    def _apply(self, windows: Windows) -> Array:
        raise NotImplementedError("a state space model follows whole series, not windows")

    def _roll_series(self, series: Series, number: int, windows: Windows, steps: int) -> Array:
        return self._from(number, series.values[:, 0], windows.origins, steps)

    def _forecast(self, steps: int, future: Any) -> tuple[Array, list[pd.Index]]:
        found = [
            self._from(number, series.values[:, 0], np.array([len(series) - 1]), steps)
            for number, series in enumerate(self.history_)
        ]
        times = [self.reader_.clock.after(series.times[-1], steps) for series in self.history_]
        return np.concatenate(found), times

    def _from(self, number: int, y: Array, origins: np.ndarray, steps: int) -> Array:
        """Forecasts from origins, each by the rows up to it and the parameters of the training rows, (origins, steps)."""
        followed = self._follow(self.fits_[number], y)
        if steps == 1:
            return np.asarray(followed.predict(start=0, end=len(y)), np.float64)[origins + 1, None]
        ahead = [followed.predict(start=o + 1, end=o + steps, dynamic=True) for o in map(int, origins)]
        return np.asarray(ahead, np.float64)

    def _fitted(self, series: Series) -> Any:
        try:
            return self._fit_series(series.values[:, 0])
        except (ValueError, TypeError, IndexError, np.linalg.LinAlgError) as error:
            if isinstance(error, LaminaError):
                raise
            which = "the series" if series.name is None else f"the series {series.name!r}"
            raise DataError(
                f"{type(self).__name__} cannot be fitted to the {len(series)} rows of {which}: {str(error).rstrip('.')}. Choose "
                "other settings, or give a longer series"
            ) from error

    @abstractmethod
    def _fit_series(self, y: Array) -> Any:
        """Fitted model of one series."""

    @abstractmethod
    def _follow(self, fitted: Any, y: Array) -> Any:
        """The model with its parameters, run over a series."""


class ARIMA(StateSpace):
    """Autoregressive integrated moving average by maximum likelihood, in statsmodels' words.

    Parameters
    ----------
    order
        (p, d, q): autoregressive terms, differences, moving-average terms.
    seasonal_order
        (P, D, Q, m), m rows a season.
    horizon, date, id, gaps
        As in :class:`lamina.SeriesForecaster`.

    Raises
    ------
    SpecificationError
        If statsmodels is not installed.

    Source: Hyndman and Athanasopoulos, *Forecasting: Principles and Practice*, chapter 9.
    """

    def __init__(
        self,
        order: Sequence[int] = (1, 1, 1),
        seasonal_order: Sequence[int] = (0, 0, 0, 0),
        *,
        horizon: int = 1,
        date: str | None = None,
        id: str | None = None,  # noqa: A002
        gaps: str = "rows",
    ) -> None:
        self.order = order
        self.seasonal_order = seasonal_order
        self.horizon = horizon
        self.date = date
        self.id = id
        self.gaps = gaps

    def _fit_series(self, y: Array) -> Any:
        kind = _of_statsmodels("statsmodels.tsa.arima.model").ARIMA
        return kind(y, order=tuple(self.order), seasonal_order=tuple(self.seasonal_order)).fit()

    def _follow(self, fitted: Any, y: Array) -> Any:
        return fitted.apply(y)


class ETS(StateSpace):
    """Exponential smoothing with additive error, trend and season, by maximum likelihood.

    Parameters
    ----------
    trend
        Whether there is an additive trend.
    damped
        Whether the trend fades.
    season
        Rows of a season; 1 where there is none.
    horizon, date, id, gaps
        As in :class:`lamina.SeriesForecaster`.

    Raises
    ------
    SpecificationError
        If statsmodels is not installed.

    Source: Hyndman and Athanasopoulos, *Forecasting: Principles and Practice*, chapter 8.
    """

    def __init__(
        self,
        *,
        trend: bool = False,
        damped: bool = False,
        season: int = 1,
        horizon: int = 1,
        date: str | None = None,
        id: str | None = None,  # noqa: A002
        gaps: str = "rows",
    ) -> None:
        self.trend = trend
        self.damped = damped
        self.season = season
        self.horizon = horizon
        self.date = date
        self.id = id
        self.gaps = gaps

    def _fit_series(self, y: Array) -> Any:
        return self._model(y).fit(disp=False)

    def _follow(self, fitted: Any, y: Array) -> Any:
        return self._model(y).smooth(fitted.params)

    def _model(self, y: Array) -> Any:
        kind = _of_statsmodels("statsmodels.tsa.exponential_smoothing.ets").ETSModel
        seasonal = {"seasonal": "add", "seasonal_periods": self.season} if self.season > 1 else {}
        return kind(y, error="add", trend="add" if self.trend else None, damped_trend=self.damped, **seasonal)


def _of_statsmodels(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SpecificationError(
            "ARIMA and ETS need statsmodels, which is not installed: pip install statsmodels, or leave arima and ets out"
        ) from error
