"""``lamina search`` from words to a saved model, and what it refuses."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from tables_on_disk import write

import lamina.evaluation.searching as searching
from lamina.evaluation.space import HiddenLayers

TINY = {"layers": HiddenLayers((1,), (3,), (0.0,)), "penalty": [0.001]} | {
    "optimizer__learning_rate": [0.001, 0.01, 0.1],
    "batch_size": [16],
    "epochs": [3],
}


@pytest.fixture(autouse=True)
def tiny_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "table_space", lambda rows: TINY)
    monkeypatch.setattr(searching, "BESIDE", {"regression": ["linear"], "classification": ["logistic"]})


def test_the_best_model_is_saved_for_predict(run: Any, sales: Path) -> None:
    words = ("--target", "revenue", "--out", "best.lamina", "--folds", 2, "--json", "all.json")
    result = run("search", sales, *words, "--budget", 4, "--drop", "customer")
    assert result.exit_code == 0, result.output
    assert "2 settings drawn at random, 2-fold cross-validation: 4 fits in " in result.stdout
    assert all(name in result.stdout for name in ("linear", "best found", "saved in best.lamina"))
    report = json.loads(Path("all.json").read_text())
    assert (report["target"], report["rows"], report["fits"], report["budget"]) == ("revenue", 60, 4, "4")
    predicted = run("predict", "best.lamina", sales)
    assert predicted.exit_code == 0
    assert len(predicted.stdout.splitlines()) == 61


def test_classes_and_time_and_groups(run: Any, tmp_path: Path) -> None:
    rows = [f"{i % 7},{i % 5},{'yes' if i % 7 > 3 else 'no'},g{i % 6}" for i in range(60)]
    write(tmp_path / "classes.csv", "a,b,y,group", *rows)
    words = ("--target", "y", "--groups", "group", "--metric", "log_loss", "--out", "c.lamina", "--folds", 2)
    result = run("search", "classes.csv", *words, "--budget", "0.01s")
    assert result.exit_code == 0, result.output
    assert "groups kept whole" in result.stdout
    assert "log-loss" in result.stdout
    assert Path("c.lamina").exists()


def test_ctrl_c_saves_the_best_so_far(run: Any, sales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import lamina.model_selection.rounds as rounds

    evaluate = rounds.Rounds.evaluate

    def interrupted(self: Any, settings: Any, **more: Any) -> Any:
        found = evaluate(self, list(settings)[:2], **more)
        signal.raise_signal(signal.SIGINT)
        return found

    monkeypatch.setattr(rounds.Rounds, "evaluate", interrupted)
    result = run(
        "search", sales, "--target", "revenue", "--out", "best.lamina", "--folds", 2, "--budget", "1h"
    )
    assert result.exit_code == 130, result.output
    assert Path("best.lamina").exists()
    first, *_, last = result.stderr.splitlines()
    assert first == "lamina: stopping after what is under way; Ctrl-C again ends at once"
    assert last == "lamina: stopped; the best so far is above and saved"


def test_ctrl_c_is_answered_once_by_whatever_is_under_way(capsys: pytest.CaptureFixture[str]) -> None:
    from lamina.cli.interrupts import STOPPING, AnnouncedInterrupt
    from lamina.training.interrupt import InterruptFlag

    with AnnouncedInterrupt():
        with InterruptFlag() as search, InterruptFlag() as fit:
            signal.raise_signal(signal.SIGINT)
            assert search.requested
            assert fit.requested
            assert capsys.readouterr().err == f"{STOPPING}\n"
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        with InterruptFlag():
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert capsys.readouterr().err == ""


GOOD = [f"{i},{i % 3},{i * 0.5 + i % 4}" for i in range(20)]
REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "no time": (("--target", "y", "--budget", "soon"), "--budget soon: give a number of fits"),
    "no fits": (("--target", "y", "--budget", "0"), "--budget 0: give a number of fits"),
    "another unit": (("--target", "y", "--budget", "3 weeks"), "--budget 3 weeks"),
    "missing target": (("--target", "z"), "no column 'z'"),
    "no target given": ((), "--target"),
    "unknown metric": (("--target", "y", "--metric", "maa"), "metric"),
    "too many folds": (("--target", "y", "--folds", "30"), "30"),
    "one fold": (("--target", "y", "--folds", "1"), "--folds"),
    "unknown column to drop": (("--target", "y", "--drop", "c"), "no predictor 'c'"),
    "no folder": (("--target", "y", "--json", "nowhere/all.json"), "nowhere"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_searched_is_refused_in_words(run: Any, tmp_path: Path, case: str) -> None:
    words, said = REFUSED[case]
    write(tmp_path / "table.csv", "a,b,y", *GOOD)
    result = run("search", "table.csv", "--out", "best.lamina", *words)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert not Path("best.lamina").exists()


def test_a_model_needs_a_place(run: Any, sales: Path) -> None:
    result = run("search", sales, "--target", "revenue")
    assert result.exit_code == 2
    assert "--out" in result.stderr
