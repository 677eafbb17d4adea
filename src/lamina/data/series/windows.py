r"""Lag windows: the last L rows before an origin, what is known of the rows ahead, and what came.

With origin o, the last row that is known, a window holds the rows o - L + 1, ..., o; what is wanted are the rows o + 1, ...,
o + H. No window crosses series, nor a gap that is to break them.

Source: ISLP section 10.5.2, where L = 5 and H = 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lamina.data.series.panel import Array, Panel, Series
from lamina.errors import DataError


@dataclass(frozen=True, eq=False)
class Windows:
    """n windows.

    Attributes
    ----------
    past
        Rows up to the origin, oldest first, shape (n, L, p); column 0 is the target.
    known
        Known in advance, from the second row of the window to the last one ahead, shape (n, L + H - 1, K).
    ahead
        The target and lagged columns after the origin, shape (n, H, p).
    series, origins
        Which series each window belongs to, and the place of its origin there, shape (n,).
    """

    past: Array
    known: Array
    ahead: Array
    series: NDArray[np.intp]
    origins: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.past)

    @property
    def horizon(self) -> int:
        """H, how many rows ahead are wanted."""
        return int(self.ahead.shape[1])

    def sequences(self) -> Array:
        """Input of a recurrent network, shape (n, L, p + H K): each row, with what is known of the H rows after it."""
        lags = self.past.shape[1]
        pieces = [self.past, *(self.known[:, step : step + lags] for step in range(self.horizon))]
        return np.concatenate(pieces, axis=2)

    def rows(self) -> Array:
        """Input of a network on flattened lags, and of a linear model, shape (n, L p + H K)."""
        n, lags, _ = self.past.shape
        return np.concatenate([self.past.reshape(n, -1), self.known[:, lags - 1 :].reshape(n, -1)], axis=1)

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Windows:
        """Some of the windows."""
        return Windows(
            self.past[chosen],
            self.known[chosen],
            self.ahead[chosen],
            self.series[chosen],
            self.origins[chosen],
        )


def lag_windows(panel: Panel, lags: int, horizon: int = 1) -> Windows:
    """Every window of every series.

    Raises
    ------
    DataError
        If a series is shorter than lags and horizon together.

    >>> import pandas as pd
    >>> values = np.arange(4.0)[:, None]
    >>> one = Series(None, pd.RangeIndex(4), values, np.zeros((4, 0)), np.zeros(4, bool), np.arange(4))
    >>> windows = lag_windows(Panel((one,)), lags=2)
    >>> windows.past[:, :, 0].tolist(), windows.ahead[:, 0, 0].tolist()
    ([[0.0, 1.0], [1.0, 2.0]], [2.0, 3.0])
    """
    short = {each.name: len(each) for each in panel if len(each) < lags + horizon}
    if short:
        name, rows = next(iter(short.items()))
        which = (
            "the series has"
            if name is None
            else f"{len(short)} of {len(panel)} series {'is' if len(short) == 1 else 'are'} too short: {name!r} has"
        )
        raise DataError(
            f"{which} {rows} row{'' if rows == 1 else 's'} to learn from, but lags={lags} and "
            f"horizon={horizon} need at least {lags + horizon}: give longer series"
            f"{'' if name is None else ', leave the short ones out,'} or fewer lags"
        )
    parts = [_windows_of(each, number, lags, horizon) for number, each in enumerate(panel)]
    joined = joined_windows(parts)
    if not len(joined):
        raise DataError(
            f"no {lags + horizon} rows follow each other without a gap, which lags={lags} and horizon={horizon} need: take fewer "
            "lags, or gaps='rows'"
        )
    return joined


def windows_at(
    series: Series,
    number: int,
    origins: NDArray[np.intp],
    lags: int,
    horizon: int,
    known: Array | None = None,
) -> Windows:
    """Windows of one series at given origins; what is not there yet is NaN.

    ``known`` replaces what the series has in advance, and may reach beyond its end.
    """
    known = series.known if known is None else known
    back = origins[:, None] + np.arange(1 - lags, 1)
    forth = origins[:, None] + np.arange(1, horizon + 1)
    values = np.concatenate([series.values, np.full((horizon, series.values.shape[1]), np.nan)])
    missing = max(0, len(series) + horizon - len(known))
    padded = np.concatenate([known, np.full((missing, known.shape[1]), np.nan)])
    between = origins[:, None] + np.arange(2 - lags, horizon + 1)
    return Windows(
        series.values[back], padded[between], values[forth], np.full(len(origins), number, np.intp), origins
    )


def unbroken(series: Series, lags: int, horizon: int) -> NDArray[np.intp]:
    """Origins whose window and rows ahead lie in the series, with no gap among them."""
    inside = sliding_window_view(series.broken[1:], lags + horizon - 1).any(axis=1)
    return np.flatnonzero(~inside) + lags - 1


def joined_windows(parts: Iterable[Windows]) -> Windows:
    """Windows of several series one after the other."""
    parts = list(parts)
    return Windows(
        np.concatenate([part.past for part in parts]),
        np.concatenate([part.known for part in parts]),
        np.concatenate([part.ahead for part in parts]),
        np.concatenate([part.series for part in parts]),
        np.concatenate([part.origins for part in parts]),
    )


def _windows_of(series: Series, number: int, lags: int, horizon: int) -> Windows:
    return windows_at(series, number, unbroken(series, lags, horizon), lags, horizon)
