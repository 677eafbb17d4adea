"""Gradient boosting whose rounds, size of trees and learning rate are chosen on folds of the training rows.

References
----------
Friedman (2001), *Greedy function approximation: a gradient boosting machine*, Annals of Statistics 29; Ke et al.
(2017), *LightGBM*; James, Witten, Hastie, Tibshirani, *An Introduction to Statistical Learning*, section 8.2.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.evaluation.splits import Sample, fold_pairs

Array = NDArray[np.float64]

FINER = 0.3
# Fewer rounds than this are too coarse a choice.
FEW_ROUNDS = 25
ROUNDS_A_TURN = 50
MOST_ROUNDS = 200
# A turn that lowers the loss by a smaller share than this is the last one.
LEAST_GAIN = 0.005
FOLDS = 3
FEW_ROWS = 1_000
# Share of the columns that each split looks at.
COLUMNS = 0.5
# Rows times trees of a round from which one fold of the three has to do.
MANY_ROWS = 10_000
# Leaves of a tree, and the learning rate: the more a tree can say, the less of it is taken.
SIZES = {2: 0.2, 4: 0.1, 8: 0.1, 16: 0.1, 32: 0.1}
START_LARGE = 2
# Trees are no larger than to leave so many rows to a leaf, on average; two sizes are always tried.
ROWS_A_LEAF = 40


@dataclass(frozen=True)
class Settings:
    """Rounds, leaves of a tree and learning rate."""

    rounds: int
    leaves: int
    rate: float


class Boosting(BaseEstimator):  # type: ignore[misc]
    """What boosting for numbers and for classes share: how it is tuned.

    Trees of 2 leaves and of 4 are tried (8 and 16 from 1,000 rows on), then larger or smaller ones while they
    are better, with 40 rows a leaf at least; each for as many rounds as the error on the folds falls, 200 at
    most. If few rounds are best, a third of the learning rate is tried too. The error is the loss that is boosted:
    squared error or log-loss.

    Parameters
    ----------
    rounds, leaves : int, optional
    rate : float, optional
        Without these three they are chosen, all or none.
    cv
        Pairs of row numbers to choose by, for rows that come in groups. Without it three shuffled folds, or one
        fold of three where there are 10,000 rows and more (fewer with many classes).
    random_state
        Of the folds.

    Attributes
    ----------
    settings_ : Settings
    boosting_ : the fitted model of scikit-learn
    """

    def __init__(
        self,
        rounds: int | None = None,
        leaves: int | None = None,
        rate: float | None = None,
        cv: Any = None,
        random_state: int | None = None,
    ) -> None:
        self.rounds = rounds
        self.leaves = leaves
        self.rate = rate
        self.cv = cv
        self.random_state = random_state

    def chosen(self) -> Any:
        """The unfitted model with the settings that were chosen."""
        return clone(self).set_params(**asdict(self.settings_), cv=None)

    def _boost(self, X: NDArray[Any], y: NDArray[Any]) -> Self:
        if self.rounds is not None and self.leaves is not None and self.rate is not None:
            self.settings_ = Settings(self.rounds, self.leaves, self.rate)
        else:
            self.settings_ = self._choose(X, y)
        self.boosting_ = self._model(len(y), self.settings_).fit(X, y)
        return self

    def _choose(self, X: NDArray[Any], y: NDArray[Any]) -> Settings:
        search = Search(self, X, y, self._folds(y))
        best = search.best_size(0 if len(y) < FEW_ROWS else START_LARGE)
        if best.rounds < FEW_ROUNDS:
            best = search.better(best, search.try_out(best.leaves, FINER * best.rate))
        return best

    def _folds(self, y: NDArray[Any]) -> Any:
        if self.cv is not None:
            return self.cv
        seed = 0 if self.random_state is None else self.random_state
        folds = fold_pairs(Sample(None, y, classification=self._classes), FOLDS, seed)
        trees = max(1, len(np.unique(y)) - 1) if self._classes else 1
        return folds if len(y) * trees < MANY_ROWS else folds[:1]

    def _model(self, rows: int, settings: Settings) -> Any:
        return self._kind(
            max_iter=settings.rounds,
            max_leaf_nodes=settings.leaves,
            learning_rate=settings.rate,
            min_samples_leaf=int(np.clip(rows // 25, 2, 20)),
            max_features=COLUMNS,
            max_bins=64 if rows < FEW_ROWS else 255,
            early_stopping=False,
            random_state=self.random_state,
        )

    _kind: Any
    _classes: bool

    def _staged_losses(self, model: Any, X: NDArray[Any], y: NDArray[Any], since: int) -> Array:
        raise NotImplementedError


class Search:
    """Settings of a boosting and their loss a row on the folds."""

    def __init__(self, boosting: Boosting, X: NDArray[Any], y: NDArray[Any], folds: Any) -> None:
        self.boosting, self.X, self.y, self.folds = boosting, X, y, folds
        self.losses: dict[Settings, float] = {}

    def best_size(self, start: int) -> Settings:
        """Up or down the sizes from two neighbours on, as long as it gets better."""
        sizes = [leaves for leaves in SIZES if leaves <= max(4, len(self.y) // ROWS_A_LEAF)]
        best, other = (self.try_out(leaves, SIZES[leaves]) for leaves in sizes[start : start + 2])
        further = sizes[:start][::-1]
        if self.better(best, other) is other:
            best, further = other, sizes[start + 2 :]
        for leaves in further:
            tried = self.try_out(leaves, SIZES[leaves])
            if self.better(best, tried) is best:
                break
            best = tried
        return best

    def better(self, one: Settings, other: Settings) -> Settings:
        """The one with the lower loss."""
        return one if self.losses[one] <= self.losses[other] else other

    def try_out(self, leaves: int, rate: float) -> Settings:
        """The number of rounds with the lowest loss over all folds, for trees of a size."""
        curve = np.empty(0)
        for turn in self._turns(leaves, rate):
            before = curve.min() if len(curve) else np.inf
            curve = np.concatenate([curve, turn])
            if turn.min() > (1.0 - LEAST_GAIN) * before or np.argmin(turn) < ROUNDS_A_TURN // 2:
                break
        found = Settings(int(np.argmin(curve)) + 1, leaves, rate)
        self.losses[found] = float(curve.min())
        return found

    def _turns(self, leaves: int, rate: float) -> Iterator[Array]:
        """The loss after each of some more rounds, in all folds."""
        models = [
            self.boosting._model(len(train), Settings(0, leaves, rate)).set_params(warm_start=True)
            for train, _ in self.folds
        ]
        rows = sum(len(test) for _, test in self.folds)
        for since in range(0, MOST_ROUNDS, ROUNDS_A_TURN):
            total = np.zeros(ROUNDS_A_TURN)
            for model, (train, test) in zip(models, self.folds, strict=True):
                model.set_params(max_iter=since + ROUNDS_A_TURN).fit(self.X[train], self.y[train])
                total += self.boosting._staged_losses(model, self.X[test], self.y[test], since)
            yield total / rows


class BoostingRegressor(RegressorMixin, Boosting):  # type: ignore[misc]
    """Boosted trees for numbers, by squared errors.

    >>> X = np.random.default_rng(0).uniform(size=(200, 2))
    >>> model = BoostingRegressor(random_state=0).fit(X, X[:, 0] > 0.5)
    >>> model.predict([[0.1, 0.5], [0.9, 0.5]]).round(1) + 0.0
    array([0., 1.])
    """

    _kind = HistGradientBoostingRegressor
    _classes = False

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the settings unless they are given, then boost on all rows."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        y = np.asarray(y, dtype=np.float64)
        # The trees' gradients are of single precision, which outcomes in any unit do not fit in.
        self.mean_, self.scale_ = float(np.mean(y)), float(np.std(y)) or 1.0
        return self._boost(X, (y - self.mean_) / self.scale_)

    def predict(self, X: Any) -> Array:
        """The sum of the trees, shape (n,)."""
        check_is_fitted(self)
        standard = self.boosting_.predict(validate_data(self, X, reset=False, dtype=np.float64))
        return np.asarray(self.mean_ + self.scale_ * standard)

    def _staged_losses(self, model: Any, X: NDArray[Any], y: NDArray[Any], since: int) -> Array:
        stages = list(model.staged_predict(X))[since:]
        return np.array([np.sum((stage - y) ** 2) for stage in stages])


class BoostingClassifier(ClassifierMixin, Boosting):  # type: ignore[misc]
    """Boosted trees for classes, by log-loss.

    >>> X = np.random.default_rng(0).uniform(size=(200, 2))
    >>> model = BoostingClassifier(random_state=0).fit(X, np.where(X[:, 0] > 0.5, "b", "a"))
    >>> model.predict([[0.1, 0.5], [0.9, 0.5]]).tolist()
    ['a', 'b']
    """

    _kind = HistGradientBoostingClassifier
    _classes = True

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the settings unless they are given, then boost on all rows."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        self._boost(X, y)
        self.classes_ = self.boosting_.classes_
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row, shape (n,)."""
        check_is_fitted(self)
        return np.asarray(self.boosting_.predict(validate_data(self, X, reset=False, dtype=np.float64)))

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, shape (n, C)."""
        check_is_fitted(self)
        return np.asarray(self.boosting_.predict_proba(validate_data(self, X, reset=False, dtype=np.float64)))

    def _staged_losses(self, model: Any, X: NDArray[Any], y: NDArray[Any], since: int) -> Array:
        place = np.minimum(np.searchsorted(model.classes_, y), len(model.classes_) - 1)
        known = model.classes_[place] == y
        stages = list(model.staged_predict_proba(X))[since:]
        given = np.array([np.where(known, stage[np.arange(len(y)), place], 0.0) for stage in stages])
        return np.asarray(-np.log(np.clip(given, np.finfo(np.float64).eps, 1.0)).sum(axis=1))
