"""The separating plane of largest margin, or that there is none: independent of the perceptron."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls

NOTHING = 1e-9
"""Length of a residual that is rounding."""


def largest_margin(x: ArrayLike, y: ArrayLike) -> NDArray[np.float64] | None:
    """The shortest u = (w, θ) with s (w·x - θ) ≥ 1 for every row, s = 1 where y is 1 and -1 where it is 0; None if there is none.

    Its margin γ = 1 / ‖u‖ is the largest there is. Least distance programming: with the rows s (x, -1) in G, the residual r of
    the non-negative least squares of (Gᵀ; 1ᵀ) λ on (0, 1) is zero where nothing separates, otherwise u = -r₁ / r₂.

    Source: Lawson and Hanson, *Solving Least Squares Problems*, 1974, chapter 23.

    >>> largest_margin([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]).round(6).tolist()
    [2.0, 2.0, 3.0]
    >>> largest_margin([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]) is None
    True
    """
    rows = np.asarray(x, np.float64)
    signs = np.where(np.asarray(y) == 1, 1.0, -1.0)
    g = signs[:, None] * np.column_stack([rows, -np.ones(len(rows))])
    e, f = np.vstack([g.T, np.ones(len(g))]), np.append(np.zeros(g.shape[1]), 1.0)
    residual = e @ nnls(e, f)[0] - f
    if np.linalg.norm(residual) < NOTHING:
        return None
    plane: NDArray[np.float64] = -residual[:-1] / residual[-1]
    return plane
