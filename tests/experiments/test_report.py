"""Reports: what the table says, and that it fits a terminal."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.rendering import WIDTH
from lamina.experiments.report import Confusion, Findings, Report, Row

ROWS = (
    Row("One split", "lasso: error", (252.25,), 252.3),
    Row("One split", "network: error", (250.0, 254.0, 258.0), 257.4, note="three seeds"),
    Row("One split", "network: parameters", (1345.0,), 1345, ",.0f"),
    Row("Other splits", "network, minus lasso", (-1.5, 3.5), form="+.1f"),
)
TABLE = CrossTable(
    "Error by family",
    ("10 points", "100"),
    (
        ("smooth: network", (Estimate(0.5, 0.02), Estimate(0.25, 0.01, True))),
        ("smooth: polynomial", (Estimate(0.25), None)),
    ),
)
CONFUSION = Confusion.of("Digits", [0, 1, 1, 2], [0, 1, 2, 2])


@pytest.fixture
def report() -> Report:
    return Report(
        name="example",
        title="a table",
        source="A book.",
        quick=False,
        findings=Findings(ROWS, ("A remark " * 30,), (CONFUSION,), (TABLE,)),
        versions={"lamina": "0.1.0"},
        machine="Linux, 2 cores",
        date="2026-11-21",
        seconds=1.4,
    )


def test_the_spread_is_that_of_a_sample() -> None:
    assert ROWS[1].mean == 254.0
    assert ROWS[1].sd == 4.0
    assert ROWS[0].sd is None


def test_published_and_ours_stand_beside_each_other(report: Report) -> None:
    lines = [line.split() for line in str(report).splitlines()]
    assert ["lasso:", "error", "252.3", "252.2", "–", "1"] in lines
    assert ["network:", "error", "257.4", "254.0", "4.0", "3", "three", "seeds"] in lines
    assert ["network:", "parameters", "1,345", "1,345", "–", "1"] in lines
    assert ["network,", "minus", "lasso", "–", "+1.0", "3.5", "2"] in lines


def test_columns_stand_under_their_headings(report: Report) -> None:
    lines = str(report).partition(TABLE.title)[0].splitlines()
    end = next(line for line in lines if line.endswith("± sd  n")).index("ours") + 4
    rows = [line for line in lines if line.startswith("  ") and ":" in line]
    assert all(line[end - 1] != " " and line[end] == " " for line in rows)


def test_a_cross_table_shows_standard_errors_stars_and_gaps(report: Report) -> None:
    lines = [line.split() for line in str(report).splitlines()]
    assert ["smooth:", "network", "0.500±0.020", "0.250±0.010*"] in lines
    assert ["smooth:", "polynomial", "0.250", "–"] in lines
    assert report.tables[0].estimate("smooth: polynomial", "10 points") == Estimate(0.25)


def test_a_picture_of_its_own_takes_the_place_of_the_dots(report: Report, tmp_path: Path) -> None:
    findings = dataclasses.replace(report.findings, picture=lambda path: Path(path).write_text("mine"))
    dataclasses.replace(report, findings=findings).plot(tmp_path / "own.png")
    assert (tmp_path / "own.png").read_text() == "mine"


def test_sections_are_said_once(report: Report) -> None:
    assert str(report).count("One split") == 1


def test_no_line_is_wider_than_a_terminal(report: Report) -> None:
    assert max(map(len, str(report).splitlines())) <= WIDTH


def test_what_a_quick_run_is_worth_is_said(report: Report) -> None:
    quick = Report(**{**vars(report), "quick": True})
    assert "a look only" in str(quick)
    assert "a look only" not in str(report)


def test_the_dictionary_is_json_and_holds_every_value(report: Report) -> None:
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert plain["rows"][1]["values"] == [250.0, 254.0, 258.0]
    assert plain["rows"][1]["mean"] == 254.0
    assert plain["rows"][0]["sd"] is None
    assert plain["tables"][0]["rows"][0][1][1] == {"mean": 0.25, "error": 0.01, "starred": True}
    assert plain["confusions"][0]["counts"] == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    assert {"name", "source", "versions", "date", "seconds", "remarks"} <= plain.keys()


def test_a_confusion_matrix_counts_every_row_once() -> None:
    assert CONFUSION.array.sum() == 4
    assert CONFUSION.array.trace() == 3


def test_a_picture_is_written(report: Report, tmp_path: Path) -> None:
    report.plot(tmp_path / "report.png")
    report.plot(tmp_path / "part.png", section="Other")
    sizes = [path.stat().st_size for path in sorted(tmp_path.iterdir())]
    assert len(sizes) == 2
    assert all(math.isfinite(size) and size > 1000 for size in sizes)


def test_a_single_row_is_drawn_where_there_is_a_published_value_beside_it() -> None:
    from lamina.experiments.plotting import _panels

    with_one = Row("Accuracy", "network", (84.0, 86.0), 76.0)
    assert _panels((with_one,)) == [[with_one]]
    assert _panels((Row("Accuracy", "network", (84.0, 86.0)),)) == []
