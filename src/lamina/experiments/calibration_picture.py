"""Power of the verdict, and its error rates, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.calibration_rules import RECOMMENDERS, Share
from lamina.experiments.calibration_summary import PROMISED, WORTH, Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#1f6f8b", "#e08e45", "#d1495b", "#5b4b8a")


def draw(study: Study, path: Any) -> None:
    """Answers over true gains, answers over standardised gains, the rate at a tie, and regrets."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(11, 8), layout="constrained")
    axes = figure.subplots(2, 2)
    _draw_power(axes[0, 0], study, "gain")
    _draw_power(axes[0, 1], study, "standardised")
    _draw_ties(axes[1, 0], study)
    _draw_regrets(axes[1, 1], study)
    figure.savefig(path, dpi=130)


def _draw_power(axes: Axes, study: Study, against: str) -> None:
    for colour, n in zip(COLOURS, study.sizes, strict=False):
        cells = [each for cell, each in study.grid(0).items() if cell.n == n]
        values = np.array([getattr(each, against) for each in cells])
        axes.plot(
            100 * values if against == "gain" else values,
            [100 * each.rate(WORTH) for each in cells],
            "o",
            color=colour,
            markersize=4,
            alpha=0.8,
            label=f"n = {n:,}",
        )
    axes.axvline(0, color="black", linewidth=0.6)
    axes.axhline(100 * PROMISED, color="grey", linewidth=0.8, linestyle=":")
    if against == "gain":
        axes.set_xlim(-60, 100)
        axes.set_xlabel("true gain of the network, % of the reference's squared error")
    else:
        axes.set_xlim(-6, 12)
        axes.set_xlabel("true gain in standard deviations of its estimate")
    axes.set_ylabel("told worth it, % of draws")
    axes.legend(fontsize=8, frameon=False)
    axes.set_title("every dot is a cell: a truth, a signal, a size", loc="left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_ties(axes: Axes, study: Study) -> None:
    place = 0
    for colour, n in zip(COLOURS, study.sizes, strict=False):
        for cell, each in study.grid(0).items():
            if cell.n != n:
                continue
            share = Share(int(np.sum(each.high < each.difference)), len(each.answers))
            low, high = share.interval
            axes.plot([place, place], [100 * low, 100 * high], color=colour, linewidth=0.7, alpha=0.5)
            axes.plot(place, 100 * share.rate, "o", color=colour, markersize=3)
            place += 1
    axes.axhline(100 * PROMISED, color="black", linewidth=0.8)
    axes.set_xticks([])
    axes.set_ylim(0)
    axes.set_xlabel("cells, by size")
    axes.set_ylabel("false worth it at a tie, %")
    axes.set_title("interval wholly below the true difference, Wilson's 95 %", loc="left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_regrets(axes: Axes, study: Study) -> None:
    width = 0.8 / len(RECOMMENDERS)
    for place, (colour, label) in enumerate(zip(COLOURS, RECOMMENDERS, strict=True)):
        means = [
            100
            * np.mean(
                np.concatenate([each.regret[place] for cell, each in study.grid(0).items() if cell.n == n])
            )
            for n in study.sizes
        ]
        axes.bar(np.arange(len(means)) + place * width, means, width, color=colour, label=label)
    axes.set_xticks(np.arange(len(study.sizes)) + 1.5 * width, [f"n = {n:,}" for n in study.sizes])
    axes.set_ylabel("regret, % above the best contender")
    axes.legend(fontsize=8, frameon=False)
    axes.set_title("mean over truths and signals", loc="left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
