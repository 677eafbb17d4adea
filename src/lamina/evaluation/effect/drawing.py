"""Effects as a picture: a forest of the average marginal effects, and a small curve a column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lamina.evaluation.effect.result import Effects

EFFECT, DEPENDENCE = "#4c6a92", "#c0562f"
ACROSS, MOST_CURVES, MOST_ROWS = 3, 9, 40
FOREST_WIDTH, CURVE_WIDTH, CURVE_HEIGHT, ROW_HEIGHT = 4.6, 2.3, 1.9, 0.24
COLOURS = ("#4c6a92", "#c0562f", "#5c8a4d", "#8a5c9e", "#b08f2e", "#3d9a9a")


def draw(found: Effects, path: str | Path | None = None) -> Figure:
    """Draw the effects; with ``path``, write them there in the format of its ending.

    Effects of numbers are shown for a standard deviation of the column, so that columns can be compared. Accumulated
    local effects are lines with their band, partial dependences broken lines about their mean.
    """
    from matplotlib.figure import Figure

    forest = found.table.dropna(subset=["ame"]).head(MOST_ROWS) if "ame" in found.table else pd.DataFrame()
    columns = _curve_columns(found)
    down = -(-len(columns) // ACROSS)
    height = max(2.6, ROW_HEIGHT * len(forest) + 1.0, CURVE_HEIGHT * down)
    width = (FOREST_WIDTH if len(forest) else 0.0) + CURVE_WIDTH * min(ACROSS, len(columns))
    figure: Any = Figure(figsize=(max(width, FOREST_WIDTH), height), layout="constrained")
    halves = [part for part, there in (("forest", len(forest)), ("curves", len(columns))) if there]
    ratios = [
        FOREST_WIDTH if half == "forest" else CURVE_WIDTH * min(ACROSS, len(columns)) for half in halves
    ]
    if halves:
        grid = figure.add_gridspec(1, len(halves), width_ratios=ratios)
        for place, half in enumerate(halves):
            if half == "forest":
                _forest(figure.add_subplot(grid[place]), found, forest)
            else:
                _curves(figure, grid[place].subgridspec(down, min(ACROSS, len(columns))), found, columns)
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure  # type: ignore[no-any-return]


def _outputs(table: pd.DataFrame) -> tuple[str | None, list[Any]]:
    """The column that names the responses, if there are several, and their names."""
    by = next((name for name in ("class", "outcome") if name in table.columns), None)
    return by, list(dict.fromkeys(table[by].dropna())) if by else [None]


def _forest(axes: Axes, found: Effects, table: pd.DataFrame) -> None:
    by, outputs = _outputs(table)
    labels = []
    for place, (name, row) in enumerate(table.iterrows()):
        factor = float(row["sd"])
        colour = COLOURS[outputs.index(row[by]) % len(COLOURS)] if by else EFFECT
        low, high = (factor * float(row[bound]) for bound in ("low", "high"))
        axes.plot([low, high], [place, place], color=colour, linewidth=2, solid_capstyle="round")
        axes.plot([factor * float(row["ame"])], [place], "o", color=colour, markersize=5)
        change = "" if row["change"] == "per unit" else f" {row['change']}"
        labels.append(f"{name}{change}" + (f": {row[by]}" if by else ""))
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.invert_yaxis()
    axes.set_title("average marginal effect", loc="left", fontsize=9)
    axes.set_xlabel(f"for a standard deviation, {found.level:.0%} interval", fontsize=8)
    _plain(axes)


def _curve_columns(found: Effects) -> list[str]:
    """The columns whose curves go furthest, in their order in the table."""
    if not len(found.curves):
        return []
    kind = "ale" if (found.curves["kind"] == "ale").any() else "pdp"
    span = found.curves[found.curves["kind"] == kind].groupby("column", sort=False)["effect"].agg(np.ptp)
    first = set(span.sort_values(ascending=False, kind="stable").index[:MOST_CURVES])
    return [str(name) for name in span.index if name in first]


def _curves(figure: Any, grid: Any, found: Effects, columns: Sequence[str]) -> None:
    shared: Any = None
    for place, name in enumerate(columns):
        axes = figure.add_subplot(grid[place // ACROSS, place % ACROSS], sharey=shared)
        shared = axes if shared is None else shared
        _curve(axes, found.curves[found.curves["column"] == name])
        axes.set_title(name, loc="left", fontsize=9)
        if place % ACROSS:
            axes.tick_params(labelleft=False)


def _curve(axes: Axes, curves: pd.DataFrame) -> None:
    by, outputs = _outputs(curves)
    for place, output in enumerate(outputs):
        own = curves if by is None else curves[curves[by] == output]
        colour = COLOURS[place % len(COLOURS)]
        for kind, part in own.groupby("kind", sort=False):
            effect = part["effect"].to_numpy(float)
            numeric = all(isinstance(value, int | float | np.number) for value in part["value"])
            value: Any = part["value"].to_numpy(float) if numeric else part["value"].astype(str).to_numpy()
            if kind == "ale":
                low, high = (part[bound].to_numpy(float) for bound in ("low", "high"))
                axes.fill_between(value, low, high, color=colour, alpha=0.2, linewidth=0)
                axes.plot(value, effect, color=colour, label=output)
            else:
                style: dict[str, Any] = {"linestyle": "--"} if numeric else {"marker": "o", "linestyle": ":"}
                axes.plot(
                    value,
                    effect - effect.mean(),
                    color=DEPENDENCE if by is None else colour,
                    linewidth=1,
                    **style,
                )
    axes.axhline(0, color="black", linewidth=0.6)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=7)
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
