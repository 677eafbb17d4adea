"""From a table to series: learnt on training rows, and the same for rows that come later."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from lamina.data.series.calendar import FEATURES, calendar_feature, indicators
from lamina.data.series.panel import Array, Panel, Series
from lamina.data.series.roles import Roles, series_frame
from lamina.data.series.times import (
    Clock,
    check_gaps_option,
    check_unique,
    date_layout,
    read_times,
    shown,
    treat_gaps,
)
from lamina.errors import DataError, DataWarning, nearest_name


@dataclass(frozen=True)
class SeriesReader:
    """How a table becomes series.

    Attributes
    ----------
    roles
        Names of the columns.
    gaps
        "rows", "break" or "error": what is done where time leaps.
    clock
        How time goes on.
    levels
        Of each column of categories that is known in advance, the levels of the training rows.
    scales
        Mean and standard deviation of each column of numbers that is known in advance.
    layout
        Format of the dates where they are text in another form than ISO's.
    """

    roles: Roles
    gaps: str = "rows"
    clock: Clock = field(default_factory=lambda: Clock("rows"))
    levels: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    layout: str | None = None

    @classmethod
    def learn(cls, frame: pd.DataFrame, roles: Roles, gaps: str = "rows") -> SeriesReader:
        """Learn frequency and levels from the training rows."""
        check_gaps_option(gaps)
        layout = None if roles.date is None else date_layout(frame[roles.date])
        reader = cls(roles, gaps, layout=layout)
        longest = max((times for _, _, times in reader._ordered(frame)), key=len)
        if roles.date is not None:
            reader = replace(reader, clock=Clock.learn(longest))
        levels, scales = {}, {}
        times = pd.RangeIndex(len(frame)) if roles.date is None else read_times(frame[roles.date], layout)
        for name in (*roles.known, *roles.calendar):
            values = reader._known_values(frame, times, name)
            if isinstance(values, np.ndarray):
                deviation = float(values.std())
                scales[name] = (float(values.mean()), deviation if deviation > 0 else 1.0)
            else:
                levels[name] = tuple(sorted(set(values)))
        return replace(reader, levels=levels, scales=scales)

    def read(self, table: Any) -> Panel:
        """The series of a table that has every column.

        Raises
        ------
        DataError
            If a time occurs twice in a series, a number is missing, or a column is absent.
        """
        frame = series_frame(table)
        self._require(frame, (self.roles.target, *self.roles.exogenous))
        found = []
        for name, rows, times in self._ordered(frame):
            part = frame.iloc[rows]
            broken = treat_gaps(times, self.clock, self.gaps, name)
            found.append(
                Series(name, times, self._values(part, times, name), self._known(part, times), broken, rows)
            )
        return Panel(tuple(found))

    def read_ahead(self, table: Any) -> Panel:
        """What a table says of times to come: only what is known in advance is looked at; values are NaN where absent."""
        frame = series_frame(table)
        self._require(frame, ())
        lagged = (self.roles.target, *self.roles.exogenous)
        found = []
        for name, rows, times in self._ordered(frame):
            part = frame.iloc[rows]
            values = part.reindex(columns=list(lagged)).to_numpy(np.float64)
            nothing = np.zeros(len(rows), bool)
            found.append(Series(name, times, values, self._known(part, times), nothing, rows))
        return Panel(tuple(found))

    def known_at(self, times: pd.Index) -> Array:
        """What the calendar alone says of times to come, shape (T, K).

        Raises
        ------
        DataError
            If columns are needed that the calendar does not give.
        """
        absent = [name for name in self.known_names if name not in FEATURES or self.roles.date is None]
        if absent:
            raise DataError(
                f"{', '.join(map(repr, absent))} must be known at the times that are forecast, from {shown(times[0])} on, and "
                f"{'is' if len(absent) == 1 else 'are'} known up to the end of the training rows: give these columns in future="
            )
        return self._known(pd.DataFrame(index=range(len(times))), times)

    @property
    def known_names(self) -> tuple[str, ...]:
        """The columns and features that are known in advance."""
        return (*self.roles.known, *self.roles.calendar)

    @property
    def known_width(self) -> int:
        """K, the number of columns that they become."""
        return len(self.scales) + sum(map(len, self.levels.values()))

    def _ordered(self, frame: pd.DataFrame) -> Iterator[tuple[str | None, np.ndarray, pd.Index]]:
        """Name, rows in order and times of each series."""
        date = self.roles.date
        times = pd.RangeIndex(len(frame)) if date is None else read_times(frame[date], self.layout)
        for name, rows in self._rows_of_series(frame):
            own = times[rows] if date is not None else pd.RangeIndex(len(rows))
            order = np.argsort(own, kind="stable")
            own = own[order]
            check_unique(own, date, name)
            yield name, rows[order], own

    def _rows_of_series(self, frame: pd.DataFrame) -> Iterator[tuple[str | None, np.ndarray]]:
        if self.roles.id is None:
            yield None, np.arange(len(frame))
            return
        ids = frame[self.roles.id]
        if ids.isna().any():
            raise DataError(
                f"the id {self.roles.id!r} is missing in {int(ids.isna().sum())} of {len(ids)} rows: each row must say which "
                "series it belongs to"
            )
        codes, names = pd.factorize(ids.astype(str).to_numpy())
        order = np.argsort(codes, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(codes))[:-1])
        for name, rows in zip(names, parts, strict=True):
            yield str(name), rows

    def _values(self, part: pd.DataFrame, times: pd.Index, name: str | None) -> Array:
        columns = (self.roles.target, *self.roles.exogenous)
        values = part[list(columns)].to_numpy(np.float64, na_value=np.nan)
        wrong = ~np.isfinite(values)
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            where = "" if name is None else f" of the series {name!r}"
            raise DataError(
                f"{columns[column]!r} is missing (NaN) or infinite at {shown(times[row])}{where}, and in "
                f"{int(wrong.sum())} of {wrong.size} places, "
                "but a window needs every value: fill them in, say by interpolate(), or remove the rows"
            )
        return values

    def _known(self, part: pd.DataFrame, times: pd.Index) -> Array:
        blocks = [np.zeros((len(times), 0))]
        for name in self.known_names:
            values = self._known_values(part, times, name)
            if name in self.scales:
                mean, deviation = self.scales[name]
                numbers = np.asarray(values, np.float64)
                blocks.append(((numbers - mean) / deviation)[:, None])
            else:
                blocks.append(self._indicators(list(values), name))
        return np.concatenate(blocks, axis=1)

    def _indicators(self, values: list[Any], name: str) -> Array:
        new = sorted(set(values) - set(self.levels[name]))
        if new:
            warnings.warn(
                f"{name!r} has levels that the training rows had not ({', '.join(map(repr, new[:5]))}): they count as none of "
                "those known.",
                DataWarning,
                stacklevel=3,
            )
        return indicators(values, self.levels[name])

    def _known_values(self, part: pd.DataFrame, times: pd.Index, name: str) -> np.ndarray | list[Any]:
        """Numbers as an array, categories as a list; ``times`` are those of the rows of ``part``."""
        if name in self.roles.calendar and name in FEATURES and self.roles.date is not None:
            return calendar_feature(times, name)
        self._require(part, (name,))
        column = part[name]
        if column.isna().any():
            raise DataError(
                f"{name!r} is missing at {shown(times[int(column.isna().to_numpy().argmax())])}, and in "
                f"{int(column.isna().sum())} "
                f"of {len(column)} rows, but it must be known in advance everywhere: fill it in"
            )
        numeric = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
        if name in self.levels:  # learnt already
            numeric = False
        elif name in self.scales and not numeric:
            raise DataError(
                f"{name!r} holds {column.iloc[0]!r}, and numbers in the training rows: give numbers, at every time"
            )
        if numeric and name in self.roles.known:
            return self._finite(column.to_numpy(np.float64), times, name)
        return [str(value) for value in column]

    def _finite(self, values: np.ndarray, times: pd.Index, name: str) -> np.ndarray:
        wrong = ~np.isfinite(values)
        if wrong.any():
            raise DataError(
                f"{name!r} is infinite at {shown(times[int(wrong.argmax())])}, and in {int(wrong.sum())} of {len(wrong)} rows, "
                "but what is known in advance must be finite: correct it"
            )
        return values

    def _require(self, frame: pd.DataFrame, names: Sequence[str]) -> None:
        for name in (self.roles.date, self.roles.id, *names):
            if name is not None and name not in frame.columns:
                raise DataError(
                    f"the table has no column {name!r}, which the training rows had: "
                    f"{nearest_name(name, [str(each) for each in frame.columns])}"
                )
