"""Standardisation of series, each by its own training rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lamina.data.series.panel import Array, Panel
from lamina.data.series.windows import Windows
from lamina.errors import DataError


@dataclass(frozen=True, eq=False)
class SeriesScale:
    """(x - mean) / deviation by series and column; a column that does not vary has deviation 1.

    Attributes
    ----------
    mean, deviation
        Shape (series, p).

    >>> import pandas as pd
    >>> from lamina.data.series.panel import Series
    >>> values = np.array([[1.0], [3.0]])
    >>> one = Series(None, pd.RangeIndex(2), values, np.zeros((2, 0)), np.zeros(2, bool), np.arange(2))
    >>> scale = SeriesScale.learn(Panel((one,)))
    >>> scale.mean.tolist(), scale.deviation.tolist()
    ([[2.0]], [[1.0]])
    """

    mean: Array
    deviation: Array

    @classmethod
    def learn(cls, panel: Panel) -> SeriesScale:
        """From every training row of each series (divisor n)."""
        mean = np.stack([each.values.mean(axis=0) for each in panel])
        with np.errstate(over="ignore"):
            deviation = np.stack([each.values.std(axis=0) for each in panel])
        if not np.isfinite(deviation).all():
            raise DataError(
                "a column holds numbers too large to be squared, beyond 1e150: divide them beforehand"
            )
        # A column that varies by rounding alone would be blown up to noise.
        deviation[~(deviation > 10 * np.finfo(float).eps * np.abs(mean))] = 1.0
        return cls(mean, deviation)

    def apply(self, windows: Windows) -> Windows:
        """Standardised windows."""
        mean, deviation = self.mean[windows.series, None], self.deviation[windows.series, None]
        return replace(
            windows, past=(windows.past - mean) / deviation, ahead=(windows.ahead - mean) / deviation
        )

    def invert(self, targets: Array, series: NDArray[np.intp]) -> Array:
        """Standardised targets, shape (n, H), in their own units."""
        return np.asarray(targets * self.deviation[series, :1] + self.mean[series, :1])
