"""The engine's steps against closed forms: where they end, what they never change, and how far ridge regression is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from lamina.errors import DivergenceWarning
from lamina.experiments.sgd_minimum_norm_fits import Problem, Way, walk
from lamina.experiments.sgd_minimum_norm_limit import ADAM, ELSEWHERE, Limits, approach
from lamina.experiments.sgd_minimum_norm_path import NOISE, SIGNAL, Paths, simulated_paths
from lamina.experiments.sgd_minimum_norm_picture import draw
from lamina.experiments.sgd_minimum_norm_theory import (
    Design,
    covariance,
    descent,
    flow,
    minimum_norm,
    ridge,
    worst_ratio,
)
from lamina.training import SGD

pytestmark = pytest.mark.long

WIDE = Design.draw(10, 25, 0)
Y = np.random.default_rng(1).normal(size=10)
TIMES = (0.5, 5.0)


def ignore(done: int) -> None:
    pass


@pytest.fixture(scope="module")
def limits() -> Limits:
    return approach(2, (1, 1000), ignore, n=10, p=25)


@pytest.fixture(scope="module")
def paths() -> Paths:
    return simulated_paths(20, 10, 30, TIMES, (0.005,), ignore)


def test_shrinking_the_spectrum_is_the_pseudo_inverse_and_ridge() -> None:
    assert WIDE.solve(Y, minimum_norm) == pytest.approx(np.linalg.pinv(WIDE.x) @ Y)
    reference = Ridge(alpha=10 * 0.3, fit_intercept=False).fit(WIDE.x, Y).coef_
    assert WIDE.solve(Y, ridge(0.3)) == pytest.approx(reference)


def test_gradient_flow_is_descent_with_small_steps_and_ends_at_the_minimum_norm() -> None:
    assert WIDE.solve(Y, flow(2.0)) == pytest.approx(WIDE.solve(Y, descent(2e-6, 1_000_000)), rel=1e-4)
    assert WIDE.solve(Y, flow(1e6)) == pytest.approx(WIDE.solve(Y, minimum_norm))


def test_what_no_row_sees_is_orthogonal_to_every_row() -> None:
    w = np.random.default_rng(2).normal(size=25)
    assert WIDE.x @ WIDE.beside(w) == pytest.approx(np.zeros(10), abs=1e-12)
    assert np.linalg.norm(WIDE.beside(w)) > 1
    assert WIDE.beside(WIDE.x.T @ Y) == pytest.approx(np.zeros(25), abs=1e-12)


def test_small_steps_reach_the_minimum_norm_solution_and_adam_does_not(limits: Limits) -> None:
    for way in limits.ways:
        first, last = limits.distances(way)
        if way.name == ADAM:
            assert np.all(last > 0.1)
        else:
            assert np.all(last < 0.2 * first)
    assert np.all(limits.distances(limits.ways[2])[-1] < 1e-9)


def test_full_batches_are_the_closed_form_and_another_start_keeps_what_no_row_sees(limits: Limits) -> None:
    facts = limits.facts()
    assert np.all(facts["largest distance from the closed form"].found < 1e-10)
    assert np.all(facts["another start: what no row sees, moved by"].found < 1e-10)
    assert np.all(facts["another start: length over the least"].found > 1)
    elsewhere = next(way for way in limits.ways if way.name == ELSEWHERE)
    from_least = np.linalg.norm(limits.walked[elsewhere][-1] - limits.solutions, axis=1)
    assert from_least == pytest.approx(np.linalg.norm(limits.kept, axis=1), rel=0.05)


def test_longer_steps_than_the_largest_eigenvalue_allows_diverge() -> None:
    problem = Problem(WIDE.x, Y)
    way = Way("too long", SGD(1.5 / WIDE.largest))
    with pytest.warns(DivergenceWarning, match="diverged"):
        walked = walk([problem], way, [3000], ignore)
    assert not np.allclose(walked[-1, 0], WIDE.solve(Y, minimum_norm), atol=1e-3)


@pytest.mark.parametrize("shrink", [ridge(0.2), flow(5.0)])
def test_the_risk_is_that_of_simulation(shrink: object) -> None:
    rng = np.random.default_rng(4)
    p, count = 25, 4000
    truths = rng.normal(0, np.sqrt(SIGNAL / p), (count, p))
    outcomes = truths @ WIDE.x.T + rng.normal(0, np.sqrt(NOISE), (count, 10))
    away = np.array([WIDE.solve(y, shrink) for y in outcomes]) - truths  # type: ignore[arg-type]
    risks = np.einsum("di,ij,dj->d", away, covariance(p), away)
    expected = WIDE.risk(shrink, SIGNAL, NOISE)  # type: ignore[arg-type]
    assert risks.mean() == pytest.approx(expected, abs=4 * risks.std() / np.sqrt(count))


def test_the_theorems_constant_is_reached_by_pure_noise_in_one_direction_and_nowhere_passed() -> None:
    constant, x = worst_ratio()
    line = Design(np.ones((4, 1)))
    # X'X / n = 1, so that t is x.
    assert line.risk(flow(x), 0.0, 1.0) / line.risk(ridge(1 / x), 0.0, 1.0) == pytest.approx(constant)
    for t in np.geomspace(0.01, 1000, 30):
        for signal in (0.0, 1.0, 30.0):
            assert WIDE.risk(flow(t), signal, 1.0) <= constant * WIDE.risk(ridge(1 / t), signal, 1.0)


def test_paths_are_compared_with_ridge_at_the_inverse_of_their_time(paths: Paths) -> None:
    sgd, full = paths.ways
    reference = Ridge(alpha=20 / TIMES[1], fit_intercept=False).fit(paths.design.x, paths.problems[3].y).coef_
    assert paths.ridge[1, 3] == pytest.approx(reference)
    # With steps of 0.005 full batches are nearly gradient flow; ridge at the wrong time is far off.
    assert paths.walked[full] == pytest.approx(paths.flow, abs=0.02)
    distances = paths.distances(paths.walked[sgd]).mean(axis=1)
    assert np.all(distances < 0.4)
    assert np.all(distances < 0.6 * paths.distances(paths.ridge[::-1]).mean(axis=1))
    assert np.all(paths.nearest(paths.walked[sgd]) <= paths.distances(paths.walked[sgd]) + 1e-3)


def test_measured_risks_are_near_exact_ones_and_under_the_bound(paths: Paths) -> None:
    for which, walked in (("ridge", paths.ridge), ("flow", paths.flow)):
        risks = paths.risks(walked)
        errors = risks.std(axis=1, ddof=1) / np.sqrt(paths.n_draws)
        assert np.all(np.abs(risks.mean(axis=1) - paths.exact(which)) < 4 * errors)
    assert 1 < paths.flow_worst[0] < 1.69
    ratio, _, error = paths.measured_worst(paths.ways[0])
    assert ratio - 2 * error < 1.69


def test_everything_is_drawn(limits: Limits, paths: Paths, tmp_path: Path) -> None:
    draw(tmp_path / "paths.png", limits, [paths], paths)
    assert (tmp_path / "paths.png").stat().st_size > 1000
