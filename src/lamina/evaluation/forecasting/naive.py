"""Forecasts that need no fitting: the last value, and the value of a season ago."""

from __future__ import annotations

from typing import Any

from lamina.data.series.panel import Array
from lamina.data.series.windows import Windows
from lamina.estimators.forecasting.base import Forecaster


class SeasonalNaive(Forecaster):
    r"""The value of one season ago, :math:`\hat y_t = y_{t - m}`.

    Parameters
    ----------
    season
        m, in rows: 12 for a year of months, 7 for a week of days.
    horizon, date, id, gaps
        As in :class:`lamina.SeriesForecaster`.

    Source: Hyndman and Athanasopoulos, *Forecasting: Principles and Practice*, section 5.2.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0, 5.0]})
    >>> SeasonalNaive(2).fit(frame).predict(3).tolist()
    [4.0, 5.0, 4.0]
    """

    strategy = "recursive"
    exogenous = ()
    known = ()
    calendar = ()

    def __init__(
        self,
        season: int = 1,
        *,
        horizon: int = 1,
        date: str | None = None,
        id: str | None = None,  # noqa: A002
        gaps: str = "rows",
    ) -> None:
        self.season = season
        self.horizon = horizon
        self.date = date
        self.id = id
        self.gaps = gaps

    @property
    def lags(self) -> int:  # type: ignore[override]
        """Rows that a forecast looks back on."""
        return self.season

    @property
    def n_parameters_(self) -> int:
        """None."""
        return 0

    def _learn(self, windows: Windows) -> None:
        """Nothing to learn."""

    def _apply(self, windows: Windows) -> Array:
        return windows.past[:, :1, 0]


class LastValue(SeasonalNaive):
    r"""The last value, :math:`\hat y_t = y_{t - 1}`: the straw man of ISLP section 10.5.2.

    >>> import pandas as pd
    >>> LastValue().fit(pd.DataFrame({"y": [1.0, 5.0, 3.0]})).predict(2).tolist()
    [3.0, 3.0]
    """

    season = 1

    def __init__(
        self,
        *,
        horizon: int = 1,
        date: str | None = None,
        id: str | None = None,  # noqa: A002
        gaps: str = "rows",
    ) -> None:
        self.horizon = horizon
        self.date = date
        self.id = id
        self.gaps = gaps

    @property
    def lags(self) -> Any:  # type: ignore[override]
        """The last row is enough."""
        return 1
