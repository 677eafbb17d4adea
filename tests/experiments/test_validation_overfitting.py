"""Averages over all sets of k against listing them; planted errors whose optimism is known; rows kept apart."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from lamina.experiments.equivalence import Rows
from lamina.experiments.validation_overfitting import Found, choose
from lamina.experiments.validation_overfitting_data import (
    HITTERS_TRAINING,
    NOISE,
    VALIDATION,
    Errors,
    hitters_split,
    measure,
    random_settings,
    seeds_of_one,
    simulated,
    truth,
)
from lamina.experiments.validation_overfitting_picture import draw as draw_curves
from lamina.experiments.validation_overfitting_theory import (
    Spread,
    best_of,
    expected_maximum,
    expected_optimism,
    first_of,
    normal_errors,
    resampled_errors,
)

pytestmark = pytest.mark.long

RNG = np.random.default_rng(0)
TRIED = (1, 3, 30, 200)
N, ROWS, SETTINGS = 25, 1000, 200


def planted(number: int, quality: float) -> Errors:
    """Losses of one unit of variance, half of which all settings share; fresh errors that differ by ``quality``."""
    rng = np.random.default_rng([5, number])
    fresh = 10 + quality * rng.normal(size=SETTINGS)

    def losses(rows: int) -> np.ndarray:
        shared, own = rng.normal(size=(rows, 1)), rng.normal(size=(rows, SETTINGS))
        return np.asarray(fresh + np.sqrt(0.5) * (shared + own))

    return Errors(losses(N).mean(axis=0), losses(N).mean(axis=0), fresh, losses(ROWS), N)


@pytest.fixture(scope="module")
def alike() -> Found:
    """Settings of exactly the same quality."""
    return choose("alike", [planted(number, 0.0) for number in range(40)], TRIED, theory=True)


@pytest.fixture(scope="module")
def unlike() -> Found:
    """Settings that differ as much as their errors."""
    return choose("unlike", [planted(100 + number, 0.15) for number in range(40)], TRIED, theory=True)


def near(values: np.ndarray, expected: float) -> bool:
    """Within four standard errors of the mean."""
    return bool(abs(values.mean() - expected) < 4 * values.std(ddof=1) / np.sqrt(len(values)))


@pytest.mark.parametrize("k", [1, 2, 4, 6])
def test_the_mean_over_all_sets_of_k_is_that_of_listing_them(k: int) -> None:
    by, value = RNG.normal(size=6), RNG.normal(size=6)
    listed = [value[min(chosen, key=lambda place: by[place])] for chosen in combinations(range(6), k)]
    assert best_of([k], by, value)[0] == pytest.approx(np.mean(listed))


def test_the_chances_are_a_distribution_however_many_settings() -> None:
    for k in (1, 17, 500):
        assert first_of(500, k).sum() == pytest.approx(1)
    with pytest.raises(ValueError, match="between 1 and 3"):
        first_of(3, 4)


def test_the_expected_maximum_is_that_of_simulation_and_under_its_bound() -> None:
    for k in (1, 5, 300):
        largest = RNG.normal(size=(4000, k)).max(axis=1)
        assert near(largest, expected_maximum(k))
        assert expected_maximum(k) <= np.sqrt(2 * np.log(k)) + 1e-9


def test_spread_finds_what_was_planted() -> None:
    spread = Spread.of(planted(0, 0.3).losses, N)
    assert spread.error == pytest.approx(0.2, rel=0.05)
    assert spread.correlation == pytest.approx(0.5, abs=0.05)
    assert spread.own == pytest.approx(0.2 * np.sqrt(0.5), rel=0.05)
    assert spread.quality == pytest.approx(0.3, rel=0.15)


def test_settings_all_alike_are_optimistic_by_the_expected_maximum(alike: Found) -> None:
    own = 0.2 * np.sqrt(0.5)
    for place, k in enumerate(TRIED):
        # Of 200 settings, all of k = 200 are one set; the formula for independent draws holds for every k.
        assert near(alike.optimism[:, place], expected_maximum(k) * own) or k == 1
    assert np.all(alike.optimism[:, 0] == 0)
    # Nothing is gained in truth, as there is nothing to gain.
    assert np.allclose(alike.fresh, 10)


def test_settings_that_differ_follow_the_closed_form_and_gain_something(unlike: Found) -> None:
    spread = Spread(0.15, 0.2, 0.5)
    for place, k in enumerate(TRIED[1:], 1):
        assert near(unlike.optimism[:, place], spread.optimism(k))
        assert unlike.optimism[:, place].mean() < spread.bound(k)
    assert np.all(unlike.fresh[:, -1] < unlike.fresh[:, 0])
    assert np.all(unlike.oracle <= unlike.fresh + 1e-12)


def test_normal_errors_make_the_optimism_without_a_validation_row(alike: Found, unlike: Found) -> None:
    for found in (alike, unlike):
        assert len(found.expected) == 2
        for expected in found.expected.values():
            assert near(found.optimism[:, -1] - expected[:, -1], 0.0)
    errors = normal_errors(planted(0, 0.0).losses, N, 500, np.random.default_rng(0))
    independent = expected_optimism([200], np.zeros(200), errors)[0]
    assert independent == pytest.approx(expected_maximum(200) * 0.2 * np.sqrt(0.5), rel=0.1)


def test_skew_losses_are_less_optimistic_than_normal_ones() -> None:
    """The mean of a few skew losses is seldom far below its expectation."""
    rng = np.random.default_rng(8)
    losses = rng.exponential(size=(2000, 100))
    normal, skew = (
        expected_optimism([100], np.ones(100), draw(losses, 10, 300, rng))[0]
        for draw in (normal_errors, resampled_errors)
    )
    direct = 1 - rng.exponential(size=(2000, 100, 10)).mean(axis=2).min(axis=1).mean()
    assert skew == pytest.approx(direct, rel=0.05)
    assert normal > 1.15 * skew


def test_rows_that_chose_nothing_are_honest(alike: Found, unlike: Found) -> None:
    for found in (alike, unlike):
        assert found.dishonesty is not None
        assert near(found.dishonesty[:, -1], 0.0)
        assert not near(found.optimism[:, -1], 0.0)


def test_no_row_is_both_trained_on_and_chosen_on() -> None:
    rows = Rows.hitters()
    split = hitters_split(rows, 0)
    parts = [split.x, split.validation[0], split.fresh[0]]
    assert [len(part) for part in parts] == [HITTERS_TRAINING, 40, 100]
    assert np.sort(np.concatenate(parts), axis=0) == pytest.approx(np.sort(rows.x, axis=0))
    made = simulated(0, 30)
    assert made.honest is not None
    xs = np.concatenate([made.x, made.validation[0], made.honest[0], made.fresh[0]])
    assert len(np.unique(xs, axis=0)) == len(xs)


def test_errors_are_those_of_networks_fitted_alone() -> None:
    made = simulated(1, 500)
    settings = random_settings(1, 2, (4,))
    done: list[int] = []
    [errors] = measure([made], [settings], 5, done.append)
    assert sum(done) == 2
    alone = settings[1].network(5).fit(made.x.astype(np.float32), made.y)

    def error(x: np.ndarray, y: np.ndarray) -> float:
        return float(np.mean((y - alone.predict(x.astype(np.float32))) ** 2))

    assert errors.validation[1] == pytest.approx(error(*made.validation), rel=1e-3)
    assert made.honest is not None
    assert errors.honest is not None
    assert errors.honest[1] == pytest.approx(error(*made.honest), rel=1e-3)
    assert errors.fresh[1] == pytest.approx(NOISE**2 + error(made.fresh[0], truth(made.fresh[0])), rel=1e-3)
    assert errors.n_validation == VALIDATION


def test_seeds_are_all_that_differs() -> None:
    settings = seeds_of_one(0, 5, (4, 16, 64))
    assert len({setting.seed for setting in settings}) == 5
    assert len({(setting.width, setting.dropout, setting.ridge, setting.rate) for setting in settings}) == 1


def test_the_curves_are_drawn(alike: Found, unlike: Found, tmp_path: Path) -> None:
    draw_curves(tmp_path / "curves.png", [alike, unlike])
    assert (tmp_path / "curves.png").stat().st_size > 1000
