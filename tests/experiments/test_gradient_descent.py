"""The arithmetic that the table calls published, and the parts against closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lamina.experiments import registry
from lamina.experiments.gradient_descent import LeastSquares, arrival, bowls_of, two_minima
from lamina.experiments.report import Report
from lamina.explain import bowl, descend
from lamina.training import GradientDescent


@pytest.fixture(scope="module")
def report() -> Report:
    return registry.run("gradient-descent", quick=True, progress=False)


def test_ours_are_the_lectures_numbers_exactly(report: Report) -> None:
    rows = [row for row in report.rows if "step 0.25" in row.section]
    assert len(rows) == 9
    assert all(row.mean == row.published for row in rows)


def test_every_published_factor_is_met(report: Report) -> None:
    for row in report.rows:
        if "|1 - 2 step|" in row.section:
            assert row.mean == pytest.approx(row.published, abs=1e-12)


def test_steps_to_arrive_are_those_of_theory_for_gradient_descent_and_not_fewer_for_momentum() -> None:
    found = bowls_of((10, 100), progress=False)
    assert found.descent == (69, 691)
    assert all(22 <= count < 35 for count in found.momentum[:1])
    assert found.newton == (1, 1)


def test_a_path_has_arrived_when_it_stays() -> None:
    path = descend(bowl(1), (1.0, 1.0), GradientDescent(0.9), 20)
    assert arrival(path) == 6  # 0.1 to the sixth power is a millionth


def test_the_start_decides_which_minimum_is_reached() -> None:
    starts, ends = two_minima(25)
    assert ends[starts > 0.11] == pytest.approx(1.02, abs=1e-4)
    assert ends[starts < 0.09] == pytest.approx(-0.46, abs=1e-4)


def test_the_hessian_and_the_minimum_of_least_squares() -> None:
    import jax

    rng = np.random.default_rng(0)
    problem = LeastSquares(rng.normal(size=(20, 3)), rng.normal(size=20))
    hessian = jax.hessian(problem)(np.zeros(3))
    assert np.linalg.eigvalsh(hessian) == pytest.approx(problem.eigenvalues, rel=1e-5)
    assert np.asarray(jax.grad(problem)(problem.solution)) == pytest.approx(np.zeros(3), abs=1e-6)


def test_the_picture_is_drawn(report: Report, tmp_path: Path) -> None:
    report.plot(tmp_path / "steps.png")
    assert (tmp_path / "steps.png").stat().st_size > 20_000
