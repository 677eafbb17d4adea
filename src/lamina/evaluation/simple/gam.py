r"""Generalised additive models: a sum of natural cubic splines, one a column, as penalised regressions.

The linear predictor is :math:`b + \sum_j (\beta_j x_j + f_j(x_j))` with the curved parts of `natural_splines`, at
a penalty of :math:`\frac\lambda2 (\frac1e \sum_j \beta_j^2 + \sum_j c_j \int f_j''^2)`: the constants :math:`c_j` give all
curved parts the same size, and the ease e spares the lines, so that a large λ leaves a linear regression.
Indicators, and any column of two values, have a line only. Both λ and e are chosen by the error on rows left
out: one at a time, or in given folds.

References
----------
Hastie, Tibshirani (1990), *Generalized Additive Models*; James, Witten, Hastie, Tibshirani, *An Introduction to
Statistical Learning*, section 7.7; Wood (2017), *Generalized Additive Models*, section 5.3.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.errors import DataError
from lamina.evaluation.simple.glm import choose_logistic_penalty, class_probabilities, fit_logistic
from lamina.evaluation.simple.natural_splines import AdditiveBasis, knots_for
from lamina.evaluation.simple.paths import some_rows
from lamina.evaluation.simple.ridge_paths import RidgePath, fold_errors

Array = NDArray[np.float64]

# λ a row, and e.
PENALTIES = np.logspace(3, -5, 33)
EASES = (1.0, 10.0, 100.0, 10_000.0)
CLASS_PENALTIES = np.logspace(1, -4, 11)
CLASS_EASES = (3.0, 100.0)
MOST_TUNING_ROWS = 20_000


class Additive(BaseEstimator):  # type: ignore[misc]
    """What additive models for numbers and for classes share: the basis, and the ease of its lines.

    Parameters
    ----------
    penalty, ease : float, optional
        λ and e; without them they are chosen, both or none.
    cv
        Pairs of row numbers to choose them by, for rows that come in groups.
    """

    def __init__(self, penalty: float | None = None, ease: float | None = None, cv: Any = None) -> None:
        self.penalty = penalty
        self.ease = ease
        self.cv = cv

    def chosen(self) -> Any:
        """The unfitted model with the penalty and the ease that were chosen."""
        return clone(self).set_params(penalty=self.penalty_, ease=self.ease_, cv=None)

    def _basis(self, X: Array) -> Array:
        self.basis_ = AdditiveBasis(X, knots_for(*X.shape))
        return self.basis_.values(X)

    def _eased(self, columns: Array, ease: float) -> Array:
        """The columns with the lines made larger, so that the penalty weighs less on them."""
        curved = self.basis_.curved_columns
        lines = columns.shape[1] - curved
        return np.asarray(columns * np.concatenate([np.full(lines, np.sqrt(ease)), np.ones(curved)]))

    def _columns(self, X: Any) -> Array:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return self._eased(self.basis_.values(X), self.ease_)


class AdditiveRegressor(RegressorMixin, Additive):  # type: ignore[misc]
    """An additive model of a number, by penalised least squares; see the module.

    Attributes
    ----------
    penalty_, ease_ : float
    effective_parameters_ : float
        The trace of the matrix from y to the fitted values.

    Examples
    --------
    >>> x = np.linspace(-3, 3, 200)[:, None]
    >>> model = AdditiveRegressor().fit(x, np.sin(x[:, 0]))
    >>> float(np.abs(model.predict(x) - np.sin(x[:, 0])).max()) < 0.02
    True
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Choose penalty and ease unless they are given, then fit all rows with them."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        y = np.asarray(y, dtype=np.float64)
        columns = self._basis(X)
        self.penalty_, self.ease_ = self._choose(columns, y)
        path = RidgePath(self._eased(columns, self.ease_), y)
        coefficients = path.coefficients(np.array([self.penalty_]))
        self.coef_, self.intercept_ = coefficients[:, 0], float(path.intercepts(coefficients)[0])
        self.effective_parameters_ = path.effective(self.penalty_)
        return self

    def predict(self, X: Any) -> Array:
        """The fitted number of each row, shape (n,)."""
        return np.asarray(self._columns(X) @ self.coef_ + self.intercept_)

    def _choose(self, columns: Array, y: Array) -> tuple[float, float]:
        if self.penalty is not None and self.ease is not None:
            return float(self.penalty), float(self.ease)
        penalties = PENALTIES * len(y)
        found = {}
        for ease in EASES if self.basis_.parts else EASES[:1]:
            errors = self._errors(self._eased(columns, ease), y, penalties)
            found[float(penalties[np.argmin(errors)]), ease] = float(errors.min())
        return min(found, key=lambda setting: found[setting])

    def _errors(self, columns: Array, y: Array, penalties: Array) -> Array:
        if self.cv is not None:
            return fold_errors(columns, y, penalties, self.cv)
        rows = some_rows(len(y), MOST_TUNING_ROWS)
        return RidgePath(columns[rows], y[rows]).left_out_errors(penalties)


class AdditiveClassifier(ClassifierMixin, Additive):  # type: ignore[misc]
    """An additive logistic regression, multinomial for more than two classes; see the module.

    Attributes
    ----------
    penalty_, ease_ : float
    effective_parameters_ : float
        The trace of the matrix from y to the fitted linear predictors at their last step, approximate for more than
        two classes.

    Examples
    --------
    >>> x = np.linspace(-2, 2, 200)[:, None]
    >>> model = AdditiveClassifier().fit(x, np.abs(x[:, 0]) > 1)
    >>> model.predict([[-1.5], [0.0], [1.5]]).tolist()
    [True, False, True]
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Choose penalty and ease unless they are given, then fit all rows with them."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise DataError(f"y has the class {self.classes_[0]!r} only: at least two classes are needed")
        columns = self._basis(X)
        self.penalty_, self.ease_ = self._choose(columns, codes)
        found = fit_logistic(self._eased(columns, self.ease_), codes, self.penalty_)
        self.coef_, self.intercept_ = found.coefficients, found.intercepts
        self.effective_parameters_ = found.effective
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row, shape (n,)."""
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, shape (n, C)."""
        return class_probabilities(self._columns(X) @ self.coef_.T + self.intercept_)

    def _choose(self, columns: Array, codes: NDArray[Any]) -> tuple[float, float]:
        if self.penalty is not None and self.ease is not None:
            return float(self.penalty), float(self.ease)
        penalties = CLASS_PENALTIES * len(codes)
        found = {}
        for ease in CLASS_EASES if self.basis_.parts else CLASS_EASES[:1]:
            penalty, loss = choose_logistic_penalty(self._eased(columns, ease), codes, penalties, self.cv)
            found[penalty, ease] = loss
        return min(found, key=lambda setting: found[setting])
