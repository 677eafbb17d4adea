"""Linear forecasts by least squares: the autoregression, and what carries lagged columns on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lamina.data.series.panel import Array
from lamina.errors import DataError


@dataclass(frozen=True, eq=False)
class LeastSquares:
    r"""Outcomes as linear functions of rows, :math:`\hat y = b_0 + x b`; of smallest norm where several fit alike.

    Attributes
    ----------
    coefficients
        The intercept's row first, shape (1 + inputs, outcomes).
    rank
        Number of coefficients of each outcome that the rows can tell apart.

    >>> fit = LeastSquares.fit(np.arange(4.0)[:, None], 1 + 2 * np.arange(4.0)[:, None])
    >>> fit.coefficients.round(6).tolist(), fit.rank
    ([[1.0], [2.0]], 2)
    """

    coefficients: Array
    rank: int

    @classmethod
    def fit(cls, x: Array, y: Array) -> LeastSquares:
        """Minimise the sum of squares.

        Raises
        ------
        DataError
            If there are fewer rows than coefficients.
        """
        design = np.column_stack([np.ones(len(x)), x])
        if len(design) < design.shape[1]:
            raise DataError(
                f"a linear model of {design.shape[1]} coefficients needs as many windows, and there are {len(design)}: "
                f"take fewer "
                "lags or columns, or a longer series"
            )
        found, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
        return cls(np.asarray(found, np.float64), int(rank))

    def predict(self, x: Array) -> Array:
        """Outcomes of rows, shape (n, outcomes)."""
        return np.asarray(self.coefficients[0] + x @ self.coefficients[1:])
