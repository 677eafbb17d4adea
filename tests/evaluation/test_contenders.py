"""Who takes part: names, order, how the user's models are fed and counted, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingRegressor, RandomForestRegressor
from sklearn.linear_model import LassoCV, LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from lamina import NeuralClassifier, NeuralRegressor, drop_in
from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.evaluation.contenders import choose_contenders, core, count_parameters, is_network, takes_tables
from lamina.evaluation.splits import Sample
from lamina.model_selection import EnsembleRegressor

GRID = {"alpha": [0.1, 1.0]}


def names(*args: Any) -> list[str]:
    return [contender.name for contender in choose_contenders(*args)]


def test_all_built_in_models_in_their_order() -> None:
    networks = ["mlp", "mlp-ensemble"]
    trees = ["gam", "forest", "boosting"]
    assert names("regression") == ["mean", "linear", "ridge", "lasso", "elastic_net", *trees, *networks]
    assert names("classification") == ["majority", "logistic", "ridge", "lasso", "lda", *trees, *networks]
    counts, shares = np.arange(40) % 5, np.linspace(0, 1, 40)
    assert names("regression", None, None, counts)[5] == "poisson"
    assert names("regression", None, None, shares)[5] == "fractional_logit"


def test_the_order_is_fixed_and_own_models_come_last() -> None:
    assert names("regression", ["mlp", "mean"], {"mine": Ridge(), "a": Ridge()}) == [
        "mean",
        "mlp",
        "mine",
        "a",
    ]
    assert names("regression", [], {"mine": Ridge()}) == ["mine"]
    assert names("regression", "lasso") == ["lasso"]


@pytest.mark.parametrize(
    ("model", "network", "table"),
    [
        (NeuralRegressor(), True, True),
        (make_pipeline(StandardScaler(), NeuralRegressor()), True, True),
        (GridSearchCV(NeuralRegressor(), {"epochs": [1]}), True, True),
        (TransformedTargetRegressor(NeuralRegressor(), func=np.log1p, inverse_func=np.expm1), True, True),
        (EnsembleRegressor(), True, True),
        (EnsembleRegressor(Ridge(), draw="bootstrap"), False, False),
        (MLPRegressor(), True, False),
        (drop_in.MLPRegressor(), True, False),
        (GridSearchCV(Ridge(), GRID), False, False),
        (GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [1.0]}), False, True),
        (TransformedTargetRegressor(Ridge()), False, False),
        (BaggingRegressor(Ridge()), False, False),
        (LassoCV(), False, False),
    ],
    ids=str,
)
def test_networks_and_pipelines_are_told_apart_from_what_needs_numbers(
    model: Any, network: bool, table: bool
) -> None:
    assert is_network(model) is network
    assert takes_tables(model) is table


@pytest.mark.parametrize(
    ("model", "count"),
    [
        (LinearRegression(), 4),
        (make_pipeline(StandardScaler(), Ridge()), 4),
        (GridSearchCV(Ridge(), GRID, cv=2), 4),
        (TransformedTargetRegressor(Ridge()), 4),
        (DecisionTreeRegressor(max_leaf_nodes=5), 5),
        (RandomForestRegressor(n_estimators=3, max_leaf_nodes=4, bootstrap=False), 12),
        (MLPRegressor(hidden_layer_sizes=(2,), solver="lbfgs", max_iter=5000), 3 * 2 + 2 + 2 + 1),
        (KNeighborsRegressor(), None),
    ],
    ids=str,
)
def test_parameters_of_any_model(model: Any, count: int | None) -> None:
    X = np.random.default_rng(0).normal(size=(30, 3))
    assert count_parameters(model.fit(X, X @ [1.0, 2.0, 3.0])) == count


def test_the_core_of_a_fitted_search_is_the_fitted_model() -> None:
    X = np.arange(12.0)[:, None]
    search = GridSearchCV(Ridge(), GRID, cv=2).fit(X, X[:, 0])
    assert core(search) is search.best_estimator_


def test_own_models_are_cloned_and_fed_with_numbers() -> None:
    model = Ridge(alpha=3.0)
    (contender,) = choose_contenders("regression", [], {"mine": model})
    X = pd.DataFrame({"town": ["Ulm", "Bonn"] * 5, "size": range(10)})
    made = contender.make(Sample(X, np.arange(10.0)), 0).fit(X, np.arange(10.0))
    assert not hasattr(model, "coef_")
    assert made[-1].alpha == 3.0
    assert contender.count(made) == 3


def test_the_default_network_takes_the_seed() -> None:
    for task, kind in (("regression", NeuralRegressor), ("classification", NeuralClassifier)):
        (contender,) = choose_contenders(task, ["mlp"])  # type: ignore[arg-type]
        made = contender.make(Sample(None, np.arange(3.0)), 17)
        assert isinstance(made, kind)
        assert made.random_state == 17
        assert contender.network


@pytest.mark.parametrize(
    ("include", "models", "error", "message"),
    [
        (
            ["laso"],
            None,
            SpecificationError,
            "'laso', which is no built-in model for regression: did you mean 'lasso'",
        ),
        (["lda"], None, SpecificationError, "no built-in model for regression"),
        ([], None, SpecificationError, "nothing to compare"),
        (None, {"mlp": Ridge()}, SpecificationError, "rename yours"),
        (None, {"mine": Ridge}, ArgumentTypeError, r"the class Ridge: give an instance, Ridge\(\)"),
        (None, {"mine": 3}, ArgumentTypeError, "of type int"),
        (None, {1: Ridge()}, ArgumentTypeError, "no text"),
        (None, [Ridge()], ArgumentTypeError, "models is of type list: give a dictionary"),
        (
            None,
            {"mine": LogisticRegression()},
            SpecificationError,
            "is for classification, but the task is regression",
        ),
    ],
)
def test_what_cannot_take_part_is_refused(
    include: Any, models: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        choose_contenders("regression", include, models)


def test_a_regressor_is_refused_in_a_classification_and_anything_undeclared_taken() -> None:
    with pytest.raises(SpecificationError, match="say task='regression'"):
        choose_contenders("classification", [], {"mine": make_pipeline(StandardScaler(), Ridge())})
    assert names("classification", [], {"odd": KMeans()}) == ["odd"]


def test_a_built_in_name_may_be_taken_over_when_it_is_left_out() -> None:
    assert names("regression", ["mean"], {"mlp": NeuralRegressor(epochs=1)}) == ["mean", "mlp"]
