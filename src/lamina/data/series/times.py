"""The time of each row: read, put in order, looked through for gaps, and carried on beyond the last."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lamina.data.parsing import as_labels, date_format
from lamina.errors import DataError, DataWarning, SpecificationError

GAPS = ("rows", "break", "error")
USUAL = 1.5
"""A step longer than so many usual (median) ones is a gap."""
LONG_WEEKEND = 5.0
"""Days of which the longest step of working days may be: a weekend beside two holidays."""
DAY = pd.Timedelta(days=1)

Kind = Literal["rows", "number", "date"]


def date_layout(column: pd.Series[Any]) -> str | None:
    """The format of dates that are text in another form than ISO's, which tells 01.03. from 03.01. in a few further rows.

    >>> date_layout(pd.Series(["28.02.2024", "29.02.2024"])), date_layout(pd.Series(["2024-02-29"]))
    ('%d.%m.%Y', None)
    """
    if column.dtype.kind in "biufcmM" or _iso(column) is not None:
        return None
    return date_format(as_labels(column).values)


def read_times(column: pd.Series[Any], layout: str | None = None) -> pd.Index:
    """Dates, or numbers such as years, of a column; texts of ISO's form, or of that layout.

    Raises
    ------
    DataError
        If a value is missing or no date.

    >>> read_times(pd.Series(["2024-01-31", "2024-02-29"], name="month")).month.tolist()
    [1, 2]
    """
    if column.isna().any():
        raise DataError(
            f"the time {column.name!r} is missing in {int(column.isna().sum())} of {len(column)} rows (first in row "
            f"{int(column.isna().to_numpy().argmax()) + 1}), but each row needs its time: fill it in or remove the rows"
        )
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        values = column.to_numpy()
        if not np.isfinite(values.astype(np.float64)).all():
            raise DataError(
                f"the time {column.name!r} is infinite in a row, but each row needs its time: correct it"
            )
        return cast("pd.Index", pd.Index(values))
    found = _iso(column)
    return _dates_of_any_format(column, layout) if found is None else found


def _iso(column: pd.Series[Any]) -> pd.DatetimeIndex | None:
    try:
        return pd.DatetimeIndex(pd.to_datetime(column, format="ISO8601"))
    except (ValueError, TypeError):
        return None


def _dates_of_any_format(column: pd.Series[Any], layout: str | None) -> pd.Index:
    from lamina.data.columns import read_dates

    dates, lost = read_dates(column, layout)
    if lost or dates.isna().any():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            odd = pd.to_datetime(column, errors="coerce", dayfirst=True, format="mixed").isna().to_numpy()
        value = column[odd if odd.any() else dates.isna().to_numpy()].iloc[0]
        raise DataError(
            f"the time {column.name!r} holds {value!r}, which is no date of the format that the others have: write all dates "
            "alike, best as 2024-01-31, or name another column"
        )
    return pd.DatetimeIndex(dates)


def check_unique(times: pd.Index, date: str | None, name: str | None) -> None:
    """Refuse two rows of one series at one time; ``times`` are in order."""
    twice = times[times.duplicated()]
    if len(twice):
        where = "" if name is None else f" of the series {name!r}"
        others = len(twice.unique()) - 1
        more = f"and {others} other time{'s' if others > 1 else ''} in several, " if others else ""
        raise DataError(
            f"{shown(twice[0])} stands in {int((times == twice[0]).sum())} rows{where} ({more}column {date!r}): "
            f"keep one row a time, say by groupby({date!r}).mean(); if the rows belong to several "
            "series, say which by id="
        )


@dataclass(frozen=True)
class Clock:
    """How time goes on: what follows the last row of a series.

    Attributes
    ----------
    kind
        "rows": only the order is known; "number": times are numbers; "date".
    step
        The usual step: rows, the number's unit, or nanoseconds.
    frequency
        The calendar's word for it ("B" for working days, "MS" for months), None where steps are plain durations.

    >>> Clock.learn(pd.DatetimeIndex(["2024-01-01", "2024-02-01", "2024-03-01"])).after(pd.Timestamp("2024-03-01"), 2)
    DatetimeIndex(['2024-04-01', '2024-05-01'], dtype='datetime64[us]', freq=None)
    """

    kind: Kind
    step: float = 1.0
    frequency: str | None = None

    @classmethod
    def learn(cls, times: pd.Index) -> Clock:
        """Tell from the times of one series, in order."""
        if not isinstance(times, pd.DatetimeIndex):
            steps = np.diff(times.to_numpy().astype(float))
            return cls("number", float(np.median(steps)) if len(steps) else 1.0)
        steps = _nanoseconds(times)
        usual = float(np.median(steps)) if len(steps) else float(DAY.value)
        frequency = _frequency(times)
        if frequency is None and len(times) > 14 and working_days(times, usual):
            frequency = "B"
        if frequency is None and len(times) > 12:
            frequency = _frequency(times[-12:])
        return cls("date", usual, frequency)

    def after(self, last: Any, count: int) -> pd.Index:
        """The next times."""
        ahead = np.arange(1, count + 1)
        if self.kind == "rows":
            return pd.RangeIndex(int(last) + 1, int(last) + 1 + count)
        if self.kind == "number":
            values = last + self.step * ahead
            whole = float(self.step).is_integer() and float(last).is_integer()
            return cast("pd.Index", pd.Index(values.astype(np.int64) if whole else values))
        if self.frequency is not None:
            times = pd.date_range(last, periods=count + 1, freq=self.frequency)
            times = times[1:] if times[0] == last else times[:count]
            return cast("pd.Index", pd.Index(list(times)))
        return pd.DatetimeIndex([last + int(n) * pd.Timedelta(self.step, "ns") for n in ahead])


def find_gaps(times: pd.Index, kind: Kind) -> NDArray[np.bool_]:
    """Whether the step to each row from the one before is longer than the calendar explains; False for the first.

    Longer than 1.5 usual steps; where all rows are working days, longer than five days.

    >>> find_gaps(pd.Index([2001, 2002, 2003, 2006]), "number").tolist()
    [False, False, False, True]
    """
    found = np.zeros(len(times), bool)
    if kind == "rows" or len(times) < 3:
        return found
    if isinstance(times, pd.DatetimeIndex):
        steps = _nanoseconds(times)
        usual = float(np.median(steps))
        longest = max(USUAL * usual, LONG_WEEKEND * DAY.value if working_days(times, usual) else 0.0)
    else:
        steps = np.diff(times.to_numpy().astype(float))
        longest = USUAL * float(np.median(steps))
    found[1:] = steps > longest
    return found


def working_days(times: pd.DatetimeIndex, usual: float) -> bool:
    """Whether rows are days of which none is a Saturday or Sunday."""
    return usual == DAY.value and bool((times.day_of_week < 5).all())


def check_gaps_option(gaps: object) -> None:
    """Refuse what is no treatment of gaps."""
    if gaps not in GAPS:
        raise SpecificationError(
            f"gaps={gaps!r}: 'rows' counts lags in rows whatever the time between them, 'break' lets no window cross a gap, "
            "'error' refuses gaps"
        )


def treat_gaps(times: pd.Index, clock: Clock, gaps: str, name: str | None) -> NDArray[np.bool_]:
    """Where windows may not cross; gaps are told or refused as asked for."""
    found = find_gaps(times, clock.kind)
    if not found.any():
        return found
    place = int(found.argmax())
    where = "" if name is None else f"the series {name!r} has "
    what = (
        f"{where}{int(found.sum())} gap{'s' if found.sum() > 1 else ''} in time, the first between {shown(times[place - 1])} and "
        f"{shown(times[place])}"
    )
    if gaps == "error":
        raise DataError(
            f"{what}: put in the missing rows, or choose gaps='rows' (lags count rows) or gaps='break' (no window crosses one)"
        )
    if gaps == "rows":
        warnings.warn(
            f"{what}: lags count rows, so windows reach over them; gaps='break' leaves such windows out.",
            DataWarning,
            stacklevel=4,
        )
        found[:] = False
    return found


def treat_leap(before: pd.Index, later: pd.Index, clock: Clock, gaps: str, name: str | None) -> None:
    """Tell of a gap before or among rows that follow others; refuse it where gaps are refused."""
    found = find_gaps(before.append(later), clock.kind)[len(before) :]
    if not found.any():
        return
    place = len(before) + int(found.argmax())
    times = before.append(later)
    where = "" if name is None else f" of the series {name!r}"
    what = (
        f"time leaps from {shown(times[place - 1])} to {shown(times[place])} in the rows that follow{where}"
    )
    if gaps == "error":
        raise DataError(f"{what}: put in the missing rows, or fit with gaps='rows', and steps count rows")
    warnings.warn(f"{what}: steps and lags count rows.", DataWarning, stacklevel=4)


def shown(time: Any) -> str:
    """A time as a message writes it.

    >>> shown(pd.Timestamp("2024-01-31")), shown(1999)
    ('2024-01-31', '1999')
    """
    if isinstance(time, pd.Timestamp):
        return str(time.date()) if time == time.normalize() else str(time)
    return str(time)


def _frequency(times: pd.DatetimeIndex) -> str | None:
    """The calendar's word for regular steps."""
    if len(times) < 3:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas 3 will give an offset instead of its name
        found = pd.infer_freq(times)
    return None if found is None else str(getattr(found, "freqstr", found))


def _nanoseconds(times: pd.DatetimeIndex) -> NDArray[np.float64]:
    return np.asarray(np.diff(times.as_unit("ns").asi8).astype(np.float64))
