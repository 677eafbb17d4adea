"""What the regressor and the classifier share: parameters, the order of a fit, prediction, saving."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from lamina.data.images.arrays import as_one_array, check_stored
from lamina.data.sparse import is_sparse_matrix
from lamina.data.streaming import StoredRows, kept_on_disk
from lamina.errors import ArgumentTypeError, DataError
from lamina.estimators.checks import (
    check_early_stopping,
    check_further_outcome,
    check_scale,
    check_weights,
    draw_seed,
    validated,
    with_weight,
)
from lamina.estimators.codes import as_codes, embedding_in_front
from lamina.estimators.features import (
    Features,
    in_memory,
    in_precision,
    is_frame,
    like_training,
    precision_of,
)
from lamina.estimators.nested import NestedParameters
from lamina.estimators.pictures import checked_images, like_those_learnt, watched_pictures, with_pictures
from lamina.estimators.planning import Plans
from lamina.estimators.remembered import NOT_SAVED, TrainingRows
from lamina.estimators.starting import starting_point
from lamina.layers.activations import resolve_activation
from lamina.networks.output import linear_predictor
from lamina.networks.summary import count_parameters, summarise
from lamina.training import EarlyStopping, Fitted, History, fit, pad_rows, predict
from lamina.training.fitted import begun
from lamina.training.optimizers import LBFGS
from lamina.training.precision import precision
from lamina.training.program import Rows
from lamina.training.streaming import stored_rows


@dataclass(frozen=True)
class Prepared:
    """Checked and encoded data of a fit, not yet standardised."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None
    watched: tuple[np.ndarray, np.ndarray, np.ndarray | None] | None
    seed: int
    stopping: EarlyStopping | None


class NeuralEstimator(NestedParameters, Plans):
    """Base of :class:`NeuralRegressor` and :class:`NeuralClassifier`."""

    n_features_in_: int
    fitted_: Fitted
    history_: History

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
    ) -> Self:
        """Train on X (n, p) and y (n,) or (n, outputs).

        Parameters
        ----------
        X
            Array, matrix of scipy.sparse (never scaled, never made dense), or data frame of pandas or polars with any columns.
            Arrays of more dimensions are images, channels last; so are a folder, a list of paths, and what
            :func:`lamina.data.images.read_images` gives.
        y
            Outcome. A classifier takes the folders' names where a folder with one for each class is given.
        sample_weight
            Weight of each row in the loss, shape (n,).
        X_val, y_val
            Rows to watch: the parameters of the epoch with the smallest loss on them are kept.

        Raises
        ------
        DataError, SpecificationError, ArgumentTypeError
            Where data or parameters cannot be used; the message says what to do.
        DivergenceError
            If no usable model was found before the loss ceased to be finite.
        """
        X, y = self._opened(X, y)
        resume = bool(self.warm_start) and self.__sklearn_is_fitted__()
        self._fit(X, y, sample_weight, X_val, y_val, resume=resume, epochs=None)
        if not resume:
            given = {"sample_weight": sample_weight, "X_val": X_val, "y_val": y_val}
            self._learnt_from = TrainingRows(X, y, given, self.get_params(deep=False))
        return self

    def summary(self) -> None:
        """Print layers, output shapes and parameter counts of the fitted network."""
        check_is_fitted(self)
        print(summarise(self.network_, self.input_shape_))

    def save(self, path: str | Path) -> None:
        """Write the fitted model to one ``.lamina`` file; :func:`lamina.load` reads it."""
        from lamina.files import save

        save(self, path)

    @property
    def n_parameters_(self) -> int:
        """Number of parameters of the fitted network."""
        check_is_fitted(self)
        return count_parameters(self.network_, self.input_shape_)

    @property
    def n_iter_(self) -> int:
        """Epochs run."""
        return len(self.history_)

    @property
    def loss_curve_(self) -> list[float]:
        """Training loss of each epoch."""
        return self.history_.loss

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "fitted_")

    @property
    def interrupted_(self) -> bool:
        """Whether Ctrl-C ended the last fit."""
        return self.fitted_.interrupted

    @property
    def parameters_(self) -> dict[str, Any]:
        """Weights and biases: NumPy arrays by layer and name."""
        return self.fitted_.parameters

    @property
    def _classifies(self) -> bool:
        return isinstance(self, ClassifierMixin)

    def _learn_classes(self, y: np.ndarray) -> None:
        """Learn the classes, from every row: those held back or of weight zero too."""

    @abstractmethod
    def _learn_outcome(self, y: np.ndarray, weights: np.ndarray | None) -> None:
        """Learn the scale of the outcome from the training rows."""

    @abstractmethod
    def _encode_outcome(self, y: Any, dtype: Any) -> np.ndarray:
        """The outcome as the loss takes it, shape (n, k)."""

    @abstractmethod
    def _check_outcome(self, y: Any, n_rows: int, *, fresh: bool) -> np.ndarray:
        """The outcome as a checked array; ``fresh`` unless the fit goes on from an earlier one."""

    def _row_weights(self, y: np.ndarray, sample_weight: np.ndarray | None) -> np.ndarray | None:
        return sample_weight

    def _held_back(
        self, y: np.ndarray, share: float, rng: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Indices of training rows and of rows held back for early stopping."""
        order = rng.permutation(len(y))
        held = max(1, round(share * len(y)))
        if held >= len(y):
            raise DataError(
                f"early stopping holds back {held} of {len(y)} rows, which leaves none to train on: "
                "give more rows, X_val and y_val, or a smaller validation_fraction."
            )
        return np.sort(order[held:]), np.sort(order[:held])

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        X_val: Any,
        y_val: Any,
        *,
        resume: bool,
        epochs: int | None,
    ) -> Self:
        prepared = self._prepare(X, y, sample_weight, X_val, y_val, resume=resume, watches=epochs is None)
        if resume:
            self._go_on(prepared.x)
        else:
            self._learn_scales(prepared)
            self._plan(prepared.x)
        settings = self._settings(prepared.stopping, len(prepared.x), epochs)
        rows, validation = self._data(prepared)
        fitted = fit(
            self.network_,
            self.loss_,
            rows,
            settings,
            prepared.seed,
            validation=validation,
            start_from=self.fitted_ if resume else self._begun(prepared.seed, rows.weights.dtype),
            verbose=self.verbose,
        )
        self._take_over(fitted, resume=resume)
        if fitted.interrupted:
            warnings.warn(
                f"training was interrupted after {len(self.history_)} epochs; the model so far is kept.",
                UserWarning,
                stacklevel=3,
            )
        return self

    def _begun(self, seed: int, dtype: Any) -> Fitted | None:
        """Where the fit begins, if with weights from elsewhere."""
        start = starting_point(self.weights, self.network_, self.input_shape_, seed, dtype)
        return None if start is None else begun(start)

    def _prepare(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        X_val: Any,
        y_val: Any,
        *,
        resume: bool = False,
        watches: bool = True,
    ) -> Prepared:
        """Check the data, learn encoding and classes, and part the rows to watch from those to learn from."""
        check_early_stopping(self.early_stopping)
        check_scale(self.scale)
        seed = draw_seed(self.random_state)
        X, y = self._opened(X, y)
        if y is None:
            raise DataError(
                f"{type(self).__name__} requires y to be passed, but the target y is None: give the outcome to fit."
            )
        if not resume:
            # A fit that fails must not leave the old parameters beside new preprocessing.
            self.__dict__.pop("fitted_", None)
        x = self._features(X, reset=not resume)
        y = self._check_outcome(y, len(x), fresh=not resume)
        if not resume:
            self._learn_classes(y)
        x, y, weights = with_weight(x, y, check_weights(sample_weight, x))
        watched = self._watched(X_val, y_val, x)
        stopping = (
            self._early_stopping(len(x), x.shape[1:], sparse=self.features_.sparse) if watches else None
        )
        if watched is None and stopping is not None:
            kept, held = self._held_back(y, stopping.validation_fraction, np.random.RandomState(seed))
            watched = x[held], y[held], None if weights is None else weights[held]
            x, y, weights = x[kept], y[kept], None if weights is None else weights[kept]
        return Prepared(x, y, weights, watched, seed, stopping)

    def _learn_scales(self, prepared: Prepared) -> None:
        """Learn the scales of features and outcome from the training rows."""
        x = prepared.x
        if self.scale and x.ndim == 2 and x.dtype.kind == "f" and not self.features_.sparse:
            self.features_.learn_scale(x, prepared.weights, robust=self._scales_robustly())
        else:
            self.features_.standardizer = None
        self._learn_outcome(prepared.y, prepared.weights)

    def _data(self, prepared: Prepared, *, in_memory: bool = False) -> tuple[Rows, Rows | None]:
        """Training rows and rows to watch, as the compiled fit takes them; if one stays on the disk, so does the other."""
        x, watched = prepared.x, prepared.watched
        stays = not in_memory and any(isinstance(each, StoredRows) for each in (x, *(watched or ())[:1]))
        rows = self._rows(x, prepared.y, self._row_weights(prepared.y, prepared.weights), stays=stays)
        return rows, None if watched is None else self._rows(*watched, stays=stays)

    def _forget(self) -> None:
        """Drop what belongs to the last fit alone: its rows, the answers and the calibrations that came of it."""
        for name in (*NOT_SAVED, "_calibrations"):
            self.__dict__.pop(name, None)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name not in NOT_SAVED}

    def _take_over(self, fitted: Fitted, *, resume: bool = False) -> None:
        """Hold the outcome of a fit."""
        self._forget()
        self.fitted_ = fitted
        if resume:
            self.history_.extend(fitted.history)
        else:
            self.history_ = fitted.history

    def _opened(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Rows of a fit and their outcome, where X may name files."""
        return with_pictures(X, y, classifies=self._classifies)

    def _opened_to_watch(self, X: Any, y: Any) -> tuple[Any, Any]:
        return watched_pictures(X, y, self.features_.shape, classifies=self._classifies)

    def _features(self, X: Any, *, reset: bool) -> Any:
        if not reset:
            X = like_those_learnt(X, self.features_.shape)
        if not reset and not is_frame(X):
            self.features_.refuse_array()
            return self._as_array(X, reset=False)
        if reset:
            self.features_ = Features()
            if is_frame(X):
                self.features_.learn_encoding(X)
        encoded = self.features_.encode(X)
        if self.features_.encoder is None:
            return self._as_array(encoded, reset=reset)
        if reset:
            self.n_features_in_ = len(self.features_.names)  # type: ignore[arg-type]
            self.feature_names_in_ = self.features_.names
        return np.asarray(encoded)

    def _as_array(self, X: Any, *, reset: bool) -> Any:
        if not reset and self._is_ready(X):
            return X
        if is_sparse_matrix(X):
            return self._as_sparse(X, reset=reset)
        X = kept_on_disk(X)
        if isinstance(X, StoredRows):
            return self._as_stored(X, reset=reset)
        least = 2 if reset else 1
        X = as_one_array(X)
        if getattr(X, "ndim", 0) > 2:
            X = checked_images(np.asarray(X), self, fresh=reset)
        try:
            x = validated(self, X, reset=reset, allow_nd=True, ensure_min_samples=least)
        except DataError as error:
            if "X contains NaN" not in str(error):
                raise
            raise self.features_.gaps_told(X, learnt=not reset) from None
        if x.ndim > 2:
            if reset:
                self.features_.eight_bit, self.features_.shape = x.dtype == np.uint8, x.shape[1:]
            x = like_training(x, self.features_.eight_bit)
            if x.dtype == np.uint8:
                return np.asarray(x)
        if (embedding := embedding_in_front(self.layers)) is not None:
            return as_codes(np.asarray(x), embedding)
        if not reset and self.features_.sparse:
            return self.features_.like_sparse(x)
        wide = x.dtype == np.float64 or x.dtype.kind in "iub"
        return np.asarray(x, np.float64 if wide else np.float32)

    def _as_sparse(self, X: Any, *, reset: bool) -> Any:
        """A checked matrix of scipy.sparse: nothing of it is learnt but the number of its columns."""
        least = 2 if reset else 1
        X = validated(self, X, reset=reset, accept_sparse="csr", ensure_min_samples=least)
        return self.features_.learn_sparse(X) if reset else self.features_.like_sparse(X)

    def _as_stored(self, X: StoredRows, *, reset: bool) -> StoredRows:
        """Images that stay on the disk: their shape is checked, and no value is looked at."""
        check_stored(X, None if reset else self.features_.shape)
        if reset:
            self.features_.eight_bit, self.features_.shape = X.dtype == np.uint8, X.shape[1:]
            self.n_features_in_ = X.shape[1]
        return X

    def _is_ready(self, X: Any) -> bool:
        """Whether X needs neither checks nor casts; they take longer than the prediction of a small array."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._is_plain(X) and bool(np.isfinite(np.sum(X)))

    def _is_plain(self, X: Any) -> bool:
        return (
            type(X) is np.ndarray
            and X.dtype in (np.float32, np.float64)
            and X.ndim == 2
            and X.shape[1] == self.n_features_in_
            and len(X) > 0
            and not hasattr(self, "feature_names_in_")
            and embedding_in_front(self.layers) is None
            and not self.features_.sparse
            and self.features_.shape is None
        )

    def _watched(
        self, X_val: Any, y_val: Any, x: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None] | None:
        X_val, y_val = self._opened_to_watch(X_val, y_val)
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            raise ArgumentTypeError("validation rows need both X_val and y_val; one of them is missing.")
        encoded = self._features(X_val, reset=False)
        outcome = check_further_outcome(y_val, len(encoded), ("y_val", "X_val"))
        return in_precision(encoded, precision_of(x)), outcome, None

    def _rows(self, x: Any, y: np.ndarray, weights: np.ndarray | None, *, stays: bool = False) -> Rows:
        outcome = self._encode_outcome(y, precision_of(x))
        if stays:
            return stored_rows(x if isinstance(x, StoredRows) else StoredRows(x), outcome, weights)
        standardizer = self.features_.standardizer
        write = None if standardizer is None else standardizer.apply
        return pad_rows(in_memory(x), outcome, weights, write)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        return self._fit(X, y, sample_weight, None, None, resume=self.__sklearn_is_fitted__(), epochs=1)

    def _output(self, X: Any, *, activated: bool) -> np.ndarray:
        if not self.__sklearn_is_fitted__():
            check_is_fitted(self)
        for asked, z in self.__dict__.get("_answers", ()):
            if asked is X:
                return activate(z, self.loss_.output_activation) if activated else z
        x = self.features_.finish(self._features(X, reset=False))
        dtype = self._precision()
        network = self.network_ if activated else linear_predictor(self.network_)
        return predict(network, self.fitted_.parameters, self.fitted_.state, in_precision(x, dtype))

    def _precision(self) -> Any:
        return next(iter(_leaves(self.fitted_.parameters))).dtype

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.sparse = True
        return tags


def activate(z: np.ndarray, activation: Any) -> np.ndarray:
    """The output activation of linear predictors z.

    >>> activate(np.zeros((1, 2), np.float32), "softmax").tolist()
    [[0.5, 0.5]]
    """
    if activation == "linear":
        return z
    with precision(z.dtype):
        return np.asarray(resolve_activation(activation)(z))


def is_network(estimator: Any) -> bool:
    """Whether an estimator, or the last step of a pipeline, is one of Lamina's networks.

    >>> from lamina import NeuralRegressor
    >>> is_network(NeuralRegressor()), is_network(object())
    (True, False)
    """
    return isinstance(final_step(estimator), NeuralEstimator)


def final_step(model: Any) -> Any:
    """The last step of a pipeline, or the model itself."""
    steps = getattr(model, "steps", None)
    return steps[-1][1] if steps else model


def takes_single_epochs(estimator: NeuralEstimator) -> bool:
    """Whether there is a ``partial_fit``; raises AttributeError, which hides the method, where there is none."""
    if estimator.optimizer == "lbfgs" or isinstance(estimator.optimizer, LBFGS):
        raise AttributeError(
            "partial_fit takes one epoch at a time, which LBFGS cannot: use optimizer='adam'."
        )
    if estimator.early_stopping:
        raise AttributeError(
            f"partial_fit takes one epoch at a time and early_stopping={estimator.early_stopping!r} needs several: "
            "set early_stopping=None, or call fit."
        )
    return True


def _leaves(tree: dict[str, Any]) -> Any:
    for item in tree.values():
        if isinstance(item, dict):
            yield from _leaves(item)
        else:
            yield item
