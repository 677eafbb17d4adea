"""A tape as text: equations where they can be read, else a table of norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina.errors import SpecificationError
from lamina.explain.tape.norms import norms, rms
from lamina.explain.tape.tape import Tape
from lamina.networks.summary import details


def as_text(tape: Tape) -> str:
    """A heading, then the equations of a small network or the norms of a large one."""
    try:
        body = tape.equations()
    except SpecificationError:
        body = norms_text(tape)
    return f"{heading(tape)}\n{body}"


def heading(tape: Tape) -> str:
    """What was passed through what."""
    rows = f"{tape.n_rows} row{'s' if tape.n_rows != 1 else ''}"
    how = "a pass of training" if tape.training else "a pass of prediction"
    penalty = f", penalties {tape.penalty:.6g}" if tape.penalty else ""
    lines = [
        f"Back-propagation of {type(tape.loss).__name__}, {rows}, {how}: risk R = {tape.risk:.6g}{penalty}"
    ]
    if tape.standardised:
        lines.append("x (and y in regression) are standardised as in the fit.")
    return "\n".join(lines)


def norms_text(tape: Tape) -> str:
    """Root mean squares by module, first to last."""
    frame = norms(tape)
    titles = ["module", "output", "z", "a", "|g'(z)|", "error at a", "gradient", "update", "update/weights"]
    columns = ["z", "a", "slope", "error", "gradient", "update", "step"]
    rows: list[Sequence[str]] = [titles]
    for module, (_, found) in zip(tape, frame.iterrows(), strict=True):
        name = "  " * module.path.count("/") + module.path.rsplit("/", 1)[-1] + details(module.layer)
        rows.append([name, _shape(found["output"]), *(_cell(found[column]) for column in columns)])
    error = _cell(rms(tape.outcome.error))
    rows.append(["loss", _shape(tape.outcome.z.shape[1:]), *[""] * 3, error, "", "", ""])
    foot = "z, a and errors: root mean squares over rows and units; gradient and update: Euclidean norms."
    return f"{_table(rows)}\n{foot}"


def _cell(value: Any) -> str:
    return "" if value != value else f"{float(value):.3g}"


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def _table(rows: list[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
