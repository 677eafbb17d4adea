"""The surface holds every setting where it says; what is chosen on it, and how, is worked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lamina.experiments.tuning import Grid, complexity, folds_of, setting_of
from lamina.experiments.tuning_surface import Surface
from lamina.model_selection.one_se import OneStandardError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = X @ [1.0, 2.0, 0.0] + RNG.normal(size=40)
GRID = Grid((2, 4), (0.0, 0.3), (0.0, 0.1), 5)
SIMPLE = ((1.0, 1.0), (1.0, 1.0))
# Two widths, one rate, two ridges, two folds.
ERRORS = np.array([[[[2.0, 4.0], [3.0, 3.2]]], [[[2.0, 3.0], [9.0, 9.5]]]])
SMALL = Surface(
    (4, 8), (0.5,), (0.0, 0.1), ERRORS, (0, 0, 1), {"linear model": (3.0, 3.0), "lasso": (2.0, 3.0)}
)


def test_every_setting_stands_where_the_surface_says() -> None:
    folds = folds_of(40, 2, 0)
    search = GRID.search(X, Y, folds, refit="one_se")
    surface = Surface.of(search, GRID.widths, GRID.dropouts, GRID.ridges, *SIMPLE)
    assert surface.errors.shape == (2, 2, 2, 2)
    train, test, place = folds[1].train, folds[1].test, (1, 1, 1)
    alone = GRID.network(4, 0.3, 0.1).fit(X[train], Y[train])
    expected = np.mean(np.abs(alone.predict(X[test]) - Y[test]))
    assert surface.at(place)[1] == pytest.approx(expected, rel=1e-4)
    assert search.best_index_ == OneStandardError(complexity)(search.cv_results_)
    chosen = setting_of(search.best_params_)
    values = (surface.widths, surface.dropouts, surface.ridges)
    assert tuple(chosen.values()) == tuple(axis[i] for axis, i in zip(values, surface.chosen, strict=True))


def test_the_best_setting_and_those_within_one_standard_error_of_it() -> None:
    assert SMALL.means.ravel() == pytest.approx([3.0, 3.1, 2.5, 9.25])
    assert SMALL.best == (1, 0, 0)
    # Of two values the standard error is half their difference: 2.5 + 0.5 is the bound.
    assert SMALL.standard_errors[1, 0, 0] == pytest.approx(0.5)
    assert SMALL.within.tolist() == [[[True, False]], [[True, False]]]
    assert SMALL.words(SMALL.best) == "8 units, dropout 0.5 and ridge 0 (2.5 ± 0.5)"


def test_the_table_stars_what_is_within() -> None:
    estimate = SMALL.table().estimate("dropout 0.5: 4 units", "0")
    assert estimate is not None
    assert (estimate.mean, estimate.error, estimate.starred) == (3.0, pytest.approx(1.0), True)


def test_the_folds_test_every_row_once() -> None:
    splits = folds_of(23, 4, 1)
    assert np.array_equal(np.sort(np.concatenate([split.test for split in splits])), np.arange(23))
    assert all(len(np.intersect1d(split.train, split.test)) == 0 for split in splits)


def test_the_surface_is_drawn(tmp_path: Path) -> None:
    SMALL.draw(tmp_path / "surface.png")
    assert (tmp_path / "surface.png").stat().st_size > 1000
