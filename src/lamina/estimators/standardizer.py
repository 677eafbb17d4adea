"""Centring and scaling, learnt from training rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BLOCK = 1024
"""Rows that are widened to float64 at a time."""


@dataclass
class Standardizer:
    """(x - mean) / scale by column; a column that does not vary has scale 1.

    Attributes
    ----------
    mean, scale
        Shape (p,), float64.

    >>> Standardizer.learn(np.array([[1.0, 5.0], [3.0, 5.0]])).apply(np.array([[3.0, 5.0]]))
    array([[1., 0.]])
    """

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def learn(
        cls, x: np.ndarray, weights: np.ndarray | None = None, columns: np.ndarray | None = None
    ) -> Standardizer:
        """Weighted mean and standard deviation (divisor n) of the rows; columns outside the mask stay as they are."""
        mean = _weighted_mean(x, weights, lambda block: block)
        scale = np.sqrt(_weighted_mean(x, weights, lambda block: np.square(block - mean)))
        # A column that varies by rounding alone would be blown up to noise.
        scale[~(scale > 10 * np.finfo(x.dtype).eps * np.abs(mean))] = 1.0
        if columns is not None:
            mean, scale = np.where(columns, mean, 0.0), np.where(columns, scale, 1.0)
        return cls(mean, scale)

    @classmethod
    def identity(cls, width: int) -> Standardizer:
        """Changes nothing."""
        return cls(np.zeros(width), np.ones(width))

    def apply(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Standardised rows, in the precision of ``x``; written to ``out`` if it is given."""
        out = np.empty_like(x) if out is None else out
        for first in range(0, len(x), BLOCK):
            rows = slice(first, first + BLOCK)
            out[rows] = (x[rows] - self.mean) / self.scale
        return out

    def invert(self, z: np.ndarray) -> np.ndarray:
        """Back to the original units."""
        return np.asarray(z * self.scale + self.mean, z.dtype)


def _weighted_mean(
    x: np.ndarray, weights: np.ndarray | None, of: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Mean over rows of a function of them, summed in float64 block by block."""
    weights = np.ones(len(x)) if weights is None else weights.astype(np.float64)
    total = np.zeros(x.shape[1:])
    for first in range(0, len(x), BLOCK):
        rows = slice(first, first + BLOCK)
        total += weights[rows] @ of(x[rows].astype(np.float64))
    return np.asarray(total / weights.sum())
