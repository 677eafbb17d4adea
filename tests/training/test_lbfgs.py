"""L-BFGS finds the optimum that theory or scikit-learn states."""

import signal
from typing import Any

import numpy as np
import pytest
import scipy.special
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from small_fits import assert_close, fit_rows, linear_data

from lamina.errors import SpecificationError
from lamina.layers import L1, L2, Dense, Dropout, GaussianNoise, Penalty, Residual, Sequential
from lamina.training import (
    LBFGS,
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    Gamma,
    Loss,
    Poisson,
    Quantile,
    SquaredError,
)

X, Y = linear_data()
LINEAR = Sequential([Dense(1)])
EXACT = LBFGS(tolerance=1e-9)


def optimum(y: Any, loss: Loss, units: int = 1, **settings: Any) -> tuple[np.ndarray, np.ndarray]:
    fitted = fit_rows(
        Sequential([Dense(units)]), X, y, loss=loss, optimizer=EXACT, **{"epochs": 1000, **settings}
    ).parameters["dense_1"]
    return fitted["weights"], fitted["bias"]


def test_no_hidden_layer_is_least_squares() -> None:
    weights, bias = optimum(Y, SquaredError())
    expected = LinearRegression().fit(X, Y)
    np.testing.assert_allclose(weights[:, 0], expected.coef_, rtol=1e-6)
    np.testing.assert_allclose(bias[0], expected.intercept_, rtol=1e-6)


def test_weighted_least_squares() -> None:
    weight = np.random.default_rng(0).uniform(0, 3, size=60)
    weights, bias = optimum(Y, SquaredError(), weights=weight)
    expected = LinearRegression().fit(X, Y, sample_weight=weight)
    np.testing.assert_allclose(
        np.append(weights, bias), np.append(expected.coef_, expected.intercept_), rtol=1e-5
    )


@pytest.mark.parametrize("coefficient", [0.01, 1.0])
def test_a_ridge_penalty_is_ridge_regression(coefficient: float) -> None:
    """The loss is a mean, so lambda here is alpha / n there; the intercept goes free in both."""
    weights, bias = optimum(Y, SquaredError(), penalty=L2(coefficient))
    expected = Ridge(alpha=60 * coefficient).fit(X, Y)
    np.testing.assert_allclose(
        np.append(weights, bias), np.append(expected.coef_, expected.intercept_), rtol=1e-5
    )


def test_a_layers_own_penalty_is_the_networks() -> None:
    own = fit_rows(Sequential([Dense(1, penalty=0.3)]), X, Y, optimizer=EXACT, epochs=1000)
    whole = fit_rows(LINEAR, X, Y, optimizer=EXACT, epochs=1000, penalty=L2(0.3))
    assert_close(own.parameters, whole.parameters, rtol=1e-6)


def test_a_lasso_penalty_is_nearly_the_lasso() -> None:
    """scikit-learn halves the squared error. L-BFGS stops at the kink, so the agreement is not exact."""
    weights, _ = optimum(Y, SquaredError(), penalty=L1(0.2))
    np.testing.assert_allclose(weights[:, 0], Lasso(alpha=0.1).fit(X, Y).coef_, atol=1e-3)
    both, _ = optimum(Y, SquaredError(), penalty=L1(0.1) + L2(0.1))
    expected = ElasticNet(alpha=0.15, l1_ratio=1 / 3).fit(X, Y).coef_
    np.testing.assert_allclose(both[:, 0], expected, atol=1e-3)


def test_binary_crossentropy_is_logistic_regression() -> None:
    labels = (Y + np.random.default_rng(1).normal(size=60) > 0.5).astype(float)
    weights, bias = optimum(labels, BinaryCrossEntropy(), penalty=L2(0.02))
    expected = LogisticRegression(C=1 / (2 * 60 * 0.02), tol=1e-10, max_iter=1000).fit(X, labels)
    np.testing.assert_allclose(weights[:, 0], expected.coef_[0], rtol=1e-4)
    np.testing.assert_allclose(bias, expected.intercept_, rtol=1e-4)


def test_categorical_crossentropy_is_multinomial_regression() -> None:
    labels = np.digitize(Y + np.random.default_rng(1).normal(size=60), [-0.3, 1.0])
    weights, bias = optimum(labels, CategoricalCrossEntropy(), 3, penalty=L2(0.02))
    expected = LogisticRegression(C=1 / (2 * 60 * 0.02), tol=1e-10, max_iter=1000).fit(X, labels)
    ours = scipy.special.softmax(X @ weights + bias, axis=1)
    np.testing.assert_allclose(ours, expected.predict_proba(X), atol=1e-4)


@pytest.mark.parametrize("loss", [Poisson(), Gamma()])
def test_a_log_link_solves_the_score_equations(loss: Loss) -> None:
    mean = np.exp(0.3 + X @ [0.5, -0.2, 0.1])
    rng = np.random.default_rng(0)
    y = rng.poisson(mean) if isinstance(loss, Poisson) else rng.gamma(2.0, mean / 2)
    weights, bias = optimum(y.astype(float), loss)
    fitted = np.exp(X @ weights[:, 0] + bias)
    residual = y - fitted if isinstance(loss, Poisson) else y / fitted - 1
    np.testing.assert_allclose(np.column_stack([X, np.ones(60)]).T @ residual / 60, 0, atol=1e-6)


def test_quantile_regression_leaves_its_share_below() -> None:
    weights, bias = optimum(Y, Quantile(0.8))
    below = np.mean(X @ weights[:, 0] + bias > Y)
    assert below == pytest.approx(0.8, abs=4 / 60)


def test_several_outcomes_are_several_regressions() -> None:
    both = np.column_stack([Y, X[:, 0] ** 2])
    weights, bias = optimum(both, SquaredError(), 2)
    expected = LinearRegression().fit(X, both)
    np.testing.assert_allclose(weights.T, expected.coef_, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(bias, expected.intercept_, rtol=1e-4)


def test_stops_of_itself_and_the_objective_never_rises() -> None:
    network = Sequential([Dense(4, "tanh"), Dense(1)])
    fitted = fit_rows(network, X, Y, optimizer=LBFGS(), epochs=2000, penalty=L2(0.01))
    objective = np.add(fitted.history.loss, fitted.history.penalty)
    assert fitted.history.stopped == "converged"
    assert (np.diff(objective) <= 1e-12).all()
    few = fit_rows(network, X, Y, optimizer=LBFGS(), epochs=3, penalty=L2(0.01))
    assert (few.history.stopped, len(few.history)) == ("epochs", 3)
    assert few.history.loss == fitted.history.loss[:3]


def test_cut_connections_stay_cut() -> None:
    connections = np.array([[1, 0], [0, 1], [1, 1]])
    network = Sequential([Dense(2, "tanh", connections=connections), Dense(1)])
    options: dict[str, Any] = {"optimizer": LBFGS(), "epochs": 50, "penalty": L1(0.01) + L2(0.01)}
    weights = fit_rows(network, X, Y, **options).parameters["dense_1"]["weights"]
    assert (weights[connections == 0] == 0).all()
    assert (weights[connections == 1] != 0).all()


def test_searches_in_float64_and_answers_in_the_precision_of_the_data() -> None:
    fitted = fit_rows(LINEAR, X.astype("f4"), Y.astype("f4"), optimizer=EXACT, epochs=1000).parameters[
        "dense_1"
    ]
    assert fitted["weights"].dtype == np.float32
    np.testing.assert_allclose(fitted["weights"][:, 0], LinearRegression().fit(X, Y).coef_, rtol=1e-5)


def test_the_best_iteration_on_validation_rows_is_returned() -> None:
    rng = np.random.default_rng(0)
    network = Sequential([Dense(30, "tanh"), Dense(1)])
    noise: dict[str, Any] = {"validation": linear_data(seed=1), "optimizer": LBFGS(), "epochs": 300}
    fitted = fit_rows(network, X, rng.normal(size=60), patience=5, **noise)
    losses = fitted.history.validation_loss
    assert fitted.history.stopped == "patience"
    assert fitted.history.best_epoch == np.argmin(losses) + 1 == len(losses) - 5
    first, last = fitted.parameters["dense_1"], fitted.parameters["dense_2"]
    x, y = linear_data(seed=1)
    predicted = np.tanh(x @ first["weights"] + first["bias"]) @ last["weights"] + last["bias"]
    assert np.square(predicted[:, 0] - y).mean() == pytest.approx(min(losses), rel=1e-9)


def test_an_interrupt_returns_the_iteration_reached() -> None:
    calls = 0

    def interrupting(z: Any, y: Any) -> Any:
        import jax

        def ring(_: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == 10:
                signal.raise_signal(signal.SIGINT)

        jax.debug.callback(ring, z[0, 0])
        return (z - y) ** 2

    from lamina.training.losses import FunctionLoss

    network = Sequential([Dense(4, "tanh"), Dense(1)])
    fitted = fit_rows(network, X, Y, loss=FunctionLoss(interrupting), optimizer=LBFGS(), epochs=500)
    assert fitted.interrupted
    assert fitted.history.stopped == "interrupted"
    assert 1 <= len(fitted.history) < 500


@pytest.mark.parametrize("layer", [Dropout(0.1), GaussianNoise(0.1), Residual([Dropout(0.1)])], ids=repr)
def test_noise_is_refused(layer: Any) -> None:
    with pytest.raises(SpecificationError, match=r"does not change between evaluations, and \w+_1 is random"):
        fit_rows(Sequential([layer, Dense(1)]), X, Y, optimizer=LBFGS(), penalty=Penalty())
