"""Errors on test rows, and how sure a difference of two models is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lamina.experiments.splits import Split


def absolute_error(y: ArrayLike, predicted: ArrayLike) -> float:
    r"""Mean absolute error :math:`\sum |y_i - \hat y_i| / n`."""
    return float(np.mean(np.abs(np.asarray(y) - np.asarray(predicted))))


def squared_error(y: ArrayLike, predicted: ArrayLike) -> float:
    r"""Mean squared error :math:`\sum (y_i - \hat y_i)^2 / n`."""
    return float(np.mean(np.square(np.asarray(y) - np.asarray(predicted))))


def r_squared(y: ArrayLike, predicted: ArrayLike) -> float:
    r"""Share of the test rows' variance explained, :math:`1 - \sum (y_i - \hat y_i)^2 / \sum (y_i - \bar y)^2`."""
    return 1.0 - squared_error(y, predicted) / float(np.var(np.asarray(y)))


def error_percent(classes: ArrayLike, predicted: ArrayLike) -> float:
    """Misclassified rows, in per cent.

    >>> error_percent(["a", "b"], ["a", "a"])
    50.0
    """
    return 100.0 * float(np.mean(np.asarray(classes) != np.asarray(predicted)))


def accuracy_percent(classes: ArrayLike, predicted: ArrayLike) -> float:
    """Rows put in the right class, in per cent.

    >>> accuracy_percent(["a", "b"], ["a", "a"])
    50.0
    """
    return 100.0 - error_percent(classes, predicted)


def interval_text(differences: Sequence[float], splits: Sequence[Split], digits: int = 1) -> str:
    """95 % interval of the mean difference, corrected for the rows that the splits share (Nadeau and Bengio 2003)."""
    from lamina.evaluation.intervals import corrected_estimate

    interval = corrected_estimate(np.asarray(differences), splits[0].test_to_train).interval()
    if interval is None:
        return ""
    low, high = (format(bound, f"+.{digits}f") for bound in interval)
    return f"95 % interval {low} to {high}"
