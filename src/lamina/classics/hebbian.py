"""Hebb's rule: what fires together, wires together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.classics.checks import checked_array, checked_count, checked_number, checked_word
from lamina.errors import DataError, DivergenceError

Array = NDArray[np.float64]
Rule = Callable[[Array, Array, float], Array]


def _hebb(w: Array, x: Array, y: float) -> Array:
    return y * x  # Δw = η y x


def _oja(w: Array, x: Array, y: float) -> Array:
    return y * (x - y * w)  # Δw = η y (x - y w)


RULES: dict[str, Rule] = {"oja": _oja, "hebb": _hebb}
"""The direction of a step, from weights, row and activity."""


class Hebbian(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    r"""One linear unit that learns without a teacher, from its own activity.

    .. math:: y = w \cdot x, \qquad \text{Hebb: } \Delta w = \eta\,y\,x, \qquad
        \text{Oja: } \Delta w = \eta\,y\,(x - y\,w)

    Hebb's own rule turns w towards the first principal component and lets it grow without end; Oja's forgets as much as keeps its
    length at 1, so that the unit becomes a principal component analysis. The sign is decided by the weights it starts from.

    Parameters
    ----------
    rule : {"oja", "hebb"}, default "oja"
    learning_rate : float, default 0.5
        η of the first epoch, for rows whose largest squared length is 1; in epoch t it is η / t.
    epochs : int, default 50
    center : bool, default True
        Whether the columns' means are taken off first.
    random_state : int, RandomState or None
        For the weights it starts from and the order of the rows.

    Attributes
    ----------
    weights_ : array of shape (p,)
    mean_ : array of shape (p,)
        What is taken off; zeros without ``center``.
    lengths_ : list of float
        ‖w‖ after each epoch.

    Raises
    ------
    SpecificationError
        A parameter that means nothing.
    DivergenceError
        The weights left the finite numbers, as Hebb's own rule makes them in the long run.
    ValueError
        As scikit-learn does, for missing or infinite values, no rows, text.

    Source: Hebb, *The Organization of Behavior*, 1949; Oja, "A simplified neuron model as a principal component analyzer", 1982.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(500, 2)) @ [[3, 1], [0, 1]]
    >>> unit = Hebbian(random_state=0).fit(X)
    >>> round(float(np.linalg.norm(unit.weights_)), 2)
    1.0
    >>> first = np.linalg.eigh(np.cov(X.T))[1][:, -1]
    >>> round(float(abs(unit.weights_ @ first)), 3)
    1.0
    """

    def __init__(
        self,
        *,
        rule: str = "oja",
        learning_rate: float = 0.5,
        epochs: int = 50,
        center: bool = True,
        random_state: Any = None,
    ) -> None:
        self.rule = rule
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.center = center
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from rows X, (n, p), in a new random order every epoch; y is not looked at."""
        X = validate_data(self, X, dtype=np.float64)
        rule = RULES[checked_word("rule", self.rule, RULES)]
        rate = checked_number("learning_rate", self.learning_rate, 0)
        epochs = checked_count("epochs", self.epochs)
        rng = check_random_state(self.random_state)
        self.mean_ = X.mean(axis=0) if self.center else np.zeros(X.shape[1])
        X = X - self.mean_
        size = np.max(np.sum(X**2, axis=1)) or 1.0
        w = rng.normal(size=X.shape[1]) / np.sqrt(X.shape[1])
        self.lengths_: list[float] = []
        for epoch in range(1, epochs + 1):
            with np.errstate(over="ignore", invalid="ignore"):
                w = _epoch(w, X[rng.permutation(len(X))], rule, rate / epoch / size)
                self.lengths_.append(float(np.sqrt(w @ w)))
            self._refuse_infinite()
        self.weights_, self._n_features_out = w, 1
        return self

    def _refuse_infinite(self) -> None:
        if not np.isfinite(self.lengths_[-1]):
            raise DivergenceError(
                f"the weights left the finite numbers in epoch {len(self.lengths_)} with rule={self.rule!r} and "
                f"learning_rate={self.learning_rate}: Hebb's own rule grows without end, so take rule='oja', fewer epochs or a "
                "smaller rate."
            )

    def transform(self, X: Any) -> Array:
        """Activities y = w·x, shape (n, 1)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        y: Array = (X - self.mean_) @ self.weights_
        return y[:, None]


def _epoch(w: Array, rows: Array, rule: Rule, rate: float) -> Array:
    for x in rows:
        y = float(w @ x)  # y = Σ_j w_j x_j
        w = w + rate * rule(w, x, y)
    return w


def associate(X: ArrayLike, Y: ArrayLike, learning_rate: float = 1.0) -> Array:
    r"""Hebb's rule with a teacher: weights from zero, each row shown once with the activity that is wanted.

    .. math:: \Delta w_{jk} = \eta\,x_j\,y_k, \qquad \text{so that } W = \eta\,X^\top Y

    In signals of -1 and 1 and with a column of ones for the bias it learns AND and OR. There is no correction, so it does
    not learn everything that the perceptron does; it is exact where the rows are orthogonal.

    Parameters
    ----------
    X
        Rows, (n, p).
    Y
        Wanted activities, (n,) or (n, units).

    Returns
    -------
    array of shape (p,) or (p, units)

    Raises
    ------
    DataError
        If the numbers of rows differ, or something is missing, infinite or no number.

    >>> X = np.array([[-1, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1]])
    >>> w = associate(X, [-1, -1, -1, 1])
    >>> w.tolist(), np.sign(X @ w).tolist()
    ([2.0, 2.0, -2.0], [-1.0, -1.0, -1.0, 1.0])
    """
    x, y = checked_array("X", X), checked_array("Y", Y)
    if x.ndim != 2 or y.ndim not in (1, 2) or len(x) != len(y) or len(x) == 0:
        raise DataError(f"X has shape {x.shape} and Y {y.shape}: (n, p) and (n,) or (n, units) are needed.")
    weights: Array = checked_number("learning_rate", learning_rate, 0) * (x.T @ y)  # w_jk = η Σ_i x_ij y_ik
    return weights
