"""The regressor."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if

from lamina.data.validation import check_target
from lamina.errors import DataError, SpecificationError
from lamina.estimators.base import NeuralEstimator, takes_single_epochs
from lamina.estimators.calibration import Recipe, calibration_of
from lamina.estimators.checks import check_further_outcome
from lamina.estimators.conformal import interval_scores
from lamina.estimators.dropout import over_masks
from lamina.estimators.intervals import interval_at
from lamina.estimators.standardizer import Standardizer
from lamina.training.losses import BinaryCrossEntropy, Gamma, Loss, Poisson, Quantile, SquaredError


def _levels(loss: Loss) -> tuple[float, ...]:
    """What quantiles a loss asks for; of any other one number, whatever it is called."""
    return loss.levels if isinstance(loss, Quantile) else (0.5,)


def _gives_quantiles(estimator: NeuralRegressor) -> bool:
    named = getattr(estimator, "loss_", None) or estimator.loss
    if named != "quantile" and not isinstance(named, Quantile):
        raise AttributeError(
            f"loss={estimator.loss!r} predicts no quantiles: set loss=Quantile((0.05, 0.5, 0.95)), from lamina.training."
        )
    return True


class NeuralRegressor(RegressorMixin, NeuralEstimator):  # type: ignore[misc]
    r"""A feed-forward network for a numeric outcome, or several.

    .. math:: \hat f = \arg\min_f \sum_i w_i L(y_i, f(x_i)) / \sum_i w_i + \lambda \sum \text{weights}^2

    Parameters
    ----------
    layers : list of layers, optional
        Hidden layers only: the output layer follows the outcome. None takes the default network for tables, or for
        images (docs/default-network.md).
    augment : list of layers, optional
        What varies the images in training, drawn anew for each image and epoch: ``[HorizontalFlip(), Shift(0.1), Rotate(10)]``
        (docs/images.md).
    loss : str, Loss or function, default "squared_error"
        Also "absolute_error", "huber", "quantile" (or ``Quantile(0.9)``, or several, ``Quantile((0.05, 0.5, 0.95))``),
        "poisson" for counts, "gamma" for positive outcomes, "binary_crossentropy" for fractions in [0, 1], or a function of
        (z, y).
    optimizer : str, Optimizer or LBFGS, optional
        None takes Adam, for the default network with rates and epochs of its own.
    epochs : int, optional
        Passes over the rows; iterations for LBFGS. None takes 100, and at least 1,000 steps (the default network: 128,
        fewer from 20,000 rows on).
    batch_size : int, optional
        Rows a step; None chooses by the number of rows (all of them up to 64; the default network: about 256).
    penalty : float, L1, L2 or a sum, optional
        Ridge coefficient of all weights, on the scale of the standardised data when ``scale=True``. None takes 0 (the default
        network: 0.0005).
    early_stopping : EarlyStopping, optional
        None holds back no row, but for the default network: a fifth of them, to restore the best epoch, from 50 rows on. False
        holds back none there either.
    clip_norm : float, optional
        Largest norm of a gradient.
    shuffle : bool, default True
        New order of the rows in each epoch.
    scale : bool, "standard" or "robust", default True
        Scale X (but not images and indicators), and standardise y where the loss allows, from the training rows. "standard":
        by mean and standard deviation; "robust": by median and quartiles, and smoothly into (-3, 3). True takes "robust" for
        the default network, else "standard".
    weights : path or dict, optional
        Where to begin in place of random weights: safetensors with published weights (docs/images.md), a ``.lamina`` file, or
        a dictionary from paths such as "dense_1/weights" to arrays. Layers that it does not have are drawn, and so is the
        output layer, unless a dictionary names it.
    precision : str, optional
        None computes in the precision of X. "bfloat16" multiplies 16-bit numbers, for images on a GPU
        (:class:`lamina.layers.Sequential`).
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
        augment: Any = None,
        loss: Any = None,
        optimizer: Any = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        penalty: Any = None,
        early_stopping: Any = None,
        clip_norm: float | None = None,
        shuffle: bool = True,
        scale: bool | str = True,
        weights: Any = None,
        precision: str | None = None,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool | None = None,
    ) -> None:
        self.layers = layers
        self.augment = augment
        self.loss = loss
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.penalty = penalty
        self.early_stopping = early_stopping
        self.clip_norm = clip_norm
        self.shuffle = shuffle
        self.scale = scale
        self.weights = weights
        self.precision = precision
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X: Any, dropout_samples: int | None = None) -> Any:
        """Predicted outcome, shape (n,) or (n, outputs) as y was; of a loss of several quantiles, the one nearest the median.

        Parameters
        ----------
        dropout_samples
            Keep dropout on, draw so many networks of the units that are kept, and give the mean of their predictions and their
            standard deviation, a pair of arrays. The masks follow from ``random_state``. The spread is no interval: nothing
            says how often the outcome lies within it (Gal and Ghahramani 2016).

        Raises
        ------
        SpecificationError
            If ``dropout_samples`` is given and the network has no Dropout.
        """
        if dropout_samples is None:
            return self._point(self._output(X, activated=True))
        return over_masks(self, X, dropout_samples, self._point)

    @available_if(_gives_quantiles)  # type: ignore[untyped-decorator]
    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Quantiles of the outcome at the levels of ``loss=Quantile((...))``, shape (n, levels) or (n, outputs, levels).

        Where the network's quantiles cross they are put in order, which brings them no further from the true ones
        (Chernozhukov, Fernández-Val, Galichon 2010).

        >>> from lamina import NeuralRegressor
        >>> from lamina.training import Quantile
        >>> X = np.linspace(0, 1, 100)[:, None]
        >>> model = NeuralRegressor(loss=Quantile((0.1, 0.5, 0.9)), epochs=5, random_state=0).fit(X, X[:, 0])
        >>> model.predict_quantiles(X).shape, model.predict(X).shape
        ((100, 3), (100,))
        """
        found = self._quantiles(self._output(X, activated=True))
        return found[:, 0] if self.outcome_ndim_ == 1 else found

    def predict_interval(
        self,
        X: Any,
        coverage: float = 0.9,
        *,
        method: str = "cv+",
        cv: Any = 10,
        holdout: float = 0.25,
        X_cal: Any = None,
        y_cal: Any = None,
    ) -> np.ndarray:
        r"""Conformal prediction intervals: of new rows like those of the training, a share ``coverage`` lies inside.

        Parameters
        ----------
        X
            Rows to predict.
        coverage
            The share, for example 0.9. It holds on average over rows, not for each kind of row.
        method : {"cv+", "split", "cqr"}
            "cv+": as many networks as ``cv`` has folds, fitted as one population at the first call and kept, each scored on the
            rows that it has not seen (guaranteed: 1 - 2 alpha - sqrt(2 / n), measured: about 1 - alpha = coverage).
            "split": one network on part of the rows, scored on the rest (guaranteed: coverage; wider).
            "cqr": CV+ with networks for the quantiles alpha / 2 and 1 - alpha / 2, so that intervals are wide only where the
            outcome varies.
        cv : int, splitter or splits
            Folds of "cv+" and "cqr"; each row must be tested once. An integer shuffles the rows.
            Groups: ``cv=list(GroupKFold(5).split(X, y, groups))`` of the training rows.
        holdout
            Share of the rows that "split" scores.
        X_cal, y_cal
            Rows that the fit has not seen: then the model itself is scored on them, and nothing is fitted.

        Returns
        -------
        Lower and upper bound, shape (n, 2), or (n, outputs, 2) with each outcome covered by itself.

        Where the loss is of several quantiles, the outermost are what is calibrated. ``sample_weight`` weighs the fits; coverage
        counts every row once.

        Raises
        ------
        SpecificationError
            If a parameter was set since ``fit``, or the coverage lies outside (0, 1).
        DataError
            If the training rows are not at hand (a loaded model, ``partial_fit``) or were changed in place, and no ``X_cal`` is
            given.

        Source: Barber, Candès, Ramdas, Tibshirani (2021); Romano, Patterson, Candès (2019).

        >>> from lamina import NeuralRegressor
        >>> rng = np.random.default_rng(0)
        >>> X = rng.uniform(-1, 1, (100, 1))
        >>> model = NeuralRegressor([], random_state=0).fit(X, X[:, 0] + 0.1 * rng.normal(size=100))
        >>> low, high = model.predict_interval(X, coverage=0.9).T
        >>> bool(0.3 < (high - low).mean() < 0.4)
        True
        """
        recipe = Recipe.of(method, cv, holdout, coverage)
        calibration = calibration_of(self, recipe, X_cal, y_cal)
        self._features(X, reset=False)  # what is wrong or odd in X is said once, in the terms of the model
        bounds = interval_at(calibration, X, coverage)
        return bounds[:, 0] if self.outcome_ndim_ == 1 else bounds

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
        return self.n_outputs_ * len(_levels(self.loss_))

    def _quantiles(self, output: np.ndarray) -> np.ndarray:
        """Outputs of the network in the units of y, shape (..., outputs, levels) of (..., units), in increasing order."""
        by_level = output.reshape(*output.shape[:-1], self.n_outputs_, -1).swapaxes(-1, -2)
        return np.sort(self.outcome_.invert(by_level).swapaxes(-1, -2), axis=-1)

    def _numbers(self, output: np.ndarray) -> np.ndarray:
        """One number for each outcome, shape (..., outputs) of (..., units)."""
        levels = _levels(self.loss_)
        if len(levels) > 1:
            return self._quantiles(output)[..., np.abs(np.array(levels) - 0.5).argmin()]
        return self.outcome_.invert(output)

    def _point(self, output: np.ndarray) -> np.ndarray:
        """The prediction, in the shape that y had."""
        predicted = self._numbers(output)
        return predicted[:, 0] if self.outcome_ndim_ == 1 else predicted

    def _bounds(self, output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What conformal intervals begin with, each (n, outputs): the outermost quantiles, else the prediction twice."""
        quantiles = self._quantiles(output)
        return quantiles[..., 0], quantiles[..., -1]

    def _score_rows(self, network: NeuralRegressor, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How far each outcome lies outside what ``network`` gives for its row, shape (n, outputs)."""
        low, high = network._bounds(output)
        if y.size != low.size:
            raise DataError(
                f"y has shape {y.shape} and the model was fitted on {self.n_outputs_} outcomes: give as many."
            )
        return interval_scores(y.astype(np.float64).reshape(low.shape), low, high)

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
