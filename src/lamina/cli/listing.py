"""Lists: one line an entry with aligned columns, or, in a terminal too narrow for that, two lines an entry."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence

import typer

Row = Sequence[str]
GAP = "  "


def print_listing(headings: Row, rows: Sequence[Row], details: Callable[[Row], str], right: Row = ()) -> None:
    """Print rows under headings.

    Parameters
    ----------
    headings, rows : sequences of text
        One text a column; the first names the entry, the second says what it is.
    details : function of a row
        What else there is to say about an entry, for a narrow terminal.
    right : sequence of text
        The headings whose columns are aligned to the right, as numbers are.

    >>> print_listing(("name", "rows"), [("iris", "150"), ("wine", "178")], details=" ".join, right=["rows"])
    name  rows
    iris   150
    wine   178
    """
    lines = aligned([headings, *rows], [heading in right for heading in headings])
    if _fits(max(map(len, lines))):
        typer.echo("\n".join(lines))
        return
    for row in rows:
        typer.echo(f"{row[0]}: {row[1]}\n{GAP}{details(row)}")


def aligned(rows: Sequence[Row], to_the_right: Sequence[bool]) -> list[str]:
    """The rows as lines whose columns stand under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        GAP.join(
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, numeric in zip(row, widths, to_the_right, strict=True)
        ).rstrip()
        for row in rows
    ]


def _fits(width: int) -> bool:
    """Whether lines of this width need no breaking; a file or a pipe takes any."""
    return not sys.stdout.isatty() or width <= shutil.get_terminal_size().columns
