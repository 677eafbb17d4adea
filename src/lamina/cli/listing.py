"""Lists with aligned columns: fitted to the width of a terminal, plain and unwrapped elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

UNWRAPPED = 400


def print_listing(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Print rows under headings; the headings in ``right`` are aligned to the right, as numbers are.

    >>> print_listing(("name", "rows"), [("iris", "150"), ("wine", "178")], right=["rows"])
    name  rows
    iris   150
    wine   178
    """
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = UNWRAPPED
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table, markup=False)
