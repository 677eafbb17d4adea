"""The elastic net against scikit-learn's, and in other units of y."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import ElasticNetCV

from lamina.evaluation.simple.elastic_net import MIXTURES, ElasticNet

pytestmark = pytest.mark.usefixtures("one_thread")

RNG = np.random.default_rng(4)
X = RNG.normal(size=(70, 5))
Y = X @ [3.0, -2.0, 0.0, 0.0, 1.0] + RNG.normal(size=70)
UNIT = (Y - Y.mean()) / Y.std()


def test_an_outcome_of_variance_one_gives_scikit_learns() -> None:
    ours, theirs = ElasticNet(cv=4).fit(X, UNIT), ElasticNetCV(l1_ratio=list(MIXTURES), cv=4).fit(X, UNIT)
    assert (ours.penalty_, ours.mixture_) == (theirs.alpha_, theirs.l1_ratio_)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-3)


def test_the_choice_does_not_depend_on_units() -> None:
    plain, scaled = ElasticNet(cv=4).fit(X, Y), ElasticNet(cv=4).fit(X, 1e6 * Y)
    np.testing.assert_allclose(scaled.coef_, 1e6 * plain.coef_, rtol=1e-6)
    np.testing.assert_allclose(plain.chosen().fit(X, Y).coef_, plain.coef_, atol=1e-4)


def test_a_constant_outcome_is_its_own_prediction() -> None:
    np.testing.assert_allclose(ElasticNet(penalty=0.1, mixture=0.5).fit(X, np.full(70, 3.0)).predict(X), 3.0)
