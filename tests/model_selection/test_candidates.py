"""Settings become unfitted models; what is wrong with one is said, and of which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from small_searches import REGRESSOR

from lamina import NeuralRegressor
from lamina.errors import SpecificationError
from lamina.layers import Dense
from lamina.model_selection.candidates import joins_population, make_candidates, with_one_seed
from lamina.training import SGD

PIPELINE = Pipeline([("basis", PolynomialFeatures(2)), ("scale", StandardScaler()), ("net", REGRESSOR)])


class OwnFit(NeuralRegressor):
    def fit(self, X: Any, y: Any, **fit_params: Any) -> Any:  # type: ignore[override]
        return super().fit(X, y)


@pytest.mark.parametrize(
    ("model", "joins"),
    [
        (REGRESSOR, True),
        (PIPELINE, True),
        (Ridge(), False),
        (Pipeline([("model", Ridge())]), False),
        (OwnFit(), False),
    ],
)
def test_networks_and_pipelines_that_end_in_one_join_a_population(model: Any, joins: bool) -> None:
    assert joins_population(model) is joins
    assert (make_candidates(model, [{}])[0].network is not None) is joins


def test_a_candidate_has_the_parameters_that_scikit_learn_would_set() -> None:
    settings: list[dict[str, Any]] = [
        {"net__optimizer__learning_rate": 0.3, "basis__degree": 3},
        {"net__layers": [Dense(5)], "scale": "passthrough"},
        {"net": NeuralRegressor(random_state=0), "net__penalty": 0.5},
    ]
    for candidate in make_candidates(PIPELINE, settings):
        wanted = clone(PIPELINE).set_params(**candidate.params)
        assert candidate.network is not None
        assert candidate.pipeline is not None
        assert candidate.network.get_params() == wanted.steps[-1][1].get_params()
        assert repr(candidate.pipeline.steps[:-1]) == repr(wanted.steps[:-1])
    assert "penalty=0.5" not in repr(PIPELINE)


def test_candidates_share_steps_where_the_parameters_before_the_network_agree() -> None:
    grid = [{"basis__degree": degree, "net__penalty": penalty} for degree in (1, 2) for penalty in (0.0, 0.1)]
    keys = [candidate.steps_key for candidate in make_candidates(PIPELINE, grid)]
    assert keys[0] == keys[1] != keys[2] == keys[3]


@pytest.mark.parametrize(
    ("model", "params", "message"),
    [
        (REGRESSOR, {"penalti": 0.1}, "'penalti' is no parameter of NeuralRegressor: did you mean 'penalty'"),
        (REGRESSOR, {"optimizer__learnin_rate": 0.1}, "did you mean 'learning_rate'"),
        (REGRESSOR, {"layers__dense_7__units": 3}, "did you mean 'dense_1'"),
        (PIPELINE, {"nett__penalty": 0.1}, "'nett__penalty' is no parameter of Pipeline: did you mean 'net'"),
        (PIPELINE, {"net__penalti": 0.1}, "'net__penalti' is no parameter of NeuralRegressor"),
        (PIPELINE, {"basis__degre": 1}, "'basis__degre' is no parameter of PolynomialFeatures"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    model: Any, params: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecificationError, match=message):
        make_candidates(model, [{}, params])


class TakesAnything(Ridge):
    """As some boosting libraries have it: more parameters than ``get_params`` names."""

    def set_params(self, **params: Any) -> Any:
        vars(self).update(params)
        return self


def test_an_estimator_that_takes_more_than_it_names_is_let_be() -> None:
    assert make_candidates(TakesAnything(), [{"depth": 3}])[0].error is None
    assert make_candidates(Pipeline([("model", TakesAnything())]), [{"model__depth": 3}])[0].error is None


def test_a_bad_value_is_the_candidates_own_affair() -> None:
    made = make_candidates(REGRESSOR, [{"optimizer__learning_rate": -1.0}, {"optimizer__learning_rate": 0.1}])
    assert isinstance(made[0].error, SpecificationError)
    assert made[1].error is None


def test_a_name_that_some_settings_know_fails_the_others_alone() -> None:
    settings = [{"optimizer": kind, "optimizer__momentum": 0.5} for kind in (SGD(0.1), "adam")]
    made = make_candidates(REGRESSOR, settings)
    assert [candidate.error is None for candidate in made] == [True, False]


def test_all_candidates_share_one_drawn_seed_and_keep_one_that_was_given() -> None:
    drawn = make_candidates(NeuralRegressor(), [{"penalty": 0.0}, {"penalty": 0.1}])
    seeds = {candidate.network.random_state for candidate in drawn if candidate.network is not None}
    assert len(seeds) == 1
    given = make_candidates(REGRESSOR, [{}, {"random_state": 7}])
    assert [candidate.network.random_state for candidate in given if candidate.network] == [0, 7]


def test_a_generator_is_left_as_it_was() -> None:
    generator = np.random.RandomState(3)
    assert with_one_seed(NeuralRegressor(random_state=generator)).random_state == np.random.RandomState(
        3
    ).randint(np.iinfo(np.int32).max)
    assert generator.randint(1000) == np.random.RandomState(3).randint(1000)
