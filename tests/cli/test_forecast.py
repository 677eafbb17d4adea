"""``lamina forecast`` on the book's series and on own files, and every series that it must refuse in plain words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    """Sales of two shops over 60 days."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=60)
    frames = [
        pd.DataFrame(
            {"day": days.strftime("%d.%m.%Y"), "shop": name, "sales": np.cumsum(rng.normal(size=60)).round(3)}
        )
        for name in "ab"
    ]
    path = tmp_path / "shops.csv"
    pd.concat(frames).to_csv(path, index=False)
    return path


def test_the_books_series(run) -> None:
    words = ("--target", "log_volume", "--lags", "5", "--include", "straw_man,ar", "--json", "n.json")
    result = run("forecast", "nyse", *words)
    assert result.exit_code == 0, result.output
    report = json.loads(Path("n.json").read_text())
    ar = report["models"][1]
    assert (ar["name"], ar["parameters"], round(ar["r2"], 2)) == ("ar", 16, 0.41)
    assert report["exogenous"] == ["DJ_return", "log_volatility"]


def test_an_own_file_with_several_series(run, shops: Path) -> None:
    words = (
        "--target",
        "sales",
        "--date",
        "day",
        "--id",
        "shop",
        "--horizon",
        3,
        "--calendar",
        "day_of_week",
    )
    result = run(
        "forecast", shops, *words, "--include", "straw_man,ar,lags_mlp", "--seeds", 2, "--json", "s.json"
    )
    assert result.exit_code == 0, result.output
    assert "120 rows of 2 series, the latest 24 forecast 3 steps ahead" in " ".join(result.stdout.split())
    assert len(json.loads(Path("s.json").read_text())["models"][2]["r2_by_seed"]) == 2


def test_what_follows_is_written(run, shops: Path) -> None:
    words = (
        "--target",
        "sales",
        "--date",
        "day",
        "--id",
        "shop",
        "--horizon",
        2,
        "--calendar",
        "day_of_week",
    )
    result = run("forecast", shops, *words, "--include", "straw_man,ar", "--out", "next.csv")
    assert result.exit_code == 0, result.output
    written = pd.read_csv("next.csv")
    assert list(written.columns) == ["shop", "day", "sales"]
    assert written["day"].tolist() == ["2024-03-01", "2024-03-02"] * 2
    assert written["sales"].notna().all()


def test_rows_without_dates_are_counted_on(run) -> None:
    Path("plain.csv").write_text("y\n" + "".join(f"{(i * 7) % 10}.5\n" for i in range(40)))
    result = run("forecast", "plain.csv", "--include", "straw_man,ar", "--lags", 3, "--out", "next.csv")
    assert result.exit_code == 0, result.output
    assert Path("next.csv").read_text().splitlines()[0] == "row,y"


def test_what_is_known_in_advance_is_given_for_the_rows_to_come(run, shops: Path) -> None:
    table = pd.read_csv(shops)
    table["price"] = np.arange(120) % 5 + 1.0
    table.to_csv("known.csv", index=False)
    words = (
        "--target",
        "sales",
        "--id",
        "shop",
        "--known",
        "price",
        "--include",
        "straw_man,ar",
        "--horizon",
        2,
    )
    refused = run("forecast", "known.csv", *words, "--out", "next.csv")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "'price' (--known) must be known: give a table of them by --future FILE" in refused.stderr
    days = ["01.03.2024", "02.03.2024"]
    for count in (1, 2):
        ahead = pd.DataFrame({"day": days[:count] * 2, "shop": ["a"] * count + ["b"] * count, "price": 3.0})
        ahead.to_csv("ahead.csv", index=False)
        result = run("forecast", "known.csv", *words, "--out", "next.csv", "--future", "ahead.csv")
        assert result.exit_code == (0 if count == 2 else 2), result.output
        if count == 1:
            assert "--future has 1 row" in result.stderr
    assert pd.read_csv("next.csv")["day"].tolist() == ["2024-03-01", "2024-03-02"] * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "sales", "--id", "shop", "--split", 1), "1 splits in time: give 2 or more"),
        (("--target", "sales", "--id", "shop", "--split", 900), "900 splits of 60 times cannot be made"),
        (("--target", "sales", "--id", "shop", "--horizon", 90), "--horizon 90 is beyond the 12 rows"),
        (
            ("--target", "sales", "--id", "shop", "--future", "x.csv"),
            "--future is for the forecasts that --out",
        ),
        (("--target", "sales", "--drop", "sales"), "--drop names 'sales', which is the column to forecast"),
        (("--target", "sales"), "say which by --id"),
        (("--target", "sale"), "did you mean 'sales'"),
        (("--target", "sales", "--date", "day"), "stands in 2 rows"),
        (("--target", "sales", "--id", "shop", "--lags", 100), "too short"),
        (("--target", "sales", "--id", "shop", "--include", "arma"), "no forecaster 'arma'"),
        (("--target", "sales", "--id", "shop", "--split", "half"), "no column 'half' (split)"),
        (("--target", "sales", "--id", "shop", "--calendar", "weekday"), "did you mean 'day_of_week'"),
        (
            (
                "--target",
                "shop",
            ),
            "holds no numbers",
        ),
        (("--target", "sales", "--drop", "x"), "no column 'x' (--drop)"),
        (("--target", "sales", "--id", "shop", "--gaps", "fill"), "gaps"),
    ],
)
def test_a_series_that_cannot_be_used_is_refused_in_words(run, shops: Path, words: tuple, said: str) -> None:
    result = run("forecast", shops, *words)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("lamina: ")
    assert said in result.stderr
