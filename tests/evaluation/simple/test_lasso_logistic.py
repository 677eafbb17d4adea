"""The lasso logistic regression against its optimality conditions and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from lamina.evaluation.simple.lasso_logistic import LassoLogistic, least_inverse_penalty, log_loss_sum

X, Y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(X)


@pytest.mark.parametrize(("factor", "empty"), [(0.98, True), (1.05, False)])
def test_the_path_starts_where_the_first_coefficient_appears(factor: float, empty: bool) -> None:
    from lamina.evaluation.simple.lasso_logistic import _LASSO

    C = factor * least_inverse_penalty(X, Y)
    model = LogisticRegression(C=C, solver="saga", tol=1e-6, max_iter=5000, random_state=0, **_LASSO).fit(
        X, Y
    )
    assert bool(np.any(model.coef_)) is not empty


def test_the_solution_satisfies_the_optimality_conditions() -> None:
    model = LassoLogistic(cv=5, random_state=0).fit(X, Y)
    gradient = X.T @ (Y - model.predict_proba(X)[:, 1]) * model.inverse_penalty_
    active = model.coef_[0] != 0
    assert 5 < active.sum() < 28
    np.testing.assert_allclose(gradient[active], np.sign(model.coef_[0][active]), atol=0.02)
    assert np.abs(gradient[~active]).max() < 1.02


def test_three_classes_with_names() -> None:
    data = load_iris()
    labels = data.target_names[data.target]
    model = LassoLogistic(random_state=0).fit(StandardScaler().fit_transform(data.data), labels)
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    predicted = model.predict(StandardScaler().fit_transform(data.data))
    assert np.mean(predicted == labels) > 0.94
    assert model.coef_.shape == (3, 4)


def test_a_class_that_a_fold_has_not_met_costs_much_but_not_infinity() -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], ["a", "b"])
    assert log_loss_sum(model, np.array([[0.0]]), np.array(["c"])) == pytest.approx(
        -np.log(np.finfo(float).eps)
    )


def test_predictors_without_any_signal_leave_the_shares() -> None:
    model = LassoLogistic(cv=3).fit(np.zeros((12, 2)), [0, 1, 1] * 4)
    np.testing.assert_allclose(model.predict_proba(np.zeros((1, 2))), [[1 / 3, 2 / 3]], atol=0.02)
