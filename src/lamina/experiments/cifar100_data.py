"""Small photographs of a hundred kinds of things in twenty superclasses, parted for training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]

HELD = 0.2
"""Share of the training images that is for validation: the lab's validation_split."""


@dataclass(frozen=True, eq=False)
class Part:
    """Images (n, h, w, 3), 8 bits a colour, the class of each and its superclass."""

    x: Images
    fine: Labels
    coarse: Labels

    def __len__(self) -> int:
        return len(self.fine)

    def rows(self, chosen: NDArray[np.int64] | slice) -> Part:
        """Some of the images."""
        return Part(self.x[chosen], self.fine[chosen], self.coarse[chosen])


@dataclass(frozen=True, eq=False)
class Data:
    """What is trained on, watched, and tested on."""

    train: Part
    held: Part
    test: Part

    @classmethod
    def load(cls, rows: int | None = None) -> Data:
        """CIFAR-100; ``rows`` takes only so many training and test images."""
        from lamina.data.datasets import load_cifar100

        data = load_cifar100()
        everything = Part(data.x_train, data.fine_train, data.coarse_train)
        test = Part(data.x_test, data.fine_test, data.coarse_test)
        return cls.parted(everything.rows(slice(rows)), test.rows(slice(rows)))

    @classmethod
    def parted(cls, everything: Part, test: Part) -> Data:
        """The last fifth of the images of each class held for validation.

        >>> part = Part(np.zeros((10, 2, 2, 3), np.uint8), np.arange(10) % 2, np.zeros(10, np.int64))
        >>> data = Data.parted(part, part)
        >>> data.held.fine.tolist(), len(data.train)
        ([0, 1], 8)
        """
        held = last_of_each(everything.fine, HELD)
        return cls(everything.rows(np.flatnonzero(~held)), everything.rows(np.flatnonzero(held)), test)

    def superclass_of(self) -> Labels:
        """The superclass of each class, by the class's number; -1 for numbers that do not occur."""
        parts = (self.train, self.held, self.test)
        known = np.full(1 + max(int(part.fine.max(initial=0)) for part in parts), -1, np.int64)
        for part in parts:
            known[part.fine] = part.coarse
        return known


def last_of_each(classes: Labels, share: float) -> NDArray[np.bool_]:
    """Which rows are among the last ``share`` of their class.

    >>> last_of_each(np.array([0, 1, 0, 0, 1, 0]), 0.5).tolist()
    [False, False, False, True, True, True]
    """
    chosen = np.zeros(len(classes), bool)
    for label in np.unique(classes):
        rows = np.flatnonzero(classes == label)
        chosen[rows[len(rows) - int(share * len(rows)) :]] = True
    return chosen
