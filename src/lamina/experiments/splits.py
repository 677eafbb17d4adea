"""Training and test rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Numbers of the rows to train on and to test on."""

    train: Rows
    test: Rows

    @classmethod
    def testing(cls, n: int, test: Rows) -> Split:
        """The test rows given, and all the others to train on."""
        return cls(np.setdiff1d(np.arange(n), test), test)

    @property
    def test_to_train(self) -> float:
        """Test rows for one training row."""
        return len(self.test) / len(self.train)


def random_splits(n: int, n_test: int, count: int, seed: int = 0) -> list[Split]:
    """Random splits that do not depend on how many are asked for.

    >>> first, second = random_splits(9, 3, 2)
    >>> len(first.train), len(first.test)
    (6, 3)
    """
    return [
        Split.testing(n, np.random.default_rng([seed, number]).permutation(n)[:n_test].astype(np.int64))
        for number in range(count)
    ]
