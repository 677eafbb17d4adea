"""The section "Calibration" of the verdict's page, written from the results of a run.

    python -m lamina.experiments.calibration_page docs/verdict.md

puts it between the page's two marks, from the summary of the last whole run or from the file that is named after the page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from lamina.errors import DataError
from lamina.experiments.crosstable import CrossTable, Estimate

BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
ABSENT = "–"
COMMAND = """<!-- not run: takes an hour -->
```console
$ lamina reproduce verdict-calibration --plot calibration.png
```"""


def write_section(page: Path, summary: Path) -> None:
    """Put the section that a run's summary makes between the marks of a page.

    Raises
    ------
    DataError
        If the page has not both marks, or there is no such summary.
    """
    from lamina.files.atomic import replacing

    if not summary.is_file():
        raise DataError(f"there is no {summary}: run `lamina reproduce verdict-calibration` to its end first")
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DataError(f"{page} must hold the lines {BEGIN} and {END}: the section goes between them")
    section = as_markdown(json.loads(summary.read_text(encoding="utf-8")))
    with replacing(page) as scratch:
        scratch.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}", encoding="utf-8")


def as_markdown(summary: Mapping[str, Any]) -> str:
    """Command, rates, tables and remarks."""
    minutes = summary["seconds"] / 60
    what = (
        f"{summary['draws']:,} simulated data sets in {summary['cells']} cells; {minutes:.0f} minutes of one core, "
        f"{minutes / 2:.0f} of two."
    )
    parts = [COMMAND, what, *_rates(summary["rows"])]
    parts += [_cross_table(_table_of(plain)) for plain in summary["tables"]]
    parts.append("\n".join(f"- {remark}" for remark in summary["remarks"]))
    return "\n\n".join(parts)


def _rates(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for section, members in groupby(rows, key=lambda row: row["section"]):
        lines = ["| | % | 95 % interval |", "| --- | ---: | --- |"]
        for row in members:
            number = format(row["mean"], row["form"])
            lines.append(f"| {row['quantity'].strip()} | {number} | {row['note']} |")
        yield f"**{section}**"
        yield "\n".join(lines)


def _table_of(plain: Mapping[str, Any]) -> CrossTable:
    rows = tuple(
        (label, tuple(None if each is None else Estimate(**each) for each in estimates))
        for label, estimates in plain["rows"]
    )
    return CrossTable(plain["title"], tuple(plain["columns"]), rows, plain["form"])


def _cross_table(table: CrossTable) -> str:
    """A Markdown table; a star becomes bold print."""
    lines = ["| | " + " | ".join(table.columns) + " |", "| --- |" + " ---: |" * len(table.columns)]
    for label, estimates in table.rows:
        cells = [_cell(each, table.form) for each in estimates]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    title = table.title.replace("; * where", "; bold where")
    return f"**{title}**\n\n" + "\n".join(lines)


def _cell(estimate: Estimate | None, form: str) -> str:
    if estimate is None:
        return ABSENT
    text = estimate.text(form)
    return f"**{text.removesuffix('*')}**" if text.endswith("*") else text


def main(arguments: Sequence[str]) -> None:
    """Write the section into the page named first, from the summary named second."""
    from lamina.experiments.calibration_store import default_folder

    page, *rest = map(Path, arguments)
    write_section(page, rest[0] if rest else default_folder() / "summary.json")


if __name__ == "__main__":
    main(sys.argv[1:])
