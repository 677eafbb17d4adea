"""The simple models a network has to beat, and how many parameters each has once fitted.

Every one is a scikit-learn pipeline: `TableEncoder`, `StandardScaler`, model, so that means, levels, scales
and penalties are learnt on the training rows alone. Penalties are chosen by cross-validation inside those
rows, on folds that keep the user's groups whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.validation import Task
from lamina.evaluation.splits import Sample, fold_pairs

INNER_FOLDS = 10
RIDGE_PENALTIES = np.logspace(-5, 3, 41)
SOLVER_STEPS = 10_000
LASSO_STEPS = 100_000


@dataclass(frozen=True)
class Baseline:
    """A simple model: its name, how to make it for some training rows, and how to count its parameters."""

    name: str
    task: Task
    make: Callable[[Sample, int | None], Any]
    count: Callable[[Any], int]

    def pipeline(self, training: Sample, seed: int | None) -> Any:
        """The unfitted pipeline for these training rows."""
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import StandardScaler

        steps = [("table", _encoder(training)), ("scale", StandardScaler())]
        return Pipeline([*steps, ("model", self.make(training, seed))])

    def count_parameters(self, fitted: Any) -> int:
        """The number of parameters of a fitted `pipeline`."""
        return self.count(fitted[-1])


def _encoder(training: Sample) -> Any:
    from lamina.data.tables import TableEncoder
    from lamina.evaluation.encodings import SharedEncoder

    if training.encodings is None:
        return TableEncoder(dtype="float64")
    return SharedEncoder(training.encodings)


def one_mean(_: Any) -> int:
    """The mean of y is one number."""
    return 1


def free_shares(model: Any) -> int:
    """The shares of C classes add up to 1: C - 1 numbers."""
    return len(model.classes_) - 1


def coefficients_and_intercept(model: Any) -> int:
    """One coefficient a column and the intercept; Hitters' 19 columns give 20."""
    return int(np.size(model.coef_)) + 1


def rank_and_intercept(model: Any) -> int:
    """The coefficients that the columns determine (all levels' indicators are one too many), and the intercept."""
    return int(model.rank_) + 1


def nonzero_and_intercept(model: Any) -> int:
    """The coefficients that the penalty left different from zero, and the intercept."""
    return int(np.count_nonzero(model.coef_)) + 1


def discriminant_coefficients(model: Any) -> int:
    """(p + 1)(C - 1): a linear function for each class but the one the others are compared with."""
    return int(model.n_features_in_ + 1) * (len(model.classes_) - 1)


def nonzero_and_intercepts(model: Any) -> int:
    """The coefficients different from zero, and C - 1 intercepts."""
    return int(np.count_nonzero(model.coef_)) + len(model.classes_) - 1


def leaves(model: Any) -> int:
    """The leaves of all trees, each of which holds one fitted number."""
    # scikit-learn has no public way to the trees of a boosting.
    return sum(int(tree.get_n_leaf_nodes()) for round_ in model._predictors for tree in round_)


def inner_folds(training: Sample, seed: int | None) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Folds of the training rows to choose a penalty by, shuffled: tables are often sorted."""
    return fold_pairs(training, INNER_FOLDS, seed)


def make_mean(_: Sample, __: int | None) -> Any:
    """Predict the mean of the training rows."""
    from sklearn.dummy import DummyRegressor

    return DummyRegressor(strategy="mean")


def make_linear(_: Sample, __: int | None) -> Any:
    """Least squares; of the solutions of collinear columns, the smallest."""
    from sklearn.linear_model import LinearRegression

    return LinearRegression()


def make_ridge(training: Sample, seed: int | None) -> Any:
    """Least squares + λ Σβ², λ by leave-one-out error in closed form, or by folds where there are groups."""
    from sklearn.linear_model import RidgeCV

    penalties = RIDGE_PENALTIES * len(training.y)
    if training.groups is None:
        return RidgeCV(alphas=penalties)
    # Without the closed form every penalty is a fit of its own: half as many folds and penalties.
    return RidgeCV(alphas=penalties[::2], cv=fold_pairs(training, INNER_FOLDS // 2, seed))


def make_lasso(training: Sample, seed: int | None) -> Any:
    """Least squares + λ Σ|β|, λ by 10-fold cross-validation along scikit-learn's path of 100."""
    from sklearn.linear_model import LassoCV

    return LassoCV(cv=inner_folds(training, seed), max_iter=LASSO_STEPS)


def make_boosting(_: Sample, seed: int | None) -> Any:
    """Gradient boosting of histogram trees with scikit-learn's defaults."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(random_state=seed)


def make_majority(_: Sample, __: int | None) -> Any:
    """Predict the most frequent class, with the shares of the classes as probabilities."""
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")


def make_logistic(_: Sample, __: int | None) -> Any:
    """Multinomial logistic regression without penalty."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=np.inf, max_iter=SOLVER_STEPS)


def make_lasso_logistic(training: Sample, seed: int | None) -> Any:
    """Logistic regression with a penalty λ Σ|β|, λ by cross-validated log-loss."""
    from lamina.evaluation.lasso_logistic import LassoLogistic

    return LassoLogistic(cv=fold_pairs(training, INNER_FOLDS // 2, seed), random_state=seed)


def make_lda(_: Sample, __: int | None) -> Any:
    """Linear discriminant analysis, by singular values, so that collinear columns are no obstacle."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis(solver="svd")


def make_boosting_classifier(_: Sample, seed: int | None) -> Any:
    """Gradient boosting of histogram trees with scikit-learn's defaults."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=seed)


BASELINES: tuple[Baseline, ...] = (
    Baseline("mean", "regression", make_mean, one_mean),
    Baseline("linear", "regression", make_linear, rank_and_intercept),
    Baseline("ridge", "regression", make_ridge, coefficients_and_intercept),
    Baseline("lasso", "regression", make_lasso, nonzero_and_intercept),
    Baseline("boosting", "regression", make_boosting, leaves),
    Baseline("majority", "classification", make_majority, free_shares),
    Baseline("logistic", "classification", make_logistic, discriminant_coefficients),
    Baseline("lasso", "classification", make_lasso_logistic, nonzero_and_intercepts),
    Baseline("lda", "classification", make_lda, discriminant_coefficients),
    Baseline("boosting", "classification", make_boosting_classifier, leaves),
)


def baselines(task: Task) -> dict[str, Baseline]:
    """The simple models for a task by name, from the simplest on.

    >>> list(baselines("regression"))
    ['mean', 'linear', 'ridge', 'lasso', 'boosting']
    >>> list(baselines("classification"))
    ['majority', 'logistic', 'lasso', 'lda', 'boosting']
    """
    return {baseline.name: baseline for baseline in BASELINES if baseline.task == task}
