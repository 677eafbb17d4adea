"""What all forecasters share: reading and scaling of series, windows, forecasts, and moving on to new rows."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from lamina.data.series.panel import Array, Panel, Series
from lamina.data.series.reader import SeriesReader
from lamina.data.series.roles import Roles, find_roles, series_frame
from lamina.data.series.scale import SeriesScale
from lamina.data.series.windows import Windows, lag_windows
from lamina.errors import DataWarning
from lamina.estimators.conformal import check_coverage
from lamina.estimators.forecasting.adaptive import GAMMA, check_gamma
from lamina.estimators.forecasting.ahead import joined_later, labelled, refuse_new_series, windows_ahead
from lamina.estimators.forecasting.checks import check_parameters, checked_steps
from lamina.estimators.forecasting.least_squares import LeastSquares
from lamina.estimators.forecasting.rolling import direct, recursive

if TYPE_CHECKING:
    from lamina.estimators.forecasting.backtest import Backtest


class Forecaster(BaseEstimator):  # type: ignore[misc]
    """Base of :class:`lamina.SeriesForecaster` and of the simple forecasters of :mod:`lamina.evaluation.forecasting`.

    Attributes
    ----------
    reader_, scale_
        What was learnt of the columns, and the scale of each series.
    history_
        The last rows of each series, from which forecasts go on.
    scores_
        After the first call of ``predict_interval``: absolute residuals, by series and steps ahead.
    """

    lags: int
    horizon: int
    strategy: str
    exogenous: Sequence[str] | None
    known: Sequence[str]
    calendar: Sequence[str]
    date: str | None
    id: str | None
    gaps: str

    reader_: SeriesReader
    scale_: SeriesScale
    history_: Panel
    carrier_: LeastSquares | None
    scores_: dict[tuple[str, int], list[float]]

    def fit(self, frame: Any, target: str | None = None) -> Self:
        """Learn from a table of series.

        Parameters
        ----------
        frame : DataFrame of pandas, polars or Arrow, or a pandas Series
            A row a time, in any order where there is a date column; of several series one below the other.
        target
            The column to forecast; None where there is but one column of numbers.

        Raises
        ------
        DataError, SpecificationError, ArgumentTypeError
            Where data or parameters cannot be used; the message says what to do.
        """
        self._learn(self._prepare(frame, target))
        return self

    def predict(self, horizon: int | Sequence[int] | None = None, future: Any = None) -> pd.Series[float]:
        """Forecast what follows the training rows.

        Parameters
        ----------
        horizon
            How many steps, or which ones: ``[1, 5, 20]`` steps after the last row (the ``fh`` of sktime, relative to the cutoff).
            None takes the parameter.
        future
            Rows to come with what is known in advance: the columns of ``known``, and the lagged ones where they are known.
            Without it the calendar is carried on, and lagged columns by a linear autoregression of all columns.

        Returns
        -------
        Named as the target, with the times as index; of several series with id and time.

        Raises
        ------
        DataError
            If what must be known in advance is not, as far ahead as is asked for.
        SpecificationError
            If the horizon is beyond that of ``strategy="direct"``.
        """
        check_is_fitted(self)
        steps = self._steps(horizon)
        found, times = self._forecast(max(steps), future)
        return labelled(self.reader_.roles, self.history_, found, times, steps)

    def predict_interval(
        self,
        horizon: int | Sequence[int] | None = None,
        coverage: float = 0.9,
        *,
        future: Any = None,
        gamma: float = GAMMA,
    ) -> pd.DataFrame:
        r"""Intervals for what follows, by adaptive conformal inference.

        A copy of the forecaster, fitted without the latest quarter of the training rows, is scored on them at the first call (and
        the scores are kept): absolute residuals by series and steps ahead. Intervals are run through these outcomes, each
        widened by misses and narrowed by hits before it, and the level at which they end is that of the next interval. After
        :meth:`update` the outcomes that have come since count too, with the forecaster's own residuals.

        Parameters
        ----------
        horizon, future
            As in :meth:`predict`.
        coverage
            The share of outcomes that intervals are to hold in the long run.
        gamma
            How far one outcome moves the level.

        Returns
        -------
        Columns low and high; infinite where too few outcomes are known for the coverage.

        Raises
        ------
        DataError
            If the training rows are not at hand, as after loading, and no intervals were asked for before saving.

        Source: Gibbs and Candès (2021), equation 2.
        """
        from lamina.estimators.forecasting.intervals import interval_widths

        check_is_fitted(self)
        steps = self._steps(horizon)
        found, times = self._forecast(max(steps), future)
        widths = interval_widths(self, max(steps), check_coverage(coverage), check_gamma(gamma))
        sides = {
            name: labelled(self.reader_.roles, self.history_, found + sign * widths, times, steps)
            for name, sign in (("low", -1), ("high", 1))
        }
        return pd.DataFrame(sides)

    def backtest(
        self,
        frame: Any,
        target: str | None = None,
        *,
        cv: Any = None,
        horizon: int | None = None,
        step: int = 1,
        season: int = 1,
        coverage: float | None = None,
        gamma: float = GAMMA,
    ) -> Backtest:
        """Rolling-origin forecasts by copies fitted on what comes before; the forecaster itself is not changed.

        For each split a copy learns (scales, levels and weights) from the training rows alone; then the origin moves through
        the test
        rows, and each forecast goes on from the rows up to its origin. No forecast depends on a later value, but for columns in
        ``known`` and ``calendar``, which are declared to be known in advance.

        Parameters
        ----------
        frame, target
            As in :meth:`fit`.
        cv
            None forecasts the last fifth of the times. A number or a splitter (``TimeSeriesSplit(5)``) refits at the beginning of
            each split; a text names the column of truth values that says which rows to learn from.
        horizon
            Steps ahead from each origin; None takes the parameter.
        step
            Rows from one origin to the next.
        season
            Rows of a season, for MASE.
        coverage
            Also intervals that adapt as outcomes come, as in :meth:`predict_interval`.

        Returns
        -------
        Backtest
            Forecasts beside what came, R², MAE, MASE, and coverage.
        """
        from lamina.estimators.forecasting.backtest import backtest

        return backtest(
            self,
            frame,
            target,
            cv=cv,
            horizon=horizon,
            step=step,
            season=season,
            coverage=coverage,
            gamma=gamma,
        )

    def update(self, frame: Any) -> Self:
        """Take in rows that have come since, without learning from them: forecasts then go on from the last of them.

        Rows up to the cutoff are ignored, so that a longer table may be given whole. Series without further rows stay as
        they are.

        Raises
        ------
        DataError
            If there are rows of a series that the training rows had not: no scale was learnt of it.
        """
        check_is_fitted(self)
        from lamina.estimators.forecasting.intervals import take_note

        fresh = self.reader_.read(frame)
        refuse_new_series(self.history_, fresh)
        joined = [joined_later(self.reader_, old, fresh.by_name(old.name)) for old in self.history_]
        take_note(self, joined)
        self.history_ = Panel(tuple(each.last(self._kept) for each in joined))
        return self

    @property
    def cutoff(self) -> Any:
        """The last time that is known, after which forecasts begin; the latest of all series."""
        check_is_fitted(self)
        return max(each.times[-1] for each in self.history_)

    @property
    @abstractmethod
    def n_parameters_(self) -> int:
        """Number of parameters."""

    def save(self, path: str | Path) -> None:
        """Write the fitted forecaster to one ``.lamina`` file; :func:`lamina.load` reads it."""
        from lamina.files import save

        save(self, path)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_learnt_from"}

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "history_")

    @abstractmethod
    def _learn(self, windows: Windows) -> None:
        """Learn from standardised windows."""

    @classmethod
    def _learn_all(cls, forecasters: Sequence[Any], windows: Sequence[Windows]) -> None:
        """As :meth:`_learn`, of several."""
        for forecaster, own in zip(forecasters, windows, strict=True):
            forecaster._learn(own)

    @abstractmethod
    def _apply(self, windows: Windows) -> Array:
        """Standardised targets ahead of standardised windows, shape (n, H)."""

    @property
    def _outputs(self) -> int:
        """Steps ahead that the model itself gives."""
        return self.horizon if self.strategy == "direct" else 1

    @property
    def _kept(self) -> int:
        """Rows of a series to keep: the lags of a forecast whose last step has not come yet."""
        scored = self.__dict__.get("scores_", {})
        return int(self.lags) + max((step - 1 for _, step in scored), default=0)

    def _prepare(self, frame: Any, target: str | None) -> Windows:
        """Check parameters and data, learn roles and scales; standardised training windows."""
        check_parameters(self)
        table = series_frame(frame)
        for name in ("history_", "scores_"):
            self.__dict__.pop(name, None)
        self.reader_ = SeriesReader.learn(table, self._roles(table, target), self.gaps)
        panel = self.reader_.read(table)
        windows = lag_windows(panel, self.lags, self._outputs)
        self.scale_ = SeriesScale.learn(panel)
        windows = self.scale_.apply(windows)
        self.carrier_ = self._carrier(windows)
        self.history_ = Panel(tuple(each.last(self._kept) for each in panel))
        self._learnt_from = (table, target)
        return windows

    def _roles(self, table: pd.DataFrame, target: str | None) -> Roles:
        return find_roles(
            table,
            target,
            date=self.date,
            id=self.id,
            exogenous=self.exogenous,
            known=self.known,
            calendar=self.calendar,
        )

    def _whole(self, table: pd.DataFrame, target: str | None) -> Panel:
        """The series of a table, of which nothing is learnt."""
        check_parameters(self)
        roles = replace(self._roles(table, target), exogenous=(), known=(), calendar=())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            return SeriesReader.learn(table, roles).read(table)

    def _carrier(self, windows: Windows) -> LeastSquares | None:
        """What forecasts the lagged columns, where forecasts of the target are to go on from them."""
        if self._outputs > 1 or windows.past.shape[2] == 1:
            return None
        return LeastSquares.fit(windows.rows(), windows.ahead[:, 0, 1:])

    def _forecast(self, steps: int, future: Any) -> tuple[Array, list[pd.Index]]:
        """Forecasts from the end of each series, shape (series, steps), and their times."""
        windows, times = windows_ahead(
            self.reader_, self.history_, future, self.lags, steps, max(steps, self._outputs)
        )
        found = self._roll(windows, steps, given=self.scale_.apply(windows).ahead)
        return self.scale_.invert(found, windows.series), times

    def _roll(self, windows: Windows, steps: int, given: Array | None = None) -> Array:
        """Standardised forecasts from windows in their own units, shape (n, steps)."""
        scaled = self.scale_.apply(windows)
        if self._outputs > 1:
            return direct(self._apply, scaled, self._outputs, steps)
        carry = None if self.carrier_ is None else self._carry
        return recursive(self._apply, carry, scaled, steps, given)

    def _roll_series(self, series: Series, number: int, windows: Windows, steps: int) -> Array:
        """Forecasts of one series in its own units from windows of it, shape (n, steps)."""
        return self.scale_.invert(self._roll(windows, steps), windows.series)

    def _carry(self, windows: Windows) -> Array:
        assert self.carrier_ is not None
        return self.carrier_.predict(windows.rows())

    def _steps(self, horizon: Any) -> list[int]:
        return checked_steps(self.horizon if horizon is None else horizon, self._outputs)
