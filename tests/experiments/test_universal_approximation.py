"""The parts of the experiment: slopes, errors of bumps, and points that part."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from lamina.experiments.hidden_geometry_fits import DATA
from lamina.experiments.universal_approximation_fits import CONSTRUCTIONS, Plan, measure_bumps, nielsen, slope


def test_steps_become_better_in_proportion_to_their_number() -> None:
    plan = Plan((64, 128, 256, 512), (), 0, 0, 0)
    built = measure_bumps(plan)
    steep = slope(plan.widths, np.array([built["steep", width][0] for width in plan.widths]))
    assert steep == pytest.approx(-1, abs=0.06)
    assert all(built["gentle", width][0] < built["steep", width][0] for width in plan.widths)
    assert list(CONSTRUCTIONS) == ["steep", "gentle"]


def test_the_deviation_of_the_function_is_what_the_remarks_say() -> None:
    mean = quad(nielsen, 0, 1, limit=200)[0]
    variance = quad(lambda x: (nielsen(x) - mean) ** 2, 0, 1, limit=200)[0]
    assert np.sqrt(variance) == pytest.approx(0.20, abs=0.005)


def test_the_disc_lies_inside_the_ring_with_a_gap() -> None:
    x, y = DATA["circles"](np.random.default_rng(1))
    radius = np.linalg.norm(x, axis=1)
    assert radius[y == 0].max() <= 0.5
    assert radius[y == 1].min() >= 0.7
    x, y = DATA["spirals"](np.random.default_rng(1))
    assert x.shape == (400, 2)
    assert y.sum() == 200
