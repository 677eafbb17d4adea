"""Lamina's networks are fitted on all splits at a time, and nothing but the time tells."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

import lamina.estimators.many as many
from lamina import NeuralClassifier, NeuralRegressor
from lamina.data.tables import TableEncoder
from lamina.evaluation import compare
from lamina.evaluation.contenders import own_contender
from lamina.evaluation.populations import joins
from lamina.layers import Dense

N = 40
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(RNG.normal(size=(N, 2)), columns=["x", "z"])
Y = pd.Series(3 * TABLE["x"] + TABLE["z"] ** 2 + RNG.normal(size=N), name="price")
SPLITTER = KFold(4, shuffle=True, random_state=1)
# Few sizes and structures, so that the tests wait for few compilations.
SMALL: dict[str, Any] = {"layers": [Dense(4, "tanh")], "epochs": 3, "batch_size": 16, "penalty": 0.01}
NET = NeuralRegressor(**SMALL, random_state=5)
FITS = many.fit_many


def run(models: dict[str, Any], y: Any = Y, include: Any = (), **more: Any) -> Any:
    return compare(TABLE, y, models=models, include=include, cv=SPLITTER, **more)


def by_hand(model: Any) -> list[float]:
    return [
        float(np.abs(clone(model).fit(TABLE.iloc[a], Y[a]).predict(TABLE.iloc[b]) - Y[b]).mean())
        for a, b in SPLITTER.split(TABLE)
    ]


def test_errors_are_those_of_networks_fitted_one_by_one() -> None:
    piped = make_pipeline(QuantileTransformer(n_quantiles=9), clone(NET))
    slower = clone(NET).set_params(optimizer__learning_rate=1e-4, penalty=0.1)
    models = {"net": NET, "slower": slower, "piped": piped, "bare": make_pipeline(clone(NET))}
    scores = run(models).scores
    for name, model in models.items():
        np.testing.assert_allclose(scores.loc[name], by_hand(model), rtol=1e-5)


def test_probabilities_of_classes_are_those_of_networks_fitted_one_by_one() -> None:
    labels = np.where(Y > 0, "up", "down")
    model = NeuralClassifier(**SMALL, random_state=5)
    scores = run({"net": model}, labels, metric="log_loss").scores.loc["net"]
    for error, (a, b) in zip(scores, SPLITTER.split(TABLE), strict=True):
        given = clone(model).fit(TABLE.iloc[a], labels[a]).predict_proba(TABLE.iloc[b])
        assert error == pytest.approx(-np.log(given[np.arange(len(b)), (labels[b] == "up") * 1]).mean(), 1e-5)


def test_all_networks_go_into_one_population_on_shared_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[Any]] = []

    def recorded(tasks: list[Any], **more: Any) -> Any:
        calls.append(tasks)
        return FITS(tasks, **more)

    monkeypatch.setattr(many, "fit_many", recorded)
    told: list[tuple[str, int, int]] = []
    result = run(
        {"one": NET, "two": clone(NET).set_params(penalty=0.1)},
        include=["mean"],
        progress=lambda *now: told.append(now),
    )
    assert list(result.table.index) == ["mean", "one", "two"]
    tasks, inside, *_ = calls  # what follows is the learning curve's
    assert len(tasks) == 8
    assert len(inside) == 8 * 5  # neither network stands for both: inner folds choose, in a population too
    assert len({id(task.source) for task in tasks}) == 4
    assert [now for now in told if now[0] == "two"] == [("two", fold, 4) for fold in (1, 2, 3, 4)]


def test_a_network_that_fails_is_set_down_and_loses_no_other() -> None:
    diverging = clone(NET).set_params(optimizer__learning_rate=1e200)
    misplaced = clone(NET).set_params(loss="poisson")
    result = run({"wild": diverging, "counts": misplaced, "net": NET}, include=["mean"])
    assert list(result.table.index) == ["mean", "wild", "counts", "net"]
    assert result.failures["wild"].startswith("failed in all 4 splits: DivergenceError: ")
    assert "poisson" in result.failures["counts"]
    assert result.failures["counts"].startswith("failed in all 4 splits: ")
    np.testing.assert_allclose(result.scores.loc["net"], by_hand(NET), rtol=1e-5)


class Breaking(QuantileTransformer):  # type: ignore[misc]
    """A step that fails."""

    def fit(self, X: Any, y: Any = None) -> Any:
        raise RuntimeError("no luck")


def test_a_step_that_fails_before_a_network_is_that_models_failure() -> None:
    result = run({"broken": make_pipeline(TableEncoder(), Breaking(), clone(NET)), "net": NET})
    assert result.failures == {"broken": "failed in all 4 splits: RuntimeError: no luck"}


def test_ctrl_c_in_a_population_keeps_the_models_that_have_all_their_splits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cut_short(tasks: list[Any], **more: Any) -> Any:
        return [*FITS(tasks[:5], **more), *[many.Result() for _ in tasks[5:]]]

    monkeypatch.setattr(many, "fit_many", cut_short)
    result = run(
        {"one": NET, "two": clone(NET), "later": make_pipeline(TableEncoder(), Ridge())}, include=["mean"]
    )
    assert list(result.table.index) == ["mean", "one", "later"]  # the others come before the networks
    assert result.unfinished == ("two",)


def test_a_refusal_of_the_whole_population_is_set_down_for_each_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(tasks: list[Any], **more: Any) -> Any:
        raise MemoryError("too little of it")

    monkeypatch.setattr(many, "fit_many", refused)
    result = run({"net": NET}, include=["mean"])
    assert result.failures == {"net": "failed in all 4 splits: MemoryError: too little of it"}


def test_the_seconds_of_networks_add_up_to_the_time_of_the_population() -> None:
    start = time.perf_counter()
    result = run({"one": NET, "two": clone(NET).set_params(epochs=6)})
    seconds = result.table["seconds"]
    assert 0 < seconds.sum() * 4 < time.perf_counter() - start


def test_many_cells_are_taken_in_several_populations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lamina.evaluation.populations.PREPARED_CELLS", 2 * TABLE.size)
    np.testing.assert_allclose(run({"net": NET}).scores.loc["net"], by_hand(NET), rtol=1e-5)


class OwnFit(NeuralRegressor):  # type: ignore[misc]
    """A subclass that fits in a way of its own."""

    def fit(self, X: Any, y: Any, **more: Any) -> Any:
        return super().fit(X, np.zeros(len(y)))


def test_who_joins() -> None:
    class Problem:
        seed = 0

        def shared_rows(self, number: int) -> Any:
            return None, None

    def joined(model: Any) -> bool:
        return joins(own_contender("mine", model, "regression"), Problem())  # type: ignore[arg-type]

    assert joined(NET)
    assert joined(make_pipeline(TableEncoder(), clone(NET)))
    assert not joined(OwnFit())
    assert not joined(make_pipeline(TableEncoder(), Ridge()))
