"""How each simple model is made for some training rows; every choice it makes is made on these alone.

Folds are shuffled, for tables are often sorted, and keep the user's groups whole. Where there are no groups,
models that know cheaper means leave rows out one at a time in closed form, or use those out of a tree's bag.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.evaluation.splits import Pair, Sample, fold_pairs

LASSO_FOLDS = 10
FOLDS = 5
GROUP_FOLDS = 3
RIDGE_PENALTIES = np.logspace(-5, 3, 41)
SOLVER_STEPS = 10_000
LASSO_STEPS = 100_000


def group_folds(training: Sample, seed: int | None, folds: int = GROUP_FOLDS) -> list[Pair] | None:
    """Folds that keep groups whole, or None where there are no groups."""
    return None if training.groups is None else fold_pairs(training, folds, seed)


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
    # Without the closed form every penalty is a fit of its own: half as many.
    return RidgeCV(alphas=penalties[::2], cv=group_folds(training, seed, FOLDS))


def make_lasso(training: Sample, seed: int | None) -> Any:
    """Least squares + λ Σ|β|, λ by 10-fold cross-validation along scikit-learn's path of 100."""
    from sklearn.linear_model import LassoCV

    return LassoCV(cv=fold_pairs(training, LASSO_FOLDS, seed), max_iter=LASSO_STEPS)


def make_elastic_net(training: Sample, seed: int | None) -> Any:
    """Least squares + λ Σ(a|β| + (1 - a)β²/2), λ and a in 0.1, 0.5, 0.9 by 5-fold cross-validation along paths."""
    from lamina.evaluation.simple.elastic_net import ElasticNet

    return ElasticNet(cv=fold_pairs(training, FOLDS, seed))


def make_gam(training: Sample, seed: int | None) -> Any:
    """A sum of natural cubic splines with a penalty by leave-one-out error in closed form."""
    from lamina.evaluation.simple.gam import AdditiveRegressor

    return AdditiveRegressor(cv=group_folds(training, seed, FOLDS))


def make_forest(training: Sample, seed: int | None) -> Any:
    """A random forest with the size of leaves and the columns a split looks at by out-of-bag error."""
    from lamina.evaluation.simple.forest import ForestRegressor

    return ForestRegressor(cv=group_folds(training, seed), random_state=seed)


def make_boosting(training: Sample, seed: int | None) -> Any:
    """Boosted trees with rounds, size and learning rate by 3-fold cross-validation."""
    from lamina.evaluation.simple.boosting import BoostingRegressor

    return BoostingRegressor(cv=group_folds(training, seed), random_state=seed)


def make_poisson(training: Sample, seed: int | None) -> Any:
    """Poisson regression with a ridge penalty by approximate leave-one-out deviance."""
    from lamina.evaluation.simple.glm import PoissonRidge

    return PoissonRidge(cv=group_folds(training, seed, FOLDS))


def make_fractional_logit(training: Sample, seed: int | None) -> Any:
    """The fractional logit with a ridge penalty by approximate leave-one-out quasi-likelihood."""
    from lamina.evaluation.simple.glm import FractionalLogit

    return FractionalLogit(cv=group_folds(training, seed, FOLDS))


def make_majority(_: Sample, __: int | None) -> Any:
    """Predict the most frequent class, with the shares of the classes as probabilities."""
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")


def make_logistic(_: Sample, __: int | None) -> Any:
    """Multinomial logistic regression without penalty."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=np.inf, max_iter=SOLVER_STEPS)


def make_ridge_logistic(training: Sample, seed: int | None) -> Any:
    """Logistic regression with a penalty λ Σβ²/2, λ by log-loss on rows left out."""
    from lamina.evaluation.simple.glm import RidgeLogistic

    return RidgeLogistic(cv=group_folds(training, seed, FOLDS))


def make_lasso_logistic(training: Sample, seed: int | None) -> Any:
    """Logistic regression with a penalty λ Σ|β|, λ by cross-validated log-loss."""
    from lamina.evaluation.simple.lasso_logistic import LassoLogistic

    return LassoLogistic(cv=fold_pairs(training, FOLDS, seed), random_state=seed)


def make_lda(_: Sample, __: int | None) -> Any:
    """Linear discriminant analysis, by singular values, so that collinear columns are no obstacle."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis(solver="svd")


def make_gam_classifier(training: Sample, seed: int | None) -> Any:
    """A logistic regression on sums of natural cubic splines, with a penalty by log-loss on rows left out."""
    from lamina.evaluation.simple.gam import AdditiveClassifier

    return AdditiveClassifier(cv=group_folds(training, seed, FOLDS))


def make_forest_classifier(training: Sample, seed: int | None) -> Any:
    """A random forest with the size of leaves and the columns a split looks at by out-of-bag Brier score."""
    from lamina.evaluation.simple.forest import ForestClassifier

    return ForestClassifier(cv=group_folds(training, seed), random_state=seed)


def make_boosting_classifier(training: Sample, seed: int | None) -> Any:
    """Boosted trees with rounds, size and learning rate by log-loss in 3-fold cross-validation."""
    from lamina.evaluation.simple.boosting import BoostingClassifier

    return BoostingClassifier(cv=group_folds(training, seed), random_state=seed)
