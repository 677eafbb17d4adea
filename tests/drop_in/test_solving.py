"""A fit equals scikit-learn's: the same losses, weights, scores and number of epochs, to rounding in float64."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from inspect import signature
from typing import Any

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale

from lamina import drop_in
from lamina.drop_in.solving import Table, rows_a_step

pytestmark = pytest.mark.long

IRIS = load_iris(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True, scaled=True)
# A step moves by rounding, and the steps after it multiply that; none of these fits is near where it would show.
TOLERANCE = 1e-9

RULES: dict[str, dict[str, Any]] = {
    "adam": {"solver": "adam", "epsilon": 1e-5, "beta_1": 0.8, "beta_2": 0.99},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd", "momentum": 0.8},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.1, "power_t": 0.3},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.03, "n_iter_no_change": 2},
    "early": {"solver": "sgd", "early_stopping": True, "n_iter_no_change": 3, "learning_rate_init": 0.02},
}
COMMON: dict[str, Any] = {"activation": "tanh", "batch_size": 64, "max_iter": 30, "alpha": 0.5}


@pytest.fixture(autouse=True)
def unfinished_fits_are_meant() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # An older scikit-learn gives SciPy an option that a newer SciPy warns of.
        warnings.filterwarnings("ignore", "scipy.optimize: The `disp`", DeprecationWarning)
        yield


def pair(name: str, *data: Any, **parameters: Any) -> tuple[Any, Any]:
    """scikit-learn's estimator and ours, fitted alike."""
    given = {"hidden_layer_sizes": (6, 4), "random_state": 0, **parameters}
    theirs, ours = (getattr(module, name)(**given).fit(*data) for module in (neural_network, drop_in))
    return theirs, ours


def assert_equal_fits(theirs: Any, ours: Any, tolerance: float = TOLERANCE) -> None:
    for name in ("coefs_", "intercepts_"):
        for mine, expected in zip(getattr(ours, name), getattr(theirs, name), strict=True):
            np.testing.assert_allclose(mine, expected, rtol=0, atol=tolerance)
            assert mine.dtype == expected.dtype
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_"):
        assert getattr(ours, name) == getattr(theirs, name)
    for name in ("loss_", "loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_"):
        expected = getattr(theirs, name, None)
        if expected is None:
            assert getattr(ours, name, None) is None
        else:
            np.testing.assert_allclose(getattr(ours, name), expected, rtol=tolerance)


@pytest.mark.parametrize(
    ("rule", "shuffle"), [*((rule, False) for rule in RULES), ("adam", True), ("early", True)]
)
def test_every_rule_of_the_stochastic_solvers_repeats_scikit_learns_fit(rule: str, shuffle: bool) -> None:
    """150 rows in batches of 64 leave a last one of 22, which moves the weights as far as a whole one."""
    theirs, ours = pair("MLPClassifier", *IRIS, **{**COMMON, **RULES[rule], "shuffle": shuffle})
    assert_equal_fits(theirs, ours)
    np.testing.assert_allclose(ours.predict_proba(IRIS[0]), theirs.predict_proba(IRIS[0]), atol=TOLERANCE)


def test_patience_ends_some_of_these_fits_and_the_adaptive_rate_falls() -> None:
    _, ours = pair("MLPClassifier", *IRIS, **{**COMMON, **RULES["early"]})
    assert ours.n_iter_ < COMMON["max_iter"]
    _, ours = pair("MLPClassifier", *IRIS, **{**COMMON, **RULES["adaptive"]})
    assert float(ours._optimizer.learning_rate) < 0.001


@pytest.mark.skipif(
    "sample_weight" not in signature(neural_network.MLPRegressor.fit).parameters,
    reason="this scikit-learn takes no weights",
)
@pytest.mark.parametrize(
    "parameters",
    [{"loss": "squared_error"}, {"loss": "poisson"}, {"loss": "squared_error", "early_stopping": True}],
)
@pytest.mark.parametrize("outputs", [1, 2])
def test_a_regression_with_weights_repeats_scikit_learns(parameters: dict[str, Any], outputs: int) -> None:
    X, y = DIABETES
    y = np.column_stack([y, y[::-1]])[:, :outputs] / 100
    weights = np.random.default_rng(0).integers(0, 4, len(y))
    theirs, ours = pair("MLPRegressor", X, np.squeeze(y), weights, **{**COMMON, **parameters})
    assert_equal_fits(theirs, ours)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_lbfgs_repeats_scikit_learns_iterations(activation: str) -> None:
    X, y = DIABETES
    y = (y - y.mean()) / y.std()
    theirs, ours = pair("MLPRegressor", X, y, solver="lbfgs", activation=activation, max_iter=15, alpha=0.1)
    assert_equal_fits(theirs, ours)


def test_lbfgs_ends_at_the_same_minimum() -> None:
    X, y = scale(IRIS[0]), IRIS[1]
    given = {"solver": "lbfgs", "hidden_layer_sizes": (), "alpha": 5.0, "tol": 1e-8, "max_iter": 500}
    theirs, ours = pair("MLPClassifier", X, y, **given)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], atol=1e-3)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)


def test_several_labels_at_once_repeat_scikit_learns() -> None:
    X, y = DIABETES
    labels = np.column_stack([y > 100, y > 150, y > 200]).astype(int)
    theirs, ours = pair("MLPClassifier", X, labels, **COMMON, early_stopping=True)
    assert_equal_fits(theirs, ours)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_single_precision_stays_single_and_near() -> None:
    X, y = IRIS
    theirs, ours = pair("MLPClassifier", X.astype(np.float32), y, **COMMON)
    assert_equal_fits(theirs, ours, 1e-4)
    assert ours.predict_proba(X.astype(np.float32)).dtype == np.float32


def test_a_generator_given_by_the_user_is_left_where_scikit_learn_leaves_it() -> None:
    after = []
    for module in (neural_network, drop_in):
        generator = np.random.RandomState(5)
        module.MLPClassifier((6, 4), random_state=generator, **COMMON).fit(*IRIS)
        after.append(generator.randint(10**9))
    assert after[0] == after[1]


def test_warm_starts_and_partial_fits_go_on_as_scikit_learns_do() -> None:
    X, y = IRIS
    given = {**COMMON, **RULES["invscaling"], "max_iter": 4, "hidden_layer_sizes": (6, 4), "random_state": 0}
    theirs, ours = neural_network.MLPClassifier(**given), drop_in.MLPClassifier(**given)
    for model in (theirs, ours):
        model.fit(X, y)
        for start in (0, 40, 80):
            model.partial_fit(X[start : start + 70], y[start : start + 70])
        model.set_params(warm_start=True).fit(X, y)
    assert_equal_fits(theirs, ours)


def test_the_table_keeps_rows_of_weight_zero_and_weights_as_given() -> None:
    table = Table(np.ones((3, 2)), np.zeros((3, 1)), np.array([0.0, 2.0, 5.0]))
    rows = table.rows()
    assert rows.weights.tolist() == [0, 2, 5, 0, 0, 0, 0, 0]
    assert int(rows.n) == 3
    assert table.total_weight() == 7


def test_a_batch_larger_than_the_table_is_clipped_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="larger than sample size"):
        assert rows_a_step(1000, 10) == 10
