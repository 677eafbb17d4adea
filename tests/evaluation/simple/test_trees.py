"""Forests and boosting: the choice is the one with the lowest error out of bag or on the folds."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

from lamina.evaluation.simple.boosting import (
    BoostingClassifier,
    BoostingRegressor,
    Search,
    Settings,
)
from lamina.evaluation.simple.forest import LEAVES, TUNING_TREES, ForestClassifier, ForestRegressor

pytestmark = pytest.mark.usefixtures("one_thread")

RNG = np.random.default_rng(0)
N = 120
X = RNG.normal(size=(N, 6))
LINE = 2 * X[:, 0] - X[:, 1]
Y = LINE + RNG.normal(size=N)
FRESH = RNG.normal(size=(400, 6))


def test_the_forest_has_the_lowest_out_of_bag_error_of_those_tried() -> None:
    model = ForestRegressor(random_state=0).fit(X, Y)
    rows = X.astype(np.float32)

    def out_of_bag(columns: int, leaf: int) -> float:
        forest = RandomForestRegressor(
            TUNING_TREES, max_features=columns, min_samples_leaf=leaf, oob_score=True, random_state=0
        ).fit(rows, Y)
        return float(np.mean((forest.oob_prediction_ - Y) ** 2))

    tried = {(columns, LEAVES[0]): out_of_bag(columns, LEAVES[0]) for columns in (2, 6)}
    tried |= {(model.columns_, leaf): out_of_bag(model.columns_, leaf) for leaf in LEAVES}
    assert min(tried, key=lambda setting: tried[setting]) == (model.columns_, model.leaf_)


def test_given_folds_are_used_instead_of_bags() -> None:
    """Rows that repeat four times are in the bag with their copies: only whole groups show that leaves of 1 learn noise."""
    copies, noise = np.repeat(X[:30], 4, axis=0), np.repeat(RNG.normal(size=30), 4)
    group = np.repeat(np.arange(30), 4)
    folds = [(np.flatnonzero(group % 3 != k), np.flatnonzero(group % 3 == k)) for k in range(3)]
    assert ForestRegressor(random_state=0).fit(copies, noise).leaf_ == 1
    assert ForestRegressor(cv=folds, random_state=0).fit(copies, noise).leaf_ == 15


def test_a_forest_of_many_rows_draws_few_a_tree() -> None:
    rows = RNG.normal(size=(6_000, 1))
    model = ForestRegressor(trees=2, random_state=0).fit(rows, rows[:, 0])
    assert model.forest_.max_samples == 5_000
    assert max(tree.tree_.weighted_n_node_samples[0] for tree in model.forest_.estimators_) <= 5_000


@pytest.mark.parametrize("kind", [ForestClassifier, BoostingClassifier])
def test_a_class_of_one_row_is_no_obstacle(kind: type) -> None:
    label = np.where(Y > 0, "b", "a").astype(object)
    label[0] = "c"
    model = kind(random_state=0).fit(X, label)
    assert model.predict_proba(X).shape == (N, 3)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0)
    again = model.chosen().fit(X, label)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_tuned_boosting_beats_untuned_on_a_small_table() -> None:
    fresh = 2 * FRESH[:, 0] - FRESH[:, 1]
    tuned = BoostingRegressor(random_state=0).fit(X, Y)
    untuned = HistGradientBoostingRegressor(random_state=0).fit(X, Y)
    errors = [np.mean((model.predict(FRESH) - fresh) ** 2) for model in (tuned, untuned)]
    assert errors[0] < 0.8 * errors[1]


def test_boosting_has_the_rounds_with_the_lowest_loss_on_the_folds() -> None:
    folds = [(np.arange(0, N, 2), np.arange(1, N, 2)), (np.arange(1, N, 2), np.arange(0, N, 2))]
    boosting = BoostingRegressor(cv=folds, random_state=0)
    found = Search(boosting, X, Y, folds).try_out(4, 0.1)
    curve = np.zeros(200)
    for train, test in folds:
        model = boosting._model(len(train), Settings(200, 4, 0.1)).fit(X[train], Y[train])
        curve += [np.sum((stage - Y[test]) ** 2) for stage in model.staged_predict(X[test])]
    assert found.rounds == int(np.argmin(curve)) + 1
    fitted = boosting.fit(X, Y)
    np.testing.assert_array_equal(fitted.chosen().fit(X, Y).predict(X), fitted.predict(X))


def test_noise_gets_little_boosting() -> None:
    noise = np.random.default_rng(9).normal(size=N)
    model = BoostingRegressor(random_state=0).fit(X, noise)
    assert np.std(model.predict(X)) < 0.5


def test_outcomes_too_large_for_single_precision() -> None:
    plain, huge = (BoostingRegressor(random_state=0).fit(X, unit * Y).predict(X) for unit in (1.0, 2.0**500))
    np.testing.assert_allclose(huge, 2.0**500 * plain, rtol=1e-6)
