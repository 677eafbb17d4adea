"""Cross-validation gives what scikit-learn's own functions give, whichever way it ran."""

from __future__ import annotations

import inspect
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
import sklearn.model_selection as theirs
from sklearn.exceptions import FitFailedWarning, UnsetMetadataPassedError
from sklearn.linear_model import Ridge
from sklearn.metrics import make_scorer, r2_score
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_fits import linear_data

import lamina.model_selection as ours
from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import DataError
from lamina.estimators.many import Result
from lamina.layers import Dense
from lamina.model_selection import fitting

X, Y = linear_data()
CLASSES = np.array(["high", "low", "middle"])[np.digitize(Y, [-0.5, 1.0])]
NETWORK = NeuralRegressor([Dense(4, "tanh")], epochs=3, random_state=0)
CLASSIFIER = NeuralClassifier([Dense(4, "tanh")], epochs=3, random_state=0)
PIPELINE = make_pipeline(StandardScaler(), NETWORK)
WEIGHTS = np.linspace(0.1, 1, 60)
GROUPS = np.arange(60) // 6
FUNCTIONS = ["cross_validate", "cross_val_score", "cross_val_predict", "learning_curve", "validation_curve"]


@pytest.fixture
def routing() -> Iterator[None]:
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def agree(mine: Any, other: Any, **tolerances: Any) -> None:
    """The same names, shapes and numbers; times are not compared."""
    assert type(mine) is type(other)
    if isinstance(mine, dict):
        assert list(mine) == list(other)
        for name in mine:
            if "time" in name:
                assert np.shape(mine[name]) == np.shape(other[name])
            elif name != "estimator":
                agree(mine[name], other[name], **tolerances)
    elif isinstance(mine, tuple):
        for one, another in zip(mine, other, strict=True):
            agree(one, another, **tolerances)
    elif np.asarray(mine).dtype.kind == "U":
        np.testing.assert_array_equal(mine, other)
    else:
        np.testing.assert_allclose(mine, other, **tolerances)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_and_defaults_are_scikit_learns(name: str) -> None:
    def told(function: Any) -> list[tuple[str, Any, str]]:
        parameters = inspect.signature(function).parameters.values()
        return [(one.name, one.kind, repr(one.default)) for one in parameters if one.name != "fit_params"]

    assert told(getattr(ours, name)) == told(getattr(theirs, name))


CALLS: list[tuple[str, Any, Any, dict[str, Any]]] = [
    ("cross_validate", NETWORK, Y, {"return_train_score": True, "return_indices": True, "cv": 3}),
    ("cross_validate", PIPELINE, Y, {"cv": 3, "return_estimator": True}),
    ("cross_validate", CLASSIFIER, CLASSES, {"cv": 3, "scoring": ["accuracy", "neg_log_loss", "f1_macro"]}),
    ("cross_validate", NETWORK, Y, {"cv": GroupKFold(3), "groups": GROUPS, "scoring": {"mine": "r2"}}),
    ("cross_validate", NETWORK, Y, {"cv": 3, "params": {"sample_weight": WEIGHTS}}),
    (
        "cross_validate",
        NETWORK,
        Y,
        {"cv": 3, "scoring": lambda model, X, y: {"a": model.score(X, y), "b": 1.0}},
    ),
    ("cross_val_score", CLASSIFIER, CLASSES, {"cv": 3}),
    (
        "cross_val_score",
        NETWORK,
        Y,
        {"cv": KFold(3, shuffle=True, random_state=1), "scoring": "neg_mean_squared_error"},
    ),
    ("cross_val_predict", NETWORK, Y, {"cv": KFold(3, shuffle=True, random_state=1)}),
    ("cross_val_predict", PIPELINE, Y, {"cv": 3}),
    ("cross_val_predict", NETWORK, np.column_stack([Y, -Y]), {"cv": 3}),
    ("cross_val_predict", CLASSIFIER, CLASSES, {"cv": 3}),
    ("cross_val_predict", CLASSIFIER, CLASSES, {"cv": 3, "method": "predict_proba"}),
    ("cross_val_predict", CLASSIFIER, CLASSES, {"cv": 3, "method": "decision_function"}),
    ("learning_curve", NETWORK, Y, {"cv": 2, "train_sizes": [0.4, 1.0], "shuffle": True, "random_state": 0}),
    (
        "learning_curve",
        NETWORK,
        Y,
        {"cv": KFold(2), "train_sizes": [12, 30], "return_times": True},
    ),
    (
        "learning_curve",
        NETWORK,
        Y,
        {"cv": 2, "train_sizes": [0.4, 1.0], "exploit_incremental_learning": True},
    ),
    (
        "validation_curve",
        PIPELINE,
        Y,
        {"cv": 3, "param_name": "neuralregressor__penalty", "param_range": [0.0, 1.0]},
    ),
    (
        "validation_curve",
        PIPELINE,
        Y,
        {"cv": 3, "param_name": "standardscaler__with_mean", "param_range": [True, False]},
    ),
]


@pytest.mark.parametrize(("name", "model", "y", "arguments"), CALLS, ids=range(len(CALLS)))
def test_networks_agree_with_scikit_learns_functions(
    name: str, model: Any, y: Any, arguments: dict[str, Any]
) -> None:
    mine, other = (getattr(home, name)(model, X, y, **arguments) for home in (ours, theirs))
    if name == "learning_curve" and arguments.get("return_times"):
        assert all(times.shape == (2, 2) for times in mine[3:])
        mine, other = mine[:3], other[:3]
    agree(mine, other, rtol=1e-4)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_other_models_go_to_scikit_learns_functions(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = {"param_name": "alpha", "param_range": [0.1, 1.0]} if name == "validation_curve" else {}
    mine, other = (getattr(home, name)(Ridge(), X, Y, cv=3, **arguments) for home in (ours, theirs))
    if isinstance(mine, dict):
        mine, other = mine["test_score"], other["test_score"]
    for one, another in zip(mine, other, strict=True):
        np.testing.assert_array_equal(one, another)
    getattr(ours, name)(Ridge(), X, Y, cv=3, verbose=1, **arguments)
    assert f"[{name}] By scikit-learn's own code: Ridge joins no population" in capsys.readouterr().out


def test_it_says_which_way_it_ran(capsys: pytest.CaptureFixture[str]) -> None:
    ours.cross_val_predict(NETWORK, X, Y, cv=3, verbose=1)
    ours.cross_validate(NETWORK.__class__([], optimizer="lbfgs", random_state=0), X, Y, cv=2, verbose=1)
    ours.learning_curve(
        NETWORK, X, Y, cv=2, verbose=1, train_sizes=[0.4, 1.0], exploit_incremental_learning=True
    )
    said = capsys.readouterr().out
    assert "[cross_val_predict] 3 fits as one population." in said
    assert "[cross_validate] 2 fits one after the other: L-BFGS is not for populations." in said
    assert "[learning_curve] By scikit-learn's own code: each fit goes on from the last one." in said


def test_the_models_of_the_folds() -> None:
    found = ours.cross_validate(PIPELINE, X, Y, cv=3, return_estimator=True, return_indices=True)
    for model, test, score in zip(
        found["estimator"], found["indices"]["test"], found["test_score"], strict=True
    ):
        assert model.score(X[test], Y[test]) == pytest.approx(score)


def test_data_frames() -> None:
    frame = pd.DataFrame(X, columns=list("abc")).assign(town=["Ulm", "Bonn", "Kiel"] * 20)
    mine, other = (home.cross_val_predict(NETWORK, frame, pd.Series(Y), cv=3) for home in (ours, theirs))
    np.testing.assert_allclose(mine, other, rtol=1e-4)


LACKING = pytest.mark.filterwarnings("ignore:.*train without one of the classes:lamina.errors.DataWarning")


@LACKING
@pytest.mark.filterwarnings("ignore:Number of classes in training fold:RuntimeWarning")
def test_a_class_that_a_fold_lacks_has_a_column_of_zeros() -> None:
    y = np.where(np.arange(60) == 3, "rare", CLASSES)
    mine, other = (
        home.cross_val_predict(CLASSIFIER, X, y, cv=KFold(3), method="predict_proba")
        for home in (ours, theirs)
    )
    np.testing.assert_allclose(mine, other, rtol=1e-4)
    assert (mine[:20, 3] == 0).all()
    assert (mine[20:, 3] > 0).all()


@LACKING
def test_a_fold_that_fails_has_the_error_score_and_the_others_live() -> None:
    y, folds = np.where(np.arange(60) < 30, "low", CLASSES), KFold(2)
    for home in (ours, theirs):
        with pytest.warns(FitFailedWarning, match="y has one class only"):
            scores = home.cross_val_score(CLASSIFIER, X, y, cv=folds, error_score=-9.0)
        assert (scores == -9.0).tolist() == [False, True]
        with pytest.raises(DataError, match="y has one class only"):
            home.cross_validate(CLASSIFIER, X, y, cv=folds, error_score="raise")
        with pytest.raises(DataError, match="y has one class only"):
            home.cross_val_predict(CLASSIFIER, X, y, cv=folds)
        with pytest.raises(ValueError, match="All the 2 fits failed"):
            home.cross_validate(CLASSIFIER, X, np.ones(60), cv=folds)


def test_folds_that_are_no_partition_are_refused() -> None:
    for home in (ours, theirs):
        with pytest.raises(ValueError, match="only works for partitions"):
            home.cross_val_predict(NETWORK, X, Y, cv=ShuffleSplit(2))


@pytest.mark.usefixtures("routing")
def test_metadata_go_where_they_were_asked_for() -> None:
    model = NETWORK.__class__(**NETWORK.get_params(deep=False)).set_fit_request(sample_weight=True)
    scorer = make_scorer(r2_score).set_score_request(sample_weight=True)
    params = {"sample_weight": WEIGHTS, "groups": GROUPS}
    arguments: dict[str, Any] = {"cv": GroupKFold(3), "scoring": scorer, "params": params}
    for name in ("cross_validate", "cross_val_score", "learning_curve"):
        chosen = model.set_partial_fit_request(sample_weight=True) if name == "learning_curve" else model
        extra = {"train_sizes": [1.0]} if name == "learning_curve" else {}
        mine, other = (getattr(home, name)(chosen, X, Y, **arguments, **extra) for home in (ours, theirs))
        agree(mine, other, rtol=1e-4)
    for home in (ours, theirs):
        with pytest.raises(UnsetMetadataPassedError, match=r"cross_val_score|cross_validate"):
            home.cross_val_score(NETWORK, X, Y, params={"sample_weight": WEIGHTS})
        with pytest.raises(ValueError, match="groups"):
            home.cross_validate(model, X, Y, groups=GROUPS)


def test_an_interrupt_gives_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fitting.fit_many

    def cut(tasks: Any, **keywords: Any) -> Any:
        finished = whole(tasks[:2], **keywords)
        signal.raise_signal(signal.SIGINT)
        return [*finished, Result()]

    monkeypatch.setattr(fitting, "fit_many", cut)
    with pytest.warns(UserWarning, match="2 of 3 fits are finished, and the scores of the others are NaN"):
        scores = ours.cross_val_score(NETWORK, X, Y, cv=3)
    assert np.isnan(scores).tolist() == [False, False, True]
    with pytest.raises(KeyboardInterrupt):
        ours.cross_val_predict(NETWORK, X, Y, cv=3)


def test_an_interrupt_before_a_fit_is_finished_is_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(tasks: Any, **keywords: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return [Result()] * len(tasks)

    monkeypatch.setattr(fitting, "fit_many", cut)
    with pytest.raises(KeyboardInterrupt) as caught:
        ours.cross_validate(NETWORK, X, Y, cv=3)
    assert caught.type is KeyboardInterrupt


def test_a_network_without_a_seed_has_one_for_all_folds() -> None:
    model = NeuralRegressor([Dense(4, "tanh")], epochs=3)
    found = ours.cross_validate(model, X, Y, cv=3, return_estimator=True)
    assert len({one.random_state for one in found["estimator"]}) == 1
    assert model.random_state is None
