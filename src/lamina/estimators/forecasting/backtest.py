"""Rolling-origin backtests: forecasts as they would have been made, none with a value of its future."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from lamina.data.series.panel import Panel, Series
from lamina.data.series.roles import series_frame
from lamina.data.series.windows import unbroken, windows_at
from lamina.errors import DataError, DataWarning
from lamina.estimators.conformal import check_coverage
from lamina.estimators.forecasting.adaptive import GAMMA, adaptive_widths, check_gamma
from lamina.estimators.forecasting.base import Forecaster
from lamina.estimators.forecasting.scores import mean_absolute_error, naive_error, r_squared
from lamina.estimators.forecasting.splits import TimeSplit, time_splits
from lamina.layers.base import check_positive_integer

CALIBRATED = 0.25
"""Share of the training rows, the latest, on which a forecaster fitted without them is scored before the first interval."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts beside what came.

    Attributes
    ----------
    predictions
        A row a forecast: series, fold, origin (the last time known), time, step, actual, predicted; with intervals low and high;
        ``naive``, the naive forecast's error in the training rows of the series, which MASE divides by.
    parameters
        Number of parameters of the forecaster.
    forecasters
        The fitted forecaster of each fold.
    """

    predictions: pd.DataFrame
    parameters: int
    forecasters: tuple[Forecaster, ...]

    @property
    def r2(self) -> float:
        """R² over all forecasts."""
        return r_squared(self.predictions["actual"], self.predictions["predicted"])

    @property
    def mae(self) -> float:
        """Mean absolute error."""
        return mean_absolute_error(self.predictions["actual"], self.predictions["predicted"])

    @property
    def mase(self) -> float:
        """Mean absolute scaled error: below 1 is better than the naive forecast was one season ahead, in the training rows."""
        error = (self.predictions["actual"] - self.predictions["predicted"]).abs()
        return float((error / self.predictions["naive"]).mean())

    @property
    def coverage(self) -> float:
        """Share of outcomes inside their intervals; NaN where none were asked for."""
        if "low" not in self.predictions:
            return float("nan")
        inside = self.predictions["actual"].between(self.predictions["low"], self.predictions["high"])
        return float(inside.mean())

    def by_step(self) -> pd.DataFrame:
        """R², MAE and MASE for each number of steps ahead."""
        rows = {}
        for step, part in self.predictions.groupby("step"):
            own = Backtest(part, self.parameters, self.forecasters)
            rows[step] = {"r2": own.r2, "mae": own.mae, "mase": own.mase}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("step")


def backtest(
    forecaster: Forecaster,
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
    """Fit copies of a forecaster on what comes before and forecast from every origin after: see :meth:`Forecaster.backtest`."""
    return backtest_together(
        [forecaster],
        frame,
        target,
        cv=cv,
        horizon=horizon,
        step=step,
        season=season,
        coverage=coverage,
        gamma=gamma,
    )[0]


def backtest_together(
    forecasters: Sequence[Forecaster],
    frame: Any,
    target: str | None = None,
    *,
    cv: Any = None,
    horizon: int | None = None,
    step: int = 1,
    season: int = 1,
    coverage: float | None = None,
    gamma: float = GAMMA,
) -> list[Backtest]:
    """Backtests of several forecasters of one kind on the same splits; all their networks are one population."""
    for name, value in {"step": step, "season": season}.items():
        check_positive_integer("backtest", name, value)
    if coverage is not None:
        coverage, gamma = check_coverage(coverage), check_gamma(gamma)
    table = series_frame(frame)
    whole = forecasters[0]._whole(table, target)
    splits = list(time_splits(table, whole, cv))
    for split in splits:
        _refuse_beyond(whole, split, max(forecasters[0]._steps(horizon)))
        _tell_unknown(whole, split)
    fitted = _fit(forecasters, [(table[split.train], target) for split in splits])
    early: list[list[Forecaster]] = []
    if coverage is not None:
        early = _fit(forecasters, [(table[before_last(whole, split.train)], target) for split in splits])
    results = []
    for place, own in enumerate(fitted):
        steps = max(own[0]._steps(horizon))
        parts = []
        for fold, (split, model) in enumerate(zip(splits, own, strict=True)):
            part = pd.concat(rolled(model, table, split.test, steps, step), ignore_index=True)
            part.insert(0, "fold", fold)
            part["naive"] = part["series"].map(_naive(whole, split, season))
            if coverage is not None:
                late = split.train & ~before_last(whole, split.train)
                scores = residuals(early[place][fold], table[split.train], late[split.train], steps)
                part = _with_intervals(part, scores, step, coverage, gamma)
            parts.append(part)
        results.append(Backtest(pd.concat(parts, ignore_index=True), own[0].n_parameters_, tuple(own)))
    return results


def _refuse_beyond(panel: Panel, split: TimeSplit, steps: int) -> None:
    """Raise where no series has so many rows to be forecast as there are steps."""
    most = max(int(split.test[series.rows].sum()) for series in panel)
    if steps > most:
        raise DataError(
            f"horizon={steps} is beyond the {most} rows that are forecast: take a smaller horizon, or leave more rows to be "
            "forecast"
        )


def _tell_unknown(panel: Panel, split: TimeSplit) -> None:
    new = [
        str(series.name)
        for series in panel
        if split.test[series.rows].any() and not split.train[series.rows].any()
    ]
    if new:
        warnings.warn(
            f"{len(new)} of {len(panel)} series {'has' if len(new) == 1 else 'have'} no rows to learn from (such as {new[0]!r}): "
            "left out of the forecasts.",
            DataWarning,
            stacklevel=3,
        )


def rolled(
    model: Forecaster, table: pd.DataFrame, tested: NDArray[np.bool_], steps: int, stride: int = 1
) -> list[pd.DataFrame]:
    """What a fitted forecaster gives for the tested rows of each series, from every ``stride``-th origin."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # said when the training rows were read
        panel = model.reader_.read(table)
    return [
        _rolled_series(model, series, number, tested[series.rows], steps, stride)
        for number, learnt in enumerate(model.history_)
        if (series := panel.by_name(learnt.name)) is not None and tested[series.rows].any()
    ]


def residuals(
    model: Forecaster, table: pd.DataFrame, tested: NDArray[np.bool_], steps: int
) -> dict[tuple[str, int], list[float]]:
    """Absolute residuals in the order of time, by series and steps ahead."""
    found = {}
    for part in rolled(model, table, tested, steps):
        for name, step, own in _by_series_and_step(part):
            found[name, step] = (own["actual"] - own["predicted"]).abs().tolist()
    return found


def before_last(panel: Panel, train: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The training rows without the latest quarter of each series."""
    kept = np.zeros_like(train)
    for series in panel:
        own = series.rows[train[series.rows]]
        kept[own[: len(own) - max(1, round(CALIBRATED * len(own)))]] = True
    return kept


def _fit(
    forecasters: Sequence[Forecaster], lessons: Sequence[tuple[pd.DataFrame, str | None]]
) -> list[list[Forecaster]]:
    """A fitted copy of each forecaster for each lesson."""
    copies = [[clone(each) for _ in lessons] for each in forecasters]
    flat = [copy for own in copies for copy in own]
    windows = [copy._prepare(*lesson) for own in copies for copy, lesson in zip(own, lessons, strict=True)]
    type(flat[0])._learn_all(flat, windows)
    return copies


def _rolled_series(
    model: Forecaster, series: Series, number: int, tested: NDArray[np.bool_], steps: int, stride: int
) -> pd.DataFrame:
    places = np.flatnonzero(tested)
    origins = np.arange(places[0] - 1, places[-1], stride)
    origins = origins[np.isin(origins, np.append(unbroken(series, model.lags, 1), len(series) - 1))]
    windows = windows_at(series, number, origins, model.lags, max(steps, model._outputs))
    if model._outputs > 1:  # every step's calendar is an input, and ends with the table
        windows = windows.take(np.flatnonzero(~np.isnan(windows.known).any(axis=(1, 2))))
    predicted = model._roll_series(series, number, windows, steps)
    ahead = windows.origins[:, None] + np.arange(1, steps + 1)
    there = ahead < len(series)
    ahead = np.minimum(ahead, len(series) - 1)
    leaps = np.cumsum(series.broken)
    there &= tested[ahead] & (leaps[ahead] == leaps[windows.origins][:, None])
    row, column = np.nonzero(there)
    return pd.DataFrame(
        {
            "series": series.name or "",
            "origin": series.times[windows.origins[row]],
            "time": series.times[ahead[row, column]],
            "step": column + 1,
            "actual": series.values[ahead[row, column], 0],
            "predicted": predicted[row, column],
        }
    )


def _by_series_and_step(part: pd.DataFrame) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """The forecasts of each series and number of steps, in the order of time."""
    for name, of_series in part.groupby("series"):
        for step, own in of_series.groupby("step"):
            yield str(name), int(str(step)), own


def _naive(panel: Panel, split: TimeSplit, season: int) -> dict[str, float]:
    return {
        series.name or "": naive_error(series.values[split.train[series.rows], 0], season) for series in panel
    }


def _with_intervals(
    part: pd.DataFrame,
    before: dict[tuple[str, int], list[float]],
    stride: int,
    coverage: float,
    gamma: float,
) -> pd.DataFrame:
    """The forecasts with bounds, each from outcomes that were known at its origin."""
    widths = pd.Series(np.nan, part.index)
    for name, step, own in _by_series_and_step(part):
        scores = (own["actual"] - own["predicted"]).abs()
        delay = -(-step // stride)  # forecasts until the outcome is known
        known = before.get((name, step), [])
        widths[own.index] = adaptive_widths(scores, delay, coverage, gamma=gamma, before=known)
    return part.assign(low=part["predicted"] - widths, high=part["predicted"] + widths)
