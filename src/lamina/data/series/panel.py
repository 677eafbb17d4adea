"""Series as arrays, each with its times in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Series:
    """One series in the order of time.

    Attributes
    ----------
    name
        What its id column says, as text; None where there is one series alone.
    times
        T of them.
    values
        The target, then the lagged columns, shape (T, p).
    known
        What is known in advance of each time, shape (T, K).
    broken
        Whether a gap lies before a row that no window may cross, shape (T,).
    rows
        Where each row stands in the table, shape (T,).
    """

    name: str | None
    times: pd.Index
    values: Array
    known: Array
    broken: NDArray[np.bool_]
    rows: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.times)

    def until(self, count: int) -> Series:
        """Its first ``count`` rows."""
        return self._cut(slice(0, count))

    def last(self, count: int) -> Series:
        """Its last ``count`` rows."""
        return self._cut(slice(max(0, len(self) - count), None))

    def _cut(self, part: slice) -> Series:
        return replace(
            self,
            times=self.times[part],
            values=self.values[part],
            known=self.known[part],
            broken=self.broken[part],
            rows=self.rows[part],
        )

    def followed_by(self, other: Series) -> Series:
        """With the rows of another after its own."""
        return Series(
            self.name,
            self.times.append(other.times),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.known, other.known]),
            np.concatenate([self.broken, other.broken]),
            np.concatenate([self.rows, other.rows]),
        )


@dataclass(frozen=True, eq=False)
class Panel:
    """Several series with the same columns."""

    series: tuple[Series, ...]

    def __iter__(self) -> Iterator[Series]:
        return iter(self.series)

    def __len__(self) -> int:
        return len(self.series)

    def by_name(self, name: Any) -> Series | None:
        """The series of that name."""
        return next((each for each in self.series if each.name == name), None)
