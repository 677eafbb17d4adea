"""The forecasters that are compared, by the names of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lamina.errors import SpecificationError, nearest_name
from lamina.estimators.forecasting import Forecaster, SeriesForecaster
from lamina.evaluation.forecasting.autoregression import AutoRegression
from lamina.evaluation.forecasting.naive import LastValue, SeasonalNaive
from lamina.evaluation.forecasting.statistical import ARIMA, ETS
from lamina.layers import LSTM, Dense, Dropout, SimpleRNN

BATCH, EPOCHS = 64, 100
"""Of every network: the book's batches, and epochs that did well on the last fifth of NYSE's training rows."""


@dataclass(frozen=True)
class Shape:
    """What all contenders are told of the series.

    Attributes
    ----------
    lags, horizon, exogenous, known, calendar, date, id, gaps
        As in :class:`lamina.SeriesForecaster`.
    season
        Rows of a season; 1 where there is none.
    """

    lags: int = 5
    horizon: int = 1
    exogenous: tuple[str, ...] | None = None
    known: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    date: str | None = None
    id: str | None = None
    gaps: str = "rows"
    season: int = 1

    @property
    def columns(self) -> dict[str, Any]:
        """What says where time and series stand."""
        return {"date": self.date, "id": self.id, "gaps": self.gaps, "horizon": self.horizon}

    @property
    def windows(self) -> dict[str, Any]:
        """Columns, and what windows are made of."""
        lagged = {"lags": self.lags, "exogenous": self.exogenous}
        return self.columns | lagged | {"known": self.known, "calendar": self.calendar}


HIDDEN: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "lags_mlp": (Dense(32, "relu"), Dropout(0.5)),
        "rnn": (SimpleRNN(12), Dropout(0.1)),
        "lstm": (LSTM(12), Dropout(0.1)),
    }
)
"""Hidden layers of the networks: those of ISLP's labs, and as many LSTM units as the book has recurrent ones."""


def _network(layers: Sequence[Any]) -> Callable[[Shape, int], Forecaster]:
    return lambda shape, seed: SeriesForecaster(
        list(layers), **shape.windows, epochs=EPOCHS, batch_size=BATCH, random_state=seed
    )


SIMPLE: Mapping[str, Callable[[Shape], Forecaster]] = MappingProxyType(
    {
        "straw_man": lambda shape: LastValue(**shape.columns),
        "seasonal_naive": lambda shape: SeasonalNaive(shape.season, **shape.columns),
        "ar": lambda shape: AutoRegression(**shape.windows),
        "arima": lambda shape: ARIMA(seasonal_order=_seasonal(shape.season), **shape.columns),
        "ets": lambda shape: ETS(season=shape.season, **shape.columns),
    }
)
"""Forecasters without a seed."""

WHERE_ASKED_FOR = ("arima", "ets")
"""What statsmodels fits, which takes a while and is not always installed."""

NETWORKS: Mapping[str, Callable[[Shape, int], Forecaster]] = MappingProxyType(
    {name: _network(layers) for name, layers in HIDDEN.items()}
)
"""Networks, each from a seed."""


def chosen(include: Sequence[str] | None, season: int) -> list[str]:
    """Names of the contenders in the order of the table.

    Raises
    ------
    SpecificationError
        If a name is not known.

    >>> chosen(None, 1)[:2], chosen(["ar", "straw_man"], 1)
    (['straw_man', 'ar'], ['straw_man', 'ar'])
    """
    names = [*SIMPLE, *NETWORKS]
    for name in include or ():
        if name not in names:
            raise SpecificationError(f"there is no forecaster {name!r}: {nearest_name(name, names)}")
    if include:
        return [name for name in names if name in include]
    left_out = (*WHERE_ASKED_FOR, *(("seasonal_naive",) if season == 1 else ()))
    return [name for name in names if name not in left_out]


def _seasonal(season: int) -> tuple[int, int, int, int]:
    return (1, 0, 0, season) if season > 1 else (0, 0, 0, 0)
