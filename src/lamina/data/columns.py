"""What is learnt about one column of a table, and how it becomes numbers: one frozen class a kind.

Each class holds JSON-able values only, so that a fitted table can be written to a file and read back exactly.
An encoded column is a block of shape (rows, number of names) and the values that training did not prepare
for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lamina.data.number_styles import PLAIN, NumberStyle, find_style, numbers
from lamina.data.parsing import Labels, Series, as_labels, date_format, plain_dates, text_dates
from lamina.errors import DataError

MISSING = "(missing)"
RARE = "(rare)"

Block = NDArray[np.float64]


@dataclass(frozen=True)
class Encoded:
    """The numbers of one column, shape (rows, columns), and the distinct values that were not understood."""

    block: Block
    unknown: tuple[str, ...] = ()


class Column(Protocol):
    """One column of the user's table after fitting."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def name(self) -> str:
        """The column's name in the user's table."""

    @property
    def kind(self) -> str:
        """What the column was taken for."""

    @property
    def remedy(self) -> str:
        """What becomes of values that were not understood."""

    def names(self) -> tuple[str, ...]:
        """The names of the encoded columns."""

    def standardised(self) -> tuple[bool, ...]:
        """Which encoded columns are measurements (to be scaled) rather than indicators."""

    def encode(self, series: Series) -> Encoded:
        """Turn rows into numbers with what was learnt."""


def read_numbers(
    series: Series, style: NumberStyle | None = None
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """A column as float64 with NaN for missing, and the distinct texts that are no numbers.

    Text is read in the given style, or in the one it seems to have.

    Raises
    ------
    DataError
        If a value is infinite or too large for a 32-bit number.

    >>> read_numbers(pd.Series(["1", "two", None]))
    (array([ 1., nan, nan]), ('two',))
    """
    unknown: tuple[str, ...] = ()
    if isinstance(series.dtype, pd.CategoricalDtype) or not _is_measurement(series):
        labels = as_labels(series)
        texts = pd.Series(labels.values, dtype=object)
        of_values = numbers(texts, style or find_style(texts))
        unknown = tuple(
            value for value, number in zip(labels.values, of_values, strict=True) if np.isnan(number)
        )
        values = labels.take(of_values, np.nan)
    elif series.dtype.kind == "m":
        values = series.dt.total_seconds().div(86400).to_numpy(dtype=np.float64)
    elif isinstance(series.dtype, np.dtype):
        values = series.to_numpy(dtype=np.float64)
    else:
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    _check_range(series.name, values)
    return values, unknown


def _is_measurement(series: Series) -> bool:
    return series.dtype.kind in "biufm"


def _check_range(name: object, values: NDArray[np.float64]) -> None:
    with np.errstate(invalid="ignore"):
        bad = np.flatnonzero(np.abs(values) > np.finfo(np.float32).max)
    if bad.size:
        raise DataError(
            f"column {name!r} has {bad.size} infinite or overflowing values (the first, {values[bad[0]]}, "
            f"in row {bad[0]}), but numbers must be finite and below 3.4e38: remove these rows or set them "
            "to missing"
        )


def _filled(values: NDArray[np.float64], fills: tuple[float, ...], indicator: bool) -> Block:
    block = values if values.ndim == 2 else values[:, None]
    missing = np.isnan(block)
    block = np.where(missing, np.asarray(fills), block)
    return np.column_stack([block, missing[:, :1]]) if indicator else block


@dataclass(frozen=True)
class NumericColumn:
    """A measurement: missing values become the training median, beside a 0/1 column that says so."""

    name: str
    median: float
    indicator: bool
    style: str = PLAIN
    affix: str = ""
    kind: str = field(default="numeric", init=False)
    remedy: ClassVar[str] = "no numbers, counted as missing"

    def names(self) -> tuple[str, ...]:
        """The measurement, then its missing indicator."""
        return (self.name, f"{self.name}_missing") if self.indicator else (self.name,)

    def standardised(self) -> tuple[bool, ...]:
        """Only the measurement is scaled."""
        return (True, False)[: 1 + self.indicator]

    def encode(self, series: Series) -> Encoded:
        """Read numbers and fill the gaps."""
        values, unknown = read_numbers(series, NumberStyle(self.style, self.affix))
        return Encoded(_filled(values, (self.median,), self.indicator), unknown)


DATE_PARTS: dict[str, Callable[[Series, pd.Timestamp], Series]] = {
    # Seconds since 1970 would lose a minute in 32 bits.
    "days": lambda dates, origin: (dates - origin) / pd.Timedelta(days=1),
    "month": lambda dates, origin: dates.dt.month,
    "day": lambda dates, origin: dates.dt.day,
    "weekday": lambda dates, origin: dates.dt.day_of_week,
    "hour": lambda dates, origin: dates.dt.hour + dates.dt.minute / 60 + dates.dt.second / 3600,
}


@dataclass(frozen=True)
class DateColumn:
    """A date: days since the first training date, month, day, weekday and hour, those that vary."""

    name: str
    layout: str | None
    origin: str
    parts: tuple[str, ...]
    medians: tuple[float, ...]
    indicator: bool
    kind: str = field(default="date", init=False)
    remedy: ClassVar[str] = "no dates of the training data's format, counted as missing"

    def names(self) -> tuple[str, ...]:
        """The parts of the date, then the missing indicator."""
        return tuple(f"{self.name}_{part}" for part in self.parts + ("missing",) * self.indicator)

    def standardised(self) -> tuple[bool, ...]:
        """All but the missing indicator are scaled."""
        return (True,) * len(self.parts) + (False,) * self.indicator

    def encode(self, series: Series) -> Encoded:
        """Read dates, take them apart and fill the gaps."""
        dates, unknown = read_dates(series, self.layout)
        return Encoded(
            _filled(date_parts(dates, self.origin, self.parts), self.medians, self.indicator), unknown
        )


def date_parts(dates: Series, origin: str, parts: tuple[str, ...]) -> Block:
    """The named parts of dates, shape (rows, parts), NaN where a date is missing."""
    start = pd.Timestamp(origin)
    return np.column_stack([DATE_PARTS[part](dates, start).to_numpy(dtype=np.float64) for part in parts])


def read_dates(series: Series, layout: str | None) -> tuple[Series, tuple[str, ...]]:
    """A column as dates (NaT where missing) and the distinct texts that are no dates of that layout."""
    dates = plain_dates(series)
    if dates is not None:
        return dates, ()
    labels = as_labels(series)
    dates = text_dates(labels, layout or date_format(labels.values))
    lost = dates.isna().to_numpy() & ~labels.missing
    return dates, tuple(labels.values[code] for code in np.unique(labels.codes[lost]))


@dataclass(frozen=True)
class LevelColumn:
    """A category, one column a level; of two levels the first is dropped; rare levels may share one column.

    Equals scikit-learn's OneHotEncoder(drop="if_binary", handle_unknown="infrequent_if_exist"), with missing
    as a level of its own.
    """

    name: str
    kind: str
    levels: tuple[str, ...]
    rare: tuple[str, ...] = ()

    @property
    def remedy(self) -> str:
        """A level unknown to training is one more rare level where rare levels share a column."""
        return "not in the training data, coded as " + (f"{RARE}" if RARE in self.levels else "zeros")

    def names(self) -> tuple[str, ...]:
        """One name a level that has a column."""
        return tuple(f"{self.name}_{level}" for level in self._shown())

    def standardised(self) -> tuple[bool, ...]:
        """Indicators are never scaled."""
        return (False,) * len(self._shown())

    def encode(self, series: Series) -> Encoded:
        """Indicate each row's level."""
        positions, unknown = find_levels(self._labels(series), self.levels, self.rare)
        block = np.vstack([np.eye(len(self.levels)), np.zeros(len(self.levels))])[positions]
        return Encoded(block[:, len(self.levels) - len(self._shown()) :], unknown)

    def _shown(self) -> tuple[str, ...]:
        return self.levels[1:] if len(self.levels) == 2 else self.levels

    def _labels(self, series: Series) -> Labels:
        labels = as_labels(series)
        return truth_labels(labels) if self.kind == "boolean" else labels


TRUTH = {"true": "True", "t": "True", "yes": "True", "1": "True"}
TRUTH |= {"false": "False", "f": "False", "no": "False", "0": "False"}


def truth_labels(labels: Labels) -> Labels:
    """Read 1, yes, TRUE as True and so on: truth values may come back from a file as another type."""
    texts = np.asarray([TRUTH.get(value.casefold(), value) for value in labels.values], dtype=object)
    merged, values = pd.factorize(texts)
    return Labels(np.append(merged, -1)[labels.codes], tuple(str(value) for value in values))


def find_levels(
    labels: Labels, levels: tuple[str, ...], rare: tuple[str, ...] = ()
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """The position of each row's label in `levels` (-1: none), and the labels that are in neither.

    >>> find_levels(as_labels(pd.Series(["b", "c", "a"])), ("a", "b"))
    (array([ 1, -1,  0]), ('c',))
    """
    place = {level: position for position, level in enumerate(levels)}
    other = place.get(RARE, -1)
    place |= dict.fromkeys(rare, other)
    known = np.asarray([place.get(value, other) for value in labels.values], dtype=np.intp)
    absent = place.get(MISSING, other)
    unknown = [value for value in labels.values if value not in place]
    if MISSING not in place and labels.missing.any():
        unknown.append(MISSING)
    return labels.take(known, absent), tuple(unknown)


@dataclass(frozen=True)
class CodeColumn:
    """A category of many levels as one column of integers, for an embedding; 0 is unseen or missing."""

    name: str
    levels: tuple[str, ...]
    kind: str = field(default="many-level category", init=False)
    remedy: ClassVar[str] = "not in the training data, coded as 0"

    def names(self) -> tuple[str, ...]:
        """The one column keeps its name."""
        return (self.name,)

    def standardised(self) -> tuple[bool, ...]:
        """Codes are never scaled."""
        return (False,)

    def encode(self, series: Series) -> Encoded:
        """Number each row's level from 1."""
        positions, unknown = find_levels(as_labels(series), self.levels)
        seen = tuple(value for value in unknown if value != MISSING)
        return Encoded((positions + 1).astype(np.float64)[:, None], seen)
