"""The elastic net on an outcome of variance one, so that what it chooses does not depend on the units of y."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import ElasticNet as FixedElasticNet
from sklearn.linear_model import ElasticNetCV
from sklearn.utils.validation import check_is_fitted, validate_data

# The share of the L1 penalty: nearly ridge, half of each, nearly lasso.
MIXTURES = (0.1, 0.5, 0.9)
MOST_STEPS = 100_000


class ElasticNet(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    r"""Minimise :math:`\frac1{2n}\lVert y-b-X\beta\rVert^2 + \lambda(as\lVert\beta\rVert_1 + \frac{1-a}2\lVert\beta\rVert_2^2)`.

    s is the standard deviation of y. Without it the two penalties would change their balance with the units of
    y, as they do in scikit-learn's ElasticNetCV.

    Parameters
    ----------
    penalty, mixture : float, optional
        λ and a. Without them they are chosen by the squared error on folds, both or none.
    cv
        Number of folds, splitter, or pairs of row numbers.

    References
    ----------
    Zou, Hastie (2005), *Regularization and variable selection via the elastic net*, Journal of the Royal Statistical
    Society B 67; Friedman, Hastie, Tibshirani (2010), *Regularization paths for generalized linear models via
    coordinate descent*, Journal of Statistical Software 33(1).

    Examples
    --------
    >>> X = np.array([[-2.0, 1.0], [-1.0, -1.0], [-1.5, 0.0], [1.0, 1.0], [2.0, -1.0], [1.5, 0.0]])
    >>> model = ElasticNet(cv=3).fit(X, 1000.0 * X[:, 0])
    >>> model.coef_.round(-1) + 0.0
    array([1000.,    0.])
    """

    def __init__(self, penalty: float | None = None, mixture: float | None = None, cv: Any = 5) -> None:
        self.penalty = penalty
        self.mixture = mixture
        self.cv = cv

    def fit(self, X: Any, y: Any) -> Self:
        """Choose penalty and mixture unless they are given, then fit all rows with them."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        scale = float(np.std(y)) or 1.0
        standard = (y - np.mean(y)) / scale
        self.penalty_, self.mixture_ = self._choose(X, standard)
        model = FixedElasticNet(alpha=self.penalty_, l1_ratio=self.mixture_, max_iter=MOST_STEPS).fit(
            X, standard
        )
        self.coef_ = model.coef_ * scale
        self.intercept_ = float(model.intercept_ * scale + np.mean(y))
        return self

    def _choose(self, X: NDArray[Any], y: NDArray[Any]) -> tuple[float, float]:
        if self.penalty is not None and self.mixture is not None:
            return float(self.penalty), float(self.mixture)
        found = ElasticNetCV(l1_ratio=list(MIXTURES), cv=self.cv, max_iter=MOST_STEPS).fit(X, y)
        return float(found.alpha_), float(found.l1_ratio_)

    def chosen(self) -> Any:
        """The unfitted model with the penalty and the mixture that were chosen."""
        return clone(self).set_params(penalty=self.penalty_, mixture=self.mixture_, cv=None)

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The fitted number of each row, shape (n,)."""
        check_is_fitted(self)
        return np.asarray(
            validate_data(self, X, reset=False, dtype=np.float64) @ self.coef_ + self.intercept_
        )
