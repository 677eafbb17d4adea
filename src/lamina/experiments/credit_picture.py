"""ROC curves, calibration and cost by threshold of every model on the Default data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.credit_measures import BINS, Calibration, bayes_threshold, cost, roc
from lamina.experiments.credit_models import LDA, LOGISTIC, NETWORK
from lamina.experiments.credit_tables import COSTS, SHOWN, Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {LOGISTIC: "#1f6f8b", LDA: "#e08e45", NETWORK: "#d1495b"}


def draw(study: Study, path: Any) -> None:
    """Three panels, the predictions of all folds together."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(12.5, 4.4), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    _draw_roc(left, study)
    _draw_calibration(middle, study)
    _draw_costs(right, study)
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)


def _draw_roc(axes: Axes, study: Study) -> None:
    for model in study.thresholds:
        false, true = roc(study.y, study.pooled(model))
        axes.plot(false, true, color=COLOURS[model], linewidth=1.2, label=model)
        for threshold, marker in ((0.5, "o"), (0.2, "s")):
            warned = study.pooled(model) > threshold
            axes.plot(
                warned[~study.y].mean(), warned[study.y].mean(), marker, color=COLOURS[model], markersize=4
            )
    axes.plot([0, 1], [0, 1], ":", color="grey", linewidth=0.8)
    axes.set_xlabel("false alarms: share of those who paid")
    axes.set_ylabel("defaults found: share")
    axes.set_title("ROC curves; thresholds 0.5 (●) and 0.2 (■)", fontsize=9)
    axes.legend(fontsize=8, frameon=False)


def _draw_calibration(axes: Axes, study: Study) -> None:
    for place, model in enumerate(study.thresholds):
        found = Calibration.of(study.y, study.pooled(model))
        low, high = found.interval()
        bars = np.maximum(np.array([found.rate - low, high - found.rate]), 0)
        axes.errorbar(
            found.mean + 0.006 * (place - 1),
            found.rate,
            bars,
            fmt="o-",
            color=COLOURS[model],
            markersize=3,
            linewidth=0.9,
            label=model,
        )
    axes.plot([0, 1], [0, 1], ":", color="grey", linewidth=0.8)
    axes.set_xlabel(f"mean probability in {BINS} bins of equal width")
    axes.set_ylabel("share of defaults, 95 % intervals")
    axes.set_title("calibration", fontsize=9)


def _draw_costs(axes: Axes, study: Study) -> None:
    grid = np.geomspace(0.002, 0.9, 150)
    for model, chosen in study.thresholds.items():
        p = study.pooled(model)
        axes.plot(grid, [cost(study.y, p, each, SHOWN) for each in grid], color=COLOURS[model], linewidth=1.2)
        thresholds = chosen[:, COSTS.index(SHOWN)]
        axes.plot(
            thresholds, [cost(study.y, p, each, SHOWN) for each in thresholds], "|", color=COLOURS[model]
        )
    axes.axvline(bayes_threshold(SHOWN), color="black", linewidth=0.8, linestyle="--")
    axes.axhline(SHOWN * study.y.mean(), color="grey", linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    axes.set_xlabel("threshold")
    axes.set_ylabel("cost per customer, in false alarms")
    axes.set_title(
        f"a missed default costs c = {SHOWN:g}; dotted: warn no one,\ndashed: threshold 1 / (1 + c), strokes: chosen inside",
        fontsize=9,
    )
