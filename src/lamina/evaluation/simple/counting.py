"""How many fitted parameters a simple model has."""

from __future__ import annotations

from typing import Any

import numpy as np


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


def effective_parameters(model: Any) -> int:
    """The effective degrees of freedom, rounded: a penalised spline has more coefficients than freedom."""
    freedom: float = model.effective_parameters_
    return round(freedom)


def forest_leaves(model: Any) -> int:
    """The leaves of all trees of a forest, each of which holds one fitted number, or C - 1 shares."""
    outputs = max(1, len(getattr(model, "classes_", [])) - 1)
    return outputs * sum(int(tree.get_n_leaves()) for tree in model.forest_.estimators_)


def boosting_leaves(model: Any) -> int:
    """The leaves of all trees, each of which holds one fitted number."""
    # scikit-learn has no public way to the trees of a boosting.
    return sum(int(tree.get_n_leaf_nodes()) for round_ in model.boosting_._predictors for tree in round_)
