"""CIFAR-100's classes in two halves: one to learn features from, the other to use them on; and draws of a few images a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.cifar100_data import last_of_each

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]
HELD = 0.1
"""Share of the first half's training images that chooses the epoch."""


@dataclass(frozen=True, eq=False)
class Half:
    """Images (n, h, w, 3) of some of the classes, numbered from 0 on."""

    x: Images
    y: Labels
    x_test: Images
    y_test: Labels

    @property
    def classes(self) -> int:
        """How many there are."""
        return int(self.y.max()) + 1

    def held(self) -> NDArray[np.bool_]:
        """Which training images are for choosing the epoch."""
        return last_of_each(self.y, HELD)

    def draw(self, each: int, seed: int) -> NDArray[np.int64]:
        """Rows of so many training images of every class, at random."""
        rng = np.random.default_rng([each, seed])
        rows = [
            rng.choice(np.flatnonzero(self.y == label), each, replace=False) for label in range(self.classes)
        ]
        return np.concatenate(rows)


def halves(x: Images, y: Labels, x_test: Images, y_test: Labels, seed: int = 0) -> tuple[Half, Half]:
    """Two halves with no class in common, drawn at random.

    >>> labels = np.arange(4).repeat(2)
    >>> source, target = halves(labels, labels, labels, labels)
    >>> sorted({*source.x.tolist(), *target.x.tolist()}), source.y.tolist()
    ([0, 1, 2, 3], [0, 0, 1, 1])
    """
    order = np.random.default_rng(seed).permutation(np.unique(y))
    parts = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])
    first, second = (_of(part, x, y, x_test, y_test) for part in parts)
    return first, second


def _of(classes: Labels, x: Images, y: Labels, x_test: Images, y_test: Labels) -> Half:
    mine, mine_test = np.isin(y, classes), np.isin(y_test, classes)
    return Half(
        x[mine],
        np.searchsorted(classes, y[mine]),
        x_test[mine_test],
        np.searchsorted(classes, y_test[mine_test]),
    )


def load(rows: int | None = None) -> tuple[Half, Half]:
    """CIFAR-100 in halves; ``rows`` takes only so many training and test images."""
    from lamina.data.datasets import load_cifar100

    data, some = load_cifar100(), slice(rows)
    return halves(data.x_train[some], data.fine_train[some], data.x_test[some], data.fine_test[some])
