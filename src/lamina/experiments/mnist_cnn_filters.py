"""The filters that a network has learnt, and what they make of a few digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.mnist_cnn_data import Data

Numbers = NDArray[np.float64]
SHOWN = 4
"""Digits in the picture."""


@dataclass(frozen=True, eq=False)
class Filtered:
    """Filters (h, w, K), digits (n, h, w) in [0, 1], and their filtered images (n, h', w', K), before the activation.

    ``offsets`` (K,) are the biases, which are in the filtered images.
    """

    filters: Numbers
    offsets: Numbers
    digits: Numbers
    images: Numbers


def filtered(model: Any, data: Data) -> Filtered:
    """The filters of a model's first layer, applied to the first test image of each of a few digits."""
    first = next(iter(model.parameters_.values()))
    filters = np.asarray(first["weights"], np.float64)[:, :, 0]
    offsets = np.asarray(first["bias"], np.float64)
    digits = data.x_test[_firsts(data)] / 255.0
    return Filtered(filters, offsets, digits, correlate(digits, filters) + offsets)


def correlate(images: Numbers, filters: Numbers) -> Numbers:
    """Each filter at every place of each image, without padding.

    >>> correlate(np.arange(9.0).reshape(1, 3, 3), np.ones((2, 2, 1)))[0, :, :, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    windows = np.lib.stride_tricks.sliding_window_view(images, filters.shape[:2], axis=(1, 2))
    found: Numbers = np.einsum("nijuv,uvk->nijk", windows, filters)
    return found


def _firsts(data: Data) -> list[int]:
    """Rows of the first test image of each of the first few digits that occur."""
    found: dict[int, int] = {}
    for row, digit in enumerate(data.y_test):
        found.setdefault(int(digit), row)
    return [found[digit] for digit in sorted(found)][1 : 1 + SHOWN] or [0]
