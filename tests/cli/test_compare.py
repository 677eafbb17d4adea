"""``lamina compare`` from words to numbers, and every table that it must refuse or mend in plain words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tables_on_disk import write

QUICK = ("--cv", "2", "--include", "mean,linear,mlp")


def test_a_table_is_compared_and_written(run, sales: Path) -> None:
    result = run(
        "compare", sales, "--target", "revenue", *QUICK, "--json", "all.json", "--plot", "errors.png"
    )
    assert result.exit_code == 0, result.output
    assert all(name in result.stdout for name in ("linear", "mlp"))
    report = json.loads(Path("all.json").read_text())
    assert (report["target"], report["rows"], report["task"]) == ("revenue", 60, "regression")
    assert {model["name"] for model in report["models"]} >= {"mean", "linear", "mlp"}
    assert report["verdict"]["answer"] in {"worth it", "not worth it", "cannot tell"}
    assert Path("errors.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_numbers(run, sales: Path) -> None:
    def errors(seed: int) -> list[float]:
        words = ("--target", "revenue", *QUICK, "--seed", seed, "--json", "one.json")
        assert run("compare", sales, *words).exit_code == 0
        return [model["error_mean"] for model in json.loads(Path("one.json").read_text())["models"]]

    assert errors(1) == errors(1)
    assert errors(1) != errors(2)


def test_classes_are_compared_by_misclassification(run, churn: Path) -> None:
    words = ("--target", "status", "--cv", "2", "--include", "majority,logistic,mlp", "--json", "c.json")
    assert run("compare", churn, *words).exit_code == 0
    report = json.loads(Path("c.json").read_text())
    assert report["task"] == "classification"
    assert all(0 <= model["error_mean"] <= 1 for model in report["models"])


def test_the_margin_and_the_test_are_those_asked_for(run, sales: Path) -> None:
    words = ("--target", "revenue", *QUICK, "--json", "m.json")
    assert run("compare", sales, *words, "--margin", "90%", "--test", "one_se").exit_code == 0
    verdict = json.loads(Path("m.json").read_text())["verdict"]
    errors = {
        model["name"]: model["error_mean"] for model in json.loads(Path("m.json").read_text())["models"]
    }
    assert verdict["margin"] == pytest.approx(0.9 * errors[verdict["reference"]])
    assert "one-standard-error rule" in verdict["reason"]
    assert sum(verdict["probabilities"][side] for side in ("better", "equal", "worse")) == pytest.approx(1)


def test_rows_of_a_group_stay_together(run, sales: Path) -> None:
    words = ("--target", "revenue", "--groups", "customer", *QUICK)
    assert run("compare", sales, *words).exit_code == 0


GOOD = [f"{i},{i % 3},{i * 0.5 + i % 4}" for i in range(20)]
REFUSED: dict[str, tuple[list[str] | None, tuple[str, ...], str]] = {
    "missing file": (None, ("--target", "y"), "table.csv"),
    "missing target": (["a,b,y", *GOOD], ("--target", "z"), "no column 'z'"),
    "no target given": (["a,b,y", *GOOD], (), "--target"),
    "empty file": ([], ("--target", "y"), "empty"),
    "heading alone": (["a,b,y"], ("--target", "y"), "row"),
    "one row": (["a,b,y", "1,2,3.5"], ("--target", "y"), "row"),
    "one class": (["a,y", *(f"{i},yes" for i in range(20))], ("--target", "y"), "class"),
    "constant target": (["a,y", *(f"{i},2.5" for i in range(20))], ("--target", "y"), "constant"),
    "missing in y": (["a,b,y", *GOOD, "5,1,"], ("--target", "y"), "missing"),
    "infinity in y": (["a,b,y", *GOOD, "5,1,inf"], ("--target", "y"), "infin"),
    "words as numbers": (
        ["a,y", *(f"{i},{['no', 'yes'][i % 2]}" for i in range(20))],
        ("--target", "y", "--task", "regression"),
        "number",
    ),
    "numbers as classes": (["a,b,y", *GOOD], ("--target", "y", "--task", "classification"), "class"),
    "unknown metric": (["a,b,y", *GOOD], ("--target", "y", "--metric", "maa"), "metric"),
    "unknown model": (["a,b,y", *GOOD], ("--target", "y", "--include", "liner"), "did you mean 'linear'"),
    "unknown group": (["a,b,y", *GOOD], ("--target", "y", "--groups", "bb"), "no column 'bb'"),
    "margin without a unit": (
        ["a,b,y", *GOOD],
        ("--target", "y", "--metric", "r2", "--margin", "0.1"),
        '--margin 0.1 has no unit, and --metric r2 has none of its own: give "2%"',
    ),
    "negative margin": (["a,b,y", *GOOD], ("--target", "y", "--margin", "-5%"), "--margin -5% is negative"),
    "unknown test": (["a,b,y", *GOOD], ("--target", "y", "--test", "t"), "--test t is no test"),
    "test of another design": (["a,b,y", *GOOD], ("--target", "y", "--test", "mcnemar"), "one hold-out"),
    "too many folds": (["a,b,y", *GOOD], ("--target", "y", "--cv", "30"), "30"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_table_that_cannot_be_used_is_refused_in_words(run, tmp_path: Path, case: str) -> None:
    lines, words, said = REFUSED[case]
    if lines is not None:
        (tmp_path / "table.csv").write_text("".join(f"{line}\n" for line in lines))
    result = run("compare", "table.csv", *words)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("lamina: ")
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_whole_numbers_that_may_be_counts_are_told_to_be_classes(run, tmp_path: Path) -> None:
    write(tmp_path / "counts.csv", "a,cnt", *(f"{i * 7 % 13}.5,{i % 4}" for i in range(40)))
    words = ("compare", "counts.csv", "--target", "cnt", "--cv", "2", "--include")
    result = run(*words, "majority")
    assert result.exit_code == 0, result.output
    assert result.stderr == (
        "note: cnt has 4 different whole numbers and is taken as classes; for a count or a measurement add "
        "--task regression\n"
    )
    assert run(*words, "mean", "--task", "regression").stderr == ""


def test_two_whole_numbers_are_classes_without_a_word(run, tmp_path: Path) -> None:
    write(tmp_path / "yes.csv", "a,y", *(f"{i * 7 % 13}.5,{i % 2}" for i in range(40)))
    assert run("compare", "yes.csv", "--target", "y", "--cv", "2", "--include", "majority").stderr == ""


def test_messages_name_options_and_not_arguments(run, churn: Path) -> None:
    result = run("compare", churn, "--target", "status", "--task", "regression")
    assert "--task classification" in result.stderr
    assert "task=" not in result.stderr


def test_dropped_columns_are_no_predictors(run, sales: Path) -> None:
    words = ("compare", sales, "--target", "revenue", "--cv", "2", "--include", "linear", "--json", "d.json")
    assert run(*words, "--drop", "region, customer").exit_code == 0
    assert json.loads(Path("d.json").read_text())["models"][0]["parameters"] == 3


@pytest.mark.parametrize(
    ("drop", "said"),
    [
        ("regoin", "did you mean 'region'"),
        ("revenue", "the column to predict"),
        ("price,area,region,customer", "every predictor"),
    ],
)
def test_columns_that_cannot_be_dropped_are_told(run, sales: Path, drop: str, said: str) -> None:
    result = run("compare", sales, "--target", "revenue", "--drop", drop)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--json", "none/all.json"), "no folder none"), (("--plot", "errors.bmp"), "must be one of .png")],
)
def test_outputs_are_checked_before_the_table_is_read(run, words: tuple[str, ...], said: str) -> None:
    result = run("compare", "not-there.csv", "--target", "y", *words)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("column", "value"),
    [("note", lambda i: f"wrote on day {i} about {i * 7}"), ("empty", lambda i: "")],
)
def test_columns_that_say_nothing_are_left_out_and_it_is_said_once(
    run, tmp_path: Path, column, value
) -> None:
    write(tmp_path / "table.csv", f"a,{column},y", *(f"{i},{value(i)},{i + i % 3}" for i in range(40)))
    result = run("compare", "table.csv", "--target", "y", *QUICK, "--task", "regression")
    assert result.exit_code == 0, result.output
    assert len([line for line in result.output.splitlines() if f"left out: '{column}'" in line]) == 1
