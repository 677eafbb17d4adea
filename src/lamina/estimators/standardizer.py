"""Centring and scaling, learnt from training rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
        wide = x.astype(np.float64)
        mean = np.average(wide, axis=0, weights=weights)
        scale = np.sqrt(np.average(np.square(wide - mean), axis=0, weights=weights))
        # A column that varies by rounding alone would be blown up to noise.
        scale[~(scale > 10 * np.finfo(x.dtype).eps * np.abs(mean))] = 1.0
        if columns is not None:
            mean, scale = np.where(columns, mean, 0.0), np.where(columns, scale, 1.0)
        return cls(mean, scale)

    @classmethod
    def identity(cls, width: int) -> Standardizer:
        """Changes nothing."""
        return cls(np.zeros(width), np.ones(width))

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Standardised rows, in the precision of ``x``."""
        return np.asarray((x - self.mean) / self.scale, x.dtype)

    def invert(self, z: np.ndarray) -> np.ndarray:
        """Back to the original units."""
        return np.asarray(z * self.scale + self.mean, z.dtype)
