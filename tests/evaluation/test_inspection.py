"""The batched permutation importance and partial dependence give scikit-learn's own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import inspection
from sklearn.linear_model import LinearRegression
from sklearn.metrics import make_scorer, median_absolute_error

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.evaluation import copies, partial_dependence, permutation_importance
from lamina.layers import Dense
from lamina.training import Adam

N = 40
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "x": RNG.normal(size=N),
        "unused": ["same"] * N,
        "town": RNG.choice(["Ulm", "Bonn", "Kiel"], N),
        "z": RNG.normal(size=N),
    }
)
Y = 3 * FRAME["x"] + (FRAME["town"] == "Ulm") + 0.1 * RNG.normal(size=N)
ARRAY = FRAME[["x", "z"]].to_numpy()
WEIGHTS = RNG.uniform(0.5, 2, N)
SMALL: dict[str, Any] = {
    "layers": [Dense(3, "tanh")],
    "optimizer": Adam(0.1),
    "epochs": 20,
    "random_state": 0,
}


def test_a_curve_of_a_column_with_gaps_needs_what_the_page_says() -> None:
    gappy = FRAME.drop(columns="unused").assign(
        town=FRAME["town"].where(FRAME.index % 5 > 0), x=FRAME["x"].where(FRAME.index % 7 > 0)
    )
    model = NeuralRegressor(**SMALL).fit(gappy, Y)
    with pytest.raises(ValueError, match="mixed data types"):
        partial_dependence(model, gappy, ["town"], categorical_features=["town"])
    rows = gappy.dropna(subset=["x"])
    assert np.isfinite(partial_dependence(model, rows, ["x"], grid_resolution=4)["grid_values"][0]).all()
    filled = gappy.assign(town=gappy["town"].fillna("unknown"))
    again = NeuralRegressor(**SMALL).fit(filled, Y)
    curve = partial_dependence(again, filled, ["town"], categorical_features=["town"])
    assert curve["grid_values"][0].tolist() == ["Bonn", "Kiel", "Ulm", "unknown"]
    assert np.isfinite(curve["average"]).all()


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Any:
    """Several blocks, the last of them not full."""
    before, copies.CELLS = copies.CELLS, 3 * ARRAY.size
    yield
    copies.CELLS = before


@pytest.fixture(scope="module")
def models() -> dict[str, tuple[Any, Any, Any]]:
    labels = np.where(Y > 0, "up", "down")
    three = np.digitize(Y, [-1, 1])
    with pytest.warns(UserWarning, match="unused"):
        on_frame = NeuralRegressor(**SMALL).fit(FRAME, Y)
    return {
        "array": (NeuralRegressor(**SMALL).fit(ARRAY, Y), ARRAY, Y),
        "frame": (on_frame, FRAME, Y),
        "outputs": (NeuralRegressor(**SMALL).fit(ARRAY, ARRAY**2), ARRAY, ARRAY**2),
        "two classes": (NeuralClassifier(**SMALL).fit(ARRAY, labels), ARRAY, labels),
        "three classes": (NeuralClassifier(**SMALL).fit(ARRAY, three), ARRAY, three),
    }


KINDS = ["array", "frame", "outputs", "two classes", "three classes"]


def same(ours: Any, theirs: Any) -> None:
    assert ours.keys() == theirs.keys()
    for name in theirs:
        if isinstance(theirs[name], dict):
            same(ours[name], theirs[name])
        elif name == "grid_values":
            assert [one.tolist() for one in ours[name]] == [one.tolist() for one in theirs[name]]
        else:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_importances_are_those_of_scikit_learn(models: Any, kind: str) -> None:
    asked = {"n_repeats": 3, "random_state": 1}
    ours, theirs = (
        module(*models[kind], **asked)
        for module in (permutation_importance, inspection.permutation_importance)
    )
    assert ours.importances.std() > 0
    same(ours, theirs)


def test_a_column_that_the_network_leaves_out_has_no_importance(models: Any) -> None:
    importances = permutation_importance(*models["frame"], random_state=0).importances
    np.testing.assert_array_equal(importances[1], 0)


@pytest.mark.parametrize(
    "asked",
    [
        {"scoring": "neg_mean_absolute_error", "sample_weight": WEIGHTS},
        {"scoring": ["r2", "neg_median_absolute_error"], "max_samples": 0.5},
        {"scoring": make_scorer(median_absolute_error, greater_is_better=False), "max_samples": 17},
        {"scoring": lambda model, X, y: float(np.mean(X[:, 0] * model.predict(X)))},
    ],
    ids=["weights", "several", "another", "function of X"],
)
def test_importances_by_any_score_are_those_of_scikit_learn(models: Any, asked: dict[str, Any]) -> None:
    results = [
        module(*models["array"], n_repeats=2, random_state=5, **asked)
        for module in (permutation_importance, inspection.permutation_importance)
    ]
    same(*results)


def test_another_model_goes_through_scikit_learn() -> None:
    model = LinearRegression().fit(ARRAY, Y)
    same(
        permutation_importance(model, ARRAY, Y, random_state=0),
        inspection.permutation_importance(model, ARRAY, Y, random_state=0),
    )
    same(partial_dependence(model, ARRAY, [0]), inspection.partial_dependence(model, ARRAY, [0]))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"n_repeats": 0}, SpecificationError, "give 1 or more"),
        ({"n_repeats": 2.5}, ArgumentTypeError, "whole number"),
        ({"max_samples": 41}, SpecificationError, "of 40 rows"),
        ({"max_samples": 1.5}, SpecificationError, "at most 1"),
        ({"max_samples": "all"}, ArgumentTypeError, "a number of rows"),
    ],
)
def test_what_means_nothing_is_refused(
    models: Any, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        permutation_importance(*models["array"], **wrong)


@pytest.mark.parametrize("how", ["average", "individual", "both"])
@pytest.mark.parametrize("kind", KINDS)
def test_dependence_is_that_of_scikit_learn(models: Any, kind: str, how: str) -> None:
    model, X, _ = models[kind]
    results = [
        module(model, X, [0], kind=how, grid_resolution=7)
        for module in (partial_dependence, inspection.partial_dependence)
    ]
    same(*results)


@pytest.mark.parametrize(
    ("kind", "features", "asked"),
    [
        ("array", (0, 1), {"sample_weight": WEIGHTS}),
        ("array", 1, {"percentiles": (0.2, 0.8)}),
        ("array", [False, True], {}),
        ("frame", ["town"], {"categorical_features": ["town"]}),
        ("frame", ["town", "z"], {"categorical_features": ["town"]}),
        ("frame", "z", {}),
        ("two classes", [1], {"response_method": "decision_function"}),
        ("three classes", [1], {"response_method": "predict_proba", "sample_weight": WEIGHTS}),
    ],
)
def test_dependence_on_any_columns_is_that_of_scikit_learn(
    models: Any, kind: str, features: Any, asked: dict[str, Any]
) -> None:
    model, X, _ = models[kind]
    results = [
        module(model, X, features, grid_resolution=5, **asked)
        for module in (partial_dependence, inspection.partial_dependence)
    ]
    assert len(results[0]["grid_values"][0]) > 2
    same(*results)


@pytest.mark.parametrize(
    ("features", "asked"),
    [
        ([7], {}),
        (["no such"], {}),
        ([0], {"grid_resolution": 0}),
        ([0], {"response_method": "predict_proba"}),
    ],
)
def test_what_scikit_learn_refuses_is_refused(models: Any, features: Any, asked: dict[str, Any]) -> None:
    model, X, _ = models["frame"] if isinstance(features[0], str) else models["array"]
    with pytest.raises(ValueError, match=r".+") as theirs:
        inspection.partial_dependence(model, X, features, **asked)
    with pytest.raises(type(theirs.value)) as ours:
        partial_dependence(model, X, features, **asked)
    assert str(ours.value) == str(theirs.value)
