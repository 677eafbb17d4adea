"""Effects as text: tables of fixed width for a terminal, what the intervals are, and what was left out."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from lamina.evaluation.wording import as_decimals, as_interval, as_number

if TYPE_CHECKING:
    from lamina.evaluation.effect.result import Effects

WIDTH = 100
MOST_PAIRS = 5

INTERVAL_OF = {
    "bootstrap": "the model refitted on {finished} bootstrap draws of the rows",
    "conditional": "the model refitted on {finished} bootstrap draws, averages over the rows as they are",
    "data": "{finished} bootstrap draws of the rows that are averaged over, the model held",
}


def render(found: Effects) -> str:
    """All that a reader of a terminal needs."""
    parts = [_heading(found), *_tables(found), _legend(found), _troubles(found)]
    return "\n\n".join(part for part in parts if part)


def _heading(found: Effects) -> str:
    classes = f" of {len(found.classes)} classes" if found.classes else ""
    on = f"the probability of {found.classes[1]}" if len(found.classes) == 2 else found.outcome
    on = "the probability of each class" if len(found.classes) > 2 else on
    return f"Effects on {on} ({found.task}{classes}, {found.rows:,} rows), {found.model}"


def _tables(found: Effects) -> list[str]:
    tables = [_effects(found)] if len(found.table) else []
    sets = found.loco[~found.loco.index.isin(found.table.index)] if len(found.loco) else found.loco
    if len(sets):
        rows = [(str(name), *_loco(row, "increase", "low", "high")) for name, row in sets.iterrows()]
        tables.append(aligned(("left out together", "error increases by", _level(found)), rows))
    if len(found.interactions):
        rows = [_pair(row) for _, row in found.interactions.head(MOST_PAIRS).iterrows()]
        tables.append(aligned(("interaction", "size", _level(found), "H²", _level(found)), rows))
    return tables


def _effects(found: Effects) -> str:
    """Average marginal effects and the increase in error without each column, whichever there are."""
    table = found.table
    by = next((name for name in ("class", "outcome") if name in table.columns), None)
    titles = ["column"]
    if "ame" in table.columns:
        titles += ["change", *([by] if by else []), "effect ± se", _level(found)]
    if "loco" in table.columns:
        titles += ["error without it", _level(found)]
    rows, before = [], None
    for name, row in table.iterrows():
        cells = [str(name)]
        if "ame" in table.columns:
            cells += _effect(row, by)
        if "loco" in table.columns:
            cells += _loco(row, "loco", "loco_low", "loco_high") if name != before else ["", ""]
        rows.append(tuple(cells))
        before = name
    return aligned(tuple(titles), rows)


def _level(found: Effects) -> str:
    return f"{found.level:.0%} interval".replace("%", " %")


def _effect(row: Any, by: str | None) -> list[str]:
    if pd.isna(row["ame"]):
        return ["", *([""] if by else []), "-", "-"]
    scale = _scale(row, "ame", "se")
    middle = [str(row[by])] if by else []
    effect = f"{as_number(row['ame'], scale, signed=True)} ± {as_number(row['se'], scale)}"
    return [str(row["change"]), *middle, effect, _between(row["low"], row["high"], scale)]


def _loco(row: Any, name: str, low: str, high: str) -> list[str]:
    scale = _scale(row, name, low, high)
    return [as_number(row[name], scale, signed=True), _between(row[low], row[high], scale)]


def _pair(row: Any) -> tuple[str, ...]:
    scale = _scale(row, "size")
    between = _between(row["low"], row["high"], 10.0, signed=False)
    size_between = _between(row["size_low"], row["size_high"], scale, signed=False)
    pair = f"{row['first']} × {row['second']}"
    return pair, as_number(row["size"], scale), size_between, as_decimals(row["h2"], 2), between


def _scale(row: Any, *names: str) -> float:
    """What decides about decimals: the largest of these, those that are known."""
    known = [abs(float(row[name])) for name in names if not pd.isna(row[name])]
    return max(known, default=1.0)


def _between(low: Any, high: Any, scale: float, signed: bool = True) -> str:
    if pd.isna(low) or pd.isna(high):
        return "-"
    if signed:
        return as_interval((float(low), float(high)), scale)
    return f"{as_number(float(low), scale)} to {as_number(float(high), scale)}"


def aligned(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table of fixed width: the first column to the left, the others to the right.

    >>> print(aligned(("a", "b"), [("first", "1")]))
    a       b
    ---------
    first   1
    ---------
    """
    everything = [titles, *rows]
    widths = [max(map(len, column)) for column in zip(*everything, strict=True)]
    lines = [
        "   ".join(
            [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in everything
    ]
    rule = "-" * max(map(len, lines))
    return "\n".join([lines[0], rule, *lines[1:], rule])


def _legend(found: Effects) -> str:
    lines = []
    if found.finished:
        what = INTERVAL_OF[found.intervals].format(finished=found.finished)
        lines.append(f"Intervals of effects: {found.method}, from {what}.")
    if len(found.loco):
        lines.append(
            f"Error: {found.metric} of rows that the fits have not seen; its interval is over those rows."
        )
    if found.step:
        lines.append(f"Slopes: central differences of {found.step:g} standard deviations of the column.")
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines)


def _troubles(found: Effects) -> str:
    return "\n".join(textwrap.fill(f"Note: {note}", WIDTH, subsequent_indent="  ") for note in found.notes)
