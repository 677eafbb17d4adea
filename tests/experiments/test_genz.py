"""The Genz experiment in small: what is fitted, how it is summed up, and that its numbers hang together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lamina.experiments.genz import FULL, QUICK, run_plan
from lamina.experiments.genz_baselines import polynomial, radial_basis
from lamina.experiments.genz_networks import BASE, OPTIMIZERS, QUASI_NEWTON, Design, Trial, fit_trials
from lamina.experiments.genz_picture import save_picture
from lamina.experiments.genz_sample import Sample, draw_sample
from lamina.experiments.genz_tables import MEAN, Study, tables
from lamina.experiments.report import Findings
from lamina.training import LBFGS, Settings, SquaredError, fit, pad_rows, predict

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def findings() -> Findings:
    return run_plan(QUICK, progress=False)


def made_up(errors: dict[str, float]) -> Study:
    """A study of 4 draws at 100 points, each error times 1 to 4 by draw."""
    study = Study((2,), (100,), (), 4)
    for name, error in errors.items():
        study.of(name)[:] = error * np.arange(1, 5)[:, None]
    return study


def study_of(findings: Findings) -> Study:
    """The errors behind the tables, which the picture draws."""
    assert isinstance(findings.picture, partial)
    study = findings.picture.args[0]
    assert isinstance(study, Study)
    return study


@pytest.mark.parametrize("design", [*OPTIMIZERS, BASE])
def test_every_size_is_trained_for_the_same_number_of_steps(design: Design) -> None:
    for n in (*FULL.sizes, *FULL.more):
        settings = design.settings(n, FULL.steps, 0.01)
        steps = settings.epochs * settings.steps(n)
        assert FULL.steps <= steps < FULL.steps + settings.steps(n)


def test_the_full_plan_is_the_one_that_was_asked_for() -> None:
    assert FULL.dimensions == (2, 5, 10)
    assert (*FULL.sizes, *FULL.more) == (10, 50, 100, 500, 5000)
    assert FULL.draws >= 20
    names = [design.name for design in FULL.designs]
    assert len(set(names)) == len(names)
    for design in FULL.designs[1:-1]:
        changed = [
            getattr(design, name) != getattr(BASE, name) for name in ("depth", "activation", "optimizer")
        ]
        assert sum(changed) == 1


def test_a_polynomial_finds_a_polynomial_and_the_interpolant_its_points() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(60, 2))
    y = np.stack([x[:, 0] ** 2 - x[:, 0] * x[:, 1], np.exp(x[:, 0])], axis=1)
    sample = Sample(x, y, x[50:], y[50:], 0)
    assert polynomial(sample, 50)[:, 0] == pytest.approx(y[50:, 0], abs=1e-6)
    again = replace(sample, x_test=x[:50], y_test=y[:50])
    assert radial_basis(again, 50) == pytest.approx(y[:50], abs=1e-9)


def test_too_few_points_for_a_plane_are_interpolated_all_the_same() -> None:
    sample = draw_sample(10, 0, 10)
    assert np.isfinite(radial_basis(sample, 10)).all()


def test_the_error_of_a_network_is_that_of_its_lone_fit(findings: Findings) -> None:
    sample = draw_sample(2, 0, 100)
    x, x_test = (((each - 0.5) * np.sqrt(12)).astype(np.float32) for each in (sample.x, sample.x_test))
    y = sample.y[:, 3]
    rows = pad_rows(x, ((y - y.mean()) / y.std()).astype(np.float32)[:, None], None)
    settings = Settings(LBFGS(), epochs=QUICK.steps, batch_size=None)
    network = QUASI_NEWTON.network
    alone = fit(network, SquaredError(), rows, settings, seed=0)
    z = predict(network, alone.parameters, alone.state, x_test)[:, 0]
    errors = np.abs(y.mean() + y.std() * z - sample.y_test[:, 3])
    found = study_of(findings).errors[QUASI_NEWTON.name][3, 0, 0, 0]
    assert found == pytest.approx([errors.mean(), errors.max()], rel=1e-5)


def test_an_outcome_that_does_not_vary_is_predicted_by_its_constant() -> None:
    sample = draw_sample(2, 0, 50)
    flat = replace(sample, y=np.zeros_like(sample.y))
    tried = fit_trials([Trial(BASE, flat, 5, 50, 0.01)], 50, "", progress=False)
    assert tried.constant == 1
    assert tried.errors[0] == pytest.approx(
        [np.abs(sample.y_test[:, 5]).mean(), np.abs(sample.y_test[:, 5]).max()]
    )


def test_ratios_and_differences_are_paired_by_draw() -> None:
    study = made_up({"base": 0.2, "depth: 1": 0.1, "polynomial": 0.2})
    *_, differences, ratios, by_family, by_dimension = tables(study)
    half = differences.estimate("depth: 1", "100 points")
    assert half is not None
    assert half.mean == pytest.approx(-0.25)  # the mean of 0.1 times 1 to 4
    assert half.error == pytest.approx(0.1 * np.std([1, 2, 3, 4], ddof=1) / 2)
    for table, column in ((ratios, "100 points"), (by_family, "corner"), (by_dimension, "2 dimensions")):
        ratio = table.estimate("depth: 1", column)
        assert ratio is not None
        assert (ratio.mean, ratio.error) == pytest.approx((0.5, 0.0))
        same = table.estimate("polynomial", column)
        assert same is not None
        assert same.mean == pytest.approx(1.0)
        assert not same.starred


def test_what_was_not_run_is_left_out_of_the_tables() -> None:
    study = made_up({"base": 0.2, "optimizer: L-BFGS": np.nan})
    assert tables(study)[-2].estimate("optimizer: L-BFGS", "corner") is None


def test_a_small_run_tells_what_any_run_tells(findings: Findings) -> None:
    errors, maximum = findings.tables[0], findings.tables[1]

    def error(row: str) -> float:
        found = errors.estimate(row, "100 points")
        assert found is not None
        return found.mean

    assert error("oscillatory: polynomial") < 0.01 < error("oscillatory: network") < 0.2
    for family in ("oscillatory", "product peak", "corner peak", "Gaussian", "continuous", "discontinuous"):
        assert error(f"{family}: network") < error(f"{family}: training mean")
    largest = maximum.estimate("2 dimensions: network", "100 points")
    assert largest is not None
    assert largest.mean > error("discontinuous: network")
    assert [label for label, _ in findings.tables[2].rows][:2] == ["depth: 1", QUASI_NEWTON.name]


def test_the_picture_holds_the_errors_of_the_tables(findings: Findings, tmp_path: Path) -> None:
    study = study_of(findings)
    save_picture(study, tmp_path / "genz.png")
    assert (tmp_path / "genz.png").stat().st_size > 10_000
    found = findings.tables[0].estimate("Gaussian: network", "100 points")
    assert found is not None
    assert found.mean == pytest.approx(study.errors["base"][3, 0, 0, :, MEAN].mean())
