"""Ridge versions of logistic regression, Poisson regression and the fractional logit, each tuned on its own rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.errors import DataError
from lamina.evaluation.simple.families import BINOMIAL, POISSON, Family
from lamina.evaluation.simple.multinomial import choose_multinomial_penalty, fit_multinomial
from lamina.evaluation.simple.ridge_glm import choose_penalty, shrunk
from lamina.evaluation.simple.ridge_paths import RidgePath

# λ a row, for standardised columns.
PENALTIES = np.logspace(2, -5, 22)


class RidgeLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    r"""Minimise the log-loss of all rows plus :math:`\frac\lambda2\sum\beta^2`.

    Parameters
    ----------
    penalty : float, optional
        The λ. Without it the one with the lowest log-loss is taken: on rows left out one at a time (two
        classes, see `ridge_glm`), or on folds (more classes, or where ``cv`` is given).
    cv
        Pairs of row numbers, for rows that come in groups.

    Attributes
    ----------
    penalty_ : float
    coef_ : ndarray, shape (1, p) for two classes, else (C, p)
    intercept_ : ndarray, shape (1,) or (C,)

    Examples
    --------
    >>> X = np.array([[-2.0, 1.0], [-1.0, -1.0], [-1.5, 0.0], [1.0, 1.0], [2.0, -1.0], [1.5, 0.0]])
    >>> RidgeLogistic().fit(X, ["a", "a", "a", "b", "b", "b"]).predict([[-1.0, 0.0], [1.0, 0.0]]).tolist()
    ['a', 'b']
    """

    def __init__(self, penalty: float | None = None, cv: Any = None) -> None:
        self.penalty = penalty
        self.cv = cv

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the penalty unless it is given, then fit all rows with it."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(f"y has the class {self.classes_[0]!r} only: at least two classes are needed")
        self.penalty_ = self._choose(X, codes) if self.penalty is None else float(self.penalty)
        found = fit_logistic(X, codes, self.penalty_)
        self.coef_, self.intercept_ = found.coefficients, found.intercepts
        return self

    def _choose(self, X: NDArray[Any], codes: NDArray[Any]) -> float:
        return choose_logistic_penalty(X, codes, PENALTIES * len(codes), self.cv)[0]

    def chosen(self) -> Any:
        """The unfitted model with the penalty that was chosen."""
        return clone(self).set_params(penalty=self.penalty_, cv=None)

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row, shape (n,)."""
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probability of each class, shape (n, C)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return class_probabilities(X @ self.coef_.T + self.intercept_)


def class_probabilities(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear predictors of shape (n, 1) or (n, C) as probabilities of shape (n, 2) or (n, C).

    >>> class_probabilities(np.array([[0.0]])), class_probabilities(np.zeros((1, 4)))
    (array([[0.5, 0.5]]), array([[0.25, 0.25, 0.25, 0.25]]))
    """
    from scipy.special import softmax

    if scores.shape[1] == 1:
        scores = np.column_stack([np.zeros(len(scores)), scores])
    return np.asarray(softmax(scores, axis=1))


def choose_logistic_penalty(
    X: NDArray[Any], codes: NDArray[Any], penalties: NDArray[np.float64], cv: Any
) -> tuple[float, float]:
    """The penalty with the lowest log-loss, and that log-loss a row, for class numbers of shape (n,)."""
    if codes.max() == 1:
        return choose_penalty(X, codes.astype(np.float64), BINOMIAL, penalties, cv)
    return choose_multinomial_penalty(X, codes, penalties, cv)


@dataclass(frozen=True)
class LogisticFit:
    """Coefficients and intercepts of shapes (1, p) and (1,) for two classes, else (C, p) and (C,).

    ``effective`` is the number of parameters that the penalty leaves free.
    """

    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]
    effective: float


def fit_logistic(X: NDArray[Any], codes: NDArray[Any], penalty: float) -> LogisticFit:
    """The minimum for one penalty, for class numbers of shape (n,)."""
    if codes.max() == 1:
        found = shrunk(X, codes.astype(np.float64), BINOMIAL, penalty)
        return LogisticFit(found.beta[None, 1:], found.beta[:1], found.effective)
    coefficients, intercepts = fit_multinomial(X, codes, penalty)
    probability = class_probabilities(X @ coefficients.T + intercepts)
    curvature = np.mean(probability * (1 - probability), axis=1)
    # As if all classes had the same curvature: exact for two of them.
    free = RidgePath(X * np.sqrt(curvature)[:, None], np.zeros(len(X))).effective(penalty)
    return LogisticFit(coefficients, intercepts, free * (len(intercepts) - 1))


class RidgeGLM(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    r"""Minimise the family's loss of all rows plus :math:`\frac\lambda2\sum\beta^2`; see the two below.

    Parameters
    ----------
    penalty : float, optional
        The λ. Without it the one with the lowest loss on rows left out is taken.
    cv
        Pairs of row numbers, for rows that come in groups.
    """

    family: Family

    def __init__(self, penalty: float | None = None, cv: Any = None) -> None:
        self.penalty = penalty
        self.cv = cv

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the penalty unless it is given, then fit all rows with it."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        y = np.asarray(y, dtype=np.float64)
        self._check(y)
        if self.penalty is None:
            # In units of the curvature, which for counts is as large as they are.
            curvature = float(self.family.curvature(np.array([self.family.start(y)]))[0])
            self.penalty_ = choose_penalty(X, y, self.family, PENALTIES * len(y) * curvature, self.cv)[0]
        else:
            self.penalty_ = float(self.penalty)
        beta = shrunk(X, y, self.family, self.penalty_).beta
        self.intercept_, self.coef_ = float(beta[0]), beta[1:]
        return self

    def chosen(self) -> Any:
        """The unfitted model with the penalty that was chosen."""
        return clone(self).set_params(penalty=self.penalty_, cv=None)

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The expected outcome of each row, shape (n,)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return self.family.mean(X @ self.coef_ + self.intercept_)

    def _check(self, y: NDArray[np.float64]) -> None:
        raise NotImplementedError


class PoissonRidge(RidgeGLM):
    r"""Poisson regression, :math:`\log E[y] = b + x^T\beta`, with a ridge penalty.

    Raises
    ------
    DataError
        If an outcome is negative.

    References
    ----------
    James, Witten, Hastie, Tibshirani, *An Introduction to Statistical Learning*, section 4.6.2.

    >>> model = PoissonRidge(penalty=0.0).fit([[0.0], [0.0], [1.0], [1.0]], [1, 3, 5, 3])
    >>> model.predict([[0.0], [1.0]]).round(6)
    array([2., 4.])
    """

    family = POISSON

    def _check(self, y: NDArray[np.float64]) -> None:
        if y.min() < 0:
            raise DataError(
                f"y has {y.min():g}, but a Poisson regression needs counts, which are not negative"
            )


class FractionalLogit(RidgeGLM):
    r"""The fractional logit, :math:`E[y] = 1 / (1 + e^{-b - x^T\beta})` for y in [0, 1], with a ridge penalty.

    Raises
    ------
    DataError
        If an outcome lies outside [0, 1].

    References
    ----------
    Papke, Wooldridge (1996), *Econometric methods for fractional response variables*, Journal of Applied
    Econometrics 11.

    >>> model = FractionalLogit(penalty=0.0).fit([[0.0], [0.0], [1.0], [1.0]], [0.1, 0.3, 0.9, 0.7])
    >>> model.predict([[0.0], [1.0]]).round(6)
    array([0.2, 0.8])
    """

    family = BINOMIAL

    def _check(self, y: NDArray[np.float64]) -> None:
        if y.min() < 0 or y.max() > 1:
            raise DataError(
                f"y goes from {y.min():g} to {y.max():g}, but a fractional logit needs shares from 0 to 1"
            )
