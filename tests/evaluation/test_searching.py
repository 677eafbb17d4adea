"""A search finds what scikit-learn's search finds by the same draws, and puts simple models beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lamina
import lamina.evaluation.searching as searching
import lamina.model_selection.collecting as collecting
from lamina.errors import DataError, DivergenceError, SpecificationError
from lamina.evaluation import compare, search, table_space
from lamina.evaluation.space import HiddenLayers, in_words
from lamina.layers import Dense, Dropout

N = 40
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(RNG.normal(size=(N, 2)), columns=["x", "z"])
Y = pd.Series(3 * TABLE["x"] + RNG.normal(size=N), name="price")
LABELS = pd.Series(np.where(Y > 0, "up", "down"), name="move")
TINY = {"layers": HiddenLayers((1,), (3,), (0.0,)), "optimizer__learning_rate": [0.001, 0.01, 0.1]} | {
    "penalty": [0.001],
    "batch_size": [16],
    "epochs": [3],
}


@pytest.fixture(autouse=True)
def tiny_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "table_space", lambda rows: TINY)
    monkeypatch.setattr(searching, "BESIDE", {"regression": ["linear"], "classification": ["logistic"]})


@pytest.fixture(scope="module")
def found() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "table_space", lambda rows: TINY)
        patch.setattr(searching, "BESIDE", {"regression": ["linear"]})
        return search(TABLE, Y, budget=6, cv=2, dataset="shops")


def test_the_error_of_a_setting_is_that_of_a_comparison_on_the_same_folds(found: Any) -> None:
    best = found.settings.iloc[0]
    beside = found.comparison.estimates["best found"]
    assert best["error_mean"] == pytest.approx(beside.mean, rel=1e-4)
    assert best["error_se"] == pytest.approx(beside.se, rel=1e-3)
    again = compare(TABLE, Y, include=["linear"], cv=2).estimates["linear"]
    assert found.comparison.estimates["linear"].mean == pytest.approx(again.mean)


def test_the_settings_come_in_the_order_of_their_errors_and_the_first_is_fitted(found: Any) -> None:
    errors = found.settings["error_mean"]
    assert len(errors) == 3
    assert errors.is_monotonic_increasing
    assert found.model.optimizer.learning_rate == found.settings["learning_rate"].iloc[0]
    assert found.model.predict(TABLE).shape == (N,)


def test_near_counts_those_within_a_standard_error(found: Any) -> None:
    bound = found.settings["error_mean"].iloc[0] + found.settings["error_se"].iloc[0]
    assert found.near == sum(error <= bound for error in found.settings["error_mean"])


def test_the_text_says_how_many_fits_how_long_and_what_a_simple_model_does(found: Any) -> None:
    text = str(found)
    assert text.startswith(
        "shops: price (regression, 40 rows)\n3 settings drawn at random, 2-fold cross-validation: 6 fits in "
    )
    assert "linear" in text
    assert "best found" in text
    assert "fitted to all rows (13 parameters)" in text
    assert str(found.comparison.verdict).split()[0] in text


def test_all_numbers_are_written(found: Any, tmp_path: Path) -> None:
    found.to_json(tmp_path / "all.json")
    report = json.loads((tmp_path / "all.json").read_text())
    assert (report["fits"], report["budget"], report["interrupted"], report["parameters"]) == (
        6,
        6,
        False,
        13,
    )
    assert [one["error_mean"] for one in report["settings"]] == pytest.approx(
        found.settings["error_mean"].tolist()
    )
    assert {model["name"] for model in report["comparison"]["models"]} == {"linear", "best found"}


@pytest.mark.parametrize("metric", ["misclassification", "log_loss", "deviance", "brier"])
def test_classes_are_searched_by_any_metric(metric: str) -> None:
    found = search(TABLE, LABELS, budget=2, cv=2, metric=metric)
    assert found.settings["error_mean"].iloc[0] == pytest.approx(
        found.comparison.estimates["best found"].mean, rel=1e-4
    )


def test_the_metric_of_a_class_that_a_fold_lacks_is_computed_for_each_network() -> None:
    labels = ["a", "b"] * 19 + ["c", "c"]
    halves = [(np.arange(20), np.arange(20, 40)), (np.arange(20, 40), np.arange(20))]
    found = search(TABLE, labels, budget=2, cv=halves, metric="log_loss")
    assert found.settings["error_mean"].iloc[0] == pytest.approx(
        found.comparison.estimates["best found"].mean, rel=1e-4
    )


def test_a_class_that_no_folds_can_spread_is_to_be_left_out_or_merged() -> None:
    labels = np.where(np.arange(N) == 7, "rare", LABELS)
    told = " ".join(search(TABLE, labels, budget=4, cv=2).warnings)
    assert "train without one of the classes" in told
    assert "leave out the rows of a class with so few, or merge it with another" in told
    assert "stratified" not in told


def test_the_advice_on_splitters_stays_for_splits_of_the_users_own() -> None:
    labels = np.where(np.arange(N) == 7, "rare", LABELS)
    halves = [(np.arange(20), np.arange(20, N)), (np.arange(20, N), np.arange(20))]
    assert "Use a stratified splitter" in " ".join(search(TABLE, labels, budget=4, cv=halves).warnings)


def test_ctrl_c_keeps_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*given: Any, **more: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(searching, "compare", stopped)
    found = search(TABLE, Y, budget=2, cv=2)
    assert found.comparison is None
    assert "Ctrl-C left that out" in str(found)


def test_a_table_with_an_odd_column_is_searched_with_a_word() -> None:
    found = search(TABLE.assign(same=1.0, town="here"), Y, budget=2, cv=2)
    (said,) = found.warnings
    assert "town" in said
    assert str(found).count("Warning: ") == 1


def test_what_cannot_be_searched_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SpecificationError, match="budget='soon'"):
        search(TABLE, Y, budget="soon", cv=2)
    with pytest.raises(DataError, match="no column can be used"):
        search(TABLE.assign(x=1.0, z=2.0), Y, cv=2)
    monkeypatch.setattr(searching, "table_space", lambda rows: TINY | {"batch_size": [-1]})
    with pytest.raises(DataError, match=r"no setting could be fitted: .*batch_size"):
        search(TABLE, Y, budget=4, cv=2)


def test_no_setting_with_errors_on_all_folds_is_told_with_the_first_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scored = collecting.Collector._scored

    def without_the_second_fold(self: Any, fits: Any) -> Any:
        lost = DivergenceError("the loss ran away")
        return scored(self, [replace(fit, error=lost) if fit.fold.place == 1 else fit for fit in fits])

    monkeypatch.setattr(collecting.Collector, "_scored", without_the_second_fold)
    with pytest.raises(DataError, match=r"no setting could be fitted on all 2 folds: the loss ran away$"):
        search(TABLE, Y, budget=4, cv=2)


def test_every_draw_of_the_space_is_a_network_and_is_said_in_words() -> None:
    space, rng = table_space(3000), np.random.RandomState(0)
    for _ in range(20):
        layers = space["layers"].rvs(rng)
        drawn = {
            "layers": layers,
            "penalty": 0.1,
            "optimizer__learning_rate": 0.1,
            "batch_size": 64,
            "epochs": 9,
        }
        words = in_words(drawn)
        assert layers == [Dense(words["width"], "relu"), Dropout(words["dropout"])] * int(words["depth"])
        assert words["width"] in (16, 32, 64, 128)


@pytest.mark.parametrize(
    ("rows", "batches"), [(20, [16]), (64, [16, 32]), (200, [32, 64]), (5000, [64, 128])]
)
def test_batches_fit_the_rows(rows: int, batches: list[int]) -> None:
    assert table_space(rows)["batch_size"] == batches


def test_the_model_is_saved_and_read(found: Any, tmp_path: Path) -> None:
    found.model.save(tmp_path / "best.lamina")
    np.testing.assert_array_equal(
        lamina.load(tmp_path / "best.lamina").predict(TABLE), found.model.predict(TABLE)
    )
