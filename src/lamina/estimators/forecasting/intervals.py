"""Intervals of a fitted forecaster: the scores that they are taken from, and how these are kept up to date."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import clone

from lamina.data.series.panel import Array, Panel, Series
from lamina.data.series.windows import windows_at
from lamina.errors import DataError, DataWarning
from lamina.estimators.forecasting.adaptive import AdaptiveLevel, adaptive_widths
from lamina.estimators.forecasting.base import Forecaster


def interval_widths(model: Forecaster, steps: int, coverage: float, gamma: float) -> Array:
    """Half widths of the intervals after the last row, shape (series, steps)."""
    scores = _scores(model, steps)
    names = [series.name or "" for series in model.history_]
    return np.array(
        [
            [_last_width(scores.get((name, step), []), step, coverage, gamma) for step in range(1, steps + 1)]
            for name in names
        ]
    )


def take_note(model: Forecaster, joined: Sequence[Series]) -> None:
    """Add the residuals of outcomes that came after the history; ``joined`` are the series with them."""
    if not hasattr(model, "scores_"):
        return
    steps = max(step for _, step in model.scores_)
    for number, (old, series) in enumerate(zip(model.history_, joined, strict=True)):
        origins = np.arange(max(model.lags - 1, len(old) - steps), len(series) - 1)
        if len(series) == len(old) or not len(origins):
            continue
        windows = windows_at(series, number, origins, model.lags, max(steps, model._outputs))
        predicted = model._roll_series(series, number, windows, steps)
        for step in range(1, steps + 1):
            places = origins + step
            new = (places >= len(old)) & (places < len(series))
            errors = np.abs(series.values[places[new], 0] - predicted[new, step - 1])
            model.scores_.setdefault((old.name or "", step), []).extend(errors[~np.isnan(errors)].tolist())


def _scores(model: Forecaster, steps: int) -> dict[tuple[str, int], list[float]]:
    """Residuals of rows not learnt from, for so many steps ahead at least; worked out where they are not there yet."""
    from lamina.estimators.forecasting.backtest import before_last, residuals

    known = model.__dict__.get("scores_", {})
    if max((step for _, step in known), default=0) >= steps:
        return model.scores_
    if not hasattr(model, "_learnt_from"):
        raise DataError(
            "the training rows are not at hand, as after loading, and intervals need forecasts of rows that were not "
            "learnt from: "
            f"call predict_interval(horizon={steps}) before saving, or fit again"
        )
    table, target = model._learnt_from
    early = before_last(model._whole(table, target), np.ones(len(table), bool))
    copy = clone(model).fit(table[early], target)
    model.scores_ = residuals(copy, table, ~early, steps)
    _keep_more(model, table)
    return model.scores_


def _keep_more(model: Forecaster, table: pd.DataFrame) -> None:
    """Take more rows into the history: those at which forecasts began whose last steps have not come yet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        panel = model.reader_.read(table)
    longer = [
        learnt
        if (learnt := panel.by_name(own.name)) is not None and learnt.times[-1] == own.times[-1]
        else own
        for own in model.history_
    ]
    model.history_ = Panel(tuple(each.last(model._kept) for each in longer))


def _last_width(scores: Sequence[float], delay: int, coverage: float, gamma: float) -> float:
    """Half the width of the interval after all outcomes; the first quarter of the scores only begins the quantiles."""
    start = len(scores) // 4
    widths = adaptive_widths(scores[start:], delay, coverage, gamma=gamma, before=scores[:start])
    level = AdaptiveLevel(coverage, gamma, list(scores[:start]))
    for score, width in zip(scores[start:], widths, strict=True):
        level.observe(score, width)
    return level.width()
