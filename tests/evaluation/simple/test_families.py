"""Which outcomes are counts, and which are shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lamina.evaluation.simple.families import is_count, is_share
from lamina.evaluation.simple.paths import best_on_path, some_rows


@pytest.mark.parametrize(
    ("y", "count", "share"),
    [
        ([0, 1, 2, 7], True, False),
        ([3.0, 4.0, 11.0], True, False),
        ([1000, 1012, 977], False, False),  # as good as continuous
        ([-1, 0, 1], False, False),
        ([0, 1, 0, 1], False, False),  # two classes
        ([0.0, 0.25, 1.0], False, True),
        ([0.2, 0.2, 0.7], False, False),
        ([0.2, 0.5, 1.7], False, False),
    ],
)
def test_what_an_outcome_asks_for(y: Any, count: bool, share: bool) -> None:
    assert (is_count(y), is_share(y)) == (count, share)


def test_a_path_is_left_when_its_loss_rises() -> None:
    told = []

    def losses() -> Any:
        for loss in [5.0, 4.0, 4.5, 4.6, 0.0]:
            told.append(loss)
            yield loss

    assert best_on_path([1, 2, 3, 4, 5], losses()) == (2.0, 4.0)
    assert told == [5.0, 4.0, 4.5, 4.6]


def test_some_rows_are_the_same_each_time() -> None:
    np.testing.assert_array_equal(some_rows(1000, 10), some_rows(1000, 10))
    assert np.all(np.diff(some_rows(1000, 10)) > 0)
