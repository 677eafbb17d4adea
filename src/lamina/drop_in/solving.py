"""One fit of a drop-in estimator: its parameters translated into what the compiled engine takes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from lamina.drop_in.following import LossPrinter, Shuffling
from lamina.drop_in.solvers import AdamSolver, Solver, SolverState, StochasticGradient
from lamina.drop_in.stopping import EndOfEpoch, Score
from lamina.layers.base import Parameters
from lamina.layers.containers import Sequential
from lamina.layers.penalties import L2
from lamina.training import LBFGS, Fitted, History, Loss, Settings, fit, pad_rows
from lamina.training.program import Rows

SMALLEST_DECREASE = 2.220446049250313e-09
"""SciPy's default for L-BFGS-B, which scikit-learn leaves as it is."""


@dataclass(frozen=True)
class Table:
    """Checked rows: X (n, p), outcome (n, outputs) as the loss takes it, and weights (n,) or None."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None = None

    def rows(self) -> Rows:
        """Padded rows with the weights as given: scikit-learn neither scales them nor drops those of weight zero."""
        padded = pad_rows(self.x, self.y.astype(self.x.dtype), None)
        if self.weights is not None:
            padded.weights[: len(self.x)] = self.weights
        return padded

    def total_weight(self) -> float:
        """Sum of the weights; the number of rows where none are given."""
        return float(len(self.x) if self.weights is None else self.weights.sum())


@dataclass(frozen=True)
class Task:
    """What is fitted: network and loss, the parameters to begin with, the rows."""

    network: Sequential
    loss: Loss
    parameters: Parameters
    table: Table

    def begin(self, optimizer_state: Any = None) -> Fitted:
        """The start as an outcome to go on from."""
        return Fitted(self.parameters, {}, History(), optimizer_state)


def minimise_lbfgs(estimator: Any, task: Task) -> Fitted:
    """Minimise over all rows at once by L-BFGS."""
    settings = Settings(
        optimizer=LBFGS(
            tolerance=estimator.tol,
            max_evaluations=estimator.max_fun,
            smallest_decrease=SMALLEST_DECREASE,
        ),
        epochs=estimator.max_iter,
        batch_size=None,
        penalty=L2(0.5 * estimator.alpha / task.table.total_weight()),
    )
    return fit(task.network, task.loss, task.table.rows(), settings, 0, start_from=task.begin())


def make_solver(estimator: Any) -> Solver:
    """The stochastic solver that the estimator names."""
    return SOLVERS[estimator.solver](estimator)


def _stochastic_gradient(estimator: Any) -> Solver:
    return StochasticGradient(
        learning_rate=float(estimator.learning_rate_init),
        momentum=float(estimator.momentum),
        nesterov=bool(estimator.nesterovs_momentum),
        power=float(estimator.power_t),
        rows_seen=float(estimator.t_),
    )


def _adam(estimator: Any) -> Solver:
    return AdamSolver(
        learning_rate=float(estimator.learning_rate_init),
        beta_1=float(estimator.beta_1),
        beta_2=float(estimator.beta_2),
        epsilon=float(estimator.epsilon),
    )


SOLVERS = {"sgd": _stochastic_gradient, "adam": _adam}


def minimise_stochastic(
    estimator: Any,
    task: Task,
    state: SolverState,
    epochs: int,
    shuffling: Shuffling,
    held: Table | None,
    score: Score | None,
) -> Fitted:
    """Run the epochs, from a solver's state, until scikit-learn's rules end them."""
    patience = min(estimator.n_iter_no_change, np.iinfo(np.int32).max)
    settings = Settings(
        optimizer=make_solver(estimator),
        epochs=epochs,
        batch_size=rows_a_step(estimator.batch_size, len(task.table.x)),
        penalty=L2(0.5 * estimator.alpha),
        patience=int(patience),
        min_improvement=estimator.tol,
        shuffle=bool(estimator.shuffle),
        whole_batches=True,
        end_of_epoch=EndOfEpoch(estimator.learning_rate if estimator.solver == "sgd" else "constant", score),
    )
    fitted = fit(
        task.network,
        task.loss,
        task.table.rows(),
        settings,
        0,
        validation=None if held is None else held.rows(),
        start_from=task.begin(state),
        draw_order=shuffling.draw,
        watch=LossPrinter() if estimator.verbose else None,
    )
    if estimator.shuffle and not isinstance(estimator.random_state, Integral):
        shuffling.settle(fitted.epochs)
    return fitted


def rows_a_step(batch_size: int | str, n_rows: int) -> int:
    """Rows of a mini-batch: 200 at most by default; a larger number than there are rows is clipped with a warning.

    >>> rows_a_step("auto", 1000), rows_a_step("auto", 50), rows_a_step(32, 50)
    (200, 50, 32)
    """
    if isinstance(batch_size, str):
        return min(200, n_rows)
    if batch_size > n_rows:
        warnings.warn(
            f"Got `batch_size` less than 1 or larger than sample size. It is going to be clipped to {n_rows}.",
            UserWarning,
            stacklevel=2,
        )
    return int(min(batch_size, n_rows))
