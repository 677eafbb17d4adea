"""Penalised generalised linear models against statsmodels, scikit-learn and brute-force leaving out."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from lamina.evaluation.simple.families import BINOMIAL, POISSON, Family
from lamina.evaluation.simple.ridge_glm import choose_penalty, shrunk, solve

pytestmark = pytest.mark.usefixtures("one_thread")

RNG = np.random.default_rng(0)
N = 60
X = RNG.normal(size=(N, 4))
SIGNAL = X @ [0.8, -0.5, 0.0, 0.3]
LABEL = (SIGNAL + RNG.logistic(size=N) > 0).astype(float)
COUNT = RNG.poisson(np.exp(0.5 + SIGNAL)).astype(float)
SHARE = np.clip(1 / (1 + np.exp(-SIGNAL)) + RNG.normal(scale=0.1, size=N), 0, 1)
CASES = [(BINOMIAL, LABEL), (BINOMIAL, SHARE), (POISSON, COUNT)]
PENALTIES = np.logspace(3, -2, 12)


@pytest.mark.parametrize(("family", "y"), CASES, ids=["classes", "shares", "counts"])
def test_without_a_penalty_it_is_statsmodels_glm(family: Family, y: np.ndarray) -> None:
    statsmodels = pytest.importorskip("statsmodels.api")
    theirs = {"binomial": statsmodels.families.Binomial, "poisson": statsmodels.families.Poisson}[
        family.name
    ]()
    reference = statsmodels.GLM(y, statsmodels.add_constant(X), family=theirs).fit()
    np.testing.assert_allclose(solve(X, y, family, 0.0).beta, reference.params, rtol=1e-5, atol=1e-6)


def test_with_a_penalty_it_is_scikit_learns() -> None:
    logistic = LogisticRegression(C=1 / 3.0, tol=1e-9).fit(X, LABEL)
    np.testing.assert_allclose(solve(X, LABEL, BINOMIAL, 3.0).beta[1:], logistic.coef_[0], atol=1e-4)
    poisson = PoissonRegressor(alpha=3.0 / N, tol=1e-9).fit(X, COUNT)
    np.testing.assert_allclose(solve(X, COUNT, POISSON, 3.0).beta[1:], poisson.coef_, atol=1e-4)


@pytest.mark.parametrize(("family", "y"), CASES, ids=["classes", "shares", "counts"])
def test_one_newton_step_comes_near_to_leaving_each_row_out(family: Family, y: np.ndarray) -> None:
    others = [np.arange(N) != row for row in range(N)]
    left_out = []
    for row, kept in enumerate(others):
        beta = solve(X[kept], y[kept], family, 2.0).beta
        left_out.append(beta[0] + X[row] @ beta[1:])
    approximate = solve(X, y, family, 2.0)
    np.testing.assert_allclose(approximate.left_out, left_out, atol=0.08)
    by_hand = np.mean(family.losses(y, np.array(left_out)))
    optimistic = np.mean(family.losses(y, X @ approximate.beta[1:] + approximate.beta[0]))
    assert abs(np.mean(family.losses(y, approximate.left_out)) - by_hand) < 0.1 * (by_hand - optimistic)


def test_more_columns_than_rows() -> None:
    wide = RNG.normal(size=(20, 50))
    inside = shrunk(wide, LABEL[:20], BINOMIAL, 5.0)
    whole = solve(wide, LABEL[:20], BINOMIAL, 5.0)
    np.testing.assert_allclose(inside.beta, whole.beta, atol=1e-6)
    assert inside.effective == pytest.approx(whole.effective)


def test_noise_takes_the_largest_penalty_and_signal_a_small_one() -> None:
    shuffles = [np.random.default_rng(seed).permutation(LABEL) for seed in range(11)]
    noise = np.median([choose_penalty(X, each, BINOMIAL, PENALTIES)[0] for each in shuffles])
    assert noise > 50 > choose_penalty(X, LABEL, BINOMIAL, PENALTIES)[0]


def test_given_folds_decide_by_their_own_loss() -> None:
    train, test = np.arange(0, N, 2), np.arange(1, N, 2)
    losses = []
    for penalty in PENALTIES:
        beta = solve(X[train], COUNT[train], POISSON, penalty).beta
        losses.append(np.mean(POISSON.losses(COUNT[test], beta[0] + X[test] @ beta[1:])))
    found, loss = choose_penalty(X, COUNT, POISSON, PENALTIES, [(train, test)])
    assert found == PENALTIES[int(np.argmin(losses))]
    assert loss == pytest.approx(min(losses), rel=1e-5)


def test_separable_classes_have_finite_coefficients() -> None:
    beta = solve(X[:, :1], (X[:, 0] > 0).astype(float), BINOMIAL, 1e-3).beta
    assert np.all(np.isfinite(beta))
    assert beta[1] > 5


def test_collinear_columns_share_their_effect() -> None:
    beta = solve(X[:, [0, 0]], COUNT, POISSON, 0.5).beta
    assert beta[1] == pytest.approx(beta[2], rel=1e-6)


@pytest.mark.parametrize("family", [BINOMIAL, POISSON], ids=lambda each: each.name)
def test_gradients_and_curvatures_are_derivatives_of_the_losses(family: Family) -> None:
    y, eta, step = np.array([0.0, 1.0, 0.4]), np.array([-1.2, 0.3, 2.0]), 1e-5
    slope = (family.losses(y, eta + step) - family.losses(y, eta - step)) / (2 * step)
    np.testing.assert_allclose(slope, family.mean(eta) - y, rtol=1e-6)
    bend = (family.mean(eta + step) - family.mean(eta - step)) / (2 * step)
    np.testing.assert_allclose(bend, family.curvature(eta), rtol=1e-6)
    flat = np.full(3, family.start(y))
    np.testing.assert_allclose(family.mean(flat), y.mean())
