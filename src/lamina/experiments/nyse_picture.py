"""The autocorrelation function of the volume, and a forecast of the test days over what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lamina.experiments.plotting import OURS, PUBLISHED

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(path: Any, correlations: np.ndarray, n: int, forecasts: pd.DataFrame, r2: float) -> None:
    """As Figures 10.15 and 10.16 of the book."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(10, 7), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(1, 1.5))
    _draw_correlations(above, correlations, n)
    _draw_forecast(below, forecasts, r2)
    figure.savefig(path, dpi=130)


def _draw_correlations(axes: Axes, correlations: np.ndarray, n: int) -> None:
    axes.vlines(range(len(correlations)), 0, correlations, color=OURS, linewidth=2)
    axes.axhline(0, color="black", linewidth=0.8)
    for bound in (-1.96 / np.sqrt(n), 1.96 / np.sqrt(n)):
        axes.axhline(bound, color="grey", linewidth=0.8, linestyle="--")
    axes.set_xlabel("lag in days")
    axes.set_ylabel("autocorrelation")
    axes.set_title("log_volume: autocorrelation (dashed: ±1.96/√n)", loc="left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_forecast(axes: Axes, forecasts: pd.DataFrame, r2: float) -> None:
    axes.plot(forecasts["time"], forecasts["actual"], color="black", linewidth=0.6, label="what came")
    axes.plot(forecasts["time"], forecasts["predicted"], color=PUBLISHED, linewidth=0.6, label="forecast")
    axes.set_ylabel("log_volume")
    axes.set_title(
        f"test days: a day ahead by 12 recurrent units, first seed, R² {r2:.2f}", loc="left", fontsize=9
    )
    axes.legend(frameon=False, loc="upper right", ncols=2)
    axes.spines[["top", "right"]].set_visible(False)
