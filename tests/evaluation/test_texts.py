"""Comparisons on text: a column of documents alone, and beside others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import MultinomialNB
from typer.testing import CliRunner

from lamina import TextClassifier, compare
from lamina.cli.app import app
from lamina.errors import ArgumentTypeError, DataError, DataWarning
from lamina.evaluation import text_contenders
from lamina.evaluation.contenders import choose_contenders
from lamina.evaluation.running import competing
from lamina.evaluation.texts import ColumnsAsWords, WordsAndColumns, read_texts

NAMES = ["majority", "words_lasso", "words_mlp", "lstm"]


def reviews(n: int, seed: int = 0) -> pd.DataFrame:
    """Reviews that end with a word of praise or of blame; of every third, the genre alone tells."""
    rng = np.random.default_rng(seed)
    good = rng.integers(2, size=n).astype(bool)
    words = rng.choice(["plot", "scene", "actor", "music", "story"], (n, 4))
    last = np.where(np.arange(n) % 3 == 0, "film", np.where(good, "fine", "dull"))
    return pd.DataFrame(
        {
            "review": [" ".join([*row, word]) for row, word in zip(words, last, strict=True)],
            "genre": np.where(good, "love", "war"),
            "minutes": rng.normal(100, 10, n),
            "sentiment": np.where(good, "good", "bad"),
        }
    )


FRAME = reviews(90)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_contenders, "MOST_EPOCHS", 8)


@pytest.mark.usefixtures("quick")
def test_the_rows_of_the_table_and_the_command(tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "reviews.csv", index=False)
    arguments = [
        "compare",
        str(tmp_path / "reviews.csv"),
        "--text",
        "review",
        "--target",
        "sentiment",
        "--cv",
        "2",
    ]
    told = CliRunner().invoke(app, [*arguments, "--json", str(tmp_path / "out.json")])
    assert told.exit_code == 0, told.output
    found = pd.read_json(tmp_path / "out.json", typ="series")["models"]
    assert [model["name"] for model in found] == NAMES
    by_name = {model["name"]: model for model in found}
    assert by_name["words_lasso"]["accuracy"] == 1  # the genre tells all
    assert by_name["majority"]["accuracy"] < 0.7


def test_documents_alone_with_a_model_of_ones_own() -> None:
    models = {"bayes": MultinomialNB(), "own": TextClassifier([], epochs=40, random_state=0)}
    texts = FRAME["review"].tolist()
    result = compare(texts, FRAME["sentiment"], text=True, models=models, include=["majority"], cv=2)
    assert result.failures == {}
    assert result.table.loc["bayes", "accuracy"] > result.table.loc["majority", "accuracy"]
    assert result.networks == ("own",)


def test_other_columns_stand_beside_the_words_or_among_them() -> None:
    table, name = read_texts(FRAME.drop(columns="sentiment"), "review")
    rows = WordsAndColumns("review").fit(table).transform(table)
    words = {word for text in FRAME["review"] for word in text.split()}
    assert rows.shape == (90, len(words) + 2)  # a binary genre is one column
    np.testing.assert_allclose(rows[:, [-1]].toarray().std(), 1, rtol=1e-3)
    said = ColumnsAsWords(name).fit(table).transform(table)
    assert said[0].startswith(FRAME["review"][0])
    assert {text.split()[5] for text in said} == {"column_genre_love", "column_genre_war"}
    assert {text.split()[6] for text in said} == {f"column_minutes_{band}" for band in range(5)}


def test_words_mlp_stands_for_the_networks() -> None:
    chosen = choose_contenders("classification", text="review")
    assert [each.name for each in competing(chosen)] == ["majority", "words_lasso"]


def test_columns_that_cannot_be_read() -> None:
    with pytest.raises(DataError, match="did you mean 'review'"):
        compare(FRAME, FRAME["sentiment"], text="reviews")
    with pytest.raises(DataError, match=r"minutes\[0\] is .* of type float"):
        compare(FRAME, FRAME["sentiment"], text="minutes")
    with pytest.raises(ArgumentTypeError, match="4 columns"):
        compare(FRAME, FRAME["sentiment"], text=True)
    for X, text in ((FRAME, 3), (FRAME["review"].tolist(), "review")):
        with pytest.raises(ArgumentTypeError, match=r"give the name of a column .*, or True"):
            compare(X, FRAME["sentiment"], text=text)
    for X in ("a review", {"a": 1}):
        with pytest.raises(ArgumentTypeError, match="give a list of strings"):
            compare(X, FRAME["sentiment"], text=True)
    with pytest.raises(DataError, match="none of the 90 documents of 'review' has a word"):
        compare(FRAME.assign(review="..."), FRAME["sentiment"], text="review")
    for kind, missing in ((object, None), (object, float("nan")), ("string", pd.NA)):
        column = pd.Series([missing, *FRAME["review"][1:]], dtype=kind)
        with pytest.warns(DataWarning, match="1 of 90 documents of 'review' are missing"):
            table, _ = read_texts(FRAME.assign(review=column), "review")
        assert table["review"][0] == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--text", "sentiment"), "--text names 'sentiment', which is the column to predict"),
        (("--text", "review", "--groups", "review"), "--text names 'review', which is the column of groups"),
    ],
)
def test_a_column_with_another_part_holds_no_documents(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    FRAME.to_csv(tmp_path / "reviews.csv", index=False)
    told = CliRunner().invoke(
        app, ["compare", str(tmp_path / "reviews.csv"), "--target", "sentiment", *words]
    )
    assert told.exit_code == 2, told.output
    assert said in told.stderr


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", ["words_lasso", "words_mlp", "lstm"])
def test_a_regression(name: str) -> None:
    y: Any = (FRAME["sentiment"] == "good") * 4.0 + np.arange(90) % 2
    result = compare(FRAME[["review"]], y, text=True, include=["mean", name], cv=2)
    assert result.failures == {}
