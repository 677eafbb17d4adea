"""Full-batch L-BFGS: SciPy drives, the compiled objective answers.

The search compares losses that differ in their last digits, so it computes in float64 whatever the data's precision.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from lamina.layers.base import Context, Parameters, State
from lamina.training.cache import keep_few_programs
from lamina.training.fitted import Fitted, report_divergence
from lamina.training.history import History
from lamina.training.interrupt import InterruptFlag
from lamina.training.objective import Objective
from lamina.training.optimizers import LBFGS
from lamina.training.precision import precision
from lamina.training.program import Numbers, Rows
from lamina.training.progress import ProgressBar
from lamina.training.settings import Settings


@functools.partial(jax.jit, static_argnums=0)
def value_and_gradient(
    objective: Objective, flat: Any, like: Parameters, state: State, rows: Rows, hyperparameters: Any
) -> tuple[Any, Any, Any, Any]:
    """Objective, its gradient as one vector, and its two parts (data, penalties)."""

    def total(vector: Any) -> tuple[Any, tuple[Any, Any]]:
        parameters = ravel_pytree(like)[1](vector)
        data = _data_loss(objective, parameters, state, rows, hyperparameters)
        penalty = jnp.asarray(objective.penalty(parameters, hyperparameters), data.dtype)
        return data + penalty, (data, penalty)

    (value, (data, penalty)), gradient = jax.value_and_grad(total, has_aux=True)(flat)
    return value, gradient, data, penalty


@functools.partial(jax.jit, static_argnums=0)
def _loss_at(objective: Objective, flat: Any, like: Any, state: Any, rows: Rows, hyperparameters: Any) -> Any:
    return _data_loss(objective, ravel_pytree(like)[1](flat), state, rows, hyperparameters)


def _data_loss(objective: Objective, parameters: Any, state: Any, rows: Rows, hyperparameters: Any) -> Any:
    losses, _ = objective.rows(parameters, state, rows.x, rows.y, Context(hyperparameters=hyperparameters))
    return jnp.sum(jnp.where(rows.weights > 0, rows.weights * losses, 0)) / jnp.sum(rows.weights)


class _Stop(Exception):
    """Ends SciPy's loop from its callback."""


class _Search:
    """State of one search: what SciPy asks, and what is kept between iterations."""

    def __init__(
        self,
        objective: Objective,
        settings: Settings,
        state: State,
        rows: Rows,
        validation: Rows | None,
        numbers: Numbers,
        like: Parameters,
    ) -> None:
        self.objective, self.settings, self.state, self.like = objective, settings, state, like
        self.rows, self.validation = jax.device_put(rows), jax.device_put(validation)
        self.hyperparameters = numbers.hyperparameters
        self.history = History()
        self.best: np.ndarray | None = None
        self.best_score = np.inf
        self.best_epoch = 0
        self.last: tuple[float, float] = (np.nan, np.nan)
        self.stopped = ""

    def evaluate(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient, data, penalty = value_and_gradient(
            self.objective, flat, self.like, self.state, self.rows, self.hyperparameters
        )
        self.last = float(data), float(penalty)
        return float(value), np.asarray(gradient)

    def record(self, flat: np.ndarray) -> None:
        """Called after each iteration."""
        self.history.loss.append(self.last[0])
        self.history.penalty.append(self.last[1])
        score = sum(self.last)
        if self.validation is not None:
            score = float(
                _loss_at(self.objective, flat, self.like, self.state, self.validation, self.hyperparameters)
            )
            self.history.validation_loss.append(score)
        if np.isfinite(score) and score < self.best_score - self.settings.min_improvement:
            self.best, self.best_score, self.best_epoch = flat.copy(), score, len(self.history)

    def out_of_patience(self) -> bool:
        patience = self.settings.patience
        return patience is not None and len(self.history) - self.best_epoch >= patience


def fit_lbfgs(
    objective: Objective,
    settings: Settings,
    parameters: Parameters,
    state: State,
    rows: Rows,
    validation: Rows | None,
    numbers: Numbers,
    verbose: bool | None,
) -> Fitted:
    """Minimise the objective over all rows; see :func:`lamina.training.engine.fit`."""
    keep_few_programs(value_and_gradient, _loss_at)
    dtype = rows.weights.dtype
    with precision(np.float64):
        wide = [_widen(tree) for tree in (parameters, state, rows, validation, numbers)]
        parameters, state, rows, validation, numbers = wide
        flat, unravel = ravel_pytree(parameters)
        search = _Search(objective, settings, state, rows, validation, numbers, parameters)
        final, interrupted = _minimise(search, np.array(flat), settings, verbose)
        if not np.isfinite(search.best_score) or not np.isfinite(final).all():
            search.history.stopped = "diverged"
            report_divergence(len(search.history) + 1, search.best_epoch, settings)
            final = final if search.best is None else search.best
        if validation is not None and search.best is not None:
            search.history.best_epoch, final = search.best_epoch, search.best
        kept = jax.tree.map(lambda leaf: np.asarray(leaf, dtype), (unravel(jnp.asarray(final)), state))
    return Fitted(kept[0], kept[1], search.history, None, len(search.history), interrupted)


def search_options(optimizer: LBFGS, iterations: int) -> dict[str, float]:
    """SciPy's options of a search of at most so many iterations.

    >>> search_options(LBFGS(memory=5), 100)["maxcor"]
    5
    """
    return {
        "maxiter": iterations,
        "maxfun": optimizer.max_evaluations,
        "maxcor": optimizer.memory,
        "gtol": optimizer.tolerance,
        "ftol": optimizer.smallest_decrease,
    }


def _minimise(
    search: _Search, flat: np.ndarray, settings: Settings, verbose: bool | None
) -> tuple[np.ndarray, bool]:
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    assert isinstance(settings.optimizer, LBFGS)
    options = search_options(settings.optimizer, settings.epochs)
    bar = ProgressBar(settings.epochs, verbose)
    current = flat
    # SciPy's own vectors are short: more than one thread waits on them longer than it works, above all on a busy machine.
    with InterruptFlag() as interrupt, threadpool_limits(1, user_api="blas"):

        def callback(now: np.ndarray) -> None:
            nonlocal current
            current = now.copy()
            search.record(now)
            bar.update(len(search.history), search.history.loss[-1])
            if interrupt.requested:
                search.stopped = "interrupted"
            elif search.out_of_patience():
                search.stopped = "patience"
            if search.stopped:
                raise _Stop

        try:
            result = minimize(
                search.evaluate, flat, method="L-BFGS-B", jac=True, callback=callback, options=options
            )
            current = result.x
            search.stopped = "epochs" if result.status == 1 else "converged"
            if not search.history.loss:
                search.evaluate(current)
                search.record(current)
        except _Stop:
            pass
        finally:
            bar.close()
    search.history.stopped = search.stopped
    return current, search.stopped == "interrupted"


def _widen(tree: Any) -> Any:
    return jax.tree.map(
        lambda leaf: np.asarray(leaf, np.float64) if np.asarray(leaf).dtype.kind == "f" else leaf, tree
    )
