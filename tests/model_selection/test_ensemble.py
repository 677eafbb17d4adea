"""An ensemble is its members: each a fit of its own, averaged."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks
from small_fits import linear_data

from lamina import EarlyStopping, NeuralClassifier, NeuralRegressor
from lamina.errors import (
    ArgumentTypeError,
    DataError,
    DivergenceError,
    DivergenceWarning,
    SpecificationError,
)
from lamina.estimators.many import Result
from lamina.layers import Dense, Dropout
from lamina.model_selection import EnsembleClassifier, EnsembleRegressor, members
from lamina.training import Quantile

X, Y = linear_data()
CLASSES = np.array(["high", "low", "middle"])[np.digitize(Y, [-0.5, 1.0])]
RARE = np.where(np.arange(60) == 7, "rare", CLASSES)
NETWORK = NeuralRegressor([Dense(4, "tanh")], epochs=3)
CLASSIFIER = NeuralClassifier([Dense(4, "tanh")], epochs=3)
TREE = DecisionTreeRegressor(max_features=1)
# Three members leave some rows to none.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.* rows were learnt from or watched:lamina.errors.DataWarning"
)


def ensemble(model: Any = NETWORK, n: int = 3, **arguments: Any) -> EnsembleRegressor:
    return EnsembleRegressor(model, n, random_state=0, **arguments).fit(X, Y)


@pytest.fixture(scope="module")
def by_seed() -> EnsembleRegressor:
    return ensemble()


@pytest.fixture(scope="module")
def by_bootstrap() -> EnsembleRegressor:
    return ensemble(clone(NETWORK).set_params(scale=False), draw="bootstrap")


@pytest.fixture(scope="module")
def by_fold() -> EnsembleRegressor:
    return ensemble(draw="fold")


@parametrize_with_checks(
    [
        EnsembleRegressor(NeuralRegressor([], optimizer="lbfgs"), 2),
        EnsembleRegressor(DecisionTreeRegressor(), 2),
        EnsembleClassifier(DecisionTreeClassifier(), 2),
    ]
)
@pytest.mark.filterwarnings("ignore:all 2 members predict the same:UserWarning")
def test_check_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def test_a_member_is_the_fit_with_its_seed(by_seed: EnsembleRegressor) -> None:
    seeds = [member.random_state for member in by_seed.estimators_]
    assert len(set(seeds)) == 3
    for seed, predicted in zip(seeds, by_seed.predict_members(X), strict=True):
        lone = clone(NETWORK).set_params(random_state=seed).fit(X, Y)
        np.testing.assert_allclose(predicted, lone.predict(X), rtol=1e-10)


def test_a_member_of_folds_is_the_fit_without_its_fold(by_fold: EnsembleRegressor) -> None:
    for member, rows in zip(by_fold.estimators_, by_fold.estimators_samples_, strict=True):
        lone = clone(NETWORK).set_params(random_state=member.random_state).fit(X[rows], Y[rows])
        np.testing.assert_allclose(member.predict(X), lone.predict(X), rtol=1e-10)


def test_a_bagged_member_is_the_fit_to_its_rows(by_bootstrap: EnsembleRegressor) -> None:
    """Where nothing is standardised; else the scales are those of all rows."""
    for member, rows in zip(by_bootstrap.estimators_, by_bootstrap.estimators_samples_, strict=True):
        assert len(rows) == len(X) > len(np.unique(rows))
        lone = clone(member).fit(X[rows], Y[rows])
        np.testing.assert_allclose(member.predict(X), lone.predict(X), rtol=1e-10)


@pytest.mark.parametrize("draw", ["by_seed", "by_bootstrap", "by_fold"])
def test_one_program_predicts_what_the_members_do_one_by_one(draw: str, request: Any) -> None:
    fitted = request.getfixturevalue(draw)
    each = np.stack([member.predict(X) for member in fitted.estimators_])
    np.testing.assert_allclose(fitted.predict_members(X), each, rtol=1e-12)
    mean, spread = fitted.predict(X, return_std=True)
    np.testing.assert_allclose(mean, each.mean(axis=0))
    np.testing.assert_allclose(spread, np.sqrt(((each - each.mean(axis=0)) ** 2).sum(axis=0) / 2))


@pytest.mark.parametrize("draw", ["by_bootstrap", "by_fold"])
def test_a_row_left_out_is_predicted_by_those_that_never_saw_it(draw: str, request: Any) -> None:
    fitted = request.getfixturevalue(draw)
    predicted = np.full(len(X), np.nan)
    for row in range(len(X)):
        others = [
            member
            for member, rows in zip(fitted.estimators_, fitted.estimators_samples_, strict=True)
            if row not in rows
        ]
        if others:
            predicted[row] = np.mean([member.predict(X[row : row + 1])[0] for member in others])
    np.testing.assert_allclose(fitted.oob_prediction_, predicted, rtol=1e-10)
    known = ~np.isnan(predicted)
    assert (draw == "by_fold") == known.all()
    assert fitted.oob_score_ == pytest.approx(r2_score(Y[known], predicted[known]))


@pytest.mark.filterwarnings("ignore:.*town:lamina.errors.DataWarning")
def test_structures_may_differ_between_folds() -> None:
    """A level that one fold lacks makes that member's network narrower; the columns are encoded member by member."""
    frame = pd.DataFrame(X, columns=list("abc")).assign(
        town=["Ulm", "Bonn", "Kiel"] * 19 + ["Rome", "Oslo", "Bari"]
    )
    fitted = EnsembleRegressor(NeuralRegressor([], epochs=1), 3, draw="fold", random_state=0).fit(frame, Y)
    each = [member.predict(frame) for member in fitted.estimators_]
    assert len({member.input_shape_ for member in fitted.estimators_}) > 1
    np.testing.assert_allclose(fitted.predict_members(frame), each, rtol=1e-12)
    assert fitted.feature_names_in_.tolist() == ["a", "b", "c", "town"]


def test_several_outcomes() -> None:
    both = np.column_stack([Y, -Y])
    fitted = EnsembleRegressor(NETWORK, 2, draw="bootstrap", random_state=0).fit(X, both)
    mean, spread = fitted.predict(X, return_std=True)
    assert fitted.predict_members(X).shape == (2, *both.shape)
    assert mean.shape == spread.shape == fitted.oob_prediction_.shape == both.shape


def test_of_several_quantiles_each_member_gives_its_median() -> None:
    """The last levels are nearest the median, so that neither the first output nor the middle one will do."""
    model = clone(NETWORK).set_params(loss=Quantile((0.1, 0.2, 0.6)), epochs=1)
    fitted = EnsembleRegressor(model, 2, draw="fold", random_state=0).fit(X, np.column_stack([Y, 9 - Y]))
    each = [member.predict(X) for member in fitted.estimators_]
    np.testing.assert_allclose(fitted.predict_members(X), each, rtol=1e-10)
    np.testing.assert_allclose(fitted.predict(X), np.mean(each, axis=0), rtol=1e-10)
    for found, rows in zip(each, fitted.estimators_samples_, strict=True):
        out = np.setdiff1d(np.arange(60), rows)
        np.testing.assert_allclose(fitted.oob_prediction_[out], found[out], rtol=1e-10)


def test_a_class_whose_rows_weigh_nothing_is_known_to_all() -> None:
    weights = (RARE != "rare").astype(float)
    fitted = EnsembleClassifier(CLASSIFIER, 2, draw="bootstrap", random_state=0).fit(X, RARE, weights)
    assert fitted.classes_.tolist() == ["high", "low", "middle", "rare"]
    assert fitted.predict_proba(X).shape == (60, 4)


@pytest.mark.parametrize("model", [CLASSIFIER, DecisionTreeClassifier()], ids=["network", "tree"])
@pytest.mark.parametrize("draw", ["bootstrap", "fold"])
def test_classifiers_average_probabilities_of_all_classes(model: Any, draw: str) -> None:
    """Also of one that some members never saw."""
    cv = KFold(3) if draw == "fold" else None
    fitted = EnsembleClassifier(model, 3, draw=draw, cv=cv, random_state=0).fit(X, RARE)
    assert any(7 not in rows for rows in fitted.estimators_samples_)
    assert fitted.classes_.tolist() == ["high", "low", "middle", "rare"]
    each = fitted.predict_members(X)
    for found, member in zip(each, fitted.estimators_, strict=True):
        known = np.isin(fitted.classes_, member.classes_)
        np.testing.assert_allclose(found[:, known], member.predict_proba(X), rtol=1e-12)
        assert (found[:, ~known] == 0).all()
    p, spread = fitted.predict_proba(X, return_std=True)
    np.testing.assert_allclose(p, each.mean(axis=0))
    np.testing.assert_allclose(spread, each.std(axis=0, ddof=1))
    assert (fitted.predict(X) == fitted.classes_[p.argmax(axis=1)]).all()
    known = ~np.isnan(fitted.oob_decision_function_).any(axis=1)
    right = fitted.classes_[fitted.oob_decision_function_[known].argmax(axis=1)] == RARE[known]
    assert fitted.oob_score_ == right.mean()


def test_a_class_has_no_standard_deviation() -> None:
    fitted = EnsembleClassifier(CLASSIFIER, 2, random_state=0).fit(X, CLASSES)
    with pytest.raises(ArgumentTypeError, match=r"use predict_proba\(X, return_std=True\)"):
        fitted.predict(X, return_std=True)
    np.testing.assert_array_equal(fitted.predict(X, return_std=False), fitted.predict(X))


def test_several_labels_and_votes() -> None:
    labels = np.column_stack([Y > 0, X[:, 0] > 0]).astype(int)
    networks = EnsembleClassifier(CLASSIFIER, 2, random_state=0).fit(X, labels)
    p = networks.predict_proba(X)
    assert (networks.predict(X) == (p > 0.5)).all()
    assert p.shape == labels.shape
    voting = EnsembleClassifier(RidgeClassifier(), 3, draw="bootstrap", random_state=0).fit(X, CLASSES)
    votes = np.stack([member.predict(X) for member in voting.estimators_])
    assert not hasattr(voting, "predict_proba")
    for row, chosen in enumerate(voting.predict(X)):
        assert (votes[:, row] == chosen).sum() == max(
            (votes[:, row] == name).sum() for name in voting.classes_
        )


def test_rows_of_weight_zero_are_as_good_as_absent() -> None:
    weights = np.arange(60) % 4 > 0
    model = EnsembleRegressor(NETWORK, 3, draw="bootstrap", random_state=0)
    given = clone(model).fit(X, Y, sample_weight=weights.astype(float)).predict(X)
    np.testing.assert_allclose(given, clone(model).fit(X[weights], Y[weights]).predict(X), rtol=1e-10)


def test_rows_held_back_for_early_stopping_are_neither_drawn_nor_left_out() -> None:
    stops = NeuralRegressor([Dense(4, "tanh")], epochs=3, early_stopping=EarlyStopping(1, 0.3))
    fitted = EnsembleRegressor(stops, 2, draw="bootstrap", random_state=0).fit(X, Y)
    assert all(len(set(rows)) <= 42 for rows in fitted.estimators_samples_)
    out = [60 - len(set(rows)) for rows in fitted.estimators_samples_]
    assert np.isnan(fitted.oob_prediction_).sum() >= 60 - sum(number - 18 for number in out)
    watched = EnsembleRegressor(stops, 2, random_state=0).fit(X, Y, X_val=X[:9], y_val=Y[:9])
    assert all(len(member.history_.validation_loss) == member.n_iter_ for member in watched.estimators_)


@pytest.mark.filterwarnings("ignore:all 2 members predict the same:UserWarning")
def test_other_models_are_fitted_one_by_one() -> None:
    pipeline = make_pipeline(StandardScaler(), NETWORK)
    fitted = ensemble(pipeline, 2)
    seed = fitted.estimators_[1][-1].random_state
    lone = clone(pipeline).set_params(neuralregressor__random_state=seed).fit(X, Y)
    np.testing.assert_array_equal(fitted.predict_members(X)[1], lone.predict(X))
    bagged = ensemble(TREE, draw="bootstrap", max_samples=0.5)
    rows, member = bagged.estimators_samples_[0], bagged.estimators_[0]
    assert len(rows) == 30
    np.testing.assert_array_equal(
        clone(member).fit(X[rows], Y[rows]).predict(X), bagged.predict_members(X)[0]
    )
    weighted = EnsembleRegressor(make_pipeline(TREE), 2, random_state=0).fit(
        X, Y, sample_weight=np.eye(60)[3]
    )
    assert (weighted.predict(X) == Y[3]).all()


def test_folds_may_keep_groups_together() -> None:
    groups = np.arange(60) // 20
    fitted = EnsembleRegressor(TREE, draw="fold", cv=GroupKFold(3), random_state=0).fit(X, Y, groups=groups)
    assert [len(set(groups[rows])) for rows in fitted.estimators_samples_] == [2, 2, 2]


def test_it_is_cloned_pickled_and_set_as_any_estimator(by_seed: EnsembleRegressor) -> None:
    again = pickle.loads(pickle.dumps(by_seed))
    np.testing.assert_array_equal(again.predict(X), by_seed.predict(X))
    copy = clone(by_seed).set_params(model__epochs=1, model__optimizer__learning_rate=0.5)
    assert (copy.model.epochs, copy.model.optimizer.learning_rate, NETWORK.epochs) == (1, 0.5, 3)


def test_dropout_rates_travel_with_the_members() -> None:
    """At prediction there is none, whatever the rate."""
    fitted = ensemble(NeuralRegressor([Dense(4, "tanh"), Dropout(0.4)], epochs=1), 2)
    each = [member.predict(X) for member in fitted.estimators_]
    np.testing.assert_allclose(fitted.predict_members(X), each, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"n_members": 0}, SpecificationError, "n_members must be a whole number, 1 or more"),
        ({"draw": "bootsrap"}, SpecificationError, "did you mean 'bootstrap'"),
        ({"draw": "bagging"}, SpecificationError, "did you mean 'bootstrap'"),
        ({"draw": ["seed"]}, SpecificationError, "is unknown"),
        (
            {"max_samples": 0.5},
            SpecificationError,
            "max_samples=0.5 is for draw='bootstrap' alone, and here draw='seed' was given: leave max_samples at 1.0",
        ),
        ({"draw": "bootstrap", "max_samples": 1.5}, SpecificationError, r"share of the rows in \(0, 1\]"),
        ({"draw": "fold", "n_members": 1}, SpecificationError, "two folds are the fewest"),
        ({"model": CLASSIFIER}, SpecificationError, "use EnsembleClassifier"),
        ({"model": NeuralRegressor}, ArgumentTypeError, "is a class"),
        ({"model": "mlp"}, ArgumentTypeError, "give a model with fit and predict"),
        ({"model": KNeighborsRegressor()}, SpecificationError, "has no random_state"),
        ({"memory": 10}, SpecificationError, "for one member"),
        ({"model": NeuralRegressor(penalty=-1)}, SpecificationError, "l2 must be"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_refused(arguments: dict[str, Any], error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        EnsembleRegressor(**{"model": NETWORK, **arguments}).fit(X, Y)


def test_data_that_cannot_be_used_are_refused_as_by_the_model(by_seed: EnsembleRegressor) -> None:
    with pytest.raises(DataError, match="y is constant"):
        ensemble().fit(X, np.ones(60))
    with pytest.raises(DataError, match="y has one class only"):
        EnsembleClassifier(CLASSIFIER, 2, draw="fold").fit(X, np.ones(60))
    with pytest.raises(ArgumentTypeError, match="X_val and y_val are for networks"):
        EnsembleRegressor(TREE).fit(X, Y, X_val=X, y_val=Y)
    with pytest.raises(SpecificationError, match="takes none"):
        EnsembleRegressor(NeverDone()).fit(X, Y, sample_weight=np.ones(60))
    with pytest.raises(SpecificationError, match="two members at least"):
        ensemble(TREE, 1).predict(X, return_std=True)


class NeverDone(DecisionTreeRegressor):
    """Ctrl-C comes as its third fit begins."""

    fits = 0

    def fit(self, X: Any, y: Any) -> Any:
        NeverDone.fits += 1
        if NeverDone.fits > 2:
            raise KeyboardInterrupt
        return super().fit(X, y)


def test_an_interrupt_keeps_the_finished_members() -> None:
    NeverDone.fits = 0
    with pytest.warns(UserWarning, match="2 of 5 members are finished and kept"):
        fitted = EnsembleRegressor(NeverDone(), 5, draw="bootstrap").fit(X, Y)
    assert len(fitted.estimators_) == len(fitted.estimators_samples_) == 2
    with pytest.raises(KeyboardInterrupt):
        EnsembleRegressor(NeverDone(), 5).fit(X, Y)


def test_members_that_diverge_or_are_cut_short_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = members.fit_many
    spoiled: dict[int, Result] = {1: Result(error=DivergenceError("too fast")), 2: Result()}

    def fit_many(*args: Any, **keywords: Any) -> list[Result]:
        return [spoiled.get(place, result) for place, result in enumerate(whole(*args, **keywords))]

    monkeypatch.setattr(members, "fit_many", fit_many)
    with (
        pytest.warns(DivergenceWarning, match="1 of 3 members diverged and are left out; 1 remain"),
        pytest.warns(UserWarning, match="1 of 3 members are finished and kept"),
    ):
        fitted = ensemble(draw="bootstrap")
    assert len(fitted.estimators_) == len(fitted.estimators_samples_) == 1
    spoiled[0] = spoiled[1]
    with pytest.raises(KeyboardInterrupt):
        ensemble()


def test_if_all_diverge_it_is_an_error() -> None:
    with pytest.raises(DivergenceError, match="no longer finite"):
        EnsembleRegressor(NeuralRegressor([], epochs=3, optimizer="gradient_descent", scale=False), 2).fit(
            X * 1e160, Y
        )
