"""A search as text: the best settings, and the comparison with the simple models."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from lamina.evaluation.rendering import MOST_WARNINGS, WIDTH, comparison_table, troubles
from lamina.evaluation.space import significant
from lamina.evaluation.wording import as_number

if TYPE_CHECKING:
    from lamina.evaluation.searching import Search

SHOWN = 5
TITLES = {
    "depth": "depth",
    "width": "width",
    "dropout": "dropout",
    "penalty": "penalty",
    "learning_rate": "rate",
    "batch_size": "batch",
    "epochs": "epochs",
}


def render(search: Search) -> str:
    """All that a reader of a terminal needs."""
    parts = [_heading(search), _settings(search), _choice(search), *_comparison(search), *_warnings(search)]
    return "\n\n".join(parts)


def _heading(search: Search) -> str:
    outcome = search.target or "outcome"
    name = f"{search.dataset}: {outcome}" if search.dataset else outcome
    problem, count = search.problem, len(search.settings)
    what = "setting" if count == 1 else "settings"
    return (
        f"{name} ({problem.outcome.task}, {len(problem.table):,} rows)\n"
        f"{count:,} {what} drawn at random, {problem.splits.description}: {search.fits:,} fits in {search.seconds:.1f} s"
        f"{' (stopped by Ctrl-C)' if search.interrupted else ''}"
    )


def _settings(search: Search) -> str:
    shown = search.settings.head(SHOWN)
    rows = [
        [*TITLES.values(), f"{search.metric.title} ± se"],
        *(_row(search, row) for row in shown.to_dict("records")),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["   ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:], rule])


def _row(search: Search, setting: dict[Any, Any]) -> list[str]:
    scale = abs(float(search.settings["error_mean"].iloc[0]))
    percent = search.metric.percent
    error, se = (as_number(setting[key], scale, percent) for key in ("error_mean", "error_se"))
    return [*(significant(setting[key]) for key in TITLES), f"{error.removesuffix(' %')} ± {se}"]


def _choice(search: Search) -> str:
    count, others = len(search.settings), search.near - 1
    parameters = f"{search.model.n_parameters_:,} parameters"
    if count == 1:
        return f"The setting is fitted to all rows ({parameters})."
    near = {0: "No other is", 1: "1 other is"}.get(others, f"{others:,} others are")
    return textwrap.fill(
        f"The first of the {count:,} is fitted to all rows ({parameters}). {near} within one standard error of it. "
        "It was chosen on these folds, so that its error is somewhat too low.",
        WIDTH,
    )


def _comparison(search: Search) -> list[str]:
    found = search.comparison
    if found is None:
        return ["It was compared with no simple model: Ctrl-C left that out."]
    table = f"Beside simple models and the network without a search, on the same folds:\n\n{comparison_table(found)}"
    return [table, textwrap.fill(str(found.verdict), WIDTH), *troubles(found)]


def _warnings(search: Search) -> list[str]:
    already = () if search.comparison is None else search.comparison.warnings
    news = [text for text in search.warnings if not any(text.split(" (")[0] in old for old in already)]
    lines = [
        textwrap.fill(f"Warning: {text}", WIDTH, subsequent_indent="  ") for text in news[:MOST_WARNINGS]
    ]
    return ["\n".join(lines)] if lines else []
