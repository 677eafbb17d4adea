"""What the values of one column mean: missing, a number, a date, or a label.

pandas reads numbers and dates; skrub finds the format of dates written as text. skrub takes seconds to
import, so it is asked only about columns whose values could be dates at all: each has a digit and six
characters or more.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    Series = pd.Series[Any]
else:
    Series = pd.Series  # not subscriptable when running

# What pandas and skrub take for missing, and the lone full stop of SAS and Stata.
NULL_STRINGS = frozenset(
    {
        "",
        "null",
        "na",
        "nan",
        "-nan",
        "none",
        "nat",
        "n/a",
        "#n/a",
        "#na",
        "#n/a n/a",
        "<na>",
        "?",
        ".",
        "...",
    }
    | {"1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind"}
)

# Those that skrub does not find: 12-hour clocks, and months without a day.
_SPREADSHEET_FORMATS = (
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%b %Y",
    "%B %Y",
    "%b-%y",
    "%b-%Y",
)

_NO_DATE = np.datetime64("NaT", "us")
_SHORTEST_DATE = len("1/1/20")
_SAMPLE = 30


@dataclass(frozen=True)
class Labels:
    """A column as text: `codes` (n,) index `values`, the distinct non-missing labels; -1 is missing."""

    codes: NDArray[np.intp]
    values: tuple[str, ...]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """The rows without a value, shape (n,)."""
        return self.codes < 0

    def counts(self) -> NDArray[np.intp]:
        """How often each value occurs, shape (number of values,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    def take(self, of_values: NDArray[Any], missing: Any) -> NDArray[Any]:
        """Give each row the entry of its value, and `missing` to rows without one; shape (n,)."""
        return np.append(of_values, np.asarray([missing], dtype=of_values.dtype))[self.codes]


def label(value: object) -> str | None:
    """One value as the text it is known by, or None where it means missing.

    >>> [label(value) for value in (" Yes", 2.0, True, "N/A", 2.5)]
    ['Yes', '2', 'True', None, '2.5']
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    elif isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)  # a column of codes turns from 1 into 1.0 as soon as one row is missing
    text = str(value).strip()
    return None if text.casefold() in NULL_STRINGS else text


def as_labels(series: Series) -> Labels:
    """Read a column as text, each distinct value once.

    Raises
    ------
    TypeError
        If values cannot be compared (lists, dictionaries).

    >>> as_labels(pd.Series(["b", "a ", None, "b", "n/a"])).values
    ('b', 'a')
    """
    codes, uniques = pd.factorize(series.astype(object).to_numpy())
    texts = pd.array([label(value) for value in uniques], dtype=object)
    merged, values = pd.factorize(np.asarray(texts, dtype=object))
    return Labels(np.append(merged, -1)[codes], tuple(str(value) for value in values))


def could_be_dates(values: tuple[str, ...]) -> bool:
    """Whether it is worth asking for a date format: each of the first values has a digit and is long enough.

    >>> could_be_dates(("2024-01-31",)), could_be_dates(("N", "A"))
    (True, False)
    """
    sample = values[:_SAMPLE]
    return bool(sample) and all(
        len(value) >= _SHORTEST_DATE and any(character.isdigit() for character in value) for value in sample
    )


def date_format(values: tuple[str, ...]) -> str | None:
    """The one format in which all values are dates, or None.

    skrub tells 31/12 from 12/31 by the values; formats it does not know are tried one by one.

    >>> date_format(("31/12/2023", "05/06/2024"))
    '%d/%m/%Y'
    >>> date_format(("A", "N")) is None
    True
    """
    if not could_be_dates(values):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of formats tried in vain
        return _format_by_skrub(values) or _format_of_spreadsheets(values)


def _format_by_skrub(values: tuple[str, ...]) -> str | None:
    from skrub import ToDatetime

    try:
        found = ToDatetime().fit(pd.Series(list(values), name="dates")).format_
    except ValueError:  # skrub's RejectColumn is one
        return None
    return None if found is None else str(found)


def _format_of_spreadsheets(values: tuple[str, ...]) -> str | None:
    texts = pd.Series(list(values), dtype=object)
    for layout in _SPREADSHEET_FORMATS:
        if pd.to_datetime(texts, format=layout, errors="coerce").notna().all():
            return layout
    return None


def text_dates(labels: Labels, layout: str | None) -> Series:
    """Read labels as dates of one format, NaT where that fails; time zones become UTC and are dropped."""
    if layout is None:
        return pd.Series(np.full(len(labels.codes), _NO_DATE))
    of_values = pd.to_datetime(
        pd.Series(labels.values, dtype=object), format=layout, errors="coerce", utc=True
    )
    return pd.Series(labels.take(_naive(of_values).to_numpy(), _NO_DATE))


def _naive(dates: Series) -> Series:
    """Dates without a zone, in microseconds: nanoseconds end with the year 1677."""
    return dates.dt.tz_localize(None).dt.as_unit("us")


def plain_dates(series: Series) -> Series | None:
    """A column that already holds dates, as naive UTC timestamps; None where it holds something else.

    >>> plain_dates(pd.Series(pd.to_datetime(["2024-01-01T02:00+02:00"]))).dt.hour.tolist()
    [0]
    """
    if isinstance(series.dtype, pd.PeriodDtype):
        return _naive(pd.Series(series.dt.to_timestamp()))
    kind = series.dtype.kind if series.dtype != object else "O"
    if kind == "M" or (kind == "O" and pd.api.types.infer_dtype(series, skipna=True) in {"date", "datetime"}):
        dates: Series = pd.Series(pd.to_datetime(series, errors="coerce", utc=True))
        return _naive(dates)
    return None
