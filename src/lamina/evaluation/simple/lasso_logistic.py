"""Logistic regression with an L1 penalty that is chosen by cross-validation along a path from the data.

scikit-learn's LogisticRegressionCV tries the same ten penalties whatever the data, and most of the time goes
into the nearly unpenalised end, where its solvers are slowest. Here the path starts, as glmnet's does, at the least
penalty that sets every coefficient to zero, and ends where the error in cross-validation rises.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import check_cv
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.evaluation.simple.paths import best_on_path

FEW_ROWS = 2_000
FEW_NUMBERS = 20_000


def least_inverse_penalty(X: NDArray[np.floating[Any]], y: NDArray[Any]) -> float:
    """The C = 1/λ up to which all coefficients are zero: 1 / max |xⱼᵀ(1[y = c] - share of c)|.

    Parameters
    ----------
    X : array or sparse matrix, shape (n, p)
        The residuals sum to zero, so that centring its columns would change nothing.
    y : array, shape (n,)

    References
    ----------
    Friedman, Hastie, Tibshirani (2010), *Regularization paths for generalized linear models via coordinate
    descent*, Journal of Statistical Software 33(1), section 2.5.

    >>> least_inverse_penalty(np.array([[-1.0], [1.0]]), np.array([0, 1]))
    1.0
    """
    indicators = (y[:, None] == np.unique(y)).astype(np.float64)
    steepest = np.abs(X.T @ (indicators - indicators.mean(axis=0))).max()
    return float(1.0 / steepest) if steepest > 0 else 1.0


class LassoLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Minimise Σ log-loss + λ Σ|β|, λ by the log-loss in cross-validation.

    Parameters
    ----------
    cv
        Number of folds, splitter, or pairs of row numbers.
    path_length : int
        How many penalties to try at most.
    decades : float
        How far down from the least penalty that leaves no predictor, in powers of ten.
    random_state
        Of the solver's order of rows.
    inverse_penalty : float, optional
        1 / λ; without it, chosen.

    Examples
    --------
    >>> X = np.array([[-2.0, 1.0], [-1.0, -1.0], [-1.5, 0.0], [1.0, 1.0], [2.0, -1.0], [1.5, 0.0]])
    >>> LassoLogistic(cv=3).fit(X, ["a", "a", "a", "b", "b", "b"]).predict([[-1.0, 0.0], [1.0, 0.0]]).tolist()
    ['a', 'b']
    """

    def __init__(
        self,
        cv: Any = 5,
        path_length: int = 10,
        decades: float = 2.5,
        random_state: int | None = None,
        inverse_penalty: float | None = None,
    ) -> None:
        self.cv = cv
        self.path_length = path_length
        self.decades = decades
        self.random_state = random_state
        self.inverse_penalty = inverse_penalty

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the penalty unless it is given, then fit all rows with it."""
        X, y = validate_data(self, X, y, dtype=np.float64, accept_sparse="csr")
        self.inverse_penalty_ = self._choose(X, y) if self.inverse_penalty is None else self.inverse_penalty
        self.model_ = self._model(X, y).set_params(C=self.inverse_penalty_).fit(X, y)
        self.classes_ = self.model_.classes_
        self.coef_ = self.model_.coef_
        self.intercept_ = self.model_.intercept_
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row, shape (n,)."""
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probability of each class, shape (n, C)."""
        check_is_fitted(self)
        return np.asarray(self.model_.predict_proba(self._checked(X)))

    def _checked(self, X: Any) -> Any:
        return validate_data(self, X, reset=False, dtype=np.float64, accept_sparse="csr")

    def _model(self, X: NDArray[Any], y: NDArray[Any]) -> Any:
        return LogisticRegression(random_state=self.random_state, **_solver(X, y), **_LASSO)

    def _choose(self, X: NDArray[Any], y: NDArray[Any]) -> float:
        """The C with the lowest log-loss."""
        start = least_inverse_penalty(X, y)
        path = start * np.logspace(0, self.decades, self.path_length)
        return best_on_path(path, self._losses(path, X, y))[0]

    def chosen(self) -> Any:
        """The unfitted model with the penalty that was chosen."""
        return clone(self).set_params(inverse_penalty=self.inverse_penalty_, cv=None)

    def _losses(self, path: NDArray[np.float64], X: NDArray[Any], y: NDArray[Any]) -> Iterator[float]:
        """The log-loss of each C, every fold going on from its coefficients at the last one."""
        folds = list(check_cv(self.cv, y, classifier=True).split(X, y))
        # A class whose only row is left out may leave no two classes to tell apart.
        folds = [(train, test) for train, test in folds if len(np.unique(y[train])) > 1]
        models = [self._model(X[train], y[train]) for train, _ in folds]
        for inverse_penalty in path:
            total = 0.0
            for model, (train, test) in zip(models, folds, strict=True):
                with warnings.catch_warnings():
                    # A weak penalty may end before the optimum, which the error on other rows judges.
                    warnings.simplefilter("ignore", ConvergenceWarning)
                    model.set_params(C=inverse_penalty).fit(X[train], y[train])
                total += log_loss_sum(model, X[test], y[test])
            yield total


def log_loss_sum(model: Any, X: NDArray[Any], y: NDArray[Any]) -> float:
    """-Σ log of the probability of the true class; a class that the model has not met has probability 2.2e-16."""
    probability = model.predict_proba(X)
    place = np.minimum(np.searchsorted(model.classes_, y), len(model.classes_) - 1)
    known = model.classes_[place] == y
    given = np.where(known, probability[np.arange(len(y)), place], 0.0)
    return float(-np.log(np.clip(given, np.finfo(np.float64).eps, 1.0)).sum())


def _lasso_options() -> dict[str, Any]:
    """scikit-learn 1.8 renamed how an L1 penalty is asked for, and warns of the other way."""
    default = inspect.signature(LogisticRegression).parameters["penalty"].default
    return {"l1_ratio": 1.0} if default == "deprecated" else {"penalty": "l1"}


_LASSO = _lasso_options()


def _solver(X: NDArray[Any], y: NDArray[Any]) -> dict[str, Any]:
    """The solver that is fastest for as many classes and rows; large tables need, and get, less precision.

    liblinear takes two classes only, and penalises the intercept: the scaling makes that negligible.
    """
    if len(np.unique(y)) == 2 and (len(y) < FEW_ROWS or hasattr(X, "tocsr")):
        return {"solver": "liblinear", "intercept_scaling": 10.0, "max_iter": 1_000}
    precision = 1e-3 if X.size < FEW_NUMBERS else 3e-3
    return {"solver": "saga", "tol": precision, "max_iter": 1_000, "warm_start": True}
