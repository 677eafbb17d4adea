"""The comparison as text: a table of fixed width, the verdict, and what went wrong, for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from lamina.evaluation.wording import as_number

if TYPE_CHECKING:
    from lamina.evaluation.result import Comparison

WIDTH = 88
MOST_WARNINGS = 5
SCORE_TITLES = {"r2": "R²", "accuracy": "accuracy"}


def render(comparison: Comparison) -> str:
    """All that a reader of a terminal needs."""
    parts = [
        _heading(comparison),
        _table(comparison),
        textwrap.fill(str(comparison.verdict), WIDTH),
        *_troubles(comparison),
    ]
    return "\n\n".join(part for part in parts if part)


def _heading(comparison: Comparison) -> str:
    outcome = comparison.target or "outcome"
    name = f"{comparison.dataset}: {outcome}" if comparison.dataset else outcome
    classes = f" of {comparison.classes} classes" if comparison.classes else ""
    return (
        f"{name} ({comparison.task}{classes}, {comparison.rows:,} rows)\n"
        f"{comparison.splits}, the same for every model"
    )


def _table(comparison: Comparison) -> str:
    score = str(comparison.table.columns[3])
    titles = ("model", "parameters", f"{comparison.metric.title} ± se", SCORE_TITLES[score], "seconds")
    rows = [titles, *(_row(comparison, str(name)) for name in comparison.table.index)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "   ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in _rest(row, widths))])
        for row in rows
    ]
    rule = "-" * len(lines[0])
    legend = ["* recommended"] if comparison.verdict.recommended else []
    return "\n".join([lines[0], rule, *lines[1:], rule, *legend])


def _rest(row: tuple[str, ...], widths: list[int]) -> list[tuple[str, int]]:
    return list(zip(row[1:], widths[1:], strict=True))


def _row(comparison: Comparison, name: str) -> tuple[str, ...]:
    if name in comparison.failures:
        return (name, "", "failed", "", "")
    parameters, error, se, score, seconds = comparison.table.loc[name].tolist()
    recommended = name == comparison.verdict.recommended
    percent = comparison.metric.percent
    scale = max(abs(estimate.mean) for estimate in comparison.estimates.values())
    return (
        f"{name} *" if recommended else name,
        f"{parameters:,.0f}" if parameters == parameters else "-",
        f"{as_number(error, scale, percent)} ± {as_number(se, scale, percent)}".replace(" % ±", " ±"),
        as_number(score, 1.0, percent) if percent else f"{score:.2f}",
        f"{seconds:.3f}" if seconds < 1 else f"{seconds:.1f}",
    )


def _troubles(comparison: Comparison) -> list[str]:
    failed = [f"{name} failed: {reason}" for name, reason in comparison.failures.items()]
    stopped = (
        [f"Interrupted: {', '.join(comparison.unfinished)} not finished."] if comparison.unfinished else []
    )
    shown = [f"Warning: {text}" for text in comparison.warnings[:MOST_WARNINGS]]
    more = len(comparison.warnings) - len(shown)
    rest = [f"{more} more in result.warnings."] if more > 0 else []
    lines = [*failed, *stopped, *shown, *rest]
    return ["\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines)] if lines else []
