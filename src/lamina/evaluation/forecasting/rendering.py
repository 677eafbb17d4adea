"""A comparison of forecasts as text for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lamina.evaluation.forecasting.comparison import Contender, ForecastComparison

WIDTH = 88
HEADINGS = ("model", "parameters", "test R²", "MAE", "MASE", "seconds")


def render(comparison: ForecastComparison) -> str:
    """Heading and table."""
    rows = [HEADINGS, *(_row(each) for each in comparison.contenders)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "   ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    rule = "-" * len(lines[0])
    return "\n".join([_heading(comparison), "", lines[0], rule, *lines[1:], rule, _legend(comparison)])


def _heading(comparison: ForecastComparison) -> str:
    shape = comparison.shape
    name = f"{comparison.dataset}: " if comparison.dataset else ""
    many = f" of {comparison.series} series" if comparison.series > 1 else ""
    inputs = ", ".join((comparison.target, *(shape.exogenous or ())))
    ahead = f"{shape.horizon} steps" if shape.horizon > 1 else "one step"
    text = (
        f"{name}{comparison.target}, {comparison.rows:,} rows{many}, the latest {comparison.test_rows:,} forecast {ahead} ahead\n"
        f"from {shape.lags} lags of {inputs}"
    )
    told = (*shape.calendar, *shape.known)
    text += f", and {', '.join(told)}" if told else ""
    return "\n".join(textwrap.fill(line, WIDTH) for line in text.split("\n"))


def _row(contender: Contender) -> tuple[str, ...]:
    r2, mae, mase = (contender.values(measure) for measure in ("r2", "mae", "mase"))
    spread = f" ± {np.std(r2, ddof=1):.3f}" if len(r2) > 1 else ""
    return (
        contender.name,
        f"{contender.parameters:,}",
        f"{np.mean(r2):.3f}{spread}",
        f"{np.mean(mae):.4g}",
        f"{np.mean(mase):.3f}",
        f"{contender.seconds:.1f}",
    )


def _legend(comparison: ForecastComparison) -> str:
    season = comparison.shape.season
    naive = "the last value" if season == 1 else f"the value {season} rows before"
    several = any(len(each.backtests) > 1 for each in comparison.contenders)
    seeds = f"Networks from {comparison.seeds} seeds: mean ± standard deviation. " if several else ""
    return textwrap.fill(f"{seeds}MASE: absolute error beside that of {naive} in the training rows.", WIDTH)
