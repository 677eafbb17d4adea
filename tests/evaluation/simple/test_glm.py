"""Ridge logistic, Poisson and fractional logit as estimators: published coefficients, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from lamina.errors import DataError
from lamina.evaluation.simple.glm import FractionalLogit, PoissonRidge, RidgeLogistic, fit_logistic

pytestmark = pytest.mark.usefixtures("one_thread")

RNG = np.random.default_rng(3)
X = RNG.normal(size=(80, 3))
SHARE = np.clip(1 / (1 + np.exp(-X[:, 0])) + RNG.normal(scale=0.1, size=80), 0, 1)
COUNT = RNG.poisson(np.exp(0.3 + 0.7 * X[:, 0])).astype(float)


def test_fractional_logit_is_the_quasi_binomial_glm() -> None:
    statsmodels = pytest.importorskip("statsmodels.api")
    reference = statsmodels.GLM(
        SHARE, statsmodels.add_constant(X), family=statsmodels.families.Binomial()
    ).fit()
    model = FractionalLogit(penalty=0.0).fit(X, SHARE)
    np.testing.assert_allclose([model.intercept_, *model.coef_], reference.params, rtol=1e-5)
    np.testing.assert_allclose(model.predict(X), reference.predict(), rtol=1e-5)


@pytest.mark.parametrize(("kind", "y"), [(FractionalLogit, SHARE), (PoissonRidge, COUNT)])
def test_the_penalty_is_chosen_and_can_be_refitted(kind: Any, y: np.ndarray) -> None:
    model = kind().fit(X, y)
    again = model.chosen()
    assert again.penalty == model.penalty_ > 0
    np.testing.assert_allclose(again.fit(X, y).predict(X), model.predict(X), rtol=1e-4)
    assert np.all(model.predict(10 * X) >= 0)


def test_mean_predictions_are_the_mean_outcome() -> None:
    """The score equation of the intercept, which no penalty weighs on."""
    for model, y in [(FractionalLogit(), SHARE), (PoissonRidge(), COUNT)]:
        assert model.fit(X, y).predict(X).mean() == pytest.approx(y.mean(), rel=1e-5)


def test_noise_among_large_counts_is_shrunk_away() -> None:
    counts = np.floor(np.exp(RNG.normal(scale=2, size=80) + 6))
    predicted = PoissonRidge().fit(X, counts).predict(X)
    assert np.std(predicted) < 0.2 * counts.mean()


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (PoissonRidge(), COUNT - 1, "counts, which are not negative"),
        (FractionalLogit(), 2 * SHARE, "shares from 0 to 1"),
        (RidgeLogistic(), np.zeros(80), "at least two classes"),
    ],
)
def test_an_outcome_it_cannot_use_is_refused(model: Any, y: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        model.fit(X, y)


def test_three_classes_are_scikit_learns_multinomial_regression() -> None:
    data = load_iris()
    standard = StandardScaler().fit_transform(data.data)
    model = RidgeLogistic(penalty=2.0).fit(standard, data.target_names[data.target])
    theirs = LogisticRegression(C=0.5, max_iter=500).fit(standard, data.target)
    np.testing.assert_allclose(model.predict_proba(standard), theirs.predict_proba(standard), atol=1e-3)
    chosen = RidgeLogistic().fit(standard, data.target)
    assert np.mean(chosen.predict(standard) == data.target) > 0.95


def test_effective_parameters_of_classes_are_those_of_two_and_grow_with_less_penalty() -> None:
    two = (SHARE > 0.5).astype(int)
    three = np.digitize(SHARE, [0.4, 0.6])
    free = [fit_logistic(X, codes, penalty).effective for codes in (two, three) for penalty in (1e-3, 1e3)]
    assert free[0] == pytest.approx(4, abs=0.1)
    assert free[2] == pytest.approx(8, abs=0.2)
    assert free[1] == pytest.approx(1, abs=0.1)
    assert free[3] == pytest.approx(2, abs=0.2)
