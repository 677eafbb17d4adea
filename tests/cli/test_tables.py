"""Finding the table and its outcome: names, files, and what is said when either is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tables_on_disk import write

from lamina.cli.tables import open_problem
from lamina.errors import DataError


def test_a_data_set_knows_its_own_outcome() -> None:
    problem = open_problem("hitters", None, None)
    assert (problem.target, problem.task) == ("Salary", "regression")
    assert problem.predictors.shape == (263, 19)
    assert problem.outcome.name == "Salary"


def test_another_outcome_of_a_data_set_is_not_given_its_task() -> None:
    problem = open_problem("hitters", "League", None)
    assert problem.task is None
    assert "Salary" in problem.predictors


def test_groups_are_taken_out_of_the_predictors(sales: Path) -> None:
    problem = open_problem(str(sales), "revenue", None, groups="customer")
    assert list(problem.predictors) == ["price", "area", "region"]
    assert problem.groups is not None
    assert problem.groups.nunique() == 12


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hiters", None, None), r"'hiters' is no file, no folder and no data set: did you mean 'hitters'\?"),
        (("sales.csv", "revenu", None), r"no column 'revenu' \(--target\): did you mean 'revenue'\?"),
        (("sales.csv", None, None), r"add --target with one of 'price', 'area'"),
        (("sales.csv", "revenue", None, "customers"), r"'customers' \(--groups\): did you mean 'customer'\?"),
        (("sales.csv", "revenue", None, "revenue"), r"no column 'revenue' \(--groups\)"),
    ],
)
def test_what_is_said_when_it_is_not_there(words, said, sales, monkeypatch) -> None:
    monkeypatch.chdir(sales.parent)
    with pytest.raises(DataError, match=said):
        open_problem(*words)


@pytest.mark.parametrize("drop", [False, True])
def test_an_infinite_outcome_is_refused_with_its_row_counted_as_in_the_file(tmp_path: Path, drop) -> None:
    path = write(tmp_path / "infinite.csv", "a,y", "1,2.5", "2,3.5", "3,-inf")
    with pytest.raises(DataError, match=r"infinite in 1 of 3 rows \(first in row 3\).*correct or remove"):
        open_problem(str(path), "y", None, drop=drop)


def test_rows_without_an_outcome_are_refused_or_left_out_as_asked(tmp_path: Path) -> None:
    path = write(tmp_path / "gaps.csv", "a,shop,y", "1,s,2.5", "2,t,", "3,u,1.5")
    with pytest.raises(DataError, match=r"missing in 1 of 3 rows \(first in row 2\).*--drop-"):
        open_problem(str(path), "y", None)
    problem = open_problem(str(path), "y", None, groups="shop", drop=True)
    assert problem.outcome.tolist() == [2.5, 1.5]
    assert problem.groups is not None
    assert problem.groups.tolist() == ["s", "u"]
