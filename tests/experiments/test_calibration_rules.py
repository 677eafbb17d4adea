"""Counts of false alarms on planted differences, regrets by hand, and the study as files, tables and a page."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from lamina.errors import DataError
from lamina.experiments import calibration, calibration_network, calibration_store
from lamina.experiments.calibration_draws import Batch, Design, Predictions
from lamina.experiments.calibration_engine import SIMPLE, Measured
from lamina.experiments.calibration_page import BEGIN, END, write_section
from lamina.experiments.calibration_rules import ARGMIN, ONE_SE, RECOMMENDERS, RULE, Share, judge
from lamina.experiments.calibration_store import file_of, measure_all
from lamina.experiments.calibration_summary import Study, false_alarms
from lamina.experiments.calibration_truths import Cell

pytestmark = pytest.mark.long

SPLITS, DRAWS = 30, 400
CELL = Cell("noise", 100, 0.0)


def planted(difference: float, seen: float, seed: int = 0) -> Measured:
    """Six simple models of error 1, the second the best inside; a network whose true and seen differences from it are given."""
    rng = np.random.default_rng(seed)
    shape = (2, len(SIMPLE) + 1, DRAWS, SPLITS)
    fresh = np.ones(shape)
    fresh[:, -1] += difference
    test = fresh + 0.01 * rng.normal(size=shape)
    test[:, -1] += seen - difference
    inner = np.ones((2, len(SIMPLE), DRAWS, SPLITS))
    inner[:, 1] = 0.9
    return Measured(test, fresh, inner, np.zeros((5, DRAWS)), 1 / 9, 0.0)


@pytest.mark.parametrize(
    ("difference", "seen", "answer", "null"),
    [(-0.5, -0.5, "worth it", False), (0.5, 0.5, "not worth it", True), (0.1, -0.5, "worth it", True)],
)
def test_planted_differences_are_answered_and_counted_as_what_they_are(
    difference: float, seen: float, answer: str, null: bool
) -> None:
    judged = judge(planted(difference, seen), 0)
    assert judged.rate(answer) == 1
    assert judged.null is null
    assert judged.null_by_best is null
    assert judged.difference == pytest.approx(difference)
    rate = false_alarms({CELL: judged})["the reference"]
    assert rate.cells == int(null)
    false = null and answer == "worth it"
    assert (rate.pooled.rate == 1 and rate.above) if false else not rate.above
    recommended = set(judged.recommended[RECOMMENDERS.index(RULE)].tolist())
    assert recommended == {len(SIMPLE) if answer == "worth it" else 1}


def test_at_a_tie_of_independent_splits_the_rule_errs_less_often_than_the_level_says() -> None:
    """Splits without dependence are less variable than the correction assumes: about P(t > 2.05 √(1 + 30/9)) is left."""
    judged = judge(planted(0.0, 0.0), 0)
    assert judged.null
    wrong = judged.count("worth it")
    assert wrong == int(np.sum(judged.high < 0))
    assert wrong <= 3


def test_regret_is_the_share_above_the_best_contender() -> None:
    measured = planted(-0.2, 0.3)
    judged = judge(measured, 0)
    assert judged.rate("not worth it") == 1
    assert judged.regret[RECOMMENDERS.index(RULE)] == pytest.approx(1 / 0.8 - 1)
    assert judged.recommended[RECOMMENDERS.index(ARGMIN)].max() < len(SIMPLE)
    assert judged.gain == pytest.approx(0.2)


def test_the_one_standard_error_rule_takes_the_simplest_that_is_close_enough() -> None:
    measured = planted(-0.5, -0.5)
    assert set(judge(measured, 0).recommended[RECOMMENDERS.index(ONE_SE)].tolist()) == {len(SIMPLE)}
    noisy = dataclasses.replace(measured, test=measured.test + 0.0)
    noisy.test[:, -1, :, ::2] -= 3
    noisy.test[:, -1, :, 1::2] += 3
    # The best is now so variable that the mean is within its standard error.
    assert set(judge(noisy, 0).recommended[RECOMMENDERS.index(ONE_SE)].tolist()) == {0}


def test_intervals_of_shares_are_wilsons() -> None:
    for count in (0, 7, 200):
        interval = binomtest(count, 200).proportion_ci(method="wilson")
        assert Share(count, 200).interval == pytest.approx((interval.low, interval.high), abs=1e-6)


def flat(batch: Batch, design: Design) -> Predictions:
    """A stand-in for the network that costs nothing."""
    shape = (len(batch), len(design.train))
    return Predictions(np.zeros((*shape, design.test.shape[1])), np.zeros((*shape, batch.fresh.shape[1])))


def test_a_run_that_was_interrupted_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lamina.experiments.calibration_engine.network", flat)
    cells = {Cell("noise", 100, 0.0): 2, Cell("step", 100, 0.6): 2}
    done: list[int] = []

    def stop(count: int) -> None:
        done.append(count)
        if sum(done) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_all(cells, tmp_path, advance=stop)
    first, second = (file_of(cell, 2, tmp_path) for cell in cells)
    assert first.exists()
    assert not second.exists()
    written = first.stat().st_mtime_ns
    found = measure_all(cells, tmp_path)
    assert list(found) == list(cells)
    assert first.stat().st_mtime_ns == written
    again = Measured.load(second)
    for name in ("test", "fresh", "inner", "nested"):
        assert np.allclose(getattr(again, name), getattr(found[Cell("step", 100, 0.6)], name), atol=1e-5)


def test_results_do_not_depend_on_how_many_draws_are_measured_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lamina.experiments.calibration_engine.network", flat)
    cell = Cell("additive", 100, 0.3)
    [whole] = measure_all({cell: 3}).values()
    monkeypatch.setattr("lamina.experiments.calibration_engine.CHUNK", 1)
    [single] = measure_all({cell: 3}).values()
    for name in ("test", "fresh", "inner", "nested"):
        assert np.allclose(getattr(whole, name), getattr(single, name), atol=1e-5)


def test_processes_find_what_one_alone_finds(tmp_path: Path) -> None:
    cells = {Cell("noise", 100, 0.0): 1, Cell("step", 100, 0.6): 1}
    alone, apart = measure_all(cells), measure_all(cells, tmp_path, processes=2)
    assert list(apart) == list(cells)
    for cell in cells:
        assert file_of(cell, 1, tmp_path).exists()
        # A population of a core's own may be cut differently, and networks then agree to rounding.
        for name in ("test", "fresh"):
            assert np.allclose(getattr(apart[cell], name), getattr(alone[cell], name), atol=1e-2)
        assert np.allclose(apart[cell].inner, alone[cell].inner, atol=1e-6)


@pytest.fixture(scope="module")
def study() -> Study:
    draws = dict.fromkeys(calibration.QUICK, 2)
    return Study(measure_all(draws), calibration.WEAK[:1])


def test_the_network_learns_what_no_simple_model_can_and_is_the_same_alone(study: Study) -> None:
    judged = study.judged[0][Cell("interactions", 100, 0.9)]
    assert judged.gain > 0.15
    cell = Cell("interactions", 100, 0.9)
    design = Design.of(100)
    few = Design(design.train[:4], design.test[:4], design.held[:4])
    alone = calibration_network.network(Batch.draw(cell, [0]), few)
    both = calibration_network.network(Batch.draw(cell, [0, 1]), few)
    # In single precision, and a population of another size is cut another way.
    assert alone.test[0] == pytest.approx(both.test[0], abs=1e-2)


def test_the_page_holds_the_runs_numbers_and_a_second_writing_changes_nothing(
    study: Study, tmp_path: Path
) -> None:
    findings = calibration.findings_of(study, tmp_path)
    summary, page = tmp_path / "summary.json", tmp_path / "verdict.md"
    calibration.save(findings, study, summary)
    page.write_text(f"# Verdict\n\n## Calibration\n\n{BEGIN}\nold numbers\n{END}\n\nAfter.\n")
    write_section(page, summary)
    text = page.read_text()
    assert text.startswith("# Verdict\n\n## Calibration\n")
    assert text.endswith(f"{END}\n\nAfter.\n")
    assert "old numbers" not in text
    assert "lamina reproduce verdict-calibration" in text
    row = json.loads(summary.read_text())["rows"][0]
    assert f"| {row['quantity']} | {row['mean']:.1f} | {row['note']} |" in text
    write_section(page, summary)
    assert page.read_text() == text
    findings.picture(tmp_path / "picture.png")  # type: ignore[misc]
    assert (tmp_path / "picture.png").stat().st_size > 10_000


def test_a_page_without_marks_and_a_run_without_end_are_refused(tmp_path: Path) -> None:
    page, summary = tmp_path / "page.md", tmp_path / "summary.json"
    page.write_text("# Verdict\n")
    with pytest.raises(DataError, match="to its end first"):
        write_section(page, summary)
    summary.write_text('{"draws": 1, "cells": 1, "seconds": 1, "rows": [], "tables": [], "remarks": []}')
    with pytest.raises(DataError, match="must hold the lines"):
        write_section(page, summary)


def test_results_of_other_code_are_not_taken_for_these(monkeypatch: pytest.MonkeyPatch) -> None:
    before = calibration_store.fingerprint()
    monkeypatch.setattr(calibration_store, "MADE_BY", ("truths",))
    assert calibration_store.fingerprint() != before
