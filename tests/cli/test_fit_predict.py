"""``lamina fit`` and ``lamina predict``: from a table to a model file to predictions."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FIT = ("--model", "mlp", "--epochs", "30", "--out", "m.lamina")


@pytest.fixture
def fitted(run, sales: Path) -> pd.DataFrame:
    """The sales table, with a model of it saved as m.lamina."""
    result = run("fit", sales, "--target", "revenue", *FIT)
    assert result.exit_code == 0, result.output
    return pd.read_csv(sales)


def predicted(run, frame: pd.DataFrame, out: str = "p.csv") -> pd.DataFrame:
    frame.to_csv("new.csv", index=False)
    result = run("predict", "m.lamina", "new.csv", "--out", out)
    assert result.exit_code == 0, result.output
    return pd.read_csv(out)


def test_predictions_follow_the_rows_and_beat_the_mean(run, fitted: pd.DataFrame) -> None:
    guess = predicted(run, fitted)["prediction"]
    assert len(guess) == len(fitted)
    revenue = fitted["revenue"]
    assert np.abs(guess - revenue).mean() < np.abs(revenue - revenue.mean()).mean()
    np.testing.assert_array_equal(predicted(run, fitted[::-1])["prediction"], guess[::-1])


def test_columns_are_matched_by_name_and_others_ignored(run, fitted: pd.DataFrame) -> None:
    guess = predicted(run, fitted)
    shuffled = fitted[["region", "customer", "price", "area"]].assign(extra=1)
    pd.testing.assert_frame_equal(predicted(run, shuffled), guess)


def test_classes_come_with_a_probability_each(run, churn: Path) -> None:
    assert run("fit", churn, "--target", "status", *FIT).exit_code == 0
    guess = predicted(run, pd.read_csv(churn))
    assert list(guess) == ["prediction", "probability_leaves", "probability_stays"]
    chances = guess.filter(like="probability")
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)
    assert list(guess["prediction"]) == list(chances.idxmax(axis=1).str.removeprefix("probability_"))


def test_the_ending_says_the_format(run, fitted: pd.DataFrame) -> None:
    guess = predicted(run, fitted)
    assert run("predict", "m.lamina", "new.csv", "--out", "p.parquet").exit_code == 0
    assert run("predict", "m.lamina", "new.csv", "--out", "p.tsv").exit_code == 0
    np.testing.assert_allclose(pd.read_parquet("p.parquet")["prediction"], guess["prediction"], rtol=1e-5)
    pd.testing.assert_frame_equal(pd.read_csv("p.tsv", sep="\t"), guess)


def test_without_a_file_predictions_go_to_standard_output(run, fitted: pd.DataFrame) -> None:
    predicted(run, fitted)
    result = run("predict", "m.lamina", "new.csv")
    assert result.stdout == Path("p.csv").read_text()


def test_the_same_seed_gives_the_same_model(run, sales: Path) -> None:
    def guess(seed: int) -> pd.DataFrame:
        assert run("fit", sales, "--target", "revenue", *FIT, "--seed", seed).exit_code == 0
        return predicted(run, pd.read_csv(sales))

    pd.testing.assert_frame_equal(guess(3), guess(3))
    assert not guess(3).equals(guess(4))


def test_an_unseen_category_is_told(run, fitted: pd.DataFrame) -> None:
    fitted.loc[0, "region"] = "abroad"
    fitted.to_csv("new.csv", index=False)
    result = run("predict", "m.lamina", "new.csv", "--out", "p.csv")
    assert result.exit_code == 0
    notes = [line for line in result.stderr.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert "region" in notes[0]
    assert "abroad" in notes[0]


def test_a_missing_column_is_named(run, fitted: pd.DataFrame) -> None:
    fitted.drop(columns="price").to_csv("new.csv", index=False)
    result = run("predict", "m.lamina", "new.csv", "--out", "p.csv")
    assert result.exit_code == 2
    assert "the model was fitted with the column 'price', which the new rows lack: add it" in result.stderr
    assert not Path("p.csv").exists()


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"a,b\n1,2\n", lambda data: b""]
)
def test_a_damaged_or_foreign_model_is_refused(run, fitted: pd.DataFrame, damage) -> None:
    model = Path("m.lamina")
    model.write_bytes(damage(model.read_bytes()))
    fitted.to_csv("new.csv", index=False)
    result = run("predict", "m.lamina", "new.csv")
    assert result.exit_code == 2
    assert "m.lamina" in result.stderr
    assert "Traceback" not in result.output


def test_dropped_columns_are_not_needed_to_predict(run, sales: Path) -> None:
    assert run("fit", sales, "--target", "revenue", *FIT, "--drop", "customer").exit_code == 0
    assert len(predicted(run, pd.read_csv(sales).drop(columns="customer"))) == len(pd.read_csv(sales))


def test_a_missing_model_is_told(run, sales: Path) -> None:
    result = run("predict", "none.lamina", sales)
    assert result.exit_code == 2
    assert "none.lamina" in result.stderr


def test_an_unknown_model_name_is_told_with_those_known(run, sales: Path) -> None:
    result = run("fit", sales, "--target", "revenue", "--model", "mpl", "--out", "m.lamina")
    assert result.exit_code == 2
    assert "did you mean 'mlp'?" in result.stderr


@pytest.mark.parametrize("out", ["none/m.lamina", "."])
def test_an_unwritable_model_file_is_told_before_fitting(run, out: str) -> None:
    result = run("fit", "not-there.csv", "--target", "y", "--out", out)
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_a_failed_save_leaves_the_old_model(run, fitted: pd.DataFrame, sales: Path, monkeypatch) -> None:
    before = Path("m.lamina").read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    result = run("fit", sales, "--target", "revenue", *FIT, "--seed", "9")
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert Path("m.lamina").read_bytes() == before
    assert sorted(path.suffix for path in Path().iterdir()) == [".csv", ".lamina"]


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """Reviews whose last word tells, with a year that does not."""
    rng = np.random.default_rng(0)
    good = rng.integers(2, size=80).astype(bool)
    words = rng.choice(["plot", "scene", "actor", "music"], (80, 4))
    last = np.where(good, "fine", "dull")
    table = pd.DataFrame(
        {
            "review": [" ".join([*row, word]) for row, word in zip(words, last, strict=True)],
            "year": rng.integers(1960, 2020, 80),
            "sentiment": np.where(good, "good", "bad"),
        }
    )
    table.to_csv(tmp_path / "reviews.csv", index=False)
    return tmp_path / "reviews.csv"


def test_documents_are_fitted_and_predicted(run, reviews: Path) -> None:
    told = run("fit", reviews, "--target", "sentiment", "--text", "review", "--out", "m.lamina")
    assert told.exit_code == 0, told.output
    assert "80 documents of review" in told.stdout
    assert "only the words of 'review' are read; left out: 'year'" in told.stderr
    pd.DataFrame({"id": [1, 2, 3], "words": ["a fine film", "dull", None]}).to_csv("new.csv", index=False)
    told = run("predict", "m.lamina", "new.csv", "--text", "words", "--out", "p.csv")
    assert told.exit_code == 0, told.output
    assert "1 of 3 documents of 'words' are missing: they count as empty" in told.stderr
    assert pd.read_csv("p.csv")["prediction"].tolist()[:2] == ["good", "bad"]
    pd.DataFrame({"anything": ["so fine"]}).to_csv("one.csv", index=False)
    assert "good" in run("predict", "m.lamina", "one.csv").stdout


def test_the_column_of_documents_must_be_said(run, reviews: Path, churn: Path) -> None:
    fit = ("fit", reviews, "--target", "sentiment", "--out", "m.lamina", "--text")
    for words, said in (
        ((*fit, "revue"), "did you mean 'review'"),
        ((*fit, "sentiment"), "which is the column to predict"),
        ((*fit, "year"), "of type int"),
    ):
        told = run(*words)
        assert (told.exit_code, said in told.stderr) == (2, True), told.output
    assert run(*fit, "review", "--epochs", 1).exit_code == 0
    told = run("predict", "m.lamina", reviews)
    assert told.exit_code == 2
    assert "say which holds them by --text, one of 'review', 'year', 'sentiment'" in told.stderr
    assert run("fit", churn, "--target", "status", "--epochs", 1, "--out", "c.lamina").exit_code == 0
    told = run("predict", "c.lamina", churn, "--text", "usage")
    assert told.exit_code == 2
    assert "--text is for a model of documents" in told.stderr
