"""Centring and scaling, learnt from training rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BLOCK = 1024
"""Rows that are widened to float64 at a time."""
REACH = 3.0
"""Bound of a robustly standardised column."""


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


@dataclass
class RobustStandardizer(Standardizer):
    r"""Columns by their median and quartiles, and then drawn smoothly into (-3, 3), so that no row is far out.

    .. math:: z = \frac{x - \text{median}}{s}, \qquad \text{apply}(x) = \frac{z}{\sqrt{1 + (z / 3)^2}}

    The scale s is the distance between the quartiles; where that is zero half the range, and 1 where the column does not vary.
    A row of weight 2 counts as two rows.

    Source: Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data",
    NeurIPS 2024, section 3.

    >>> x = np.array([[0.0], [1.0], [2.0], [3.0], [1e6]])
    >>> RobustStandardizer.learn(x).apply(x).ravel().round(2).tolist()
    [-0.95, -0.49, 0.0, 0.49, 3.0]
    """

    @classmethod
    def learn(
        cls, x: np.ndarray, weights: np.ndarray | None = None, columns: np.ndarray | None = None
    ) -> RobustStandardizer:
        """Weighted quartiles of the rows; columns outside the mask are centred at 0 with scale 1."""
        wide = x.astype(np.float64)
        weights = None if weights is None else np.repeat(weights.astype(np.float64)[:, None], x.shape[1], 1)
        low, median, high = np.quantile(
            wide, [0.25, 0.5, 0.75], axis=0, weights=weights, method="inverted_cdf"
        )
        scale = high - low
        scale = np.where(scale > 0, scale, (wide.max(axis=0) - wide.min(axis=0)) / 2)
        # A column that varies by rounding alone would be blown up to noise.
        scale[~(scale > 10 * np.finfo(x.dtype).eps * np.abs(median))] = 1.0
        if columns is not None:
            median, scale = np.where(columns, median, 0.0), np.where(columns, scale, 1.0)
        return cls(median, scale)

    def apply(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Rows between -3 and 3, in the precision of ``x``; written to ``out`` if it is given."""
        z = super().apply(x, out)
        for first in range(0, len(z), BLOCK):
            rows = slice(first, first + BLOCK)
            z[rows] /= np.sqrt(1.0 + np.square(z[rows] / REACH, dtype=np.float64))
        return z

    def invert(self, z: np.ndarray) -> np.ndarray:
        """Back to the original units."""
        wide = z.astype(np.float64)
        return super().invert((wide / np.sqrt(1.0 - np.square(wide / REACH))).astype(z.dtype))


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
