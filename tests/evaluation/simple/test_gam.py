"""Additive models: closed forms against brute force, and truths that they must find."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from lamina.errors import DataError
from lamina.evaluation.simple.gam import EASES, PENALTIES, AdditiveClassifier, AdditiveRegressor
from lamina.evaluation.simple.glm import RidgeLogistic
from lamina.evaluation.simple.ridge_paths import RidgePath, fold_errors

pytestmark = pytest.mark.usefixtures("one_thread")

RNG = np.random.default_rng(2)
SMALL = RNG.normal(size=(25, 3))
SMALL_Y = np.sin(2 * SMALL[:, 0]) + SMALL[:, 1] + RNG.normal(scale=0.3, size=25)
X = RNG.uniform(-2, 2, size=(300, 4))
TRUTH = np.sin(2 * X[:, 0]) + X[:, 1] ** 2 / 2 + X[:, 2]
Y = TRUTH + RNG.normal(scale=0.5, size=300)
FRESH = RNG.uniform(-2, 2, size=(500, 4))
FRESH_TRUTH = np.sin(2 * FRESH[:, 0]) + FRESH[:, 1] ** 2 / 2 + FRESH[:, 2]


@pytest.mark.parametrize("columns", [3, 40])
def test_the_path_is_ridge_regression_for_every_penalty(columns: int) -> None:
    Z, penalties = RNG.normal(size=(25, columns)), np.array([0.3, 7.0])
    path = RidgePath(Z, SMALL_Y)
    coefficients = path.coefficients(penalties)
    for number, penalty in enumerate(penalties):
        theirs = Ridge(alpha=penalty).fit(Z, SMALL_Y)
        np.testing.assert_allclose(coefficients[:, number], theirs.coef_, rtol=1e-6, atol=1e-9)
        assert path.intercepts(coefficients)[number] == pytest.approx(theirs.intercept_)
    assert path.effective(1e-9) == pytest.approx(min(25, columns + 1), rel=1e-6)


@pytest.mark.parametrize("columns", [3, 40])
def test_leave_one_out_errors_are_those_of_leaving_each_row_out(columns: int) -> None:
    Z, penalties = RNG.normal(size=(25, columns)), np.array([0.3, 7.0])
    each = [(np.delete(np.arange(25), row), np.array([row])) for row in range(25)]
    expected = fold_errors(Z, SMALL_Y, penalties, each)
    np.testing.assert_allclose(RidgePath(Z, SMALL_Y).left_out_errors(penalties), expected, rtol=1e-6)


def test_the_choice_is_that_of_brute_force() -> None:
    model = AdditiveRegressor().fit(SMALL, SMALL_Y)
    columns = model.basis_.values(SMALL)
    errors = {}
    for ease in EASES:
        eased = model._eased(columns, ease)
        for penalty in PENALTIES * 25:
            if not 1e-2 < penalty / model.penalty_ < 1e2:
                continue  # the neighbourhood is enough, and a fit for each row is slow
            total = 0.0
            for row in range(25):
                kept = np.arange(25) != row
                fit = Ridge(alpha=penalty).fit(eased[kept], SMALL_Y[kept])
                total += float(fit.predict(eased[~kept])[0] - SMALL_Y[row]) ** 2
            errors[penalty, ease] = total
    assert min(errors, key=lambda setting: errors[setting]) == (model.penalty_, model.ease_)


def test_an_additive_truth_is_found() -> None:
    model = AdditiveRegressor().fit(X, Y)
    error = np.mean((model.predict(FRESH) - FRESH_TRUTH) ** 2)
    linear = np.mean((LinearRegression().fit(X, Y).predict(FRESH) - FRESH_TRUTH) ** 2)
    assert error < linear / 10
    assert 6 < model.effective_parameters_ < 40


def test_a_line_stays_a_line() -> None:
    line = 3 * X[:, 0] - X[:, 1]
    y = line + RNG.normal(size=300)
    fresh = 3 * FRESH[:, 0] - FRESH[:, 1]
    error = np.mean((AdditiveRegressor().fit(X, y).predict(FRESH) - fresh) ** 2)
    linear = np.mean((LinearRegression().fit(X, y).predict(FRESH) - fresh) ** 2)
    assert error < 2 * linear


def test_beyond_the_training_rows_the_fit_is_linear() -> None:
    model = AdditiveRegressor().fit(X, Y)
    far = np.zeros((5, 4))
    far[:, 0] = np.linspace(5, 9, 5)
    np.testing.assert_allclose(np.diff(model.predict(far), 2), 0.0, atol=1e-8)


def test_classes_by_a_curve_are_told_apart() -> None:
    label = np.where(X[:, 0] ** 2 + RNG.normal(scale=0.3, size=300) > 1.5, "out", "in")
    fresh = np.where(FRESH[:, 0] ** 2 > 1.5, "out", "in")
    assert np.mean(AdditiveClassifier().fit(X, label).predict(FRESH) == fresh) > 0.93
    assert np.mean(LogisticRegression().fit(X, label).predict(FRESH) == fresh) < 0.75


def test_three_classes_and_what_it_chose() -> None:
    label = np.digitize(Y, np.quantile(TRUTH, [0.3, 0.7]))
    model = AdditiveClassifier().fit(X, label)
    fresh = np.digitize(FRESH_TRUTH, np.quantile(TRUTH, [0.3, 0.7]))
    assert np.mean(model.predict(FRESH) == fresh) > 0.75
    again = model.chosen().fit(X, label)
    np.testing.assert_allclose(again.predict_proba(X), model.predict_proba(X), atol=1e-6)


def test_indicators_alone_give_the_linear_model() -> None:
    indicators = (X > 0).astype(float)
    label = (Y > 1).astype(int)
    model = AdditiveClassifier().fit(indicators, label)
    ridge = RidgeLogistic(penalty=model.penalty_ / model.ease_).fit(indicators, label)
    np.testing.assert_allclose(model.predict_proba(indicators), ridge.predict_proba(indicators), atol=1e-4)


def test_one_class_is_refused() -> None:
    with pytest.raises(DataError, match="at least two classes"):
        AdditiveClassifier().fit(SMALL, np.zeros(25))
