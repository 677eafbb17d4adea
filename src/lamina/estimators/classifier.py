"""The classifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from lamina.data.validation import check_target
from lamina.errors import DataError, SpecificationError
from lamina.estimators.base import NeuralEstimator, takes_single_epochs
from lamina.estimators.calibration import Recipe, calibration_of
from lamina.estimators.checks import check_further_outcome, draw_seed
from lamina.estimators.conformal import mass_before
from lamina.estimators.dropout import over_masks
from lamina.estimators.intervals import set_at
from lamina.training.losses import (
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    FunctionLoss,
    Loss,
    resolve_loss,
)


def _gives_probabilities(estimator: NeuralClassifier) -> bool:
    named = getattr(estimator, "loss_", None) or estimator.loss
    try:
        activation = "sigmoid" if named is None else resolve_loss(named).output_activation
    except (TypeError, ValueError):  # an unknown loss is refused in fit
        return True
    if activation not in ("sigmoid", "softmax"):
        raise AttributeError(
            f"loss={estimator.loss!r} gives classes but no probabilities: use a cross-entropy."
        )
    return True


class NeuralClassifier(ClassifierMixin, NeuralEstimator):  # type: ignore[misc]
    r"""A feed-forward network for classes: two, several, or several labels at once.

    Two classes take one sigmoid unit and binary cross-entropy, C > 2 classes C softmax units and categorical cross-entropy,

    .. math:: \Pr(Y = m \mid x) = e^{z_m(x)} / \sum_l e^{z_l(x)},

    and a 0/1 matrix y of k columns (multilabel) k sigmoid units.

    Parameters
    ----------
    layers : list of layers, optional
        Hidden layers only: the output layer follows the outcome. None takes the default network for tables, or for
        images (docs/default-network.md).
    loss : str, Loss or function, optional
        None follows the outcome; also "hinge", or ``CategoricalCrossEntropy(label_smoothing=0.1)``.
    class_weight : dict or "balanced", optional
        Weight of each class in the loss, as in scikit-learn.
    augment, optimizer, epochs, batch_size, penalty, early_stopping
        As in :class:`lamina.NeuralRegressor`.
    clip_norm, shuffle, scale, weights, precision, warm_start, random_state, verbose
        As in :class:`lamina.NeuralRegressor`.

    Attributes
    ----------
    classes_
        Class labels, sorted.
    network_, n_parameters_, parameters_, history_, loss_curve_, n_iter_, n_features_in_, feature_names_in_
        As in :class:`lamina.NeuralRegressor`.

    Source: ISLP sections 10.2 and 10.3, equations 10.13 and 10.14.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import NeuralClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NeuralClassifier(random_state=0).fit(X, y)
    >>> model.predict_proba(X).shape, model.score(X, y) > 0.95
    ((150, 3), True)
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
        class_weight: Any = None,
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
        self.class_weight = class_weight
        self.clip_norm = clip_norm
        self.shuffle = shuffle
        self.scale = scale
        self.weights = weights
        self.precision = precision
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X: Any) -> np.ndarray:
        """Class of largest probability, shape (n,); for several labels the 0/1 matrix of those above 1/2."""
        z = self._output(X, activated=False)
        if self.multilabel_:
            return (z > 0).astype(np.int64)
        codes = (z[:, 0] > 0).astype(np.intp) if z.shape[1] == 1 else z.argmax(axis=1)
        chosen: np.ndarray = self.classes_[codes]
        return chosen

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any, dropout_samples: int | None = None) -> Any:
        """Probabilities, shape (n, classes) in the order of ``classes_`` (or (n, labels)).

        With ``dropout_samples``, dropout stays on: the mean over so many random masks and the standard deviation, a pair of such
        arrays, as :meth:`lamina.NeuralRegressor.predict` has it.
        """
        if dropout_samples is None:
            return self._probabilities(self._output(X, activated=True))
        return over_masks(self, X, dropout_samples, self._probabilities)

    @available_if(_gives_probabilities)  # type: ignore[untyped-decorator]
    def predict_set(
        self,
        X: Any,
        coverage: float = 0.9,
        *,
        method: str = "cv+",
        cv: Any = 10,
        holdout: float = 0.25,
        randomized: bool = False,
        X_cal: Any = None,
        y_cal: Any = None,
    ) -> np.ndarray:
        r"""Adaptive prediction sets: classes that a row may have; a share ``coverage`` of the sets holds the true one.

        A set takes classes from the likeliest on until their probabilities add up to a level that is calibrated on rows that
        the network has not seen: more classes where it is unsure.

        Parameters
        ----------
        X
            Rows to predict.
        coverage
            The share, for example 0.9. It holds on average over rows, not for each class or kind of row.
        method : {"cv+", "split"}
            "cv+": as many networks as ``cv`` has folds, fitted as one population at the first call and kept (guaranteed:
            1 - 2 alpha - sqrt(2 / n), measured: coverage). "split": one network on part of the rows (guaranteed: coverage).
        cv, holdout, X_cal, y_cal
            As in :meth:`lamina.NeuralRegressor.predict_interval`.
        randomized
            False: the class that ``predict`` gives is always in the set, and more rows than asked for may be covered (all that
            network gets right, at least). True: classes at the edge enter by chance, from ``random_state``; coverage is met
            exactly, sets may be empty.

        Returns
        -------
        Truth values, shape (n, classes) in the order of ``classes_``; ``model.classes_[row]`` names the classes of a row.

        Source: Romano, Sesia, Candès (2020).

        >>> from sklearn.datasets import load_iris
        >>> from lamina import NeuralClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = NeuralClassifier([], epochs=20, random_state=0).fit(X, y)
        >>> sets = model.predict_set(X, coverage=0.9)
        >>> sets.shape, bool(sets[range(150), y].mean() > 0.85)
        ((150, 3), True)
        """
        if method == "cqr":
            raise SpecificationError("method='cqr' is for numbers and y holds classes: use 'cv+' or 'split'.")
        recipe = Recipe.of(method, cv, holdout, coverage)
        check_is_fitted(self)
        if self.multilabel_:
            raise SpecificationError(
                "predict_set is for one label a row, and y has several: fit a classifier to each label."
            )
        calibration = calibration_of(self, recipe, X_cal, y_cal)
        if randomized:
            return set_at(calibration, X, coverage, self.classes_, draw_seed(self.random_state))
        sets = set_at(calibration, X, coverage, self.classes_, None)
        sets[np.arange(len(sets)), np.searchsorted(self.classes_, self.predict(X))] = True
        return sets

    def _probabilities(self, output: np.ndarray) -> np.ndarray:
        """Probabilities of all classes, from the network's output."""
        if self.multilabel_ or output.shape[1] > 1:
            return output
        return np.hstack([1 - output, output])

    def _probabilities_of(self, classes: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Probabilities of the classes given, sorted, zero for those that this network has not met."""
        p = np.zeros((len(output), len(classes)), output.dtype)
        p[:, np.searchsorted(classes, self.classes_)] = self._probabilities(output)
        return p

    def _score_rows(self, network: NeuralClassifier, output: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Probability of the classes above each row's own, and of its own, under ``network``; shape (n, 2)."""
        p = network._probabilities_of(self.classes_, output)
        codes = np.ravel(self._codes(y))
        rows = np.arange(len(p))
        return np.column_stack([mass_before(p)[rows, codes], p[rows, codes]])

    def decision_function(self, X: Any) -> np.ndarray:
        """Linear predictor z, shape (n,) for two classes (positive means ``classes_[1]``), else (n, classes)."""
        z = self._output(X, activated=False)
        if self.multilabel_ or len(self.classes_) != 2:
            return z
        difference: np.ndarray = z[:, 0] if z.shape[1] == 1 else z[:, 1] - z[:, 0]
        return difference

    @available_if(takes_single_epochs)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One epoch on these rows, going on from the last; the first call needs ``classes`` unless y has them all."""
        if classes is not None and not self.__sklearn_is_fitted__():
            self._announced = np.unique(classes)
        try:
            return self._partial_fit(X, y, sample_weight)
        finally:
            self.__dict__.pop("_announced", None)

    def _check_outcome(self, y: Any, n_rows: int, *, fresh: bool) -> np.ndarray:
        if hasattr(self, "_announced") or not fresh:
            return check_further_outcome(y, n_rows)
        if getattr(y, "ndim", 1) == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return check_target(y, "classification", n_rows=n_rows)

    def _default_loss(self) -> Loss:
        if self.multilabel_ or len(self.classes_) == 2:
            return BinaryCrossEntropy()
        return CategoricalCrossEntropy()

    def _check_loss(self, loss: Loss) -> Loss:
        n = len(self.classes_)
        several = self.multilabel_ or n == 2
        if isinstance(loss, BinaryCrossEntropy) and not several:
            raise SpecificationError(
                f"y has {n} classes but loss='binary_crossentropy' takes 2: leave loss unset or use "
                "'categorical_crossentropy'."
            )
        if self.multilabel_ and not isinstance(loss, BinaryCrossEntropy):
            raise SpecificationError(
                f"y has {n} labels at once, for which loss={self.loss!r} is not made: leave loss unset."
            )
        if loss.outcome not in ("class", "fraction") and not isinstance(loss, FunctionLoss):
            raise SpecificationError(
                f"loss={self.loss!r} is for numbers and y holds classes: leave loss unset, or use NeuralRegressor."
            )
        return loss

    def _learn_outcome(self, y: np.ndarray, weights: np.ndarray | None) -> None:
        """Classes have no scale."""

    def _learn_classes(self, y: np.ndarray) -> None:
        self.multilabel_ = y.ndim == 2
        if self.multilabel_:
            self.classes_ = np.arange(y.shape[1])
        else:
            announced = getattr(self, "_announced", None)
            self.classes_ = np.unique(y) if announced is None else announced
        self.n_outputs_ = y.shape[1] if self.multilabel_ else 1

    def _encode_outcome(self, y: np.ndarray, dtype: Any) -> np.ndarray:
        if self.multilabel_:
            return np.asarray(y, dtype=dtype)
        wanted = np.int32 if self._output_units() > 1 else dtype
        return self._codes(y).astype(wanted)[:, None]

    def _codes(self, y: np.ndarray) -> np.ndarray:
        """Place of each label among the classes."""
        known = np.isin(y, self.classes_)
        if not known.all():
            raise DataError(
                f"y has the class {y[~known].tolist()[0]!r} that the model does not know: its classes are "
                f"{self.classes_.tolist()}."
            )
        return np.searchsorted(self.classes_, y)

    def _output_units(self) -> int:
        if self.multilabel_:
            return len(self.classes_)
        binary = len(self.classes_) == 2 and not isinstance(self.loss_, CategoricalCrossEntropy)
        return 1 if binary else len(self.classes_)

    def _row_weights(self, y: np.ndarray, sample_weight: np.ndarray | None) -> np.ndarray | None:
        if self.class_weight is None:
            return sample_weight
        if self.multilabel_:
            raise SpecificationError(
                "class_weight is for one label a row: use sample_weight with several labels."
            )
        from sklearn.utils.class_weight import compute_sample_weight

        weights: np.ndarray = compute_sample_weight(self.class_weight, y)
        if not weights.sum() > 0:
            raise DataError(
                f"class_weight={self.class_weight!r} gives every row of y the weight zero: some class needs a weight "
                "above zero."
            )
        return weights if sample_weight is None else weights * sample_weight

    def _held_back(
        self, y: np.ndarray, share: float, rng: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """As in the base class, the same share of every class where each has two rows at least."""
        if y.ndim > 1 or min(np.unique(y, return_counts=True)[1]) < 2:
            return super()._held_back(y, share, rng)
        from sklearn.model_selection import train_test_split

        classes = len(np.unique(y))
        held = max(round(share * len(y)), classes)
        if len(y) - held < classes:
            return super()._held_back(y, share, rng)
        kept, back = train_test_split(np.arange(len(y)), test_size=held, stratify=y, random_state=rng)
        return np.sort(kept), np.sort(back)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
