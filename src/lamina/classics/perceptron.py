"""Rosenblatt's perceptron."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from lamina.classics.checks import checked_count, checked_number, checked_word, two_or_more
from lamina.classics.perceptron_rule import UPDATING, Learnt, learn
from lamina.errors import NotSeparableWarning


class Perceptron(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    r"""A neuron that learns from its mistakes; with more than two classes, a neuron for each against the others.

    .. math:: y = 1 \text{ if } \sum_j w_j x_j - \theta > 0, \text{ else } 0; \qquad
        w \leftarrow w + \eta\,(t - y)\,x, \quad \theta \leftarrow \theta - \eta\,(t - y)

    (the threshold is the weight of a bias input of -1). It starts from zero weights. Where a line separates the classes it finds
    one after at most (R/γ)² mistakes, see :func:`lamina.classics.mistake_bound`. Where none does it would never rest: it says so,
    and keeps the weights that had the fewest rows wrong (the pocket algorithm).

    Parameters
    ----------
    updating : {"sequential", "batch"}, default "sequential"
        Correct at each row, or once an epoch by the sum over all rows.
    learning_rate : float, default 1.0
        η. From zero weights it changes their length and nothing else.
    epochs : int, default 100
        At most.
    shuffle : bool, default True
        Whether each epoch takes the rows in a new random order; in batch there is none.
    random_state : int, RandomState or None

    Attributes
    ----------
    classes_ : array of shape (classes,)
    coef_ : array of shape (neurons, p)
        Weights; one neuron for two classes, which fires for the second.
    intercept_ : array of shape (neurons,)
        -θ.
    n_mistakes_ : int
        Corrections, over all neurons.
    mistakes_by_epoch_ : list of int
    n_iter_ : int
        Epochs.
    n_errors_ : int
        Rows of the training data on the wrong side of a neuron's line, over all neurons.
    separable_ : bool or None
        True if every neuron separates; False if some neuron's weights came back to where they had been, which is a proof that
        nothing separates; None if it is not known.

    Raises
    ------
    SpecificationError
        A parameter that means nothing.
    DataError
        One class only.
    ValueError
        As scikit-learn does, for missing or infinite values, no rows, X and y of different lengths, text.

    Warns
    -----
    NotSeparableWarning
        No weights without an error were found.

    Source: Rosenblatt, "The perceptron", 1958; Marsland, *Machine Learning: An Algorithmic Perspective*, chapter 3; Gallant,
    "Perceptron-based learning algorithms", 1990 (the pocket).

    Examples
    --------
    >>> X, AND = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> model = Perceptron(shuffle=False).fit(X, AND)
    >>> model.predict(X).tolist(), model.n_mistakes_, model.n_iter_
    ([0, 0, 0, 1], 10, 6)
    >>> model.coef_.tolist(), model.intercept_.tolist()
    ([[2.0, 1.0]], [-2.0])
    """

    classes_: NDArray[Any]

    def __init__(
        self,
        *,
        updating: str = "sequential",
        learning_rate: float = 1.0,
        epochs: int = 100,
        shuffle: bool = True,
        random_state: Any = None,
    ) -> None:
        self.updating = updating
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.shuffle = shuffle
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows X, (n, p), and classes y, (n,)."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        two_or_more(self.classes_)
        fired_for = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        learnt = self._learn(X, [(y == label).astype(np.float64) for label in fired_for])
        self._keep(learnt)
        if self.n_errors_:
            self._warn(len(X))
        return self

    def _learn(self, X: NDArray[np.float64], targets: list[NDArray[np.float64]]) -> list[Learnt]:
        updating = checked_word("updating", self.updating, UPDATING)
        rate = checked_number("learning_rate", self.learning_rate, 0)
        epochs = checked_count("epochs", self.epochs)
        # A sum over all rows has no order.
        shuffled = self.shuffle and updating == "sequential"
        rng = check_random_state(self.random_state) if shuffled else None
        x = np.column_stack([X, -np.ones(len(X))])
        return [learn(x, t, rate, epochs, updating, rng) for t in targets]

    def _keep(self, learnt: list[Learnt]) -> None:
        self.coef_ = np.array([neuron.weights[:-1] for neuron in learnt])
        self.intercept_ = np.array([-neuron.weights[-1] for neuron in learnt])
        self.n_iter_ = max(len(neuron.mistakes) for neuron in learnt)
        padded = [np.pad(neuron.mistakes, (0, self.n_iter_ - len(neuron.mistakes))) for neuron in learnt]
        self.mistakes_by_epoch_ = [int(number) for number in np.sum(padded, axis=0)]
        self.n_mistakes_ = sum(self.mistakes_by_epoch_)
        self.n_errors_ = sum(neuron.errors for neuron in learnt)
        known = {neuron.separable for neuron in learnt}
        self.separable_ = False if False in known else None if None in known else True

    def _warn(self, n_rows: int) -> None:
        several = len(self.classes_) > 2
        what = f"each of the {len(self.classes_)} classes from the others" if several else "the two classes"
        found = (
            f"No line separates {what}: the weights came back to where they had been, which never happens where one does."
            if self.separable_ is False
            else f"No line that separates {what} was found in {self.n_iter_} epochs: there may be none, or more epochs= may "
            "find it."
        )
        warnings.warn(
            f"{found} After {self.n_mistakes_} mistakes the best weights are kept, with {self.n_errors_} "
            f"error{'' if self.n_errors_ == 1 else 's'} on {n_rows} rows.",
            NotSeparableWarning,
            stacklevel=3,
        )

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """w·x - θ, shape (n,) for two classes and (n, classes) for more."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        h: NDArray[np.float64] = X @ self.coef_.T + self.intercept_
        return h[:, 0] if h.shape[1] == 1 else h

    def predict(self, X: Any) -> NDArray[Any]:
        """Class of each row, (n,): of two the second where the neuron fires, of more that with the largest w·x - θ."""
        h = self.decision_function(X)
        places = (h > 0).astype(int) if h.ndim == 1 else h.argmax(axis=1)
        predicted: NDArray[Any] = self.classes_[places]
        return predicted
