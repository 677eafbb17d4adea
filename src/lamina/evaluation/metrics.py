"""The errors a comparison can be made by: one table, each entry with its direction and what it needs.

In every function the truth is y of shape (n,) in regression, and the class numbers 0..C-1 of shape (n,) in
classification; the output is the predictions of shape (n,) or the class probabilities of shape (n, C).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lamina.data.validation import Task
from lamina.errors import DataError, SpecificationError, nearest_name

Array = NDArray[Any]

Need = Literal["prediction", "probability"]


@dataclass(frozen=True)
class Metric:
    """A measure of error, the lower the better.

    ``losses`` gives one loss a row, whose mean is the value; ``value`` is given instead where the measure is
    no mean over rows. A measure whose ``direction`` is ``"higher"`` becomes the error 1 - value.

    >>> metric = find_metric("r2", "regression")
    >>> metric.title, metric.error(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]))
    ('1 - R²', 0.5)
    """

    name: str
    task: Task
    title: str
    needs: Need = "prediction"
    direction: Literal["lower", "higher"] = "lower"
    losses: Callable[[Array, Array], Array] | None = None
    value: Callable[[Array, Array], float] | None = None
    percent: bool = False
    every_class: bool = False
    least_rows: int = 1

    def error(self, truth: Array, output: Array) -> float:
        """The error of an output of shape (n,) or (n, C), lower being better."""
        if self.losses is not None:
            return float(np.mean(self.losses(truth, output)))
        assert self.value is not None
        value = self.value(truth, output)
        return 1.0 - value if self.direction == "higher" else value

    def check_rows(self, truth: Array, classes: int, split: int) -> None:
        """Refuse test rows that this metric has no value on.

        Raises
        ------
        DataError
            With too few rows, or with a class missing where every class is needed.
        """
        if len(truth) < self.least_rows:
            raise DataError(
                f"split {split} tests {len(truth)} row(s), and metric={self.name!r} needs at least "
                f"{self.least_rows}: use fewer folds or another metric"
            )
        if self.every_class and len(np.unique(truth)) < classes:
            raise DataError(
                f"split {split} tests rows of {len(np.unique(truth))} of the {classes} classes, and "
                f"metric={self.name!r} needs all of them: use fewer folds or another metric"
            )


def absolute_errors(truth: Array, prediction: Array) -> Array:
    """|y - f| in each row.

    >>> absolute_errors(np.array([1.0, 2.0]), np.array([3.0, 1.5]))
    array([2. , 0.5])
    """
    return np.asarray(np.abs(truth - prediction))


def squared_errors(truth: Array, prediction: Array) -> Array:
    """(y - f)² in each row; their mean is the Gaussian deviance per row.

    >>> squared_errors(np.array([1.0, 2.0]), np.array([3.0, 1.5]))
    array([4.  , 0.25])
    """
    return np.asarray(np.square(truth - prediction))


def root_mean_square(truth: Array, prediction: Array) -> float:
    """√(mean (y - f)²), in the units of y.

    >>> root_mean_square(np.array([0.0, 0.0]), np.array([1.0, 7.0]))
    5.0
    """
    return float(np.sqrt(np.mean(squared_errors(truth, prediction))))


def r_squared(truth: Array, prediction: Array) -> float:
    """1 - Σ(y - f)² / Σ(y - ȳ)² over the test rows (ISLP, equation 3.17); NaN where y does not vary.

    >>> r_squared(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0]))
    0.5
    """
    total = float(np.sum(np.square(truth - np.mean(truth))))
    return 1.0 - float(np.sum(squared_errors(truth, prediction))) / total if total > 0 else float("nan")


def misclassified(truth: Array, prediction: Array) -> Array:
    """1 where the class is wrong, else 0.

    >>> misclassified(np.array([0, 1, 1]), np.array([0, 0, 1]))
    array([0., 1., 0.])
    """
    return np.asarray(truth != prediction, dtype=np.float64)


def log_losses(truth: Array, probability: Array) -> Array:
    """-log of the probability given to the true class; probabilities are kept away from 0 by 2.2e-16.

    >>> log_losses(np.array([0, 1]), np.array([[1.0, 0.0], [0.5, 0.5]])).round(4)
    array([0.    , 0.6931])
    """
    given = probability[np.arange(len(truth)), truth]
    return np.asarray(np.abs(np.log(np.clip(given, np.finfo(np.float64).eps, 1.0))))


def deviances(truth: Array, probability: Array) -> Array:
    """-2 log of the probability given to the true class, the binomial or multinomial deviance of each row.

    >>> deviances(np.array([1]), np.array([[0.5, 0.5]])).round(4)
    array([1.3863])
    """
    return np.asarray(2.0 * log_losses(truth, probability))


def brier_scores(truth: Array, probability: Array) -> Array:
    """Σ_c (p_c - 1[y = c])²; with two classes half of it, the usual (p_1 - y)² (Brier 1950).

    >>> brier_scores(np.array([1]), np.array([[0.25, 0.75]]))
    array([0.0625])
    """
    actual = np.eye(probability.shape[1])[truth]
    scores = np.sum(np.square(probability - actual), axis=1)
    return np.asarray(scores / 2.0 if probability.shape[1] == 2 else scores)


def area_under_curve(truth: Array, probability: Array) -> float:
    """Area under the ROC curve; with more classes the mean of each class against the rest.

    >>> area_under_curve(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]]))
    1.0
    """
    classes = range(1, 2) if probability.shape[1] == 2 else range(probability.shape[1])
    return float(np.mean([_area(truth == label, probability[:, label]) for label in classes]))


def _area(positive: NDArray[np.bool_], score: Array) -> float:
    """The share of (positive, negative) pairs in the right order, ties counting half (Mann and Whitney)."""
    from scipy.stats import rankdata

    count = int(positive.sum())
    others = len(positive) - count
    if not count or not others:
        return float("nan")
    return float((rankdata(score)[positive].sum() - count * (count + 1) / 2) / (count * others))


METRICS: tuple[Metric, ...] = (
    Metric("mae", "regression", "mean absolute error", losses=absolute_errors),
    Metric("rmse", "regression", "root mean square error", value=root_mean_square),
    Metric("deviance", "regression", "mean squared error", losses=squared_errors),
    Metric("r2", "regression", "1 - R²", direction="higher", value=r_squared, least_rows=2),
    Metric(
        "misclassification", "classification", "misclassification rate", losses=misclassified, percent=True
    ),
    Metric("log_loss", "classification", "log-loss", "probability", losses=log_losses),
    Metric("deviance", "classification", "deviance", "probability", losses=deviances),
    Metric("brier", "classification", "Brier score", "probability", losses=brier_scores),
    Metric(
        "auc", "classification", "1 - AUC", "probability", "higher", value=area_under_curve, every_class=True
    ),
)

ALIASES = {
    "mean_absolute_error": "mae",
    "root_mean_squared_error": "rmse",
    "mse": "deviance",
    "mean_squared_error": "deviance",
    "accuracy": "misclassification",
    "cross_entropy": "log_loss",
    "roc_auc": "auc",
}


def find_metric(name: str | None, task: Task) -> Metric:
    """The metric of that name for the task; without a name the task's own.

    Raises
    ------
    SpecificationError
        If no metric of the task has that name; the nearest name is suggested.

    >>> find_metric(None, "classification").name
    'misclassification'
    >>> find_metric("roc_auc", "classification").name
    'auc'
    """
    known = {metric.name: metric for metric in METRICS if metric.task == task}
    if name is None:
        return next(iter(known.values()))
    given = str(name).lower().replace("-", "_")
    given = given if given in known else ALIASES.get(given, given)
    if given not in known:
        raise SpecificationError(f"metric={name!r} is no metric for {task}: {nearest_name(name, known)}")
    return known[given]
