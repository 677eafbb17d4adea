"""Which times a backtest learns from and which it forecasts, so that what is forecast comes later, in every series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import TimeSeriesSplit

from lamina.data.series.panel import Panel
from lamina.data.series.times import shown
from lamina.errors import ArgumentTypeError, DataError, SpecificationError, nearest_name

TESTED = 0.2
"""Share of the times, the latest, that are forecast where no splits are asked for."""


@dataclass(frozen=True, eq=False)
class TimeSplit:
    """Truth values for the rows of the table: learn from, forecast."""

    train: NDArray[np.bool_]
    test: NDArray[np.bool_]


def time_splits(frame: pd.DataFrame, panel: Panel, cv: Any) -> Iterator[TimeSplit]:
    """The splits of a table.

    Parameters
    ----------
    cv
        None: the last fifth of the times is forecast. A number or a splitter of scikit-learn's (``TimeSeriesSplit``) or sktime's,
        which is asked about the times, in order. A text: the column of truth values that says which rows to learn from.
    """
    places = _places(frame, panel)
    if isinstance(cv, str):
        yield _by_column(frame, panel, cv)
        return
    count = int(places.max()) + 1
    for train, test in _positions(count, cv):
        if len(train) and len(test) and np.max(train) >= np.min(test):
            raise DataError(
                f"cv={cv!r} learns from times after those that it forecasts, and a backtest may not: use TimeSeriesSplit"
            )
        yield TimeSplit(np.isin(places, train), np.isin(places, test))


def _positions(count: int, cv: Any) -> Iterator[tuple[Any, Any]]:
    if count < 2:
        raise DataError(
            "the rows have one time alone, but a backtest learns from earlier times than those that it forecasts: give more"
        )
    if cv is None:
        first = count - max(1, round(TESTED * count))
        return iter([(np.arange(first), np.arange(first, count))])
    given = cv
    if isinstance(cv, (int, np.integer)) and not isinstance(cv, bool):
        if cv < 2:
            raise SpecificationError(
                f"{cv} splits in time: give 2 or more, or none at all, and the latest fifth is forecast"
            )
        cv = TimeSeriesSplit(int(cv))
    if not hasattr(cv, "split"):
        raise ArgumentTypeError(
            f"cv={cv!r}: give a number of splits, a splitter such as TimeSeriesSplit(5), or the name of a column that says which "
            "rows to learn from"
        )
    try:
        return iter(list(cv.split(pd.Series(np.zeros(count)))))
    except ValueError as error:
        what = f"{given} splits" if given is not cv else f"cv={cv!r}: splits"
        raise DataError(f"{what} of {count} times cannot be made: {str(error).rstrip('.')}") from error


def _places(frame: pd.DataFrame, panel: Panel) -> NDArray[np.intp]:
    """Place of each row's time among all times of the table."""
    times: pd.Index = panel.series[0].times
    for series in panel.series[1:]:
        times = times.union(series.times)
    places = np.empty(len(frame), np.intp)
    for series in panel:
        places[series.rows] = times.get_indexer(series.times)
    return places


def _by_column(frame: pd.DataFrame, panel: Panel, name: str) -> TimeSplit:
    if name not in frame.columns:
        raise DataError(f"there is no column {name!r} (split): {nearest_name(name, frame.columns)}")
    if not set(frame[name].unique()) <= {True, False}:
        raise DataError(
            f"the column {name!r} says which rows to learn from, and must be True or False; it holds "
            f"{frame[name].tolist()[0]!r}"
        )
    train = frame[name].to_numpy().astype(bool)
    for series in panel:
        learnt = train[series.rows]
        if learnt.any() and not learnt.all() and not learnt[: int(learnt.sum())].all():
            place = int(np.flatnonzero(learnt)[-1])
            raise DataError(
                f"{name!r} is True at {shown(series.times[place])} and False before, but a backtest learns only from "
                f"times before "
                "those that it forecasts"
            )
    if train.all() or not train.any():
        raise DataError(f"the column {name!r} is {train[0]} everywhere: both kinds of rows are needed")
    return TimeSplit(train, ~train)
