"""Every setting on every split: what scikit-learn's own loop gives, and what it does when something is wrong."""

from __future__ import annotations

import signal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import Ridge
from sklearn.metrics import check_scoring, get_scorer
from sklearn.model_selection import KFold, ParameterGrid, StratifiedKFold
from sklearn.model_selection._validation import _fit_and_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from small_searches import CLASSIFIER, LABELS, REGRESSOR, X, Y, press_after

from lamina.errors import DataWarning, SpecificationError
from lamina.layers import Dense
from lamina.model_selection.evaluate import Evaluated, fit_and_score_all

SPLITS = list(KFold(3).split(X))
R2 = get_scorer("r2")


def by_scikit_learn(
    model: Any, grid: Any, rows: Any, y: Any, scorer: Any, **options: Any
) -> list[dict[str, Any]]:
    return [
        _fit_and_score(
            clone(model),
            rows,
            y,
            scorer=scorer,
            train=train,
            test=test,
            verbose=0,
            parameters=params,
            return_train_score=True,
            return_n_test_samples=True,
            fit_params=options.get("fit_params"),
            score_params=options.get("score_params"),
        )
        for params in ParameterGrid(grid)
        for train, test in SPLITS
    ]


def evaluate(model: Any, grid: Any, rows: Any = X, y: Any = Y, scorer: Any = R2, **options: Any) -> Evaluated:
    return fit_and_score_all(model, list(ParameterGrid(grid)), rows, y, SPLITS, scorer=scorer, **options)


def assert_same(evaluated: Evaluated, wanted: list[dict[str, Any]], rtol: float) -> None:
    assert len(evaluated.out) == len(wanted)
    for ours, theirs in zip(evaluated.out, wanted, strict=True):
        assert ours["n_test_samples"] == theirs["n_test_samples"]
        for name in ("test_scores", "train_scores"):
            pairs = (
                [(ours[name][key], theirs[name][key]) for key in theirs[name]]
                if isinstance(theirs[name], dict)
                else [(ours[name], theirs[name])]
            )
            for found, score in pairs:
                assert found == pytest.approx(score, rel=rtol)


WEIGHTS = np.random.default_rng(3).uniform(0.5, 2, len(X))
FRAME = pd.DataFrame(X, columns=["a", "b", "c"])
PIPELINE = Pipeline(
    [("basis", FunctionTransformer(np.tanh)), ("scale", StandardScaler()), ("net", REGRESSOR)]
)
WEIGHTED = {"fit_params": {"sample_weight": WEIGHTS}, "score_params": {"sample_weight": WEIGHTS}}


@pytest.mark.parametrize(
    ("model", "grid", "rows", "y", "scorer", "options"),
    [
        (REGRESSOR, {"penalty": [0.0, 0.1]}, X, Y, check_scoring(REGRESSOR), {}),
        (REGRESSOR, {"penalty": [0.0, 0.1]}, X, Y, R2, WEIGHTED),
        (REGRESSOR, {"penalty": [0.0, 0.1]}, FRAME, Y, R2, {}),
        (REGRESSOR, {"layers": [[Dense(3, "tanh")], [Dense(2, "tanh")]]}, X, Y, R2, {}),
        (
            CLASSIFIER,
            {"penalty": [0.0, 0.1]},
            X,
            LABELS,
            check_scoring(CLASSIFIER, ["accuracy", "roc_auc_ovr"]),
            {},
        ),
        (
            PIPELINE,
            {"basis__func": [np.tanh, np.square], "net__penalty": [0.1]},
            X,
            Y,
            check_scoring(PIPELINE),
            {},
        ),
        (PIPELINE, {"net__penalty": [0.1]}, X, Y, lambda model, x, y: model.predict(x)[0], {}),
        (PIPELINE, {"net__penalty": [0.1]}, X, Y, R2, {"fit_params": {"net__sample_weight": WEIGHTS}}),
    ],
    ids=["score", "weights", "frame", "layers", "several", "steps", "function", "step-weights"],
)
def test_a_population_scores_as_lone_fits_do(
    model: Any, grid: Any, rows: Any, y: Any, scorer: Any, options: dict[str, Any]
) -> None:
    evaluated = evaluate(model, grid, rows, y, scorer, return_train_score=True, **options)
    assert evaluated.how == f"{len(evaluated.out)} fits as one population."
    assert_same(evaluated, by_scikit_learn(model, grid, rows, y, scorer, **options), rtol=1e-4)
    if "layers" in grid:
        assert evaluated.n_parameters.tolist() == [4 * 3 + 4, 4 * 2 + 3]


def test_what_is_no_network_runs_by_scikit_learn_and_it_says_so() -> None:
    model = Pipeline([("scale", StandardScaler()), ("net", REGRESSOR)])
    grid = [{"net": [Ridge()], "net__alpha": [1.0]}, {"net__penalty": [0.1]}]
    evaluated = evaluate(model, grid, return_train_score=True)
    assert evaluated.how == (
        "3 fits as one population; 3 fits by scikit-learn's own code: Ridge joins no population."
    )
    assert_same(evaluated, by_scikit_learn(model, grid, X, Y, R2), rtol=1e-4)


def test_steps_are_fitted_once_a_split_for_the_settings_that_share_them() -> None:
    calls: list[int] = []

    def count(rows: Any) -> Any:
        calls.append(len(rows))
        return rows

    model = Pipeline([("count", FunctionTransformer(count)), ("net", REGRESSOR)])
    evaluate(model, {"net__penalty": [0.0, 0.1]})
    assert sorted(calls) == [20] * 3 + [40] * 3  # not times the two settings


def test_a_bad_setting_has_the_error_score_and_the_reason_and_the_others_live() -> None:
    evaluated = evaluate(REGRESSOR, {"penalty": [-1.0, 0.1], "clip_norm": [None]}, error_score=-9.0)
    assert [out["test_scores"] for out in evaluated.out[:3]] == [-9.0] * 3
    assert all("l2 must be a finite number, zero or more" in out["fit_error"] for out in evaluated.out[:3])
    assert all(out["fit_error"] is None and out["test_scores"] != -9.0 for out in evaluated.out[3:])
    assert evaluated.finished.all()


def test_steps_that_fail_fail_their_fold_alone() -> None:
    def refuse(rows: Any) -> Any:
        if rows[0, 0] == X[0, 0] and len(rows) == 40:
            raise RuntimeError("no luck today")
        return rows

    model = Pipeline([("refuse", FunctionTransformer(refuse)), ("net", REGRESSOR)])
    evaluated = evaluate(model, {"net__penalty": [0.0, 0.1]})
    failed = ["no luck today" in str(out["fit_error"]) for out in evaluated.out]
    assert failed == [False, True, True] * 2


def test_steps_that_refuse_the_test_rows_make_scoring_fail_as_in_scikit_learn() -> None:
    def refuse(rows: Any) -> Any:
        if rows[0, 0] == X[0, 0] and len(rows) == 20:
            raise RuntimeError("no such rows")
        return rows

    model = Pipeline([("refuse", FunctionTransformer(refuse)), ("net", REGRESSOR)])
    with pytest.warns(UserWarning, match=r"(?s)Scoring failed.*no such rows"):
        evaluated = evaluate(model, {"net__penalty": [0.0, 0.1]})
    assert [np.isnan(out["test_scores"]) for out in evaluated.out] == [True, False, False] * 2
    assert all(out["fit_error"] is None for out in evaluated.out)


def test_error_score_raise_raises_what_went_wrong() -> None:
    with pytest.raises(SpecificationError, match="l2 must be a finite number"):
        evaluate(REGRESSOR, {"penalty": [0.1, -1.0]}, error_score="raise")


def test_a_scorer_that_raises_ends_the_run_only_where_that_was_asked_for() -> None:
    def scorer(model: Any, rows: Any, y: Any) -> float:
        raise RuntimeError("cannot score this")

    with pytest.raises(RuntimeError, match="cannot score this"):
        evaluate(REGRESSOR, {"penalty": [0.0, 0.1]}, scorer=scorer, error_score="raise")
    with pytest.warns(UserWarning, match="cannot score this"):
        assert np.isnan(
            [out["test_scores"] for out in evaluate(REGRESSOR, {"penalty": [0.0, 0.1]}, scorer=scorer).out]
        ).all()


@pytest.mark.parametrize("error_score", ["nan", None])
def test_an_error_score_is_a_number_or_raise(error_score: Any) -> None:
    with pytest.raises(SpecificationError, match="give 'raise', or the score of a fit that fails"):
        evaluate(REGRESSOR, {}, error_score=error_score)


def test_a_fold_without_a_class_is_told_of() -> None:
    in_order = np.sort(LABELS)
    with pytest.warns(
        DataWarning, match=r"3 of 3 splits train without one of the classes \(split 0 without 'high'\)"
    ):
        evaluated = evaluate(CLASSIFIER, {"penalty": [0.0, 0.1]}, y=in_order, scorer=get_scorer("accuracy"))
    assert [out["test_scores"] for out in evaluated.out] == [0.0] * 6


def test_models_are_returned_as_they_would_be_alone() -> None:
    evaluated = evaluate(PIPELINE, {"net__penalty": [0.1]}, return_estimator=True)
    lone = clone(PIPELINE).set_params(net__penalty=0.1).fit(X[SPLITS[0][0]], Y[SPLITS[0][0]])
    np.testing.assert_allclose(evaluated.out[0]["estimator"].predict(X), lone.predict(X), rtol=1e-4)
    assert "_answers" not in vars(evaluated.out[0]["estimator"][-1])


def test_every_fit_is_told_of_when_it_is_done() -> None:
    told: dict[int, Any] = {}
    evaluated = evaluate(REGRESSOR, {"penalty": [0.0, 0.1]}, on_done=told.update)
    assert [told[place] for place in range(6)] == evaluated.out


class Interrupting(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """As if the user pressed Ctrl-C in the fit of one setting."""

    def __init__(self, press: bool = False) -> None:
        self.press = press

    def fit(self, rows: Any, y: Any) -> Any:
        if self.press:
            signal.raise_signal(signal.SIGINT)
        self.n_features_in_ = 3
        return self

    def predict(self, rows: Any) -> np.ndarray:
        return np.zeros(len(rows))


def test_an_interrupt_keeps_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    press_after(monkeypatch, 4)
    evaluated = evaluate(
        REGRESSOR, {"penalty": [0.0, 0.1]}, scorer=check_scoring(REGRESSOR, ["r2", "neg_max_error"])
    )
    assert evaluated.interrupted
    assert evaluated.finished.tolist() == [True] * 4 + [False] * 2
    assert np.isfinite(evaluated.out[3]["test_scores"]["r2"])
    assert np.isnan(evaluated.out[4]["test_scores"]["r2"])


def test_an_interrupt_keeps_what_scikit_learn_finished() -> None:
    evaluated = evaluate(Interrupting(), {"press": [False, True]})
    assert evaluated.interrupted
    assert evaluated.finished.tolist() == [True] * 4 + [False] * 2


def test_an_interrupt_before_anything_is_finished_is_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    press_after(monkeypatch, 0)
    with pytest.raises(KeyboardInterrupt):
        evaluate(REGRESSOR, {})


def test_stopping_keeps_what_is_finished_and_is_no_interrupt() -> None:
    evaluated = evaluate(Ridge(), {"alpha": [1.0, 2.0]}, stop=lambda: True)
    assert not evaluated.interrupted
    assert evaluated.finished.tolist() == [True] + [False] * 5


def test_stratified_splits_and_lists_are_taken() -> None:
    splits = [(list(train), list(test)) for train, test in StratifiedKFold(3).split(X, LABELS)]
    evaluated = fit_and_score_all(
        CLASSIFIER, [{}, {}], X.tolist(), list(LABELS), splits, scorer=get_scorer("accuracy")
    )
    assert all(out["fit_error"] is None for out in evaluated.out)
