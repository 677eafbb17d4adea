"""Random forests whose size of leaves and share of columns a split looks at are chosen by out-of-bag error.

References
----------
Breiman (2001), *Random forests*, Machine Learning 45; James, Witten, Hastie, Tibshirani, *An Introduction to
Statistical Learning*, section 8.2.
"""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.evaluation.simple.paths import some_rows

# Of many rows each tree is the less noisy, so that fewer do.
TREES, TREES_OF_MANY_ROWS = 100, 50
TUNING_TREES = 30
LEAVES = (5, 1, 15)
MANY_ROWS = 2_000
# Rows that each tree draws at most: deeper trees of more rows cost much and gain little.
MOST_ROWS_A_TREE = 5_000


class Forest(BaseEstimator):  # type: ignore[misc]
    """What forests for numbers and for classes share: how they are tuned.

    Settings are tried with few trees, on 2,000 of the rows where these are more: first shares of columns with
    leaves of at least 5 rows, then leaves of 1 and 15 with the best of these. The error is that of rows out of
    the trees' bags, or on given folds.

    Parameters
    ----------
    columns : int, optional
        How many columns a split looks at.
    leaf : int, optional
        The fewest rows in a leaf. Without them they are chosen, both or none.
    trees : int, optional
        By default 100, and 50 of more than 2,000 rows. Each draws 5,000 rows at most.
    cv
        Pairs of row numbers to choose by, for rows that come in groups: others of a row's group are in its bags.
    random_state
        Of the bags and columns drawn.
    """

    def __init__(
        self,
        columns: int | None = None,
        leaf: int | None = None,
        trees: int | None = None,
        cv: Any = None,
        random_state: int | None = None,
    ) -> None:
        self.columns = columns
        self.leaf = leaf
        self.trees = trees
        self.cv = cv
        self.random_state = random_state

    def chosen(self) -> Any:
        """The unfitted model with the settings that were chosen."""
        return clone(self).set_params(columns=self.columns_, leaf=self.leaf_, cv=None)

    def _grow(self, X: NDArray[Any], y: NDArray[Any]) -> Self:
        self.columns_, self.leaf_ = self._choose(X, y)
        trees = self.trees or (TREES if len(y) <= MANY_ROWS else TREES_OF_MANY_ROWS)
        self.forest_ = self._forest(len(y), self.columns_, self.leaf_, trees).fit(X, y)
        return self

    def _choose(self, X: NDArray[Any], y: NDArray[Any]) -> tuple[int, int]:
        if self.columns is not None and self.leaf is not None:
            return int(self.columns), int(self.leaf)
        if self.cv is None:
            rows = some_rows(len(y), MANY_ROWS)
            X, y = X[rows], y[rows]
        p = X.shape[1]
        shares = sorted({max(1, round(p**0.5)), max(1, round(p / 3)), p})
        errors = {(columns, LEAVES[0]): self._error(X, y, columns, LEAVES[0]) for columns in shares}
        columns, _ = min(errors, key=lambda setting: errors[setting])
        errors |= {(columns, leaf): self._error(X, y, columns, leaf) for leaf in LEAVES[1:]}
        return min(errors, key=lambda setting: errors[setting])

    def _error(self, X: NDArray[Any], y: NDArray[Any], columns: int, leaf: int) -> float:
        if self.cv is None:
            forest = self._forest(len(y), columns, leaf, TUNING_TREES).set_params(oob_score=True)
            with warnings.catch_warnings():
                # A row that is in every bag is left out of the error.
                warnings.filterwarnings("ignore", message="Some inputs do not have OOB", category=UserWarning)
                warnings.filterwarnings("ignore", message="invalid value", category=RuntimeWarning)
                forest.fit(X, y)
            return self._out_of_bag(forest, y)
        total = 0.0
        for train, test in self.cv:
            forest = self._forest(len(train), columns, leaf, TUNING_TREES).fit(X[train], y[train])
            total += self._squares(forest, self._output(forest, X[test]), y[test]).sum()
        return total / sum(len(test) for _, test in self.cv)

    def _out_of_bag(self, forest: Any, y: NDArray[Any]) -> float:
        raise NotImplementedError

    def _forest(self, rows: int, columns: int, leaf: int, trees: int) -> Any:
        raise NotImplementedError

    def _output(self, forest: Any, X: NDArray[Any]) -> NDArray[np.float64]:
        raise NotImplementedError

    def _squares(self, forest: Any, output: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
        raise NotImplementedError

    def _settings(self, rows: int, columns: int, leaf: int, trees: int) -> dict[str, Any]:
        return {
            "n_estimators": trees,
            "max_features": columns,
            "min_samples_leaf": leaf,
            "max_samples": MOST_ROWS_A_TREE if rows > MOST_ROWS_A_TREE else None,
            "random_state": self.random_state,
        }


class ForestRegressor(RegressorMixin, Forest):  # type: ignore[misc]
    """A random forest for numbers, tuned by squared errors.

    Attributes
    ----------
    columns_, leaf_ : int
    forest_ : sklearn.ensemble.RandomForestRegressor

    >>> X = np.random.default_rng(0).uniform(size=(200, 2))
    >>> model = ForestRegressor(random_state=0).fit(X, X[:, 0] > 0.5)
    >>> model.predict([[0.1, 0.5], [0.9, 0.5]]).round(1)
    array([0., 1.])
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the settings unless they are given, then grow the forest on all rows."""
        X, y = validate_data(self, X, y, dtype=np.float32, y_numeric=True)
        return self._grow(X, np.asarray(y, dtype=np.float64))

    def predict(self, X: Any) -> NDArray[np.float64]:
        """The mean of the trees' predictions, shape (n,)."""
        check_is_fitted(self)
        return np.asarray(self.forest_.predict(validate_data(self, X, reset=False, dtype=np.float32)))

    def _forest(self, rows: int, columns: int, leaf: int, trees: int) -> Any:
        return RandomForestRegressor(**self._settings(rows, columns, leaf, trees))

    def _out_of_bag(self, forest: Any, y: NDArray[Any]) -> float:
        return float(np.nanmean((forest.oob_prediction_ - y) ** 2))

    def _output(self, forest: Any, X: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(forest.predict(X))

    def _squares(self, forest: Any, output: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray((output - y) ** 2)


class ForestClassifier(ClassifierMixin, Forest):  # type: ignore[misc]
    """A random forest for classes, tuned by the Brier score.

    Attributes
    ----------
    columns_, leaf_ : int
    forest_ : sklearn.ensemble.RandomForestClassifier

    >>> X = np.random.default_rng(0).uniform(size=(200, 2))
    >>> model = ForestClassifier(random_state=0).fit(X, np.where(X[:, 0] > 0.5, "b", "a"))
    >>> model.predict([[0.1, 0.5], [0.9, 0.5]]).tolist()
    ['a', 'b']
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the settings unless they are given, then grow the forest on all rows."""
        X, y = validate_data(self, X, y, dtype=np.float32)
        self._grow(X, y)
        self.classes_ = self.forest_.classes_
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row, shape (n,)."""
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The mean of the trees' probabilities of each class, shape (n, C)."""
        check_is_fitted(self)
        return np.asarray(self.forest_.predict_proba(validate_data(self, X, reset=False, dtype=np.float32)))

    def _forest(self, rows: int, columns: int, leaf: int, trees: int) -> Any:
        return RandomForestClassifier(**self._settings(rows, columns, leaf, trees))

    def _out_of_bag(self, forest: Any, y: NDArray[Any]) -> float:
        return float(np.nanmean(self._squares(forest, forest.oob_decision_function_, y)))

    def _output(self, forest: Any, X: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(forest.predict_proba(X))

    def _squares(self, forest: Any, output: NDArray[Any], y: NDArray[Any]) -> NDArray[np.float64]:
        """Σ (probability - indicator)² over all classes; one that the forest has not met adds 1."""
        indicators = (y[:, None] == forest.classes_).astype(np.float64)
        return np.asarray(np.sum((output - indicators) ** 2, axis=1) + 1.0 - indicators.sum(axis=1))
