"""How good forecasts are: R², absolute error, and absolute error beside that of naive forecasts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lamina.data.series.panel import Array


def r_squared(actual: ArrayLike, predicted: ArrayLike) -> float:
    r""":math:`1 - \sum (y_t - \hat y_t)^2 / \sum (y_t - \bar y)^2`, the mean being that of what is forecast.

    NaN where what is forecast does not vary.
    """
    y = np.asarray(actual, np.float64)
    spread = float(np.sum(np.square(y - y.mean())))
    return 1 - float(np.sum(np.square(y - np.asarray(predicted)))) / spread if spread > 0 else float("nan")


def mean_absolute_error(actual: ArrayLike, predicted: ArrayLike) -> float:
    r""":math:`\sum |y_t - \hat y_t| / n`."""
    return float(np.mean(np.abs(np.asarray(actual, np.float64) - np.asarray(predicted))))


def naive_error(training: Array, season: int = 1) -> float:
    r"""Mean absolute error of the seasonal naive forecast in the training rows, :math:`\sum_{t>m} |y_t - y_{t-m}| / (T - m)`.

    MASE divides an absolute error by it (Hyndman and Koehler 2006); NaN where there is none, or it is zero.

    >>> naive_error(np.array([1.0, 3.0, 2.0, 2.0]))
    1.0
    """
    if len(training) <= season:
        return float("nan")
    error = float(np.mean(np.abs(training[season:] - training[:-season])))
    return error if error > 0 else float("nan")
