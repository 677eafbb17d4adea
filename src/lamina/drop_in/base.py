"""What the two drop-in estimators share: a fit in scikit-learn's order of things, and prediction."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from lamina.drop_in.constraints import CONSTRAINTS
from lamina.drop_in.following import Shuffling
from lamina.drop_in.solvers import SolverState
from lamina.drop_in.solving import Table, Task, make_solver, minimise_lbfgs, minimise_stochastic
from lamina.drop_in.stopping import Score
from lamina.drop_in.weights import as_lists, as_tree, draw_weights, network_of
from lamina.errors import DataError, DivergenceError, SpecificationError
from lamina.training import Fitted, Loss, predict
from lamina.training.prediction import BLOCK

STOCHASTIC = ("sgd", "adam")


class MultilayerPerceptron(BaseEstimator, ABC):  # type: ignore[misc]
    """Base of :class:`MLPClassifier` and :class:`MLPRegressor`."""

    hidden_layer_sizes: Any
    activation: str
    solver: str
    alpha: float
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: Any
    tol: float
    verbose: bool | int
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int

    coefs_: list[np.ndarray]
    intercepts_: list[np.ndarray]
    loss_curve_: list[float]
    validation_scores_: list[float] | None
    best_loss_: float | None
    best_validation_score_: float | None
    out_activation_: str
    _optimizer: SolverState

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = CONSTRAINTS

    def _store(self, parameters: Mapping[str, Any]) -> None:
        """Keep a constructor's arguments, given as its ``locals()``, as they are."""
        for name in self._get_param_names():
            setattr(self, name, parameters[name])

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the network.

        Parameters
        ----------
        X
            Array, data frame of numbers, or sparse matrix (made dense), shape (n, p).
        y
            Outcome, shape (n,) or (n, outputs).
        sample_weight
            Weight of each row, shape (n,).

        Raises
        ------
        ValueError
            As scikit-learn does, for data and parameters that cannot be used and where the weights left the finite numbers.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    @abstractmethod
    def _check_data(self, X: Any, y: Any, incremental: bool, fresh: bool) -> tuple[Any, np.ndarray]:
        """Checked X and the outcome as the loss takes it, (n,) or (n, outputs)."""

    @abstractmethod
    def _output_name(self) -> str:
        """scikit-learn's name of the output activation."""

    @abstractmethod
    def _loss(self) -> Loss:
        """The loss that goes with the output activation."""

    @abstractmethod
    def _validation_score(self) -> Score:
        """What early stopping watches."""

    def _fit(self, X: Any, y: Any, sample_weight: Any, *, incremental: bool) -> Self:
        self._validate_params()
        sizes = _hidden_sizes(self.hidden_layer_sizes)
        fresh = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = self._check_data(X, y, incremental, fresh)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X, dtype=X.dtype)
        rng = check_random_state(self.random_state)
        y = y.reshape(len(y), -1)
        self.n_outputs_ = y.shape[1]
        if fresh:
            self._begin([X.shape[1], *sizes, self.n_outputs_], X.dtype, rng)
        table = Table(_dense(X, self._precision()), y, weights)
        try:
            if self.solver in STOCHASTIC:
                self._fit_stochastic(table, rng, incremental)
            else:
                self._fit_lbfgs(table)
        except DivergenceError:
            self._refuse_infinite(always=True)
        self._refuse_infinite()
        return self

    def _begin(self, units: list[int], dtype: Any, rng: np.random.RandomState) -> None:
        """Draw the weights and forget an earlier fit."""
        self.n_iter_, self.t_, self.n_layers_ = 0, 0, len(units)
        self.out_activation_ = self._output_name()
        self.coefs_, self.intercepts_ = draw_weights(units, self.activation, dtype, rng)
        if self.solver not in STOCHASTIC:
            return
        self.loss_curve_ = []
        self._no_improvement_count = 0
        self.validation_scores_ = [] if self.early_stopping else None
        self.best_validation_score_ = -np.inf if self.early_stopping else None
        self.best_loss_ = None if self.early_stopping else np.inf

    def _task(self, table: Table) -> Task:
        network = network_of(self.coefs_, self.activation, self.out_activation_)
        return Task(network, self._loss(), as_tree(self.coefs_, self.intercepts_, table.x.dtype), table)

    def _fit_lbfgs(self, table: Table) -> None:
        fitted = minimise_lbfgs(self, self._task(table))
        self.coefs_, self.intercepts_ = as_lists(fitted.parameters)
        history = fitted.history
        self.n_iter_ = len(history)
        self.loss_ = history.loss[-1] + history.penalty[-1]
        if history.stopped == "epochs":
            warnings.warn(
                f"lbfgs failed to converge after {self.n_iter_} iteration(s): it reached max_iter={self.max_iter} "
                f"iterations or max_fun={self.max_fun} evaluations. Raise them, or scale the data.",
                ConvergenceWarning,
                stacklevel=4,
            )
        _tell_interrupt(fitted)

    def _fit_stochastic(self, table: Table, rng: np.random.RandomState, incremental: bool) -> None:
        state = self._solver_state(table.x.dtype, incremental)
        if self.early_stopping and incremental:
            raise SpecificationError("partial_fit does not support early_stopping=True")
        held = None
        if self.early_stopping:
            table, held = self._hold_back(table, rng)
        score = self._validation_score() if self.early_stopping else None
        task = self._task(table)
        epochs = 1 if incremental else self.max_iter
        shuffling = Shuffling(rng, len(table.x))
        fitted = minimise_stochastic(self, task, state, epochs, shuffling, held, score)
        # Where no validation score was better than those of an earlier fit, its weights stay the best.
        if held is None or fitted.history.best_epoch is not None:
            self.coefs_, self.intercepts_ = as_lists(fitted.parameters)
        self._record(fitted, len(table.x))
        if not incremental and fitted.history.stopped == "epochs":
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the optimization hasn't "
                "converged yet.",
                ConvergenceWarning,
                stacklevel=4,
            )
        _tell_interrupt(fitted)

    def _solver_state(self, dtype: Any, incremental: bool) -> SolverState:
        if incremental and hasattr(self, "_optimizer"):
            return self._optimizer
        best = self.best_validation_score_ if self.early_stopping else -_number(self.best_loss_, np.inf)
        parameters = as_tree(self.coefs_, self.intercepts_, dtype)
        waited = self._no_improvement_count
        return make_solver(self).initial(parameters, waited, _number(best, -np.inf))

    def _record(self, fitted: Fitted, n_rows: int) -> None:
        history = fitted.history
        curve = [loss + penalty for loss, penalty in zip(history.loss, history.penalty, strict=True)]
        self._optimizer = fitted.optimizer_state
        self._no_improvement_count = int(self._optimizer.waited)
        self.n_iter_ = len(curve)
        self.t_ += n_rows * len(curve)
        self.loss_curve_ += curve
        self.loss_ = curve[-1]
        if self.early_stopping:
            self.validation_scores_ = [*(self.validation_scores_ or []), *history.validation_loss]
            self.best_validation_score_ = float(self._optimizer.best_score)
        else:
            self.best_loss_ = -float(self._optimizer.best_score)

    def _hold_back(self, table: Table, rng: np.random.RandomState) -> tuple[Table, Table]:
        arrays = [table.x, table.y] + ([] if table.weights is None else [table.weights])
        parts = train_test_split(
            *arrays,
            random_state=rng,
            test_size=self.validation_fraction,
            stratify=table.y if self._stratifies() else None,
        )
        if len(parts[1]) < 2:
            raise DataError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        return Table(*parts[::2]), Table(*parts[1::2])

    def _stratifies(self) -> bool:
        return False

    def _output(self, X: Any) -> np.ndarray:
        """Activations of the output layer, (n, outputs), in the wider precision of X and the weights."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        wide = np.result_type(X.dtype, self.coefs_[0].dtype).itemsize > np.dtype(np.float32).itemsize
        dtype = np.float64 if wide else np.float32
        network = network_of(self.coefs_, self.activation, self.out_activation_)
        parameters = as_tree(self.coefs_, self.intercepts_, dtype)
        # A sparse matrix is made dense a block at a time, so that the whole need not be in memory.
        starts = range(0, X.shape[0], BLOCK) if issparse(X) else [0]
        size = BLOCK if issparse(X) else X.shape[0]
        blocks = [predict(network, parameters, {}, _dense(X[i : i + size], dtype)) for i in starts]
        return np.concatenate(blocks)

    def _precision(self) -> Any:
        return np.float32 if self.coefs_[0].dtype == np.float32 else np.float64

    def _refuse_infinite(self, always: bool = False) -> None:
        if always or not all(np.isfinite(values).all() for values in (*self.coefs_, *self.intercepts_)):
            raise DivergenceError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                "preprocessed."
            )

    def _has_stochastic_solver(self) -> bool:
        if self.solver not in STOCHASTIC:
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
            )
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _hidden_sizes(given: Any) -> list[int]:
    sizes = list(given) if isinstance(given, Iterable) else [given]
    if np.any(np.array(sizes) <= 0):
        raise SpecificationError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(size) for size in sizes]


def _dense(X: Any, dtype: Any) -> np.ndarray:
    return np.asarray(X.toarray() if issparse(X) else X, dtype)


def _number(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _tell_interrupt(fitted: Fitted) -> None:
    if fitted.interrupted:
        warnings.warn("Training interrupted by user.", UserWarning, stacklevel=5)
