"""The regressor."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from lamina.data.validation import check_target
from lamina.errors import DataError, SpecificationError
from lamina.estimators.base import NeuralEstimator, takes_single_epochs
from lamina.estimators.checks import check_further_outcome
from lamina.estimators.standardizer import Standardizer
from lamina.training.losses import BinaryCrossEntropy, Gamma, Loss, Poisson, SquaredError


class NeuralRegressor(RegressorMixin, NeuralEstimator):  # type: ignore[misc]
    r"""A feed-forward network for a numeric outcome, or several.

    .. math:: \hat f = \arg\min_f \sum_i w_i L(y_i, f(x_i)) / \sum_i w_i + \lambda \sum \text{weights}^2

    Parameters
    ----------
    layers : list of layers, optional
        Hidden layers only: the output layer follows the outcome. None takes a sensible network for the table.
    loss : str, Loss or function, default "squared_error"
        Also "absolute_error", "huber", "quantile" (or ``Quantile(0.9)``), "poisson" for counts, "gamma" for positive
        outcomes, "binary_crossentropy" for fractions in [0, 1], or a function of (z, y).
    optimizer : str, Optimizer or LBFGS, default "adam"
    epochs : int, optional
        Passes over the rows; iterations for LBFGS. None takes 100, and at least 1,000 steps.
    batch_size : int, optional
        Rows a step; None chooses by the number of rows (all of them up to 64).
    penalty : float, L1, L2 or a sum, default 0.0
        Ridge coefficient of all weights, on the scale of the standardised data when ``scale=True``.
    early_stopping : EarlyStopping, optional
        Off by default: no row is held back unless asked for.
    clip_norm : float, optional
        Largest norm of a gradient.
    shuffle : bool, default True
        New order of the rows in each epoch.
    scale : bool, default True
        Standardise X (but not images and indicators), and y where the loss allows, from the training rows.
    warm_start : bool, default False
        Go on from the last fit.
    random_state : int, RandomState or None
    verbose : bool, optional
        Progress bar: True, False, or None for one that appears when a fit takes long; on a terminal only.

    Attributes
    ----------
    network_, n_parameters_, parameters_
        The network with its output layer, the number and the values of its parameters.
    history_, loss_curve_, n_iter_
        Losses by epoch; epochs run.
    n_features_in_, feature_names_in_

    Source: ISLP chapter 10.

    Examples
    --------
    >>> from lamina import NeuralRegressor
    >>> from lamina.layers import Dense
    >>> X = np.linspace(-2, 2, 200)[:, None]
    >>> model = NeuralRegressor([Dense(32, "tanh")], optimizer="lbfgs", random_state=0).fit(X, X[:, 0] ** 2)
    >>> model.score(X, X[:, 0] ** 2) > 0.999
    True
    """

    def __init__(
        self,
        layers: Any = None,
        *,
        loss: Any = None,
        optimizer: Any = "adam",
        epochs: int | None = None,
        batch_size: int | None = None,
        penalty: Any = 0.0,
        early_stopping: Any = None,
        clip_norm: float | None = None,
        shuffle: bool = True,
        scale: bool = True,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool | None = None,
    ) -> None:
        self.layers = layers
        self.loss = loss
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.penalty = penalty
        self.early_stopping = early_stopping
        self.clip_norm = clip_norm
        self.shuffle = shuffle
        self.scale = scale
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X: Any) -> np.ndarray:
        """Predicted outcome, shape (n,) or (n, outputs) as y was."""
        output = self._output(X, activated=True)
        predicted = self.outcome_.invert(output)
        return predicted[:, 0] if self.outcome_ndim_ == 1 else predicted

    @available_if(takes_single_epochs)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One epoch on these rows, going on from the last; scale and encoding are those of the first call."""
        return self._partial_fit(X, y, sample_weight)

    def _check_outcome(self, y: Any, n_rows: int, *, fresh: bool) -> np.ndarray:
        if not fresh:
            return check_further_outcome(y, n_rows)
        return check_target(y, "regression", n_rows=n_rows)

    def _default_loss(self) -> Loss:
        return SquaredError()

    def _check_loss(self, loss: Loss) -> Loss:
        if loss.outcome == "class":
            raise SpecificationError(
                f"loss={self.loss!r} is for classes and this is a regression: use 'squared_error', or NeuralClassifier."
            )
        return loss

    def _learn_outcome(self, y: np.ndarray, weights: np.ndarray | None) -> None:
        self.outcome_ndim_ = y.ndim
        self.n_outputs_ = 1 if y.ndim == 1 else y.shape[1]
        loss = self._chosen_loss()
        columns = y.reshape(len(y), -1)
        if self.scale and loss.scales_outcome:
            self.outcome_ = Standardizer.learn(columns, weights)
        else:
            self.outcome_ = Standardizer.identity(self.n_outputs_)

    def _encode_outcome(self, y: np.ndarray, dtype: Any) -> np.ndarray:
        try:
            columns = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        except (TypeError, ValueError):
            raise DataError(
                f"y has values that are no numbers, such as {np.ravel(y).tolist()[0]!r}, but a regression needs numbers."
            ) from None
        if columns.shape[1] != self.n_outputs_:
            raise DataError(
                f"y has {columns.shape[1]} outcomes and the model was fitted on {self.n_outputs_}: give as many."
            )
        check_range(self.loss_, columns, self.loss)
        return self.outcome_.apply(columns).astype(dtype)

    def _output_units(self) -> int:
        return self.n_outputs_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags


RANGES: dict[type[Loss], tuple[float, float, str]] = {
    Poisson: (0.0, np.inf, "counts, zero or more"),
    Gamma: (np.finfo(np.float64).tiny, np.inf, "positive outcomes"),
    BinaryCrossEntropy: (0.0, 1.0, "outcomes in [0, 1]"),
}
"""Smallest and largest outcome that a loss takes, and how to say it."""


def check_range(loss: Loss, y: np.ndarray, given: Any) -> None:
    """Raise DataError if the outcome lies outside what the loss is for."""
    low, high, words = RANGES.get(type(loss), (-np.inf, np.inf, ""))
    if y.min() < low or y.max() > high:
        raise DataError(
            f"y ranges from {y.min():g} to {y.max():g} and loss={given!r} is for {words}: use 'squared_error', or "
            "transform y."
        )
