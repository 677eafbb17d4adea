"""Validation and fresh error of the best of k, and the gap between them beside theory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.crosstable import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from lamina.experiments.validation_overfitting import Found

SEEN, FRESH, HONEST, ORACLE = "#d1495b", "#1f6f8b", "#e08e45", "grey"


def draw(path: Any, found: Sequence[Found]) -> None:
    """One column a population: errors above, the gap below."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(4.2 * len(found), 7.2), layout="constrained")
    panels = figure.subplots(2, len(found), squeeze=False)
    for place, each in enumerate(found):
        _draw_errors(panels[0, place], each)
        _draw_gap(panels[1, place], each)
        for axes in panels[:, place]:
            axes.set_xscale("log")
            axes.set_xlabel("k settings tried")
            axes.spines[["top", "right"]].set_visible(False)
    panels[0, 0].legend(fontsize=7.5, frameon=False)
    panels[1, 0].legend(fontsize=7.5, frameon=False)
    figure.savefig(path, dpi=130)


def _line(
    axes: Axes, k: Sequence[int], values: NDArray[np.float64], colour: str, label: str, style: str = "o-"
) -> None:
    means = [Estimate.of(column) for column in values.T]
    errors = [2 * (each.error or 0.0) for each in means]
    axes.errorbar(
        k,
        [each.mean for each in means],
        errors,
        fmt=style,
        color=colour,
        markersize=3,
        linewidth=1,
        label=label,
    )


def _draw_errors(axes: Axes, found: Found) -> None:
    _line(axes, found.tried, found.fresh, FRESH, "fresh error of the chosen")
    if found.honest is not None:
        _line(axes, found.tried, found.honest, HONEST, "on rows that chose nothing", "s:")
    _line(axes, found.tried, found.seen, SEEN, "validation error of the chosen")
    axes.plot(
        found.tried,
        found.oracle.mean(axis=0),
        "--",
        color=ORACLE,
        linewidth=1,
        label="smallest fresh error of the k",
    )
    title = found.name[0].upper() + found.name[1:]
    axes.set_title(f"{title}: error ± 2 standard errors,\n{found.n_draws} draws", fontsize=9)


def _draw_gap(axes: Axes, found: Found) -> None:
    _line(axes, found.tried, found.optimism, "black", "optimism")
    for (name, values), style in zip(found.expected.items(), ("-", ":"), strict=False):
        axes.plot(
            found.tried, values.mean(axis=0), style, color=FRESH, linewidth=1.2, label=f"theory: {name}"
        )
    axes.plot(
        found.tried,
        found.bounds.mean(axis=0),
        "--",
        color=ORACLE,
        linewidth=1,
        label="sqrt(2 log k) standard errors",
    )
    axes.axhline(0, color="black", linewidth=0.5)
    axes.set_title("the gap ± 2 standard errors", fontsize=9)
