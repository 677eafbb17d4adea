"""What each column of a table of series is: target, time, identity of the series, lagged, or known in advance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lamina.data.frames import as_frame
from lamina.data.parsing import date_format
from lamina.data.series.calendar import FEATURES
from lamina.errors import ArgumentTypeError, DataError, nearest_name

DATE_NAMES = ("date", "datetime", "timestamp", "time", "ds")
"""Names by which a column that holds dates as text is taken for the time."""

MEANT = {"weekday": "day_of_week", "dayofweek": "day_of_week", "day": "day_of_month", "week": "week_of_year"}


@dataclass(frozen=True)
class Roles:
    """Names of the columns by their role.

    Attributes
    ----------
    target
        What is forecast.
    date
        The time of each row; None where the order of the rows is all that is known.
    id
        Which series a row belongs to; None where there is one.
    exogenous
        Numbers that are known up to the origin of a forecast, and come in as lags.
    known
        Columns that are known in advance, at the time that is forecast.
    calendar
        Features of the date, known in advance too, or columns that hold them.
    """

    target: str
    date: str | None = None
    id: str | None = None
    exogenous: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()


def series_frame(table: Any) -> pd.DataFrame:
    """A table of series as a pandas DataFrame; an index of dates becomes the column "date".

    >>> index = pd.date_range("2024-01-01", periods=2)
    >>> list(series_frame(pd.Series([1.0, 2.0], index=index, name="sales")).columns)
    ['date', 'sales']
    """
    if isinstance(table, pd.Series):
        table = table.to_frame(table.name if table.name is not None else "y")
    if isinstance(table, pd.DataFrame) and isinstance(table.index, (pd.DatetimeIndex, pd.PeriodIndex)):
        index = table.index.to_timestamp() if isinstance(table.index, pd.PeriodIndex) else table.index
        name = str(index.name or "date")
        if name not in table.columns:
            table = table.reset_index(drop=True)
            table.insert(0, name, index)
    frame = as_frame(table)
    objects = [name for name in frame.columns if frame[name].dtype == object]
    # Numbers in a column of objects, such as those of a database, are numbers.
    return frame.assign(**{name: frame[name].infer_objects() for name in objects}) if objects else frame


def find_roles(
    frame: pd.DataFrame,
    target: str | None = None,
    *,
    date: str | None = None,
    id: str | None = None,  # noqa: A002
    exogenous: Sequence[str] | None = None,
    known: Sequence[str] = (),
    calendar: Sequence[str] = (),
) -> Roles:
    """Settle the role of each column.

    Parameters
    ----------
    target
        None where there is but one column of numbers.
    date
        None takes the only column of dates, the text column that is called "date" or alike, or the only one whose texts are all
        dates; without one the rows are in order.
    exogenous
        None takes all other columns of numbers; truth values are left out.

    Raises
    ------
    DataError
        If a column does not exist, has two roles, or holds no numbers where numbers are needed.

    >>> frame = pd.DataFrame({"date": ["2024-01-01"], "sales": [3.0], "price": [1.5], "shop": ["A"]})
    >>> find_roles(frame, "sales", id="shop")
    Roles(target='sales', date='date', id='shop', exogenous=('price',), known=(), calendar=())
    """
    known, calendar = _names("known", known), _names("calendar", calendar)
    date = date or _date_column(frame, [target, id, *known])
    for option, names in {"date": [date], "id": [id], "known": known}.items():
        _require(frame, option, names)
    read_off = [name for name in calendar if name in FEATURES and name not in frame.columns]
    if read_off and date is None:
        raise DataError(
            f"calendar={read_off[0]!r} is read off dates, and no column of dates was found: say which it is, date="
        )
    _require(frame, "calendar", [name for name in calendar if name not in read_off and name not in FEATURES])
    taken = [name for name in (date, id, *known, *calendar) if name is not None]
    if target is None:
        target = _only_numbers(frame, taken)
    _require(frame, "target", [target])
    if exogenous is None:
        exogenous = [name for name in _numeric(frame) if name not in {target, *taken}]
    exogenous = _names("exogenous", exogenous)
    _require(frame, "exogenous", exogenous)
    roles = Roles(target, date, id, exogenous, known, calendar)
    _check_apart(roles)
    for name in (target, *exogenous):
        _check_numbers(frame, name)
    return roles


def _date_column(frame: pd.DataFrame, taken: Sequence[str | None]) -> str | None:
    dates = [name for name in frame.columns if pd.api.types.is_datetime64_any_dtype(frame[name].dtype)]
    if len(dates) == 1:
        return str(dates[0])
    if dates:
        raise DataError(f"the columns {_listed(dates)} hold dates: say which is the time, date={dates[0]!r}")
    named = [name for name in frame.columns if name.lower() in DATE_NAMES and name not in _numeric(frame)]
    return str(named[0]) if named else _text_column_of_dates(frame, taken)


def _text_column_of_dates(frame: pd.DataFrame, taken: Sequence[str | None]) -> str | None:
    """The only other column whose texts are all dates, as those of a CSV file are."""
    texts = [name for name in frame.columns if name not in taken and frame[name].dtype.kind not in "biufcmM"]
    found = [name for name in texts if date_format(tuple(map(str, frame[name].dropna().unique())))]
    if len(found) > 1:
        raise DataError(f"the columns {_listed(found)} hold dates: say which is the time, date={found[0]!r}")
    return str(found[0]) if found else None


def _numeric(frame: pd.DataFrame) -> list[str]:
    numbers = pd.api.types.is_numeric_dtype
    truth = pd.api.types.is_bool_dtype
    return [
        str(name) for name in frame.columns if numbers(frame[name].dtype) and not truth(frame[name].dtype)
    ]


def _only_numbers(frame: pd.DataFrame, taken: Sequence[str]) -> str:
    candidates = [name for name in _numeric(frame) if name not in taken]
    if len(candidates) == 1:
        return candidates[0]
    raise DataError(
        f"it is not said which column is to be forecast, and {_listed(candidates) or 'none'} could be: give target="
    )


def _names(option: str, names: Any) -> tuple[str, ...]:
    if isinstance(names, str):
        return (names,)
    if names is None:
        return ()
    names = list(names) if isinstance(names, Iterable) else [names]
    if not all(isinstance(name, str) for name in names):
        raise ArgumentTypeError(f"{option}={names!r}: give names of columns as a list of texts.")
    return tuple(dict.fromkeys(names))


def _require(frame: pd.DataFrame, option: str, names: Iterable[str | None]) -> None:
    for name in names:
        if name is not None and name not in frame.columns:
            known = [*frame.columns, *(FEATURES if option == "calendar" else ())]
            raise DataError(f"there is no column {name!r} ({option}): {nearest_name(name, known, MEANT)}")


def _check_apart(roles: Roles) -> None:
    named = {
        "target": (roles.target,),
        "date": (roles.date,),
        "id": (roles.id,),
        "exogenous": roles.exogenous,
        "known": roles.known,
    }
    seen: dict[str, str] = {}
    for role, names in named.items():
        for name in names:
            if name is not None and seen.setdefault(name, role) != role:
                raise DataError(f"the column {name!r} is both {seen[name]} and {role}: give it one role")


def _check_numbers(frame: pd.DataFrame, name: str) -> None:
    if name not in _numeric(frame):
        first = frame[name].iloc[0]
        raise DataError(
            f"the column {name!r} holds no numbers (such as {first!r}), but what is forecast and what is lagged must be numbers: "
            "convert it, or give it in known= if it is known in advance"
        )


def _listed(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(map(repr, names[:most])) + (" …" if len(names) > most else "")
