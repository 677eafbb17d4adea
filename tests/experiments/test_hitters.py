"""The splits of the two editions."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from lamina.experiments.hitters import Plan, python_plan, r_plan, random_plan
from lamina.experiments.splits import random_splits

N = 263


@pytest.mark.parametrize("plan", [r_plan(N), python_plan(N), random_plan(random_splits(N, 87, 1)[0], 0)])
def test_a_plan_uses_every_row_once_and_balances_its_folds(plan: Plan) -> None:
    rows = np.concatenate([plan.split.train, plan.split.test])
    assert np.array_equal(np.sort(rows), np.arange(N))
    sizes = np.bincount(plan.folds)
    assert len(plan.folds) == len(plan.split.train)
    assert len(sizes) == 10
    assert sizes.max() - sizes.min() <= 1


def test_the_python_split_is_scikit_learns() -> None:
    assert np.array_equal(
        python_plan(N).split.test, train_test_split(np.arange(N), test_size=1 / 3, random_state=1)[1]
    )


def test_the_first_splits_are_the_same_however_many_are_asked_for() -> None:
    few, many = random_splits(N, 87, 2), random_splits(N, 87, 5)
    assert all(np.array_equal(a.test, b.test) for a, b in zip(few, many, strict=False))
