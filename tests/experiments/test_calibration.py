"""The pieces of the calibration study against independent facts: known variances, other libraries, planted differences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LinearRegression, RidgeCV
from threadpoolctl import threadpool_limits

from lamina.experiments.calibration_boosting import boosting
from lamina.experiments.calibration_draws import Batch, Design, Errors, expected_losses
from lamina.experiments.calibration_lasso import RATIOS, coordinate_descent
from lamina.experiments.calibration_nested import losses
from lamina.experiments.calibration_ridge import PENALTIES, fit_splits, gam, linear, mean, ridge, splines
from lamina.experiments.calibration_truths import FUNCTIONS, NOISE, PREDICTORS, Cell, truth

CELL = Cell("interactions", 100, 0.6)
DESIGN = Design.of(100)
BATCH = Batch.draw(CELL, range(2))
FEW = Design(DESIGN.train[:3], DESIGN.test[:3], DESIGN.held[:3])


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """As the study itself: threads of the linear algebra wait for each other on matrices as small as these."""
    with threadpool_limits(1):
        yield


def first(design: Design) -> Design:
    return Design(design.train[:1], design.test[:1], design.held[:1])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_truth_explains_the_share_of_variance_that_its_cell_says(name: str) -> None:
    x = np.random.default_rng(1).normal(size=(100_000, PREDICTORS))
    values = truth(name, x)
    assert values.mean() == pytest.approx(0, abs=0.015)
    assert values.var() == pytest.approx(float(name != NOISE), abs=0.02)
    cell = Cell(name, 300, 0.0 if name == NOISE else 0.3)
    batch = Batch.draw(cell, range(150), fresh=8)
    explained = 1 - np.var(batch.y - cell.signal(batch.x.reshape(-1, PREDICTORS)).reshape(batch.y.shape))
    assert explained == pytest.approx(cell.r2, abs=0.025)
    assert batch.y.var() == pytest.approx(1, abs=0.03)


def test_rows_of_a_truth_that_no_simple_shape_describes_have_no_linear_signal() -> None:
    x = np.random.default_rng(2).normal(size=(50_000, PREDICTORS))
    products = FUNCTIONS["interactions"](x) - 0.5 * x[:, 4] - 0.5 * x[:, 5]
    assert LinearRegression().fit(x, products).score(x, products) < 0.002


def test_draws_are_the_same_whichever_others_are_drawn() -> None:
    many, alone = Batch.draw(CELL, range(5)), Batch.draw(CELL, [3])
    for which in ("x", "y", "fresh", "signal"):
        assert np.array_equal(getattr(many, which)[3], getattr(alone, which)[0])
    assert not np.array_equal(many.y[0], many.y[1])


@pytest.mark.parametrize("n", [100, 5_000])
def test_inner_folds_part_the_training_rows_and_no_test_row_is_among_them(n: int) -> None:
    design = Design.of(n)
    for train, test, held in zip(design.train, design.test, design.held, strict=True):
        assert np.array_equal(np.sort(held.ravel()), np.sort(train))
        assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(n))
    assert design.test_to_train == pytest.approx(1 / (design.folds - 1))
    assert design.folds == (10 if n == 100 else 5)
    assert design.repetitions * design.folds == len(design.train)


def test_expected_losses_are_those_of_many_noisy_outcomes() -> None:
    rng = np.random.default_rng(3)
    guess = rng.normal(size=(2, 1, BATCH.signal.shape[1]))
    noise = CELL.noise * rng.normal(size=(500, *BATCH.signal.shape))
    gaps = BATCH.signal + noise - guess[:, 0]
    expected = expected_losses(BATCH, guess)[..., 0]
    assert np.square(gaps).mean(axis=(0, 2)) == pytest.approx(expected[0], rel=0.01)
    assert np.abs(gaps).mean(axis=(0, 2)) == pytest.approx(expected[1], rel=0.01)


def test_ridge_is_scikit_learns_with_the_same_leave_one_out_choice() -> None:
    ours = ridge(BATCH, FEW)
    assert ours.inner is not None
    for split, (train, test) in enumerate(zip(FEW.train, FEW.test, strict=True)):
        x, y = BATCH.x[0], BATCH.y[0]
        theirs = RidgeCV(alphas=PENALTIES * len(train)).fit(x[train], y[train])
        assert ours.test[0, split] == pytest.approx(theirs.predict(x[test]), abs=1e-6)
        assert ours.fresh[0, split] == pytest.approx(theirs.predict(BATCH.fresh[0]), abs=1e-6)
        held = FEW.held[split, 1]
        kept = np.setdiff1d(train, held)
        again = RidgeCV(alphas=[theirs.alpha_ * len(kept) / len(train)]).fit(x[kept], y[kept])
        assert ours.inner[0, split, 1] == pytest.approx(again.predict(x[held]), abs=1e-6)


def test_least_squares_and_the_mean_are_what_their_names_say() -> None:
    fitted, level = linear(BATCH, FEW), mean(BATCH, FEW)
    assert fitted.inner is not None
    assert level.inner is not None
    train, test, held = FEW.train[1], FEW.test[1], FEW.held[1, 2]
    kept = np.setdiff1d(train, held)
    for draw in range(len(BATCH)):
        x, y = BATCH.x[draw], BATCH.y[draw]
        theirs = LinearRegression().fit(x[train], y[train]).predict(x[test])
        assert fitted.test[draw, 1] == pytest.approx(theirs, abs=1e-6)
        theirs = LinearRegression().fit(x[kept], y[kept]).predict(x[held])
        assert fitted.inner[draw, 1, 2] == pytest.approx(theirs, abs=1e-6)
        assert np.allclose(level.test[draw, 1], y[train].mean())
        assert np.allclose(level.inner[draw, 1, 2], y[kept].mean())


def test_the_lassos_path_is_scikit_learns() -> None:
    x, y = BATCH.x[0] - BATCH.x[0].mean(axis=0), BATCH.y[0] - BATCH.y[0].mean()
    gram, cross = x.T @ x / len(x), x.T @ y / len(x)
    strongest = np.abs(cross).max()
    path = coordinate_descent(
        np.stack([gram, gram]), np.stack([cross, 2 * cross]), np.array([1, 2]) * strongest
    )
    for step in (3, 12, 20):
        theirs = Lasso(alpha=RATIOS[step] * strongest, tol=1e-8).fit(x, y).coef_
        assert path[step, 0] == pytest.approx(theirs, abs=2e-3)
        assert path[step, 1] == pytest.approx(2 * theirs, abs=4e-3)


def test_an_additive_model_learns_curves_that_lines_cannot() -> None:
    cell = Cell("additive", 1_000, 0.9)
    batch, design = Batch.draw(cell, [0]), first(Design.of(1_000))
    errors = {
        fit.__name__: Errors.of(batch, design, fit(batch, design)).fresh[0].mean() for fit in (linear, gam)
    }
    assert errors["gam"] < 0.25 < 0.6 < errors["linear"]


def test_a_gam_with_a_heavy_penalty_is_least_squares() -> None:
    stiff = fit_splits(splines(BATCH.x[0]), BATCH.y[0], FEW, np.array([30.0]))
    fitted = splines(BATCH.x[0])[FEW.test] @ stiff.weights[..., None]
    shift = stiff.level - (stiff.centre * stiff.weights).sum(axis=-1)
    x = np.linspace(-2, 2, 5)[:, None] * np.ones(PREDICTORS)
    assert np.allclose(np.diff(splines(x)[:, :PREDICTORS], 2, axis=0), 0, atol=1e-6)
    assert fitted[..., 0] + shift[:, None] == pytest.approx(linear(BATCH, FEW).test[0], abs=0.15)


def test_boosting_learns_a_box_and_leaves_noise_alone() -> None:
    box, noise = Cell("step", 1_000, 0.9), Cell(NOISE, 1_000, 0.0)
    design = first(Design.of(1_000))
    found = {cell: Batch.draw(cell, [0]) for cell in (box, noise)}
    errors = {cell: Errors.of(batch, design, boosting(batch, design)) for cell, batch in found.items()}
    assert errors[box].fresh[0].mean() < 0.25
    assert errors[noise].fresh[0].mean() < 1.05
    inner = errors[box].inner
    assert inner is not None
    assert inner[0].mean() == pytest.approx(errors[box].test[0].mean(), rel=0.15)


def test_losses_of_folds_are_those_of_refits_without_one_and_without_two() -> None:
    rng = np.random.default_rng(5)
    z = np.concatenate([np.ones((4, 6, 1)), rng.normal(size=(4, 6, 2))], axis=2)
    y = rng.normal(size=(4, 6))
    once, pairs = losses(z, y)

    def refit(without: set[int], tested: int) -> np.ndarray:
        kept = [fold for fold in range(4) if fold not in without]
        weights = np.linalg.lstsq(np.concatenate(z[kept]), np.concatenate(y[kept]), rcond=None)[0]
        return np.square(y[tested] - z[tested] @ weights)

    assert once[2] == pytest.approx(refit({2}, 2))
    assert pairs[1, 3] == pytest.approx(refit({1, 3}, 3))
    assert pairs[3, 1] == pytest.approx(refit({1, 3}, 1))
