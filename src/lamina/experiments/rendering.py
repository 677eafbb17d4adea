"""A report as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.report import Confusion, Report, Row

WIDTH = 100
ABSENT = "–"
QUICK = "Quick: fewer seeds, splits and epochs than the result needs; a look only."
AS_PRINTED = ",.10g"
"""Published values keep the digits of their source."""
HEADINGS = ("published", "ours", "± sd", "n")


def render(report: Report) -> str:
    """Title, table, confusion matrices, remarks, and what it was got with."""
    parts = [_heading(report), _table(report.rows)]
    parts += [_cross_table(each) for each in report.tables]
    parts += [_confusion(each) for each in report.confusions]
    if report.remarks:
        parts.append("\n".join(_wrapped(remark) for remark in report.remarks))
    parts.append(_origin(report))
    return "\n\n".join(parts)


def _heading(report: Report) -> str:
    lines = [f"{report.name}: {report.title}", textwrap.fill(report.source, WIDTH)]
    return "\n".join([*lines, QUICK] if report.quick else lines)


def _table(rows: tuple[Row, ...]) -> str:
    cells = [_cells(row) for row in rows]
    first = max(len(row.quantity) for row in rows) + 2
    widths = [max(len(line[i]) for line in [HEADINGS, *cells]) for i in range(len(HEADINGS))]

    def line(start: str, numbers: tuple[str, ...], note: str = "") -> str:
        columns = [number.rjust(width) for number, width in zip(numbers, widths, strict=True)]
        return "  ".join([start.ljust(first), *columns, note]).rstrip()

    lines = [line("", HEADINGS), "-" * (first + sum(widths) + 2 * len(widths))]
    for section, members in groupby(zip(rows, cells, strict=True), key=lambda pair: pair[0].section):
        if section:
            lines += ["", *textwrap.wrap(section, WIDTH)]
        lines += [line(f"  {row.quantity}", numbers, row.note) for row, numbers in members]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    published = ABSENT if row.published is None else format(row.published, AS_PRINTED)
    sd = ABSENT if row.sd is None else format(row.sd, row.form.lstrip("+"))
    return published, format(row.mean, row.form), sd, str(row.n)


def _confusion(confusion: Confusion) -> str:
    width = max(5, *(len(label) for label in confusion.labels)) + 1
    lines = [" " * width + "".join(label.rjust(width) for label in confusion.labels)]
    for label, counts in zip(confusion.labels, confusion.counts, strict=True):
        lines.append(label.rjust(width) + "".join(f"{count:{width}}" for count in counts))
    title = textwrap.fill(f"{confusion.title}: true class in rows, predicted in columns", WIDTH)
    return "\n".join([title, *lines])


def _cross_table(table: CrossTable) -> str:
    """Columns to the right; an empty line where what stands before the colon of a label changes."""
    starred = any(each is not None and each.starred for _, estimates in table.rows for each in estimates)

    def cell(estimate: Estimate | None) -> str:
        text = ABSENT if estimate is None else estimate.text(table.form)
        return text if not starred or text.endswith("*") else f"{text} "

    texts = [(label, [cell(each) for each in estimates]) for label, estimates in table.rows]
    first = max(len(label) for label, _ in texts) + 2
    widths = [
        max(len(text) for text in column)
        for column in zip(table.columns, *(t for _, t in texts), strict=True)
    ]

    def line(label: str, cells: Sequence[str]) -> str:
        aligned = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        return "  ".join([label.ljust(first), *aligned]).rstrip()

    lines = [line("", table.columns)]
    for _, members in groupby(texts, key=lambda pair: pair[0].partition(":")[0] if ":" in pair[0] else ""):
        lines += ["", *(line(f"  {label}", cells) for label, cells in members)]
    return "\n".join([textwrap.fill(table.title, WIDTH), *lines])


def _wrapped(remark: str) -> str:
    return textwrap.fill(remark, WIDTH, initial_indent="- ", subsequent_indent="  ")


def _origin(report: Report) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    text = f"{report.date}, {report.seconds:.0f} seconds on {report.machine}; {versions}"
    return textwrap.fill(text, WIDTH)
