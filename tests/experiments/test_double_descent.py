"""The curve of the splines has the features that the book names; the networks' errors are those of their functions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from lamina.experiments.double_descent_fits import network_curve, spline_curve
from lamina.experiments.double_descent_sample import (
    GRID,
    Curve,
    Sample,
    expected_error,
    median_of,
)

SAMPLES = [Sample.draw(number) for number in range(30)]
SIZES = (2, 8, 18, 19, 20, 21, 42, 80)


def ignore(done: int) -> None:
    pass


@pytest.fixture(scope="module")
def splines() -> Curve:
    return spline_curve(SAMPLES, SIZES, ignore)


def test_the_training_error_is_zero_from_as_many_functions_as_rows_on_and_not_before(splines: Curve) -> None:
    for size, errors in zip(splines.sizes, splines.training, strict=True):
        assert np.all(errors < 1e-12) if size >= 20 else np.all(errors > 1e-9)


def test_the_test_error_falls_rises_to_the_threshold_and_falls_again(splines: Curve) -> None:
    medians = dict(zip(splines.sizes, splines.medians, strict=True))
    assert medians[8] < medians[2] < medians[20]
    assert medians[42] < medians[21]
    assert 18 < splines.worst() < 22
    assert splines.best(2, 19) == 8


def test_no_function_is_better_than_the_noise(splines: Curve) -> None:
    assert np.all(splines.test > 0.09)
    assert np.all(splines.within > 0.09)


def test_the_error_of_new_rows_is_an_integral() -> None:
    def squared(x: float) -> float:
        return (np.sin(x) - x / 3) ** 2

    assert expected_error(GRID / 3) == pytest.approx(0.09 + quad(squared, -5, 5)[0] / 10, rel=1e-4)
    assert expected_error(GRID / 3, -1, 2) == pytest.approx(0.09 + quad(squared, -1, 2)[0] / 3, rel=1e-2)


def test_the_first_data_sets_are_the_same_however_many_are_drawn() -> None:
    again = Sample.draw(3)
    assert np.array_equal(again.x, SAMPLES[3].x)
    assert np.array_equal(again.y, SAMPLES[3].y)


def test_the_standard_error_of_a_median_is_that_of_theory() -> None:
    values = np.random.default_rng(1).normal(size=2000)
    # Of a normal sample: sqrt(pi / 2 n).
    assert median_of(values).error == pytest.approx(np.sqrt(np.pi / 2 / 2000), rel=0.2)


def test_networks_learn_the_rows_and_the_wider_one_more_of_them() -> None:
    done: list[int] = []
    curve = network_curve(SAMPLES[:3], (1, 16), 400, done.append)
    assert sum(done) == 6
    assert curve.test.shape == (2, 3)
    variances = np.array([sample.y.var() for sample in SAMPLES[:3]])
    assert np.all(curve.training[1] < curve.training[0])
    assert np.all(curve.training[0] < variances)
    on_grid = curve.functions[1]
    assert curve.test[1, 0] == pytest.approx(expected_error(on_grid))
    fitted = np.interp(SAMPLES[0].x, GRID, on_grid)
    assert np.mean((SAMPLES[0].y - fitted) ** 2) == pytest.approx(curve.training[1, 0], rel=0.02)
