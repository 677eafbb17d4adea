"""Losses and errors of training and validation rows, epoch by epoch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from lamina.errors import ArgumentTypeError, DataError
from lamina.estimators.base import NeuralEstimator
from lamina.explain.descent.walking import Walk
from lamina.training.cache import keep_few_programs
from lamina.training.fitted import Fitted
from lamina.training.history import History
from lamina.training.precision import precision
from lamina.training.program import Numbers, Program, Rows, mean_loss

if TYPE_CHECKING:
    import pandas

ERRORS = {True: "misclassified, %", False: "mean absolute error"}
Scorer = Callable[[Any, Any, Any], float]


@dataclass(frozen=True, eq=False, repr=False)
class Learning:
    """What a fit knew after each epoch, both on the rows it learnt from and on others.

    Attributes
    ----------
    loss, validation_loss
        Mean loss without dropout and penalties, (epochs,), in the units of the loss as trained.
    score, validation_score
        An error, or a scorer's value, (epochs,).
    measure
        What the score is.
    model
        The copy that was fitted, as it is after the last epoch.
    """

    loss: np.ndarray
    validation_loss: np.ndarray
    score: np.ndarray
    validation_score: np.ndarray
    measure: str
    model: NeuralEstimator

    @property
    def best_epoch(self) -> int:
        """Epoch, from 1, with the smallest validation loss."""
        return int(np.argmin(self.validation_loss)) + 1

    def frame(self) -> pandas.DataFrame:
        """One row an epoch."""
        import pandas

        names = ("loss", "validation_loss", "score", "validation_score")
        index = pandas.RangeIndex(1, len(self.loss) + 1, name="epoch")
        return pandas.DataFrame({name: getattr(self, name) for name in names}, index=index)


def learn_by_epoch(model: Any, X: Any, y: Any, X_val: Any, y_val: Any, scoring: Any = None) -> Learning:
    """Fit a copy of the model, and measure loss and error on training and validation rows after every epoch.

    Parameters
    ----------
    model
        A NeuralRegressor or NeuralClassifier with a first-order optimizer, fitted or not; it stays as it is.
    X, y, X_val, y_val
        Rows to learn from, all of them, and rows to watch, which decide nothing.
    scoring
        None: the percentage of misclassified rows, or the mean absolute error. Else what scikit-learn's ``check_scoring`` takes,
        such as "r2", or a function of (model, X, y).

    Raises
    ------
    ArgumentTypeError, SpecificationError
        If the model is none of Lamina's, or its optimizer is L-BFGS.
    DataError
        If there are no validation rows, or the loss is no longer finite in the first epoch.

    Source: ISLP Figure 10.18.

    >>> from sklearn.datasets import load_iris
    >>> from lamina import NeuralClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> found = learn_by_epoch(NeuralClassifier([], epochs=5, random_state=0), X[::2], y[::2], X[1::2], y[1::2])
    >>> found.measure, len(found.loss)
    ('misclassified, %', 5)
    """
    if X_val is None or y_val is None:
        raise DataError("validation rows are missing: give X_val and y_val, rows that are not in X.")
    walk = Walk.of(model, X, y, X_val, y_val)
    measure, score = _measure(walk.model, scoring)
    lines = []
    epochs = walk.run(walk.steps_an_epoch)
    next(epochs)
    for parameters, state, running in epochs:
        losses = [_mean_loss(walk, parameters, state, rows) for rows in (walk.rows, walk.validation)]
        if not np.isfinite([running, *losses]).all():
            break
        walk.model.fitted_ = Fitted(parameters, state, History())
        lines.append((*losses, score(walk.model, X, y), score(walk.model, X_val, y_val)))
    if not lines:
        raise DataError("the loss was no longer finite in the first epoch: give a smaller learning rate.")
    loss, validation_loss, scores, validation_scores = np.array(lines).T
    walk.model.history_ = History(loss.tolist(), validation_loss=validation_loss.tolist())
    return Learning(loss, validation_loss, scores, validation_scores, measure, walk.model)


def _measure(model: NeuralEstimator, scoring: Any) -> tuple[str, Scorer]:
    if scoring is None:
        return ERRORS[model._classifies], _error
    from sklearn.metrics import check_scoring

    name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score")
    try:
        return name, check_scoring(model, scoring=scoring)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"scoring={scoring!r}: give the name of a scorer of scikit-learn, such as 'r2', or a function of (model, X, y) "
            f"({error})."
        ) from None


def _error(model: Any, X: Any, y: Any) -> float:
    predicted, truth = model.predict(X), np.asarray(y)
    if model._classifies:
        return 100 * float(np.mean(predicted != truth))
    return float(np.mean(np.abs(predicted - truth)))


def _mean_loss(walk: Walk, parameters: Any, state: Any, rows: Rows | None) -> float:
    assert rows is not None
    keep_few_programs(_mean)
    with precision(rows.weights.dtype):
        return float(_mean(walk.program, parameters, state, rows, walk.numbers))


@functools.partial(jax.jit, static_argnums=0)
def _mean(program: Program, parameters: Any, state: Any, rows: Rows, numbers: Numbers) -> Any:
    return mean_loss(program, parameters, state, rows, numbers)
