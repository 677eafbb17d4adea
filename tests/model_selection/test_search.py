"""Searches give what scikit-learn's give, and what those have not: one_se, budgets, an end that keeps what is finished."""

from __future__ import annotations

import signal
from typing import Any

import numpy as np
import pytest
import sklearn
from scipy.stats import loguniform, randint
from sklearn import model_selection
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.metrics import get_scorer
from sklearn.model_selection import GroupKFold, KFold, ParameterSampler, ShuffleSplit
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from small_searches import CLASSIFIER, LABELS, RATES, REGRESSOR, X, Y, assert_same_results, press_after

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import DataError, DataWarning, DivergenceWarning, LaminaError, SpecificationError
from lamina.layers import Dense
from lamina.model_selection import GridSearchCV, OneStandardError, RandomizedSearchCV, cross_val_score
from lamina.model_selection import search as search_module
from lamina.model_selection.collecting import NothingFinished
from lamina.model_selection.rounds import Rounds

GROUPS = np.repeat(np.arange(12), 5)
WEIGHTS = np.random.default_rng(3).uniform(0.5, 2, len(X))
PIPELINE = Pipeline([("basis", FunctionTransformer(np.tanh)), ("net", REGRESSOR)])
SEVERAL = ["r2", "neg_mean_squared_error"]


def spread(model: Any, rows: Any, y: Any) -> dict[str, float]:
    return {"first": float(model.predict(rows)[0]), "spread": float(np.ptp(model.predict(rows)))}


@pytest.mark.parametrize(
    ("grid", "options", "fit_params"),
    [
        ({"alpha": [0.1, 10.0]}, {"return_train_score": True}, {}),
        (
            {"alpha": [0.1, 10.0]},
            {"cv": GroupKFold(3), "scoring": SEVERAL, "refit": "r2"},
            {"groups": GROUPS},
        ),
        ([{"alpha": [0.1]}, {"fit_intercept": [False]}], {"cv": ShuffleSplit(2, random_state=0)}, {}),
        ({"alpha": [0.1, 10.0]}, {"scoring": spread, "refit": "spread"}, {}),
        ({"alpha": [0.1, 10.0]}, {"refit": lambda results: 1}, {}),
    ],
    ids=["plain", "groups", "list-of-grids", "function", "refit-function"],
)
def test_an_estimator_that_is_no_network_has_exactly_scikit_learns_results(
    grid: Any, options: dict[str, Any], fit_params: dict[str, Any]
) -> None:
    ours = GridSearchCV(Ridge(), grid, **options).fit(X, Y, **fit_params)
    theirs = model_selection.GridSearchCV(Ridge(), grid, **options).fit(X, Y, **fit_params)
    assert_same_results(ours, theirs, rtol=0)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.how_.endswith("by scikit-learn's own code: Ridge joins no population.")


@pytest.mark.parametrize(
    ("model", "grid", "options", "fit_params"),
    [
        (REGRESSOR, RATES, {"return_train_score": True}, {}),
        (REGRESSOR, RATES, {"cv": GroupKFold(3), "scoring": SEVERAL, "refit": False}, {"groups": GROUPS}),
        (
            PIPELINE,
            [{"basis__func": [np.square]}, {"net__penalty": [0.1]}],
            {"scoring": spread, "refit": False},
            {},
        ),
        (CLASSIFIER, {"penalty": [0.0, 0.1]}, {"scoring": "neg_log_loss", "refit": False}, {}),
    ],
    ids=["plain", "groups", "pipeline", "classifier"],
)
def test_a_network_has_scikit_learns_results(
    model: Any, grid: Any, options: dict[str, Any], fit_params: dict[str, Any]
) -> None:
    y = LABELS if is_classifier(model) else Y
    options = {"cv": 3} | options
    ours = GridSearchCV(model, grid, **options).fit(X, y, **fit_params)
    theirs = model_selection.GridSearchCV(model, grid, **options).fit(X, y, **fit_params)
    assert_same_results(ours, theirs)
    assert ours.how_ == "6 fits as one population."
    if options.get("refit", True):
        lone = clone(model).set_params(**ours.best_params_).fit(X, y)
        np.testing.assert_array_equal(ours.predict(X), lone.predict(X))


def test_weights_reach_fit_and_scorer_by_metadata_routing() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        model = clone(REGRESSOR).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        ours = GridSearchCV(model, RATES, cv=3, refit=False).fit(X, Y, sample_weight=WEIGHTS)
        theirs = model_selection.GridSearchCV(model, RATES, cv=3, refit=False)
        assert_same_results(ours, theirs.fit(X, Y, sample_weight=WEIGHTS))
        refusing = GridSearchCV(clone(REGRESSOR), RATES, cv=3)
        with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError, match="sample_weight"):
            refusing.fit(X, Y, sample_weight=WEIGHTS)


@pytest.mark.parametrize(
    ("kind", "name"), [(GridSearchCV, "GridSearchCV"), (RandomizedSearchCV, "RandomizedSearchCV")]
)
def test_a_search_is_scikit_learns_search_with_more(kind: Any, name: str) -> None:
    search = kind(REGRESSOR, RATES, cv=4, memory=10**9)
    assert isinstance(search, getattr(model_selection, name))
    assert is_regressor(search)
    assert is_classifier(kind(CLASSIFIER, RATES))
    copied = clone(search).set_params(estimator__penalty=0.5)
    assert copied.get_params()["memory"] == 10**9
    assert copied.estimator.penalty == 0.5
    theirs = getattr(model_selection, name)(REGRESSOR, RATES)
    assert theirs.get_params(deep=False).keys() <= search.get_params(deep=False).keys()


def test_one_bad_setting_ranks_last_and_the_others_live() -> None:
    grid = {"optimizer__learning_rate": [-1.0, 0.1], "penalty": [0.0, -3.0]}
    search = GridSearchCV(REGRESSOR, grid, cv=3, refit=False)
    with (
        pytest.warns(FitFailedWarning, match=r"(?s)9 fits failed out of a total of 12.*zero or more"),
        pytest.warns(UserWarning, match="scores are non-finite"),
    ):
        search.fit(X, Y)
    assert search.best_params_ == {"optimizer__learning_rate": 0.1, "penalty": 0.0}
    assert search.cv_results_["rank_test_score"].tolist() == [2, 2, 1, 2]
    assert search.how_ == "3 fits as one population; 9 fits not at all: their parameters were refused."


def test_an_unknown_name_is_refused_before_any_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lamina.model_selection.fitting.fit_many", None)
    with pytest.raises(SpecificationError, match="did you mean 'penalty'"):
        GridSearchCV(REGRESSOR, {"penalti": [0.1]}, cv=3).fit(X, Y)


def test_a_grid_that_fails_altogether_says_why() -> None:
    with pytest.raises(ValueError, match=r"(?s)All the 3 fits failed.*l2 must be a finite number"):
        GridSearchCV(REGRESSOR, {"penalty": [-1.0]}, cv=3).fit(X, Y)


def test_one_se_takes_the_simplest_network_within_the_error() -> None:
    grid = {"optimizer__learning_rate": [0.1], "penalty": [0.0, 1e-5]}
    search = GridSearchCV(REGRESSOR, grid, cv=3, refit="one_se").fit(X, Y)
    means = search.cv_results_["mean_test_score"]
    assert np.ptp(means) < search.cv_results_["std_test_score"].min()
    assert search.best_params_["penalty"] == 1e-5
    assert search.best_score_ == means[search.best_index_]
    assert search.best_estimator_.penalty == 1e-5


def test_one_se_needs_to_know_what_is_simple() -> None:
    with pytest.raises(SpecificationError, match="give refit=OneStandardError"):
        GridSearchCV(Ridge(), {"alpha": [1.0]}, refit="one_se").fit(X, Y)
    with pytest.raises(SpecificationError, match="several scores does not say which"):
        GridSearchCV(REGRESSOR, RATES, scoring=SEVERAL, refit="one_se").fit(X, Y)
    rule = OneStandardError(lambda params: -params["alpha"], "r2")
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 0.2]}, scoring=SEVERAL, refit=rule).fit(X, Y)
    assert search.best_params_ == {"alpha": 0.2}


def test_a_slip_in_the_name_of_the_rule_is_refused() -> None:
    with pytest.raises(SpecificationError, match="did you mean 'one_se'"):
        GridSearchCV(REGRESSOR, RATES, refit="one-se").fit(X, Y)


def test_an_interrupt_keeps_what_is_finished_and_refits_the_best_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    press_after(monkeypatch, 5)
    with pytest.warns(UserWarning, match="interrupted: 1 of 2 settings are complete; the others have NaN"):
        search = GridSearchCV(REGRESSOR, RATES, cv=3).fit(X, Y)
    assert search.interrupted_
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [False, True]
    assert search.cv_results_["rank_test_score"].tolist() == [1, 2]
    assert search.predict(X).shape == Y.shape


def test_an_interrupt_between_rounds_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate = Rounds.evaluate

    def press(self: Rounds, *args: Any, **keywords: Any) -> Any:
        results = evaluate(self, *args, **keywords)
        signal.raise_signal(signal.SIGINT)
        return results

    monkeypatch.setattr(Rounds, "evaluate", press)
    search = RandomizedSearchCV(Ridge(), {"alpha": loguniform(0.1, 10)}, budget="1h", random_state=0)
    with pytest.warns(UserWarning, match="interrupted: its results are of 8 settings, all complete.$"):
        search.fit(X, Y)
    assert search.interrupted_


def test_a_random_search_draws_what_scikit_learns_draws() -> None:
    distributions = {"alpha": loguniform(0.1, 10)}
    options = {"n_iter": 4, "random_state": 5, "cv": 3}
    ours = RandomizedSearchCV(Ridge(), distributions, **options).fit(X, Y)
    theirs = model_selection.RandomizedSearchCV(Ridge(), distributions, **options).fit(X, Y)
    assert_same_results(ours, theirs, rtol=0)


def test_a_budget_of_fits_is_settings_times_splits() -> None:
    search = RandomizedSearchCV(Ridge(), {"alpha": loguniform(0.1, 10)}, budget=20, cv=3, random_state=0).fit(
        X, Y
    )
    assert len(search.cv_results_["params"]) == 6
    assert search.how_.startswith("18 fits")


def test_a_budget_of_time_evaluates_the_same_settings_as_long_as_it_lasts() -> None:
    distributions = {"alpha": loguniform(0.1, 10)}
    search = RandomizedSearchCV(Ridge(), distributions, budget="0.5s", cv=KFold(2), random_state=0).fit(X, Y)
    found = search.cv_results_["params"]
    assert len(found) > 8
    assert found == list(ParameterSampler(distributions, len(found), random_state=0))
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_all_batches_are_judged_on_the_same_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rounds, "late", lambda self: self.fits_done > 20)
    search = RandomizedSearchCV(Ridge(), {"alpha": randint(1, 2)}, budget="1h", cv=ShuffleSplit(2)).fit(X, Y)
    scores = search.cv_results_["split0_test_score"]
    assert len(scores) > 8
    assert np.ptp(scores) == 0.0


def test_what_time_cuts_off_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "FIRST_BATCH", 2)
    monkeypatch.setattr(Rounds, "late", lambda self: self.fits_done > 8)
    space = {"optimizer__learning_rate": loguniform(1e-3, 1e-1)}
    search = RandomizedSearchCV(REGRESSOR, space, budget="1h", cv=3, random_state=0).fit(X, Y)
    found = search.cv_results_["params"]
    assert 2 <= len(found) <= 6
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert not search.interrupted_


def test_a_batch_of_which_time_leaves_nothing_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "FIRST_BATCH", 2)
    monkeypatch.setattr(Rounds, "late", lambda self: False)
    space = {"optimizer__learning_rate": loguniform(1e-3, 1e-1)}
    fit = Rounds._fit

    def late_in_the_second(self: Rounds, *args: Any) -> Any:
        if not self.settings:
            return fit(self, *args)
        monkeypatch.setattr(Rounds, "late", lambda self: True)
        raise NothingFinished

    monkeypatch.setattr(Rounds, "_fit", late_in_the_second)
    search = RandomizedSearchCV(REGRESSOR, space, budget="1h", cv=3, random_state=0).fit(X, Y)
    assert len(search.cv_results_["params"]) == 2
    assert not search.interrupted_


def test_a_budget_of_time_ends_when_every_setting_was_tried() -> None:
    search = RandomizedSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, budget="1h", cv=2, random_state=0).fit(
        X, Y
    )
    assert sorted(params["alpha"] for params in search.cv_results_["params"]) == [0.1, 1.0, 10.0]


def test_a_budget_that_means_nothing_is_refused() -> None:
    with pytest.raises(LaminaError, match="give a number of fits above zero"):
        RandomizedSearchCV(Ridge(), {"alpha": [1.0]}, budget="soon").fit(X, Y)


def test_memory_too_small_for_one_network_is_said() -> None:
    with pytest.raises(SpecificationError, match=r"memory=10 .*one member"):
        GridSearchCV(REGRESSOR, RATES, cv=3, memory=10).fit(X, Y)


def test_settings_share_a_seed_that_is_drawn() -> None:
    model = clone(REGRESSOR).set_params(random_state=None)
    scores = (
        GridSearchCV(model, {"verbose": [0, 1]}, cv=3, refit=False).fit(X, Y).cv_results_["mean_test_score"]
    )
    assert scores[0] == pytest.approx(scores[1], rel=1e-6)


def test_it_says_what_it_does_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=3, verbose=1).fit(X, Y)
    assert capsys.readouterr().out == (
        "Fitting 3 folds for each of 1 candidates, totalling 3 fits\n"
        "3 fits by scikit-learn's own code: Ridge joins no population.\n"
    )


@pytest.mark.filterwarnings("ignore:overflow|invalid value|One or more:")
def test_a_diverging_member_does_not_harm_its_neighbours() -> None:
    with pytest.warns(DivergenceWarning, match="training diverged"):
        both = GridSearchCV(REGRESSOR, {"optimizer__learning_rate": [0.1, 1e300]}, cv=3, refit=False).fit(
            X, Y
        )
    good = GridSearchCV(REGRESSOR, RATES, cv=3, refit=False).fit(X, Y)
    np.testing.assert_allclose(
        both.cv_results_["mean_test_score"][0], good.cv_results_["mean_test_score"][0], rtol=1e-5
    )


def test_weights_reach_the_steps_of_a_pipeline_that_ask_for_them() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        scale = StandardScaler().set_fit_request(sample_weight=True)
        network = clone(REGRESSOR).set_params(scale=False).set_fit_request(sample_weight=False)
        scoring = get_scorer("r2").set_score_request(sample_weight=True)
        model = Pipeline([("scale", scale), ("net", network)])
        ours, theirs = (
            kind(model, {"net__penalty": [0.0, 0.1]}, cv=3, refit=False, scoring=scoring).fit(
                X, Y, sample_weight=WEIGHTS**3
            )
            for kind in (GridSearchCV, model_selection.GridSearchCV)
        )
        assert_same_results(ours, theirs)
        assert ours.how_ == "6 fits as one population."


def test_a_class_label_that_is_missing_is_told_of_before_scikit_learn_sorts_the_labels() -> None:
    labels = np.where(X[:, 0] > 0, "a", "b").astype(object)
    labels[7] = np.nan
    model = NeuralClassifier([Dense(3)], epochs=2)
    with pytest.raises(DataError, match=r"missing in 1 of \d+ rows \(the first is row 7\)"):
        GridSearchCV(model, {"penalty": [0]}, cv=3).fit(X, labels)
    with pytest.raises(DataError, match="the first is row 7"):
        cross_val_score(model, X, labels, cv=3)


def test_a_name_of_the_network_in_a_pipeline_is_told_where_it_belongs() -> None:
    pipeline = make_pipeline(StandardScaler(), NeuralRegressor())
    with pytest.raises(
        SpecificationError, match=r"did you mean 'neuralregressor__optimizer__learning_rate'\?"
    ):
        GridSearchCV(pipeline, {"optimizer__learning_rate": [0.1]}, cv=3).fit(X, Y)


def test_fits_refused_when_they_begin_are_not_counted_as_run() -> None:
    model = NeuralRegressor([Dense(3)], epochs=2, random_state=0)
    with (
        pytest.warns(FitFailedWarning, match="3 fits failed"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = GridSearchCV(model, {"penalty": [0, -1]}, cv=3).fit(X, Y)
    assert search.how_ == "3 fits as one population; 3 fits not at all: their parameters were refused."


def test_one_standard_error_of_one_split_is_told_of() -> None:
    model = NeuralRegressor([Dense(3)], epochs=2, random_state=0)
    with pytest.warns(DataWarning, match="needs two splits at least, and there is one"):
        GridSearchCV(model, {"penalty": [0, 0.1]}, cv=ShuffleSplit(1, random_state=0), refit="one_se").fit(
            X, Y
        )
