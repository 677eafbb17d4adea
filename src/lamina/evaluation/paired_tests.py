"""Tests for two models on the same rows: forecasts in time, and one classification test set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.estimate import LEVEL, Estimate


def diebold_mariano_estimate(differences: NDArray[np.float64], horizon: int = 1) -> Estimate:
    """The mean difference of two forecasts' losses, with an error that allows for correlation in time.

    With d_t the difference of the losses of forecasts h rows ahead, t = 1..n, and γ_k its autocovariances,

        se² = (γ_0 + 2 Σ_{k<h} γ_k) / n · n / (n + 1 - 2h + h(h - 1)/n),      t(n - 1),

    the second factor being the correction for small n of Harvey, Leybourne and Newbold. Where the sum is not positive,
    which an unweighted sum need not be, the γ_k are weighted by 1 - k/h (Newey and West).

    Parameters
    ----------
    differences
        One difference of losses a test row, in the order of time, shape (n,).
    horizon
        h, how many rows ahead a forecast looks.

    References
    ----------
    Diebold, Mariano (1995), *Comparing predictive accuracy*, Journal of Business & Economic Statistics 13; Harvey,
    Leybourne, Newbold (1997), *Testing the equality of prediction mean squared errors*, International Journal of
    Forecasting 13, equations 9 and 10.

    >>> estimate = diebold_mariano_estimate(np.array([1.0, 2.0, 0.0, 1.0, 2.0, 0.0]))
    >>> estimate.mean, round(estimate.se, 4), estimate.freedom
    (1.0, 0.3651, 5)
    """
    n = len(differences)
    method = f"Diebold-Mariano over {n:,} forecasts, {horizon} row{'s' * (horizon > 1)} ahead"
    scale = n + 1 - 2 * horizon + horizon * (horizon - 1) / n
    if n < 2 or scale <= 0:
        return Estimate(float(np.mean(differences)), float("nan"), n - 1, method)
    deviations = differences - differences.mean()
    covariances = np.array([deviations[lag:] @ deviations[: n - lag] / n for lag in range(horizon)])
    variance = covariances[0] + 2 * covariances[1:].sum()
    if variance <= 0:
        variance = covariances[0] + 2 * (covariances[1:] * (1 - np.arange(1, horizon) / horizon)).sum()
    return Estimate(float(np.mean(differences)), float(np.sqrt(max(variance, 0.0) / scale)), n - 1, method)


def mcnemar_estimate(wrong: NDArray[np.bool_], other_wrong: NDArray[np.bool_]) -> Estimate:
    """The difference of two misclassification rates on the same n rows, with McNemar's exact test.

    Of the n rows, b are wrong with the first model alone and c with the other alone. The test asks how likely so uneven
    a split of b + c rows is when each falls to either side with probability 1/2:

        p = min(1, 2 · P(Binomial(b + c, 1/2) ≤ min(b, c))).

    The interval of (b - c)/n is that of Bonett and Price,

        (b - c)/(n + 2) ± z √((b + c + 2)/(n + 2) - ((b - c)/(n + 2))²) / √(n + 2),

    and where p ≥ 0.05 no end of it is closer to the middle than zero, so that it never says more than the exact test.

    References
    ----------
    McNemar (1947), *Note on the sampling error of the difference between correlated proportions*, Psychometrika 12; Bonett,
    Price (2012), *Adjusted Wald confidence interval for a difference of binomial proportions based on paired data*,
    Journal of Educational and Behavioral Statistics 37.

    >>> first, other = np.repeat([True, False, False], [2, 9, 89]), np.repeat([False, True, False], [2, 9, 89])
    >>> mcnemar_estimate(first, other).method
    'McNemar, exact, over 100 test rows: p = 0.065; interval of Bonett and Price'
    """
    from scipy.special import bdtr, ndtri

    n = len(wrong)
    only, other_only = int(np.sum(wrong & ~other_wrong)), int(np.sum(other_wrong & ~wrong))
    p = min(1.0, 2.0 * float(bdtr(min(only, other_only), only + other_only, 0.5)))
    middle = (only - other_only) / (n + 2)
    se = float(np.sqrt(((only + other_only + 2) / (n + 2) - middle**2) / (n + 2)))
    reach = float(ndtri((1 + LEVEL) / 2)) * se
    low, high = middle - reach, middle + reach
    if p >= 1 - LEVEL:
        low, high = min(low, 0.0), max(high, 0.0)
    method = f"McNemar, exact, over {n:,} test rows: p = {p:.3f}; interval of Bonett and Price"
    return Estimate((only - other_only) / n, se, n, method, (low, high))
