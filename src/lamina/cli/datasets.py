"""``lamina datasets``: what is embedded, cached or to be had, with sizes and licences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamina.cli.listing import Row
    from lamina.data.datasets import Dataset

HEADINGS = ("name", "title", "task", "target", "rows", "columns", "size", "where", "licence")


def datasets() -> None:
    """List the data sets, with sizes and licences."""
    from lamina.cli.listing import print_listing
    from lamina.data.datasets import list_datasets

    rows = [_row(data) for data in list_datasets()]
    print_listing(HEADINGS, rows, _details, right=("rows", "columns", "size"))


def _row(data: Dataset) -> Row:
    return (
        data.name,
        data.title,
        data.task,
        data.target,
        f"{data.rows:,}",
        f"{data.columns:,}",
        _size(data.size_bytes),
        data.where,
        data.licence,
    )


def _details(row: Row) -> str:
    _, _, task, target, rows, columns, size, where, licence = row
    return f"{task} of {target}, {rows} rows, {columns} columns, {size}; {where}; {licence}"


def _size(count: int) -> str:
    """Bytes in the unit that a person would choose.

    >>> _size(900), _size(21_003), _size(18_319_068)
    ('1 kB', '21 kB', '18.3 MB')
    """
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{count / 1_000_000:.1f} MB"
