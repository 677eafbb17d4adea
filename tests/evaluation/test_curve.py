"""Learning curves: nested shares, lines that are found again, and when a difference could be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from lamina import compare
from lamina.errors import DataError, SpecificationError
from lamina.evaluation.curve import LearningCurve, at, fit_line
from lamina.evaluation.rows_needed import when
from lamina.evaluation.subsamples import Subsamples

rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(120, 3)), columns=["a", "b", "c"])
Y = X["a"] * 2 + rng.normal(size=120)


@pytest.fixture(scope="module")
def result():
    return compare(X, Y, include=["mean", "linear", "lasso"], cv=5)


def test_smaller_shares_lie_in_larger_ones_and_test_rows_stay(result) -> None:
    problem = result.problem
    samples = Subsamples.of(problem, (0.25, 0.5))
    small, large = samples.problem.splits.pairs[:5], samples.problem.splits.pairs[5:]
    for (few, test), (more, same), (train, whole) in zip(small, large, problem.splits.pairs, strict=True):
        assert set(few) < set(more) < set(train)
        assert test.tolist() == same.tolist() == whole.tolist()
    assert samples.sizes.tolist() == [24, 48]


def test_classes_and_groups_are_kept_in_every_share() -> None:
    labels = np.repeat(["rare", "often"], [20, 100])
    problem = compare(X, labels, include=["majority", "logistic"], cv=5).problem
    for train, _ in Subsamples.of(problem, (0.25,)).problem.splits:
        assert 3 <= np.sum(problem.outcome.truth[train] == 1) <= 5
    groups = np.arange(120) // 4
    problem = compare(X, Y, include=["mean", "linear"], cv=5, groups=groups).problem
    for train, _ in Subsamples.of(problem, (0.5,)).problem.splits:
        assert all(np.sum(groups[train] == group) == 4 for group in np.unique(groups[train]))


def test_the_last_point_is_the_comparison_and_the_first_a_fit_on_few_rows(result) -> None:
    curve = result.learning_curve(["linear"], shares=[0.25])
    np.testing.assert_allclose(curve.errors["linear"][-1], result.scores.loc["linear"])
    train, test = Subsamples.of(result.problem, (0.25,)).problem.splits.pairs[0]
    alone = LinearRegression().fit(X.iloc[train], Y.iloc[train])
    error = np.abs(alone.predict(X.iloc[test]) - Y.iloc[test]).mean()
    assert curve.errors["linear"][0, 0] == pytest.approx(error)


def test_a_line_is_found_again_and_grows_less_sure_far_away() -> None:
    sizes = np.array([50.0, 100.0, 200.0])
    noise = rng.normal(size=(3, 400)) * 0.01
    line = fit_line(sizes, (1 + 5 / np.sqrt(sizes))[:, None] + noise, 1 / 400)
    np.testing.assert_allclose(line.coefficients, [1, 5], atol=0.05)
    (mean, near), (_, far) = at(line, 200), at(line, 20_000)
    assert mean == pytest.approx(1 + 5 / np.sqrt(200), abs=0.01)
    assert far > near


def test_the_table_has_intervals_that_widen_and_the_picture_is_drawn(result, tmp_path) -> None:
    curve = result.learning_curve(["mean", "linear"], shares=[0.25, 0.5])
    table = curve.table
    assert table.index.get_level_values("model").unique().tolist() == ["mean", "linear"]
    assert ((table["low"] < table["error"]) & (table["error"] < table["high"])).all()
    assert table["extrapolated"].sum() == 6
    curve.plot(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 5_000


def planted(difference: float, sd: float = 0.01) -> LearningCurve:
    """A network whose error differs by as much at every size."""
    draws = np.random.default_rng(1).normal(difference, sd, size=(3, 10))
    return LearningCurve(np.array([45.0, 90.0, 180.0]), {"network": draws}, 1 / 10 + 1 / 9, "error")


@pytest.mark.parametrize("difference", [-0.5, 0.5])
def test_rows_needed_follow_from_power(difference: float) -> None:
    """A difference that stays, with a standard error that falls by √n, is told where it is (t + z) of them."""
    curve = planted(difference, sd=1e-6)
    found = when(curve.line(curve.errors["network"]), 0.5, 200, curve, 0.0, 10)
    exactly = 200 * ((2.262 + 0.842) * 0.5 / 0.5) ** 2
    assert found.rows == pytest.approx(exactly, rel=0.06)
    assert found.favours == ("network" if difference < 0 else "reference")
    assert "in favour of" in str(found)


def test_what_is_alike_cannot_be_told_and_a_margin_moves_the_boundary() -> None:
    curve = planted(0.0, sd=1e-6)
    line = curve.line(curve.errors["network"])
    assert when(line, 0.5, 200, curve, 0.0, 10).rows is None
    assert "too much alike" in str(when(line, 0.5, 200, curve, 0.0, 10))
    beyond = when(line, 0.5, 200, curve, 1.0, 10)
    assert beyond.rows is not None
    assert beyond.favours == "reference"


def test_what_cannot_be_drawn_is_said(result) -> None:
    with pytest.raises(SpecificationError, match="'lassso', which was not compared: did you mean 'lasso'"):
        result.learning_curve(["lassso"])
    with pytest.raises(SpecificationError, match="inside"):
        result.learning_curve(["linear"], shares=[1.5])
    with pytest.raises(DataError, match="too few rows"):
        result.learning_curve(["linear"], shares=[0.01])


def test_leaving_out_what_matters_costs_and_noise_does_not(result) -> None:
    lost = result.without({"signal": ["a"], "noise": ["b", "c"]}, models=["linear"])
    signal, noise = lost.loc[("signal", "linear")], lost.loc[("noise", "linear")]
    assert signal["low"] > 0.3
    assert noise["low"] < 0.05
    again = compare(X[["b", "c"]], Y, include=["linear"], cv=list(result.problem.splits))
    assert signal["error"] == pytest.approx(again.table.loc["linear", "error_mean"])


@pytest.mark.parametrize(
    ("sets", "message"),
    [(["d"], "which X has not"), ({"all": ["a", "b", "c"]}, "every column"), ({"none": []}, "no column")],
)
def test_sets_that_mean_nothing_are_refused(result, sets, message) -> None:
    with pytest.raises(SpecificationError, match=message):
        result.without(sets)


def test_a_line_through_few_rows_does_not_drag_the_error_below_what_more_rows_have_shown() -> None:
    sizes = np.array([12.0, 25.0, 50.0, 100.0])
    errors = {"gam": np.array([[1.1, 1.15], [0.62, 0.66], [0.52, 0.5], [0.47, 0.49]])}
    table = LearningCurve(sizes, errors, 0.7, "mean absolute error").table
    assert 0.35 < table.loc[("gam", 1000), "error"] < 0.48
    assert (table["low"] >= 0).all()


def test_one_split_has_no_uncertainty_to_tell() -> None:
    curve = LearningCurve(
        np.array([10.0, 20.0, 40.0]), {"net": np.array([[3.0], [2.0], [1.5]])}, 1.5, "error"
    )
    assert curve.table[["se", "low", "high"]].isna().all(axis=None)
    assert curve.table["error"].notna().all()
