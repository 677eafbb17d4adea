"""Intervals of the estimators: the networks of the folds, one by one, and what makes a calibration out of date."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, cross_val_score
from small_fits import linear_data

from lamina import NeuralClassifier, NeuralRegressor, model_selection
from lamina.errors import ArgumentTypeError, DataError, DataWarning, SpecificationError
from lamina.estimators import calibration
from lamina.estimators.conformal import interval_bounds, interval_scores
from lamina.estimators.remembered import fingerprint
from lamina.layers import Dense
from lamina.training import Quantile

X, Y = linear_data(60, dtype=np.float32)
NEW = X[:11] + np.float32(0.1)
LABELS = np.array(["low", "middle", "high"])[np.digitize(Y, [0.0, 1.0])]
SMALL: dict[str, Any] = {"layers": [Dense(4, "tanh")], "epochs": 5, "batch_size": 30, "random_state": 0}


@pytest.fixture(scope="module")
def model() -> NeuralRegressor:
    return NeuralRegressor(**SMALL).fit(X, Y)


def test_cv_plus_is_its_formula_over_networks_fitted_one_by_one(model: NeuralRegressor) -> None:
    found = model.predict_interval(NEW, coverage=0.8, cv=3)
    assert found.shape == (11, 2)
    at_new, residuals, folds = [], np.empty(60), np.empty(60, int)
    for fold, (train, test) in enumerate(KFold(3, shuffle=True, random_state=0).split(X)):
        network = clone(model).fit(X[train], Y[train])
        residuals[test], folds[test] = np.abs(Y[test] - network.predict(X[test])), fold
        at_new.append(network.predict(NEW))
    for row in range(11):
        low = sorted(at_new[folds[i]][row] - residuals[i] for i in range(60))
        high = sorted(at_new[folds[i]][row] + residuals[i] for i in range(60))
        k = int(np.ceil(0.8 * 61))
        np.testing.assert_allclose(found[row], [low[60 - k], high[k - 1]], rtol=1e-4, atol=1e-5)


def test_the_networks_are_fitted_once(model: NeuralRegressor, monkeypatch: pytest.MonkeyPatch) -> None:
    first = model.predict_interval(NEW, cv=3)
    monkeypatch.setattr(calibration, "fit_many", None)
    np.testing.assert_array_equal(model.predict_interval(NEW, cv=3), first)
    wider = model.predict_interval(NEW, coverage=0.95, cv=3)
    assert (wider[:, 1] - wider[:, 0] > first[:, 1] - first[:, 0]).all()
    with pytest.raises(TypeError):
        model.predict_interval(NEW, cv=4)


def test_a_split_holds_out_its_share() -> None:
    model = NeuralRegressor(**SMALL).fit(X, Y)
    bounds = model.predict_interval(NEW, method="split", holdout=0.4)
    order = np.random.RandomState(0).permutation(60)
    kept, held = np.sort(order[24:]), np.sort(order[:24])
    network = clone(model).fit(X[kept], Y[kept])
    half = np.sort(np.abs(Y[held] - network.predict(X[held])))[int(np.ceil(0.9 * 25)) - 1]
    center = network.predict(NEW)
    np.testing.assert_allclose(bounds, np.column_stack([center - half, center + half]), rtol=1e-4, atol=1e-5)


def test_rows_of_the_users_own_calibrate_the_model_itself(model: NeuralRegressor) -> None:
    more, outcome = linear_data(40, seed=1, dtype=np.float32)
    bounds = model.predict_interval(NEW, X_cal=more, y_cal=outcome)
    half = np.sort(np.abs(outcome - model.predict(more)))[int(np.ceil(0.9 * 41)) - 1]
    np.testing.assert_allclose(bounds.mean(axis=1), model.predict(NEW), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(bounds[:, 1] - bounds[:, 0], 2 * half, rtol=1e-5)


def test_a_calibration_ends_with_its_fit() -> None:
    model = NeuralRegressor(**SMALL).fit(X, Y)
    before = model.predict_interval(NEW, method="split")
    model.fit(X, 10 * Y)
    np.testing.assert_allclose(model.predict_interval(NEW, method="split"), 10 * before, rtol=1e-3)
    model.set_params(penalty=0.5, verbose=False)
    with pytest.raises(
        SpecificationError, match=r"penalty was set to 0.5 since .* fitted with None: call fit again"
    ):
        model.predict_interval(NEW, method="split")
    model.set_params(penalty=0.0).partial_fit(X, Y)
    with pytest.raises(DataError, match=r"trained in parts .* Give X_cal= and y_cal="):
        model.predict_interval(NEW, method="split")


def test_a_calibration_needs_the_rows_and_the_layers_of_the_fit() -> None:
    rows = X.copy()
    model = NeuralRegressor(**SMALL | {"layers": [Dense(4, "tanh")]}).fit(rows, Y)
    bounds = model.predict_interval(NEW, method="split")
    rows *= 0
    np.testing.assert_array_equal(model.predict_interval(NEW, method="split"), bounds)  # made before
    with pytest.raises(DataError, match=r"rows were changed in place since .*: call fit again"):
        model.predict_interval(NEW, method="split", holdout=0.5)
    model.layers[0] = Dense(50)
    with pytest.raises(SpecificationError, match=r"layers was set to \[Dense\(50\)\] .* with \[Dense\(4,"):
        model.predict_interval(NEW, method="split")


CHANGES: dict[str, tuple[Any, Any]] = {
    "array": (np.zeros((9, 2)), lambda rows: rows.__setitem__((8, 1), 1)),
    "columns in turn": (np.zeros((9, 4), order="F")[:, ::2], lambda rows: rows.__setitem__((8, 1), 1)),
    "objects": (np.array([["a", 1], [None, 2.0]], object), lambda rows: rows.__setitem__((1, 0), "b")),
    "list": ([[0.0, 1.0], [2.0, 3.0]], lambda rows: rows[1].__setitem__(0, 9.0)),
    "frame": (
        pd.DataFrame({"x": np.zeros(3), "town": pd.Categorical(["a", "b", "a"])}),
        lambda rows: rows.__setitem__("town", pd.Categorical(["b", "b", "a"])),
    ),
    "names that are alike": (
        pd.DataFrame(np.zeros((3, 2)), columns=[np.nan, np.nan], index=[0.5, 0.5, 2]),
        lambda rows: rows.iloc.__setitem__((2, 1), 1.0),
    ),
    "polars": (pl.DataFrame({"x": [0.0, 1.0]}), lambda rows: rows.__setitem__((1, "x"), 5.0)),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_the_fingerprint_of_rows_changes_with_them_alone(kind: str) -> None:
    given, change = CHANGES[kind]
    rows = copy.deepcopy(given)
    before = fingerprint(rows)
    assert before is not None
    assert fingerprint(rows) == before == fingerprint(copy.deepcopy(rows))
    change(rows)
    assert fingerprint(rows) != before


def test_a_calibration_is_of_its_own_splitter_also_after_unpickling() -> None:
    model = NeuralRegressor(**SMALL).fit(X, Y)
    splitter = KFold(3)
    bounds = model.predict_interval(NEW, cv=splitter)
    again, same = pickle.loads(pickle.dumps((model, splitter)))
    np.testing.assert_array_equal(again.predict_interval(NEW, cv=same), bounds)
    with pytest.raises(DataError, match="not at hand"):
        again.predict_interval(NEW, cv=KFold(3))


def test_a_pickle_holds_the_calibration_and_not_the_rows() -> None:
    model = NeuralRegressor(**SMALL).fit(X, Y)
    assert len(pickle.dumps(model)) == len(pickle.dumps(clone(model).fit(np.repeat(X, 2, axis=0)[::2], Y)))
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        with pytest.raises(DataError, match="the rows of the fit are not at hand"):
            other.predict_interval(NEW, method="split")
    bounds = model.predict_interval(NEW, method="split")
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_interval(NEW, method="split"), bounds)
    assert not any("_learnt_from" in vars(net) for net in next(iter(again._calibrations.values())).networks)


def test_every_outcome_has_its_quantiles_and_its_interval() -> None:
    both = np.column_stack([Y, 100 - 50 * X[:, 0]])
    model = NeuralRegressor(**SMALL | {"epochs": 60}, loss=Quantile((0.1, 0.9)), warm_start=True).fit(X, both)
    quantiles = model.predict_quantiles(X)
    assert quantiles.shape == (60, 2, 2)
    np.testing.assert_allclose(quantiles[:, 1].mean(), 100, atol=20)
    bounds = model.predict_interval(X, cv=3)
    assert bounds.shape == (60, 2, 2)
    inside = (bounds[..., 0] <= both) & (both <= bounds[..., 1])
    assert (inside.mean(axis=0) > 0.8).all()
    assert (bounds[:, 1, 1] - bounds[:, 1, 0]).mean() > 5 * (bounds[:, 0, 1] - bounds[:, 0, 0]).mean()
    with pytest.raises(SpecificationError, match="loss changed since"):
        model.set_params(loss=Quantile(0.5)).fit(X, both)


def test_quantiles_are_calibrated_by_how_far_outcomes_lie_outside() -> None:
    model = NeuralRegressor(**SMALL, loss=Quantile((0.2, 0.5, 0.8))).fit(X, Y)
    quantiles = model.predict_quantiles(NEW)
    assert quantiles.shape == (11, 3)
    assert (np.diff(quantiles, axis=1) >= 0).all()
    np.testing.assert_array_equal(model.predict(NEW), quantiles[:, 1])
    more, outcome = linear_data(40, seed=1, dtype=np.float32)
    low, _, high = model.predict_quantiles(more).T
    scores = interval_scores(outcome, low, high)[:, None]
    ends = quantiles[None, :, :1], quantiles[None, :, 2:]
    np.testing.assert_allclose(
        model.predict_interval(NEW, X_cal=more, y_cal=outcome),
        interval_bounds(*ends, scores, np.zeros(40, int), 0.9)[:, 0],
    )


def test_scores_and_ensembles_of_quantiles_take_the_median() -> None:
    model = NeuralRegressor(**SMALL, loss=Quantile((0.2, 0.5, 0.8)))
    ours, theirs = (score(model, X, Y, cv=3) for score in (model_selection.cross_val_score, cross_val_score))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    many = model_selection.EnsembleRegressor(model, n_members=3, random_state=0).fit(X, Y)
    alone = [member.predict(NEW) for member in many.estimators_]
    np.testing.assert_allclose(many.predict(NEW), np.mean(alone, axis=0), rtol=1e-4, atol=1e-5)


def test_cqr_fits_the_quantiles_that_the_coverage_asks_for() -> None:
    model = NeuralRegressor(**SMALL).fit(X, Y)
    model.predict_interval(NEW, coverage=0.8, method="cqr", cv=3)
    [made] = model._calibrations.values()
    assert [network.loss_ for network in made.networks] == [Quantile((0.1, 0.9))] * 3
    assert (made.scores < 0).any()
    with pytest.raises(SpecificationError, match=r"fit it with loss=Quantile\(\(0.1, 0.9\)\)"):
        model.predict_interval(NEW, coverage=0.8, method="cqr", X_cal=X, y_cal=Y)


def test_a_mean_has_no_quantiles(model: NeuralRegressor) -> None:
    assert not hasattr(model, "predict_quantiles")
    assert hasattr(NeuralRegressor(loss="quantile"), "predict_quantiles")


def test_folds_encode_a_data_frame_their_own_way() -> None:
    rng = np.random.default_rng(0)
    town = rng.choice(["a", "b", "c"], 60)
    town[0] = "rare"
    frame = pd.DataFrame({"x": X[:, 0], "town": town})
    model = NeuralRegressor(**SMALL).fit(frame, pd.Series(Y))
    with pytest.warns(DataWarning, match="'nowhere'"):
        assert np.isfinite(model.predict_interval(frame[:2].assign(town="nowhere"), cv=3)).all()
    bounds = model.predict_interval(frame, cv=3)  # no word of levels that a fold has not met
    assert np.isfinite(bounds).all()
    assert ((bounds[:, 0] <= Y) & (bounds[:, 1] >= Y)).mean() > 0.8


def test_rows_of_weight_zero_are_not_scored() -> None:
    weights = np.r_[np.zeros(6), np.ones(54)]
    model = NeuralRegressor(**SMALL).fit(X, Y, sample_weight=weights)
    model.predict_interval(NEW, cv=3)
    [made] = model._calibrations.values()
    assert made.scores.shape == (54, 1)


def test_too_few_rows_for_the_coverage_are_told() -> None:
    model = NeuralRegressor(**SMALL).fit(X[:20], Y[:20])
    with pytest.warns(
        DataWarning, match=r"needs at least 99 rows .* there are 20: the intervals are infinite"
    ):
        assert np.isinf(model.predict_interval(NEW, coverage=0.99, cv=3)).all()


@pytest.mark.parametrize("n", [3, 8])
def test_fewer_rows_than_the_default_folds_are_a_fold_each(n: int) -> None:
    model = NeuralRegressor(**SMALL | {"batch_size": 2}).fit(X[:n], Y[:n])
    with pytest.warns(
        DataWarning, match=f"needs at least 9 rows .* there are {n}: the intervals are infinite"
    ):
        assert np.isinf(model.predict_interval(NEW)).all()
    with pytest.warns(DataWarning, match="the intervals are infinite"):
        model.predict_interval(NEW, cv=n)
    own, by_number = (model._calibrations[key, 0.25, None] for key in (10, n))
    np.testing.assert_array_equal(own.scores, by_number.scores)
    words = "cv=11 folds of 3 rows: give 3" if n == 3 else "cv=11 folds of 8 rows: give a number from 2 to 8"
    with pytest.raises(SpecificationError, match=words):
        model.predict_interval(NEW, cv=11)


def test_two_rows_make_no_folds() -> None:
    model = NeuralRegressor(**SMALL | {"batch_size": 2}).fit(X[:2], Y[:2])
    for cv in (2, 10):
        with pytest.raises(
            DataError, match=r"folds need 3 rows at least, .* the fit had 2: .* X_cal= and y_cal="
        ):
            model.predict_interval(NEW, cv=cv)


def test_models_of_folds_and_members_of_ensembles_take_rows_of_the_users_own() -> None:
    validated = model_selection.cross_validate(NeuralRegressor(**SMALL), X, Y, cv=2, return_estimator=True)
    ensemble = model_selection.EnsembleRegressor(NeuralRegressor(**SMALL), 2, random_state=0).fit(X, Y)
    for part in (validated["estimator"][0], ensemble.estimators_[0]):
        with pytest.raises(
            DataError, match=r"fold of a cross-validation, .* member of an ensemble.* X_cal= and y_cal="
        ):
            part.predict_interval(NEW)
        assert np.isfinite(part.predict_interval(NEW, X_cal=X, y_cal=Y)).all()


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"coverage": 90}, SpecificationError, r"coverage=90: it is a probability"),
        ({"method": "cv"}, SpecificationError, r"method='cv' is unknown: did you mean 'cv\+'"),
        ({"cv": 1}, SpecificationError, "a number from 2 to 60"),
        ({"cv": 61}, SpecificationError, "cv=61 folds of 60 rows"),
        (
            {"cv": ShuffleSplit(3)},
            SpecificationError,
            "each of the 60 rows exactly once.* such as KFold",
        ),
        (
            {"cv": GroupKFold(3)},
            SpecificationError,
            r"groups, .* cv=list\(GroupKFold\(...\).split\(X, y, groups\)\)",
        ),
        ({"cv": KFold(61)}, SpecificationError, "cannot split the training rows: .*n_splits=61 greater"),
        ({"cv": 0.5}, ArgumentTypeError, "give a number of folds, a splitter, or a list of pairs"),
        ({"method": "split", "holdout": 25}, SpecificationError, r"inside \(0, 1\)"),
        ({"method": "split", "holdout": 0.001}, DataError, "leaves 0 to score"),
        ({"X_cal": X}, ArgumentTypeError, "takes both X_cal and y_cal"),
        ({"X_cal": X, "y_cal": Y[1:]}, DataError, "y_cal has 59 values and X_cal 60 rows"),
        ({"X_cal": X, "y_cal": np.column_stack([Y, Y])}, DataError, "fitted on 1 outcomes"),
    ],
)
def test_what_means_nothing_is_refused(
    model: NeuralRegressor, asked: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        model.predict_interval(NEW, **asked)


def test_groups_stay_together(model: NeuralRegressor) -> None:
    splits = list(GroupKFold(3).split(X, Y, np.repeat(np.arange(6), 10)))
    assert np.isfinite(model.predict_interval(NEW, cv=splits)).all()


def test_sets_hold_what_is_predicted_and_grow_with_coverage() -> None:
    model = NeuralClassifier(**SMALL).fit(X, LABELS)
    small, large = (model.predict_set(X, coverage, cv=3) for coverage in (0.6, 0.95))
    assert small.shape == (60, 3)
    assert small.dtype == bool
    predicted = model.predict(X)
    assert all(label in model.classes_[row] for label, row in zip(predicted, small, strict=True))
    assert (small <= large).all()
    assert (large.sum() - small.sum()) > 0
    random = model.predict_set(X, 0.6, cv=3, randomized=True)
    np.testing.assert_array_equal(random, model.predict_set(X, 0.6, cv=3, randomized=True))
    assert not np.array_equal(random, small)


def test_a_class_that_a_fold_has_not_met_is_not_left_out() -> None:
    labels = np.where(LABELS == "high", "low", LABELS)
    labels[7] = "alone"
    model = NeuralClassifier(**SMALL).fit(X, labels)
    with pytest.warns(DataWarning, match="the sets hold every class"):
        assert model.predict_set(NEW, 0.999, cv=3).all()
    place = list(model.classes_).index("alone")
    [made] = model._calibrations.values()
    assert made.scores[:, 1].min() == 0  # the row of that class, under a network that does not know it
    assert model.predict_set(NEW, 0.9, cv=3)[:, place].mean() < 1


def test_two_classes_and_rows_of_the_users_own() -> None:
    model = NeuralClassifier(**SMALL).fit(X, LABELS == "low")
    sets = model.predict_set(NEW, 0.9, X_cal=X, y_cal=LABELS == "low")
    p = model.predict_proba(X)
    above = np.where(p[np.arange(60), (LABELS == "low").astype(int)] > 0.5, 0.0, p.max(axis=1))
    level = np.sort(above)[int(np.ceil(0.9 * 61)) - 1]
    expected = (model.predict_proba(NEW) > 0.5) | (model.predict_proba(NEW).max(axis=1)[:, None] <= level)
    np.testing.assert_array_equal(sets, expected)
    with pytest.raises(DataError, match="the class 'new' that the model does not know"):
        NeuralClassifier(**SMALL).fit(X, LABELS).predict_set(NEW, X_cal=X[:2], y_cal=["low", "new"])


def test_sets_are_for_one_label_with_probabilities() -> None:
    assert not hasattr(NeuralClassifier(loss="hinge"), "predict_set")
    model = NeuralClassifier(**SMALL).fit(X, LABELS)
    with pytest.raises(SpecificationError, match="'cqr' is for numbers"):
        model.predict_set(NEW, method="cqr")
    model.multilabel_ = True  # as y of several columns would have it
    with pytest.raises(SpecificationError, match="one label a row"):
        model.predict_set(NEW)
