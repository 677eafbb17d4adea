"""``lamina datasets``: what is embedded, cached or to be had, with sizes and licences."""

from __future__ import annotations

HEADINGS = ("name", "title", "task", "target", "rows", "columns", "size", "where", "licence")


def datasets() -> None:
    """List the data sets: where they are, their sizes and licences."""
    from lamina.cli.listing import print_listing
    from lamina.data.datasets import list_datasets

    rows = [
        (
            data.name,
            data.title,
            data.task,
            str(data.target),
            f"{data.rows:,}",
            f"{data.columns:,}",
            _size(data.size_bytes),
            str(data.where),
            data.licence,
        )
        for data in list_datasets()
    ]
    print_listing(HEADINGS, rows, right=("rows", "columns", "size"))


def _size(count: int) -> str:
    """Bytes in the unit that a person would choose.

    >>> _size(900), _size(21_003), _size(18_319_068)
    ('1 kB', '21 kB', '18.3 MB')
    """
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{count / 1_000_000:.1f} MB"
