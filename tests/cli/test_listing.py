"""``lamina datasets`` and ``lamina reproduce``: lists that other programs can read, and unknown names."""

from __future__ import annotations

import pytest

from lamina.cli.listing import print_listing


def test_the_embedded_data_sets_are_listed_one_a_line(run) -> None:
    lines = run("datasets").output.splitlines()
    hitters = next(line for line in lines if line.startswith("hitters"))
    assert "263" in hitters
    assert "Salary" in hitters
    assert lines[0].split()[:2] == ["name", "title"]


def test_the_experiments_are_listed_with_what_they_take(run) -> None:
    asked, default = run("reproduce", "--list"), run("reproduce")
    assert asked.exit_code == default.exit_code == 0
    assert asked.output == default.output
    assert all(name in asked.output for name in ("hitters", "boston", "mnist", "iris"))


def test_an_unknown_experiment_is_told_with_the_nearest(run) -> None:
    result = run("reproduce", "hiters")
    assert result.exit_code == 2
    assert "did you mean 'hitters'?" in result.stderr


def test_the_picture_of_an_experiment_is_written_where_it_can_be(run, tmp_path) -> None:
    refused = run("reproduce", "dropout-as-ridge", "--quick", "--plot", "paths.bmp")
    assert refused.exit_code == 2
    assert "must be one of .png" in refused.stderr
    result = run("reproduce", "dropout-as-ridge", "--quick", "--plot", "paths.png")
    assert result.exit_code == 0
    assert "ridge regression" in result.output
    assert (tmp_path / "paths.png").stat().st_size > 1000


@pytest.mark.parametrize("columns", [40, 300])
def test_a_narrow_terminal_gets_two_lines_an_entry(columns: int, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = [("hitters", "Salaries of baseball players", "embedded"), ("mnist", "Digits", "to download")]
    print_listing(("name", "title", "where"), rows, details=lambda row: row[2])
    first = capsys.readouterr().out.splitlines()[:2]
    wide = ["name     title                         where", "hitters  Salaries of baseball players  embedded"]
    assert first == (wide if columns == 300 else ["hitters: Salaries of baseball players", "  embedded"])
