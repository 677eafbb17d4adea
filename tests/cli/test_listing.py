"""``lamina datasets`` and ``lamina reproduce``: lists that other programs can read, and unknown names."""

from __future__ import annotations


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
