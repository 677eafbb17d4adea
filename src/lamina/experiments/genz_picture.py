"""Error against the number of points, by family and dimension, with the baselines beside the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.genz_networks import BASE
from lamina.experiments.genz_tables import MEAN, NAMES, NETWORK, Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#1f6f8b", "#d1495b", "#8a8a8a", "#d9c9a3")
PANEL = 2.2
LOWEST = 1e-5
"""Where the axis ends: a polynomial meets a smooth function of two variables to rounding."""


def save_picture(study: Study, path: str | Path) -> None:
    """Draw means over the draws with two standard errors each way."""
    from matplotlib.figure import Figure

    rows, columns = len(study.dimensions), len(NAMES)
    figure: Any = Figure(figsize=(PANEL * columns, PANEL * rows + 0.6), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for place, d in enumerate(study.dimensions):
        for family, name in enumerate(NAMES):
            axes = panels[place, family]
            _draw(axes, study, family, place)
            if place == 0:
                axes.set_title(name, fontsize=10)
            if family == 0:
                axes.set_ylabel(f"{d} dimensions", fontsize=9)
    lines, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=len(labels), fontsize=9, frameon=False)
    figure.suptitle(
        "Mean absolute error in standard deviations of the function, against the number of points",
        fontsize=10,
    )
    figure.savefig(path, dpi=110)


def _draw(axes: Axes, study: Study, family: int, place: int) -> None:
    models = {NETWORK: BASE.name} | {name: name for name in study.baselines}
    sizes = np.array(study.all_sizes)
    for (label, name), colour in zip(models.items(), COLOURS, strict=False):
        errors = study.errors[name][family, place, :, :, MEAN]
        mean, spread = errors.mean(axis=1), 2 * errors.std(axis=1, ddof=1) / np.sqrt(study.draws)
        below = np.minimum(spread, mean - LOWEST / 10)
        axes.errorbar(
            sizes,
            mean,
            np.stack([np.maximum(below, 0), spread]),
            color=colour,
            label=label,
            marker="o",
            markersize=3,
            linewidth=1.2,
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(sizes[0] / 1.6, sizes[-1] * 1.6)
    axes.set_ylim(LOWEST, 2)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
