"""Digits as 8-bit images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
Digits = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Data:
    """Images (n, 28, 28), 0 white to 255 black, and the digits."""

    x: Images
    y: Digits
    x_test: Images
    y_test: Digits

    @classmethod
    def load(cls, rows: int) -> Data:
        """The first ``rows`` training images of MNIST, and all test images."""
        from lamina.data.datasets import load_mnist

        (x, y), (x_test, y_test) = load_mnist()
        return cls(x[:rows], y[:rows].astype(np.int64), x_test, y_test.astype(np.int64))
