"""Networks beside simple forecasts, on the same rows to come."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from lamina.data.series.roles import series_frame
from lamina.estimators.forecasting import Forecaster
from lamina.estimators.forecasting.backtest import Backtest, backtest_together
from lamina.evaluation.forecasting.contenders import NETWORKS, SIMPLE, Shape, chosen
from lamina.layers.base import check_positive_integer

MEASURES = ("r2", "mae", "mase")


@dataclass(frozen=True, eq=False)
class Contender:
    """A forecaster of the table, with a backtest for each seed.

    Attributes
    ----------
    seconds
        For the fits and forecasts of all seeds, compilation included.
    """

    name: str
    backtests: tuple[Backtest, ...]
    seconds: float

    @property
    def parameters(self) -> int:
        """Number of parameters."""
        return self.backtests[0].parameters

    def values(self, measure: str) -> list[float]:
        """A measure, one value a seed."""
        return [float(getattr(each, measure)) for each in self.backtests]

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        measured: dict[str, Any] = {}
        for measure in MEASURES:
            values = [_plain(value) for value in self.values(measure)]
            measured[measure] = _plain(float(np.mean(self.values(measure))))
            measured[f"{measure}_by_seed"] = values
        if len(steps := self.backtests[0].by_step()) > 1:
            measured["r2_by_step"] = [_plain(value) for value in steps["r2"]]
        return {"name": self.name, "parameters": self.parameters, **measured, "seconds": self.seconds}


@dataclass(frozen=True, eq=False)
class ForecastComparison:
    """Forecasters on the same test rows; ``str`` draws the table.

    Attributes
    ----------
    contenders
        In the order of the table.
    target, dataset, shape
        What was forecast, of which table, from what.
    rows, series, train_rows, test_rows
        Sizes of the table.
    """

    contenders: tuple[Contender, ...]
    target: str
    dataset: str
    shape: Shape
    rows: int
    series: int
    test_rows: int
    seeds: int

    def __getitem__(self, name: str) -> Contender:
        return next(each for each in self.contenders if each.name == name)

    def __str__(self) -> str:
        from lamina.evaluation.forecasting.rendering import render

        return render(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        shape = self.shape
        return {
            "dataset": self.dataset,
            "target": self.target,
            "rows": self.rows,
            "series": self.series,
            "test_rows": self.test_rows,
            "lags": shape.lags,
            "horizon": shape.horizon,
            "calendar": list(shape.calendar),
            "known": list(shape.known),
            "exogenous": list(shape.exogenous or ()),
            "season": shape.season,
            "seeds": self.seeds,
            "models": [each.to_dict() for each in self.contenders],
        }

    @property
    def best(self) -> Contender:
        """The contender with the smallest mean absolute error; a network counts by the mean over its seeds."""
        return min(self.contenders, key=lambda each: float(np.mean(each.values("mae"))))

    def forecast(self, frame: Any, future: Any = None) -> pd.Series[float]:
        """What follows a table, by the best contender, fitted to all of its rows: a network by all its seeds together.

        Parameters
        ----------
        frame
            The table of the comparison, or one that goes on longer.
        future
            Rows to come, where something must be known in advance, as in :meth:`lamina.SeriesForecaster.predict`.
        """
        model = clone(self.best.backtests[0].forecasters[0])
        if self.best.name in NETWORKS:
            model.set_params(n_members=self.seeds)
        fitted: Forecaster = model.fit(frame, self.target)
        return fitted.predict(self.shape.horizon, future)

    def to_json(self, path: str | Path) -> None:
        """Write :meth:`to_dict` to a file."""
        Path(path).write_text(json.dumps(self.to_dict(), indent=2, allow_nan=False) + "\n", encoding="utf-8")


def compare_forecasts(
    frame: Any,
    target: str | None = None,
    *,
    shape: Shape | None = None,
    split: Any = None,
    include: Sequence[str] | None = None,
    seeds: int = 3,
    random_state: int = 0,
    dataset: str = "",
) -> ForecastComparison:
    """Backtest networks and simple forecasters on the same rows.

    Parameters
    ----------
    frame, target
        As in :meth:`lamina.SeriesForecaster.fit`.
    shape
        Lags, horizon, calendar and the other things that all forecasters are told.
    split
        What is learnt from and what is forecast: as ``cv`` of :meth:`lamina.SeriesForecaster.backtest`.
    include
        Names of the forecasters; None takes all.
    seeds
        Fits of each network, as one population.

    >>> frame = pd.DataFrame({"y": np.tile([1.0, 2.0, 4.0], 30)})
    >>> found = compare_forecasts(frame, shape=Shape(lags=3), include=["straw_man", "ar"])
    >>> round(found["ar"].values("r2")[0], 6)
    1.0
    """
    check_positive_integer("compare_forecasts", "seeds", seeds)
    shape = shape or Shape()
    table = series_frame(frame)
    found = list(_contenders(table, target, shape, split, chosen(include, shape.season), seeds, random_state))
    first = found[0].backtests[0]
    reader = first.forecasters[0].reader_
    learnt = next((each for each in reversed(found)), found[0]).backtests[0].forecasters[0].reader_.roles
    return ForecastComparison(
        contenders=tuple(found),
        target=reader.roles.target,
        dataset=dataset,
        shape=_told(shape, learnt.exogenous),
        rows=len(table),
        series=len(first.forecasters[0].history_),
        test_rows=len(first.predictions.drop_duplicates(["series", "time"])),
        seeds=seeds,
    )


def _told(shape: Shape, exogenous: tuple[str, ...]) -> Shape:
    from dataclasses import replace

    return replace(shape, exogenous=exogenous)


def _contenders(
    table: pd.DataFrame,
    target: str | None,
    shape: Shape,
    split: Any,
    names: Sequence[str],
    seeds: int,
    random_state: int,
) -> Iterator[Contender]:
    for name in names:
        start = time.perf_counter()
        if name in SIMPLE:
            models = [SIMPLE[name](shape)]
        else:
            models = [NETWORKS[name](shape, random_state + seed) for seed in range(seeds)]
        tests = backtest_together(models, table, target, cv=split, horizon=shape.horizon, season=shape.season)
        yield Contender(name, tuple(tests), time.perf_counter() - start)


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None
