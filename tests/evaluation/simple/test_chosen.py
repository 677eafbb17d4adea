"""The settings a tuned model chose: refitted on the same rows they give the same predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import ElasticNetCV, LassoCV, LogisticRegressionCV, RidgeCV
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor

from lamina.evaluation.simple.chosen import chosen

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = X @ [2.0, -1.0, 0.0, 0.5] + RNG.normal(size=60)
CLASSES = np.digitize(Y, [-1.0, 1.0])


@pytest.mark.parametrize(
    "tuned",
    [
        RidgeCV(alphas=np.logspace(-2, 3, 20)),
        LassoCV(cv=4),
        ElasticNetCV(l1_ratio=[0.3, 0.9], cv=4, fit_intercept=False),
        GridSearchCV(KNeighborsRegressor(), {"n_neighbors": [2, 9]}),
        ExtraTreesRegressor(n_estimators=5, max_depth=3, random_state=1),
    ],
    ids=lambda each: type(each).__name__,
)
def test_refitting_what_was_chosen_predicts_the_same(tuned: Any) -> None:
    fitted = tuned.fit(X, Y)
    np.testing.assert_allclose(chosen(fitted).fit(X, Y).predict(X), fitted.predict(X), rtol=1e-4, atol=1e-6)


@pytest.mark.filterwarnings("ignore::FutureWarning")  # scikit-learn renames LogisticRegressionCV's settings
def test_refitting_the_chosen_logistic_regression() -> None:
    fitted = LogisticRegressionCV(Cs=[0.01, 0.1, 1.0], cv=3).fit(X, CLASSES)
    again = chosen(fitted).fit(X, CLASSES)
    np.testing.assert_allclose(again.predict_proba(X), fitted.predict_proba(X), atol=1e-3)


def test_a_model_that_can_say_is_asked() -> None:
    class Tuned:
        def chosen(self) -> str:
            return "its answer"

    assert chosen(Tuned()) == "its answer"


def test_what_is_chosen_is_unfitted() -> None:
    assert not hasattr(chosen(LassoCV(cv=3).fit(X, Y)), "coef_")
