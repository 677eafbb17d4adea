"""Trading volume of the New York Stock Exchange: ISLP section 10.5.2, from ten seeds, with and without the day of the week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from lamina.data.datasets import load_dataset
from lamina.estimators.forecasting import Backtest, Forecaster, SeriesForecaster
from lamina.estimators.forecasting.backtest import backtest_together
from lamina.estimators.forecasting.scores import r_squared
from lamina.evaluation.forecasting import AutoRegression, LastValue
from lamina.evaluation.forecasting.contenders import BATCH, EPOCHS, HIDDEN
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.layers import Dense, Dropout

TITLE = "trading volume of the New York Stock Exchange, a day ahead"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.5.2, Figures 10.14 to "
    "10.16, and the lab of section 10.9.6."
)

TARGET, SPLIT, LAGS = "log_volume", "train", 5
STRAW_MAN, AR, MLP, RNN, LSTM = "straw man", "AR(5)", "network on the lags", "RNN", "LSTM"
NETWORKS = {MLP: "lags_mlp", RNN: "rnn", LSTM: "lstm"}
DAYS = ("day_of_week",)
PUBLISHED: dict[tuple[str, ...], dict[str, float]] = {
    (): {STRAW_MAN: 0.18, AR: 0.41, MLP: 0.42, RNN: 0.42},
    DAYS: {AR: 0.46, MLP: 0.46, RNN: 0.46},
}
PUBLISHED_PARAMETERS = {AR: 16.0, RNN: 205.0}
COVERAGE = 0.9
LAGS_TRIED, WIDTHS_TRIED = (1, 2, 5, 10, 20), (8, 32, 128)
CORRELATED = 36

REMARKS = (
    "The 1,770 days from 1980 on are forecast, each from the five before it, by what was learnt from the 4,276 windows "
    "before 1980. Columns are standardised from the training days alone; the lab standardises from all days.",
    "Networks: the lab's layers (32 ReLU units with dropout 0.5 on the flattened lags; 12 recurrent units with dropout 0.1) and "
    f"12 LSTM units; Adam at the rate 0.001, batches of {BATCH}, {EPOCHS} epochs. The number of epochs and the LSTM's dropout "
    "were settled on the last fifth of the training days. Nothing was chosen on test days.",
    "The day of the week is that of the day which is forecast: five indicators, to a recurrent network at each step those of "
    "the day after it. Least squares cannot tell all five from the intercept, hence 20 coefficients.",
    "Intervals adapt (Gibbs and Candès 2021, γ = 0.005) and begin with the residuals of a copy that did not learn from the "
    "latest quarter of the training days; each is of outcomes before its day.",
    "The table by lags and width is a look at test days: nothing was chosen from it.",
)


def models(name: str, calendar: Sequence[str], seeds: Sequence[int], epochs: int) -> list[Forecaster]:
    """The forecasters behind a row of the table, one a seed.

    >>> models("RNN", (), [0, 1], 100)[1].random_state
    1
    """
    if name == STRAW_MAN:
        return [LastValue()]
    if name == AR:
        return [AutoRegression(LAGS, calendar=calendar)]
    return [network(HIDDEN[NETWORKS[name]], calendar, seed, epochs) for seed in seeds]


def network(
    layers: Sequence[Any], calendar: Sequence[str], seed: int, epochs: int, lags: int = LAGS
) -> SeriesForecaster:
    """A network trained as all of them are."""
    return SeriesForecaster(
        list(layers),
        lags=lags,
        calendar=list(calendar),
        epochs=epochs,
        batch_size=BATCH,
        random_state=seed,
        verbose=False,
    )


def run(quick: bool, progress: bool) -> Findings:
    """Fit every forecaster from every seed, and draw a forecast."""
    return study(
        load_dataset("nyse").frame, range(2 if quick else 10), 10 if quick else EPOCHS, quick, progress
    )


def study(frame: pd.DataFrame, seeds: Sequence[int], epochs: int, quick: bool, progress: bool) -> Findings:
    """The findings on a table like NYSE's."""
    wanted = [(calendar, name) for calendar in PUBLISHED for name in (STRAW_MAN, AR, *NETWORKS)]
    wanted.remove((DAYS, STRAW_MAN))
    found: dict[tuple[tuple[str, ...], str], list[Backtest]] = {}
    for calendar, name in tracked(wanted, "forecasters", progress):
        found[calendar, name] = backtest_together(
            models(name, calendar, seeds, epochs), frame, TARGET, cv=SPLIT, coverage=_coverage(name, calendar)
        )
    rows = (*_scores(found, len(seeds)), *_parameters(found), *_intervals(found), *_correlations(frame))
    tables = () if quick else (_lags_and_widths(frame, seeds, epochs, progress),)
    drawn = found[(), RNN][0]
    return Findings(rows, REMARKS, tables=tables, picture=partial(_picture, frame[TARGET], drawn))


def autocorrelation(values: Any, lags: int) -> np.ndarray:
    r"""Sample autocorrelations at lags 0 to L.

    .. math:: r_l = \sum_{t > l} (y_t - \bar y)(y_{t-l} - \bar y) \big/ \sum_t (y_t - \bar y)^2

    >>> autocorrelation([1.0, -1.0, 1.0, -1.0], 1).tolist()
    [1.0, -0.75]
    """
    centred = np.asarray(values, np.float64) - np.mean(values)
    n = len(centred)
    products = [float(centred[lag:] @ centred[: n - lag]) for lag in range(lags + 1)]
    return np.array(products) / products[0]


def _coverage(name: str, calendar: tuple[str, ...]) -> float | None:
    """Intervals of the two quick forecasters that know the day."""
    return COVERAGE if calendar and name in (AR, MLP) else None


def _scores(found: dict[Any, list[Backtest]], seeds: int) -> Iterator[Row]:
    for calendar, published in PUBLISHED.items():
        what = "with the day of the week" if calendar else "five lags of three columns"
        section = f"R² of the 1,770 test days, {what}; networks from {counted(seeds, 'seed')}"
        for name in (STRAW_MAN, AR, *NETWORKS):
            tests = found.get((calendar, name), [])
            if tests:
                yield Row(section, name, tuple(test.r2 for test in tests), published.get(name), ".3f")
        for name in NETWORKS:
            yield Row(section, f"{name}, mean of the seeds", (_of_mean(found[calendar, name]),), form=".3f")
    section = (
        "MASE, with the day of the week: absolute error beside that of the last value in the training days"
    )
    for name in (AR, *NETWORKS):
        yield Row(section, name, tuple(test.mase for test in found[DAYS, name]), form=".3f")


def _of_mean(tests: Sequence[Backtest]) -> float:
    """R² of the mean of the seeds' forecasts."""
    predicted = np.mean([test.predictions["predicted"] for test in tests], axis=0)
    return r_squared(tests[0].predictions["actual"], predicted)


def _parameters(found: dict[Any, list[Backtest]]) -> Iterator[Row]:
    for name in (STRAW_MAN, AR, *NETWORKS):
        values = (float(found[(), name][0].parameters),)
        yield Row("Parameters", name, values, PUBLISHED_PARAMETERS.get(name), ",.0f")


def _intervals(found: dict[Any, list[Backtest]]) -> Iterator[Row]:
    section = f"Adaptive intervals for {COVERAGE:.0%} of the days, with the day of the week: the share that they hold"
    for name in (AR, MLP):
        yield Row(section, name, tuple(test.coverage for test in found[DAYS, name]), form=".3f")


def _correlations(frame: pd.DataFrame) -> Iterator[Row]:
    correlations = autocorrelation(frame[TARGET], LAGS)
    for lag in (1, LAGS):
        yield Row("Autocorrelation of the volume", f"lag {lag}", (float(correlations[lag]),), form=".3f")


def _lags_and_widths(frame: pd.DataFrame, seeds: Sequence[int], epochs: int, progress: bool) -> CrossTable:
    rows = []
    for lags in tracked(LAGS_TRIED, "lags and widths", progress):
        fits = [
            network([Dense(width, "relu"), Dropout(0.5)], DAYS, seed, epochs, lags)
            for width in WIDTHS_TRIED
            for seed in seeds
        ]
        r2 = np.array([test.r2 for test in backtest_together(fits, frame, TARGET, cv=SPLIT)])
        ar = backtest_together([AutoRegression(lags, calendar=DAYS)], frame, TARGET, cv=SPLIT)[0].r2
        by_width = r2.reshape(len(WIDTHS_TRIED), len(seeds))
        rows.append((counted(lags, "lag"), (Estimate(ar), *(Estimate.of(values) for values in by_width))))
    columns = ("AR", *(f"{width} units" for width in WIDTHS_TRIED))
    title = f"R² by lags and width, with the day of the week: mean and standard error over {counted(len(seeds), 'seed')}"
    return CrossTable(title, columns, tuple(rows))


def _picture(volume: Any, drawn: Backtest, path: object) -> None:
    from lamina.experiments.nyse_picture import draw

    draw(path, autocorrelation(volume, CORRELATED), len(volume), drawn.predictions, drawn.r2)
