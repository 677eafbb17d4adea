"""Ten of CIFAR-100's classes, so many images of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLASSES = 10


@dataclass(frozen=True, eq=False)
class Sample:
    """Images (n, h, w, 3), 8 bits a colour, and their classes from 0 on."""

    x: NDArray[np.uint8]
    y: NDArray[np.int64]

    @classmethod
    def load(cls, rows: int) -> Sample:
        """The first ``rows`` training images of CIFAR-100's first ten classes, as many of each."""
        from lamina.data.datasets import load_cifar100

        data = load_cifar100()
        chosen = firsts(data.fine_train, CLASSES, rows // CLASSES)
        return cls(data.x_train[chosen], data.fine_train[chosen])


def firsts(labels: NDArray[np.int64], classes: int, each: int) -> NDArray[np.int64]:
    """Rows of the first images of each of the first classes, in the order of the data.

    >>> firsts(np.array([1, 0, 2, 1, 0, 1]), classes=2, each=1).tolist()
    [0, 1]
    """
    rows = [np.flatnonzero(labels == label)[:each] for label in range(classes)]
    return np.sort(np.concatenate(rows))
