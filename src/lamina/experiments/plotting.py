"""A report as a picture: every value of ours a dot, the published one a line across."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.report import Confusion, Report, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, PUBLISHED = "#1f6f8b", "#d1495b"
ROW_HEIGHT, PANEL_EXTRA, WIDTH, MATRIX = 0.32, 0.9, 9.0, 3.6
PANEL_MEMBERS = 2
"""Rows of one measure that make a panel: a single one has nothing to be compared with, but for a published value."""


def save_plot(report: Report, path: str | Path, section: str = "") -> None:
    """Draw a report to a file whose ending says the format: the sections whose heading holds a text."""
    from matplotlib.figure import Figure

    panels = _panels(tuple(row for row in report.rows if section in row.section))
    heights = [PANEL_EXTRA + ROW_HEIGHT * len(rows) for rows in panels]
    heights += [MATRIX] if report.confusions else []
    figure: Any = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    for place, rows in enumerate(panels):
        _draw_rows(figure.add_subplot(grid[place]), rows)
    if report.confusions:
        matrices = grid[len(panels)].subgridspec(1, len(report.confusions))
        for place, confusion in enumerate(report.confusions):
            draw_confusion(figure.add_subplot(matrices[place]), confusion)
    figure.savefig(path, dpi=130)


def _panels(rows: tuple[Row, ...]) -> list[list[Row]]:
    """Rows of one section that are written alike, so measured alike, if there is a spread to be seen."""
    grouped = [list(rows) for _, rows in groupby(rows, key=lambda row: (row.section, row.form))]
    return [each for each in grouped if _compares(each) and any(row.n > 1 for row in each)]


def _compares(rows: list[Row]) -> bool:
    """Whether there is something beside a value: another row, or a published one."""
    return len(rows) >= PANEL_MEMBERS or rows[0].published is not None


def _draw_rows(axes: Axes, rows: list[Row]) -> None:
    for height, row in enumerate(reversed(rows)):
        jitter = np.random.default_rng(0).uniform(-0.18, 0.18, row.n) if row.n > 1 else np.zeros(1)
        axes.plot(row.values, height + jitter, "o", color=OURS, alpha=0.4, markersize=4, markeredgewidth=0)
        axes.plot([row.mean], [height], "|", color="black", markersize=13, markeredgewidth=2)
        if row.published is not None:
            axes.plot([row.published], [height], "D", color=PUBLISHED, markersize=6)
    axes.set_yticks(range(len(rows)), [row.quantity for row in reversed(rows)])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_title(_legend(rows), loc="left", fontsize=9)
    if rows[0].form.startswith("+"):
        axes.axvline(0, color="grey", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def _legend(rows: list[Row]) -> str:
    published = "; diamonds: published" if any(row.published is not None for row in rows) else ""
    return f"{rows[0].section}\ndots: ours, bars: their mean{published}"


def draw_confusion(axes: Axes, confusion: Confusion) -> None:
    """The counts, with those off the diagonal shaded."""
    counts = confusion.array
    errors = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    axes.imshow(errors, cmap="Reds")
    shade = errors.max() / 2
    for (true, predicted), count in np.ndenumerate(counts):
        colour = "white" if errors[true, predicted] > shade > 0 else "black"
        axes.text(predicted, true, str(count), ha="center", va="center", fontsize=6, color=colour)
    places = range(len(confusion.labels))
    axes.set_xticks(places, confusion.labels, fontsize=7)
    axes.set_yticks(places, confusion.labels, fontsize=7)
    axes.set_xlabel("predicted", fontsize=8)
    axes.set_ylabel("true", fontsize=8)
    axes.set_title(confusion.title, fontsize=9)
