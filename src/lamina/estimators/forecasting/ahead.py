"""What is known of the rows to come, and forecasts under their times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lamina.data.series.panel import Array, Panel, Series
from lamina.data.series.reader import SeriesReader
from lamina.data.series.roles import Roles
from lamina.data.series.times import shown, treat_leap
from lamina.data.series.windows import Windows, joined_windows, windows_at
from lamina.errors import DataError


def windows_ahead(
    reader: SeriesReader, history: Panel, future: Any, lags: int, steps: int, reach: int
) -> tuple[Windows, list[pd.Index]]:
    """A window at the end of each series, with what is known of the next ``reach`` rows, and their times.

    Raises
    ------
    DataError
        If ``future`` does not reach far enough for ``steps`` steps.
    """
    told = None if future is None else reader.read_ahead(future)
    parts, times = [], []
    for number, series in enumerate(history):
        ahead = (
            _by_clock(reader, series, reach)
            if told is None
            else _by_table(reader, series, told, steps, reach)
        )
        origin = np.array([len(series) - 1])
        parts.append(windows_at(series.followed_by(ahead), number, origin, lags, reach))
        times.append(ahead.times)
    return joined_windows(parts), times


def refuse_new_series(history: Panel, fresh: Panel) -> None:
    """Raise where a further table has series of which nothing was learnt."""
    new = [series.name for series in fresh if history.by_name(series.name) is None]
    if new:
        raise DataError(
            f"the series {', '.join(map(repr, new[:5]))}{', …' if len(new) > 5 else ''} had no training rows, so that no "
            "scale is known: fit again with all series, or leave these rows out"
        )


def joined_later(reader: SeriesReader, old: Series, new: Series | None) -> Series:
    """A series with the rows of a further table that come after its last."""
    if new is None:
        return old
    if reader.roles.date is None:  # rows are counted from the beginning of each table
        new = replace(new, times=pd.RangeIndex(old.times[-1] + 1, old.times[-1] + 1 + len(new)))
    later = int((new.times > old.times[-1]).sum())
    if later:
        treat_leap(old.times, new.last(later).times, reader.clock, reader.gaps, old.name)
    return old.followed_by(new.last(later)) if later else old


def labelled(
    roles: Roles, history: Panel, found: Array, times: Sequence[pd.Index], steps: Sequence[int]
) -> pd.Series[float]:
    """Forecasts, shape (series, steps), as a pandas Series under their times; of several series under id and time."""
    places = [step - 1 for step in steps]
    indices = [own[places] for own in times]
    if roles.id is None:
        index = indices[0].rename(roles.date or "row")
    else:
        names = [each.name for each in history for _ in places]
        own = indices[0].append(indices[1:]) if len(indices) > 1 else indices[0]
        index = pd.MultiIndex.from_arrays([names, own], names=[roles.id, roles.date or "row"])
    return pd.Series(found[:, places].ravel(), index, name=roles.target)


def _by_clock(reader: SeriesReader, series: Series, reach: int) -> Series:
    times = reader.clock.after(series.times[-1], reach)
    nothing = np.full((reach, series.values.shape[1]), np.nan)
    return Series(
        series.name, times, nothing, reader.known_at(times), np.zeros(reach, bool), np.full(reach, -1)
    )


def _by_table(reader: SeriesReader, series: Series, told: Panel, steps: int, reach: int) -> Series:
    given = told.by_name(series.name)
    if given is None:
        raise DataError(f"future= has no rows of the series {series.name!r}: add them")
    if reader.roles.date is not None:
        given = given.last(int((given.times > series.times[-1]).sum()))
    needed = reach if reader.known_width else steps
    if len(given) < needed:
        raise DataError(
            f"future= has {len(given)} rows after {shown(series.times[-1])} and horizon={needed} needs {needed}: give more rows, "
            "or a smaller horizon"
        )
    _check_lagged(reader, given, steps)
    treat_leap(series.times, given.until(needed).times, reader.clock, reader.gaps, series.name)
    return given.until(needed)


def _check_lagged(reader: SeriesReader, given: Series, steps: int) -> None:
    gaps = np.isnan(given.values[: steps - 1, 1:])
    if gaps.any() and not gaps.all():
        row, column = np.argwhere(gaps)[0]
        raise DataError(
            f"future= does not give {reader.roles.exogenous[column]!r} at {shown(given.times[row])}, but horizon={steps} goes on "
            f"from {steps - 1} rows of it: fill it in, leave all lagged columns out, or take a smaller horizon"
        )
