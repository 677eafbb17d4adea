"""Rows are drawn as the names say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina import EarlyStopping, NeuralRegressor
from lamina.model_selection.draws import Sampling, make_draws, n_drawn

N = 200


def sampling(**given: Any) -> Sampling:
    y = np.repeat(["a", "b", "c", "d"], N // 4)
    fields = {"model": NeuralRegressor(), "X": np.zeros((N, 1)), "y": y, "weights": None, "groups": None}
    fields |= {"n_members": 100, "max_samples": 1.0, "cv": None, "random_state": 0}
    return Sampling(**{**fields, "watches": False, "classifies": True, **given})


def test_a_bootstrap_draw_leaves_out_a_share_of_one_over_e() -> None:
    draws = make_draws("bootstrap", sampling())
    out = np.array([draw.left_out(N) for draw in draws])
    expected = (1 - 1 / N) ** N
    assert out.mean() == pytest.approx(expected, abs=0.01)
    counts = np.bincount(np.concatenate([draw.picks for draw in draws]), minlength=N)
    assert counts.sum() == 100 * N
    # Each row is drawn 100 times on average with variance 100: the sum of squares is a chi-squared variable.
    assert ((counts - 100) ** 2 / 100).sum() == pytest.approx(N, abs=4 * np.sqrt(2 * N))


@pytest.mark.parametrize("draw", ["seed", "bootstrap"])
def test_a_larger_ensemble_begins_with_a_smaller_one(draw: str) -> None:
    few, many = make_draws(draw, sampling(n_members=3)), make_draws(draw, sampling(n_members=5))
    for one, other in zip(few, many[:3], strict=True):
        assert one.seed == other.seed
        np.testing.assert_array_equal(one.learnt, other.learnt)
    assert len({drawn.seed for drawn in many}) == 5


def test_each_row_is_left_out_of_one_fold_which_has_its_share_of_every_class() -> None:
    out = np.array([draw.left_out(N) for draw in make_draws("fold", sampling(n_members=5))])
    assert (out.sum(axis=0) == 1).all()
    assert (out.reshape(5, 4, N // 4).sum(axis=2) == 10).all()
    assert len(make_draws("fold", sampling(cv=4))) == 4


def test_neither_weightless_nor_watched_rows_are_drawn() -> None:
    weights = np.arange(N) % 2.0
    stops = NeuralRegressor(early_stopping=EarlyStopping(validation_fraction=0.25))
    for draw in make_draws("bootstrap", sampling(model=stops, watches=True, weights=weights, n_members=3)):
        assert draw.watched is not None
        assert len(draw.watched) == 25
        assert not set(draw.learnt) & set(draw.watched)
        assert (weights[draw.learnt] > 0).all()
        assert not draw.left_out(N)[draw.watched].any()


def test_how_many_are_drawn() -> None:
    assert [n_drawn(share, 10) for share in (1.0, 0.25, 0.01, 1, 30, np.int64(4))] == [10, 2, 1, 1, 30, 4]
