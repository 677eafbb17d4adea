"""R's random numbers against what R printed."""

from __future__ import annotations

import numpy as np
import pytest

from lamina.errors import SpecificationError
from lamina.experiments.r_random import RRandom


@pytest.mark.parametrize(
    ("seed", "permutation"),
    [(42, [1, 5, 10, 8, 2, 4, 6, 9, 7, 3]), (123, [3, 10, 2, 8, 6, 9, 1, 7, 5, 4])],
)
def test_permutations_are_those_of_r(seed: int, permutation: list[int]) -> None:
    assert RRandom(seed).sample(10).tolist() == permutation


def test_a_sample_is_the_beginning_of_the_permutation() -> None:
    assert RRandom(7).sample(263, 87).tolist() == RRandom(7).sample(263)[:87].tolist()


@pytest.mark.parametrize("n", [1, 2, 3, 65_536, 70_000])
def test_every_number_comes_once(n: int) -> None:
    assert np.array_equal(np.sort(RRandom(n).sample(n)), np.arange(1, n + 1))


@pytest.mark.parametrize(("n", "size"), [(0, 0), (5, 6), (5, -1), (20_000_000, 3)])
def test_impossible_samples_are_refused(n: int, size: int) -> None:
    with pytest.raises(SpecificationError, match=r"sample\(1:"):
        RRandom(1).sample(n, size)
