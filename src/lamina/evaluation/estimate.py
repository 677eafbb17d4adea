"""A mean with its uncertainty, and the corrected resampled t: what intervals, verdicts and simulations share.

On splits j = 1..J with values d_j (errors of one model, or differences of two), the corrected resampled t interval is

    d̄ ± t(J - 1) · √((1/J + n_test/n_train) · s²),

s² being the variance of the d_j. The second term stands for the overlap of the training rows, without which the
interval would be far too short.

References
----------
Nadeau, Bengio (2003), *Inference for the generalization error*, Machine Learning 52, 239-281.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95


def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """Standard errors on either side of a mean that an interval of this level reaches.

    >>> round(t_quantile(9), 3)
    2.262
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))


@dataclass(frozen=True)
class Estimate:
    """A mean, its standard error, the degrees of freedom, and how it was got.

    ``limits`` are those of an interval at ``LEVEL`` that is not mean ± t · se.

    >>> Estimate(2.0, 0.5, 10, "").interval(0.95)
    (0.885..., 3.114...)
    """

    mean: float
    se: float
    freedom: int
    method: str
    limits: tuple[float, float] | None = None

    def interval(self, level: float = LEVEL) -> tuple[float, float] | None:
        """mean ± t · se, or None if nothing is known of the spread."""
        if self.limits is not None and level == LEVEL:
            return self.limits
        if self.freedom < 1 or not np.isfinite(self.se):
            return None
        reach = t_quantile(self.freedom, level) * self.se
        return self.mean - reach, self.mean + reach


def corrected_estimate(values: NDArray[np.float64], test_to_train: float) -> Estimate:
    """The mean of values over splits, shape (J,), with Nadeau and Bengio's standard error.

    >>> estimate = corrected_estimate(np.array([1.0, 2.0, 3.0, 4.0]), 1 / 3)
    >>> estimate.mean, round(estimate.se**2, 4)  # (1/4 + 1/3) · 5/3
    (2.5, 0.9722)
    """
    count = len(values)
    spread = float(np.var(values, ddof=1)) if count > 1 else float("nan")
    se = float(np.sqrt((1 / count + test_to_train) * spread))
    return Estimate(float(np.mean(values)), se, count - 1, f"corrected resampled t over {count} splits")
