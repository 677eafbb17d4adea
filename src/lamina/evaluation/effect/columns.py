"""The table whose effects are wanted, and what can be done to each of its columns: a step, a change of level, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lamina.data.frames import as_frame
from lamina.errors import ArgumentTypeError, DataError, nearest_name

Kind = Literal["numeric", "levels", "other"]

MOST_LEVELS = 12
"""Levels of a category that are compared one by one."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes
    ----------
    place
        Its place in the table.
    kind
        ``"numeric"`` has a slope, ``"levels"`` changes between levels (0 and 1 among them), ``"other"`` can only be left out.
    values
        Of a numeric column, NaN where missing.
    levels
        In order, the first being what the others are compared with.
    note
        Why it can only be left out.
    """

    name: str
    place: int
    kind: Kind
    values: NDArray[np.float64] | None = None
    levels: tuple[Any, ...] = ()
    note: str = ""

    @property
    def sd(self) -> float:
        """Standard deviation of a numeric column's values, 1 for others."""
        return 1.0 if self.values is None else float(np.nanstd(self.values))

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The values of a numeric column, NaN where missing."""
        assert self.values is not None
        return self.values


class Table:
    """Rows as a model takes them: an array, or a data frame of pandas or polars.

    >>> table = Table(pd.DataFrame({"age": [30, 41, 50], "town": ["Ulm", "Bonn", "Ulm"]}))
    >>> table.with_columns({1: "Bonn"}).native["town"].tolist()
    ['Bonn', 'Bonn', 'Bonn']
    >>> [column.kind for column in table.columns()], table.without([0]).names
    (['numeric', 'levels'], ['town'])
    """

    def __init__(self, X: Any, *, polars: bool = False) -> None:
        self.polars = polars or type(X).__module__.startswith("polars")
        self.data: Any = as_frame(X) if hasattr(X, "columns") else _as_numbers(X)
        self.is_frame = isinstance(self.data, pd.DataFrame)

    def __len__(self) -> int:
        return len(self.data)

    @property
    def names(self) -> list[str]:
        """Names of the columns; x0, x1, … of an array's."""
        if self.is_frame:
            return [str(name) for name in self.data.columns]
        return [f"x{place}" for place in range(self.data.shape[1])]

    @property
    def native(self) -> Any:
        """The rows in the form that was given."""
        if not self.polars:
            return self.data
        import polars

        return polars.from_pandas(self.data)

    def rows(self, places: NDArray[np.intp]) -> Table:
        """These rows, with repetitions perhaps."""
        if self.is_frame:
            return self._of(self.data.iloc[places].reset_index(drop=True))
        return self._of(self.data[places])

    def without(self, columns: Sequence[int]) -> Table:
        """All columns but these."""
        kept = [place for place in range(self.data.shape[1]) if place not in columns]
        return self._of(self.data.iloc[:, kept] if self.is_frame else self.data[:, kept])

    def with_columns(self, changed: Mapping[int, Any]) -> Table:
        """The table with new values, one or one a row, in some columns."""
        if not self.is_frame:
            data = self.data.copy()
            if data.dtype.kind != "f" and changed:
                data = data.astype(np.float64)
            for place, values in changed.items():
                data[:, place] = values
            return self._of(data)
        frame = self.data.copy(deep=False)
        for place, values in changed.items():
            frame[frame.columns[place]] = self._like(place, values)
        return self._of(frame)

    def column(self, place: int) -> Any:
        """The values of a column, as an array or a series."""
        return self.data.iloc[:, place] if self.is_frame else self.data[:, place]

    def told_apart(self, encoder: Any) -> Table:
        """The texts that an encoder of ours takes for categories as such, which spares it reading them once more."""
        if not self.is_frame or encoder is None:
            return self
        kinds = {name for name, kind in encoder.kinds_.items() if kind in ("category", "many-level category")}
        texts = [c for c in self.data.columns if str(c) in kinds and self.data[c].dtype.kind in "OUT"]
        return self._of(self.data.astype(dict.fromkeys(texts, "category")))

    def columns(self) -> list[Column]:
        """What can be done to each."""
        return [_column(name, place, self.column(place)) for place, name in enumerate(self.names)]

    def _of(self, data: Any) -> Table:
        made = Table.__new__(Table)
        made.polars, made.data, made.is_frame = self.polars, data, self.is_frame
        return made

    def _like(self, place: int, values: Any) -> Any:
        """Values as a column of the type that is there; integers may become fractions."""
        before = self.data.iloc[:, place]
        if isinstance(values, pd.Series):
            return values.set_axis(before.index)
        given = np.broadcast_to(np.asarray(values), len(before))
        if before.dtype.kind in "iuf" and given.dtype.kind in "iuf":
            return pd.Series(given.astype(np.float64), index=before.index)
        return pd.Series(list(given), index=before.index).astype(before.dtype)


def chosen(columns: Sequence[Column], asked: Any) -> list[Column]:
    """The columns asked for, by name or by place; all without a wish.

    Raises
    ------
    DataError
        If there is no such column.
    """
    if asked is None:
        return list(columns)
    each = [asked] if isinstance(asked, str | int | np.integer) else list(asked)
    if not each:
        raise DataError("columns=[] names no column: leave it out for all of them")
    return [_found(columns, one) for one in each]


def _found(columns: Sequence[Column], asked: Any) -> Column:
    by_name = {column.name: column for column in columns}
    if isinstance(asked, int | np.integer) and not isinstance(asked, bool):
        if -len(columns) <= asked < len(columns):
            return columns[int(asked)]
        raise DataError(f"X has {len(columns)} columns and none in place {asked}: count from 0")
    if str(asked) not in by_name:
        raise DataError(f"X has no column {asked!r}: {nearest_name(asked, by_name)}")
    return by_name[str(asked)]


def _as_numbers(X: Any) -> NDArray[Any]:
    if X is None or np.isscalar(X) or hasattr(X, "toarray"):
        raise ArgumentTypeError(
            f"X is of type {type(X).__name__}: give a data frame, or an array of shape (n, p)"
        )
    array = np.asarray(X)
    if array.ndim != 2:
        raise DataError(
            f"X has {array.ndim} dimensions, and effects are those of the columns of a table (n, p)"
        )
    if array.dtype.kind in "biuf":
        return array
    try:
        return array.astype(np.float64) if array.dtype.kind == "O" else _refuse_text(array)
    except (TypeError, ValueError):
        return _refuse_text(array)


def _refuse_text(array: NDArray[Any]) -> NDArray[Any]:
    raise DataError(
        f"X is an array with values that are no numbers, such as {_example(array)!r}: give a data frame, "
        "whose columns may be of any kind"
    )


def _example(array: NDArray[Any]) -> Any:
    for value in array.ravel().tolist():
        try:
            float(value)
        except (TypeError, ValueError):
            return value
    return array.ravel()[0]


def _column(name: str, place: int, values: Any) -> Column:
    """Numbers have slopes, but for 0 and 1; what has few values has levels."""
    series = pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype):
        present = set(series.dropna())
        return _of_levels(name, place, [level for level in series.cat.categories if level in present])
    if pd.api.types.is_datetime64_any_dtype(series.dtype) or series.dtype.kind == "m":
        return Column(name, place, "other", note="dates and durations")
    if series.dtype.kind in "iuf" and not pd.api.types.is_bool_dtype(series.dtype):
        numbers = series.to_numpy(np.float64, na_value=np.nan)
        levels = np.unique(numbers[~np.isnan(numbers)])
        if len(levels) == 2 and set(levels) == {0.0, 1.0}:
            return Column(name, place, "levels", levels=(0.0, 1.0))
        if len(levels) < 2:
            return Column(name, place, "other", note="constant")
        return Column(name, place, "numeric", numbers)
    return _of_levels(name, place, _in_order(series.dropna()))


def _in_order(series: pd.Series[Any]) -> list[Any]:
    try:
        different = list(series.unique())
    except TypeError:
        return []
    return sorted(
        different, key=lambda value: (str(type(value)), value if np.isscalar(value) else str(value))
    )


def _of_levels(name: str, place: int, levels: list[Any]) -> Column:
    if len(levels) < 2:
        return Column(name, place, "other", note="constant")
    if len(levels) > MOST_LEVELS:
        return Column(name, place, "other", note=f"{len(levels)} levels")
    return Column(name, place, "levels", levels=tuple(levels))
