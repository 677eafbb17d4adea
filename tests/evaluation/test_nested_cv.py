"""Nested cross-validation by hand, and by simulation where naive cross-validation is known to fall short."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import RepeatedKFold
from sklearn.neural_network import MLPRegressor

from lamina.evaluation import compare
from lamina.evaluation.nested_cv import nested_cv_estimate


def least_squares_losses(X: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    weights = np.linalg.lstsq(X[train], y[train], rcond=None)[0]
    return np.asarray((y[test] - X[test] @ weights) ** 2)


def fits(X: np.ndarray, y: np.ndarray, folds: int, times: int, rng: np.random.Generator) -> tuple[list, list]:
    outer, inner = [], []
    for _ in range(times):
        tests = np.array_split(rng.permutation(len(y)), folds)
        rest = [np.setdiff1d(np.arange(len(y)), test) for test in tests]
        outer.append([least_squares_losses(X, y, *pair) for pair in zip(rest, tests, strict=True)])
        pairs = {}
        for i, k in combinations(range(folds), 2):
            train = np.intersect1d(rest[i], rest[k])
            for one, other in ((i, k), (k, i)):
                pairs[one, other] = least_squares_losses(X, y, train, tests[one])
        inner.append(pairs)
    return outer, inner


def test_the_estimate_by_hand() -> None:
    outer = [[np.array([1.0, 3.0]), np.array([2.0, 6.0]), np.array([0.0, 4.0])]]
    inner = [{(i, k): outer[0][i] + 1.0 + k for i in range(3) for k in range(3) if i != k}]
    # e_in: k=0 from folds 1, 2 plus 1; k=1 from folds 0, 2 plus 2; k=2 from folds 0, 1 plus 3.
    inside = [np.array([3.0, 7, 1, 5]), np.array([3.0, 5, 2, 6]), np.array([4.0, 6, 5, 9])]
    gaps = [(4 - 2) ** 2 - 2 / 2, (4 - 4) ** 2 - 8 / 2, (6 - 2) ** 2 - 8 / 2]
    every = np.concatenate(inside)
    spread = every.std(ddof=1)
    inflation = np.clip(np.sqrt(np.mean(gaps)) / (spread / np.sqrt(4)), 1, np.sqrt(3))
    estimate = nested_cv_estimate(outer, inner)
    assert estimate.se == pytest.approx(spread / np.sqrt(6) * inflation)
    assert estimate.mean == pytest.approx(every.mean() - (1 + (1 / 3) ** 1.5) * (every.mean() - 16 / 6))
    assert estimate.freedom == 5


@pytest.mark.parametrize(("shift", "factor"), [(0.0, 1.0), (100.0, np.sqrt(4))])
def test_the_standard_error_is_kept_between_the_naive_one_and_root_k_times_it(
    shift: float, factor: float
) -> None:
    rng = np.random.default_rng(0)
    outer = [[rng.normal(size=25) for _ in range(4)]]
    inner = [{(i, k): outer[0][i] for i in range(4) for k in range(4) if i != k}]
    outer = [[losses + shift * (-1) ** k for k, losses in enumerate(outer[0])]]
    spread = np.concatenate([inner[0][i, k] for i in range(4) for k in range(4) if i != k]).std(ddof=1)
    assert nested_cv_estimate(outer, inner).se == pytest.approx(factor * spread / np.sqrt(100))


def test_it_covers_where_the_naive_interval_does_not() -> None:
    # Many coefficients for few rows: the setting of the paper's section 5 in small.
    rng, n, p, draws, folds = np.random.default_rng(4), 60, 20, 150, 6
    covered = {"naive": 0, "nested": 0}
    for _ in range(draws):
        X, y = rng.normal(size=(n, p)), rng.normal(size=n)
        weights = np.linalg.lstsq(X, y, rcond=None)[0]
        truth = 1 + weights @ weights  # the error of this very fit on new rows
        outer, inner = fits(X, y, folds, 3, rng)
        low, high = nested_cv_estimate(outer, inner).interval(0.9) or (0, 0)
        covered["nested"] += low <= truth <= high
        naive = np.concatenate(outer[0])
        reach = stats.norm.ppf(0.95) * naive.std(ddof=1) / np.sqrt(n)
        covered["naive"] += abs(naive.mean() - truth) <= reach
    assert covered["nested"] > covered["naive"]
    assert covered["nested"] / draws >= 0.85


def test_a_comparison_by_nested_cross_validation_is_that_of_a_loop_by_hand() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    y = X[:, 0] + rng.normal(size=30)
    plan = RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)
    found = compare(X, y, include=["linear"], cv=plan, test="nested_cv", metric="deviance")
    tests = [test for _, test in plan.split(X)]
    outer, inner = [], []
    for repetition in (tests[:3], tests[3:]):

        def losses(left_out: list[np.ndarray], test: np.ndarray) -> np.ndarray:
            train = np.setdiff1d(np.arange(30), np.concatenate(left_out))
            return np.asarray((LinearRegression().fit(X[train], y[train]).predict(X[test]) - y[test]) ** 2)

        outer.append([losses([test], test) for test in repetition])
        inner.append(
            {
                (i, k): losses([repetition[i], repetition[k]], repetition[i])
                for i in range(3)
                for k in range(3)
                if i != k
            }
        )
    expected = nested_cv_estimate(outer, inner)
    estimate = found.estimates["linear"]
    assert (estimate.mean, estimate.se) == pytest.approx((expected.mean, expected.se))
    assert estimate.method == "nested cross-validation of 3 folds, 2 times"


def test_the_difference_is_that_of_refits_with_every_two_folds_left_out() -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 2))
    y = X[:, 0] + rng.normal(size=60)
    network = MLPRegressor(hidden_layer_sizes=(3,), solver="lbfgs", alpha=1.0, max_iter=500, random_state=0)
    found = compare(
        X, y, models={"net": network}, include=["mean", "linear"], cv=4, test="nested_cv", margin="300%"
    )
    assert found.verdict.method == "nested cross-validation of 4 folds"
    assert found.verdict.answer == "not worth it"
    low, high = found.verdict.interval or (1.0, -1.0)
    assert low < found.verdict.difference < high
    assert set(found.verdict.choices.references) <= {"mean", "linear"}
    assert found.estimates["net"].method == "nested cross-validation of 4 folds"
