"""Successive halving: scikit-learn's rounds and results, with rows or epochs as the resource."""

from __future__ import annotations

import signal
from typing import Any

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import Ridge, SGDRegressor
from sklearn.model_selection import HalvingGridSearchCV as TheirGridSearch
from sklearn.model_selection import HalvingRandomSearchCV as TheirRandomSearch
from small_searches import REGRESSOR, X, Y, assert_same_results, press_after

from lamina.errors import SpecificationError
from lamina.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV, OneStandardError
from lamina.model_selection.rounds import Rounds

ROUNDS = (
    "n_resources_",
    "n_candidates_",
    "n_iterations_",
    "n_remaining_candidates_",
    "min_resources_",
    "max_resources_",
)
RATES = {"optimizer__learning_rate": [0.1, 0.03, 0.01]}


def assert_same_rounds(ours: Any, theirs: Any, rtol: float) -> None:
    assert_same_results(ours, theirs, rtol)
    assert [getattr(ours, name) for name in ROUNDS] == [getattr(theirs, name) for name in ROUNDS]
    assert ours.best_score_ == pytest.approx(theirs.best_score_, rel=rtol)


@pytest.mark.parametrize(
    "options",
    [{"cv": 3}, {"factor": 2, "min_resources": 10}, {"min_resources": 20, "aggressive_elimination": True}],
)
def test_rows_as_the_resource_give_exactly_scikit_learns_rounds(options: dict[str, Any]) -> None:
    grid = {"alpha": [0.01, 0.1, 1.0, 10.0, 100.0]}
    ours, theirs = (
        kind(Ridge(), grid, random_state=0, **options).fit(X, Y)
        for kind in (HalvingGridSearchCV, TheirGridSearch)
    )
    assert_same_rounds(ours, theirs, rtol=0)
    assert isinstance(ours, TheirGridSearch)


def test_settings_drawn_at_random_are_scikit_learns() -> None:
    model = SGDRegressor(random_state=0, tol=None)
    options = {
        "resource": "max_iter",
        "max_resources": 8,
        "min_resources": 2,
        "factor": 2,
        "random_state": 1,
        "cv": 3,
    }
    ours, theirs = (
        kind(model, {"alpha": loguniform(1e-3, 1)}, n_candidates=5, **options).fit(X, Y)
        for kind in (HalvingRandomSearchCV, TheirRandomSearch)
    )
    assert_same_rounds(ours, theirs, rtol=0)


def test_a_network_is_given_epochs_round_by_round() -> None:
    options = {"resource": "epochs", "max_resources": 6, "cv": 3}
    ours = HalvingGridSearchCV(REGRESSOR, RATES, **options).fit(X, Y)
    assert ours.n_resources_ == [2, 6]
    assert ours.n_candidates_ == [3, 1]
    assert ours.how_ == "12 fits as 2 populations."
    assert ours.best_estimator_.n_iter_ == 6
    lone = clone(REGRESSOR).set_params(**ours.best_params_).fit(X[20:], Y[20:])
    assert ours.cv_results_["split0_test_score"][-1] == pytest.approx(lone.score(X[:20], Y[:20]), rel=1e-4)


def test_the_best_is_of_the_last_round_whatever_an_earlier_one_scored() -> None:
    scores = {"iter": [0, 0, 0, 1, 1], "mean_test_score": np.array([0.9, 0.8, 0.7, 0.1, 0.2])}
    scores["params"] = [{"alpha": size} for size in range(5)]
    choose = HalvingGridSearchCV._select_best_index
    assert choose(True, "score", scores) == 4
    scores["mean_test_score"][3:] = np.nan  # a round that Ctrl-C cut off
    assert choose(True, "score", scores) == 0
    scores["mean_test_score"][:] = np.nan
    assert choose(True, "score", scores) == 3
    assert choose(lambda results: 2, "score", scores) == 2


def test_one_se_chooses_in_the_last_round() -> None:
    options = {"factor": 2, "cv": 3, "random_state": 0, "min_resources": 15}
    rule = OneStandardError(lambda params: -params["alpha"])
    search = HalvingGridSearchCV(Ridge(), {"alpha": [0.1, 0.2]}, refit=rule, **options).fit(X, Y)
    assert search.best_params_ == {"alpha": 0.2}
    search = HalvingGridSearchCV(
        REGRESSOR, RATES, resource="epochs", max_resources=6, cv=3, refit="one_se"
    ).fit(X, Y)
    assert search.cv_results_["iter"][search.best_index_] == 1


def test_an_interrupt_in_a_later_round_keeps_the_earlier(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate, calls = Rounds.evaluate, []

    def press_in_the_second(self: Rounds, *args: Any, **keywords: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            signal.raise_signal(signal.SIGINT)
        return evaluate(self, *args, **keywords)

    monkeypatch.setattr(Rounds, "evaluate", press_in_the_second)
    with pytest.warns(UserWarning, match="interrupted: its results are of 3 settings, all complete"):
        search = HalvingGridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, random_state=0, cv=3).fit(X, Y)
    assert search.interrupted_
    assert search.n_iterations_ == len(search.n_resources_) == len(search.n_candidates_) == 1
    assert search.best_score_ == max(search.cv_results_["mean_test_score"])


def test_an_interrupt_before_anything_is_known_is_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    press_after(monkeypatch, 0)
    with pytest.raises(KeyboardInterrupt) as caught:
        HalvingGridSearchCV(REGRESSOR, RATES, resource="epochs", max_resources=6, cv=3).fit(X, Y)
    assert caught.type is KeyboardInterrupt


def test_a_resource_that_the_estimator_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="Cannot use resource=epoch which is not supported"):
        HalvingGridSearchCV(REGRESSOR, RATES, resource="epoch", max_resources=6).fit(X, Y)
    with pytest.raises(SpecificationError, match="did you mean 'penalty'"):
        HalvingGridSearchCV(REGRESSOR, {"penalti": [1, 2]}, resource="epochs", max_resources=6).fit(X, Y)
