"""The comparison as text: a table of fixed width, the verdict, and what went wrong, for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from lamina.evaluation.wording import as_amount, as_decimals, as_number

if TYPE_CHECKING:
    from lamina.evaluation.result import Comparison

WIDTH = 88
MOST_WARNINGS = 5
SCORE_OF = {"regression": "r2", "classification": "accuracy"}
SCORE_TITLES = {"regression": "R²", "classification": "accuracy"}


def render(comparison: Comparison) -> str:
    """All that a reader of a terminal needs."""
    parts = [
        _heading(comparison),
        comparison_table(comparison),
        textwrap.fill(str(comparison.verdict), WIDTH),
        details(comparison),
        *troubles(comparison),
    ]
    return "\n\n".join(part for part in parts if part)


def _heading(comparison: Comparison) -> str:
    outcome = comparison.target or "outcome"
    name = f"{comparison.dataset}: {outcome}" if comparison.dataset else outcome
    classes = f" of {comparison.classes} classes" if comparison.classes else ""
    return (
        f"{name} ({comparison.task}{classes}, {_size(comparison)})\n"
        f"{comparison.splits}, the same for every model"
    )


def _size(comparison: Comparison) -> str:
    if comparison.image_shape is None:
        return f"{comparison.rows:,} rows"
    return f"{comparison.rows:,} images of {' × '.join(map(str, comparison.image_shape))}"


def comparison_table(comparison: Comparison) -> str:
    """The models in a table of fixed width."""
    titles = (
        "model",
        "parameters",
        "inner",
        f"{comparison.metric.title} ± se",
        SCORE_TITLES[comparison.task],
        "seconds",
    )
    rows = [titles, *(_row(comparison, model) for model in comparison.to_dict()["models"])]
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


def _row(comparison: Comparison, model: dict[str, Any]) -> tuple[str, ...]:
    name = str(model["name"])
    if name in comparison.failures:
        where = comparison.failures[name].split(":", 1)[0]
        return (name, "", "", where, "", "")
    percent = comparison.metric.percent
    scale = max(abs(estimate.mean) for estimate in comparison.estimates.values())
    error, se = (as_number(model[key], scale, percent) for key in ("error_mean", "error_se"))
    score = model[SCORE_OF[comparison.task]]
    seconds = model["seconds"]
    return (
        f"{name} *" if name == comparison.verdict.recommended else name,
        "-" if model["parameters"] is None else f"{model['parameters']:,}",
        as_number(model["inner_error"], scale, percent),
        f"{error.removesuffix(' %')} ± {se}",
        as_number(score, 1.0, percent) if percent else as_decimals(score, 2),
        as_decimals(seconds, 3 if seconds < 1 else 1),
    )


def details(comparison: Comparison) -> str:
    """What stands behind the verdict: how probable which side is, and at how many rows it could be told."""
    verdict = comparison.verdict
    lines = []
    if verdict.probabilities is not None:
        found, scale = verdict.probabilities, max(abs(e.mean) for e in comparison.estimates.values())
        rope = as_amount(found.rope, scale, comparison.metric.percent)
        source = "the margin" if verdict.margin > 0 else "1 % of the reference's error"
        shares = [f"{100 * share:.0f} %" for share in (found.better, found.equal, found.worse)]
        lines.append(
            f"Probability that the network is better {shares[0]}, practically equal {shares[1]}, worse {shares[2]} "
            f"(equal: within {rope}, {source})."
        )
    if verdict.rows_needed is not None:
        lines.append(str(verdict.rows_needed))
    elif verdict.answer == "cannot tell" and verdict.network is not None and verdict.reference is not None:
        lines.append(
            "With how many rows it could be told is not known: a learning curve needs several splits, enough rows of every "
            "class in a quarter of them, and a run to its end."
        )
    return "\n".join(textwrap.fill(line, WIDTH) for line in lines)


def troubles(comparison: Comparison) -> list[str]:
    """What failed, what was not finished, and the warnings: one paragraph, or none."""
    failed = [f"{name} {reason}" for name, reason in comparison.failures.items()]
    stopped = (
        [f"Interrupted: {', '.join(comparison.unfinished)} not finished."] if comparison.unfinished else []
    )
    shown = [f"Warning: {text}" for text in comparison.warnings[:MOST_WARNINGS]]
    more = len(comparison.warnings) - len(shown)
    rest = [f"{more} more in result.warnings."] if more > 0 else []
    lines = [*failed, *stopped, *shown, *rest]
    return ["\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines)] if lines else []
