"""The course of a fit: epoch after epoch, and now and then a look at the validation rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lamina.classics.learning import History, Learner, no_longer_falls
from lamina.errors import DivergenceError

Array = NDArray[Any]
Table = tuple[Array, Array]
"""Rows with their bias input, and targets."""


@dataclass(frozen=True)
class Plan:
    """How long to train, on how many rows at a time, and when to stop.

    Attributes
    ----------
    epochs
        At most.
    rows_a_step
        None for all of them.
    rng
        Draws the order of each epoch; None leaves the rows in theirs.
    check_every
        Epochs between looks at the validation rows.
    tol
        A fall of the validation error that does not count.
    """

    epochs: int
    rows_a_step: int | None
    rng: np.random.RandomState | None
    check_every: int
    tol: float

    def batches(self, n: int) -> Sequence[Any]:
        """Places of the rows of each step of an epoch."""
        if self.rows_a_step is None:
            return [slice(None)]
        order = np.arange(n) if self.rng is None else self.rng.permutation(n)
        return [order[start : start + self.rows_a_step] for start in range(0, n, self.rows_a_step)]


def run(learner: Learner, rows: Table, validation: Table | None, plan: Plan) -> History:
    """Train in place. With validation rows, end when their error has twice no longer fallen, and keep the best weights.

    Raises
    ------
    DivergenceError
        If the error leaves the finite numbers.
    """
    # The products of few rows are small: more than one thread waits on them longer than it works.
    few = plan.rows_a_step is not None
    with threadpool_limits(1, user_api="blas") if few else nullcontext():
        return _run(learner, rows, validation, plan)


def _run(learner: Learner, rows: Table, validation: Table | None, plan: Plan) -> History:
    history = History()
    look = None if validation is None else _watcher(learner, validation, history)
    for epoch in range(1, plan.epochs + 1):
        with np.errstate(over="ignore", invalid="ignore"):
            error = learner.epoch(*rows, plan.batches(len(rows[0])))
        _refuse_infinite(error, epoch, learner)
        history.error.append(error)
        if look is not None and epoch % plan.check_every == 0:
            look()
            if no_longer_falls(history.validation_error, plan.tol):
                history.stopped = "validation"
                break
    if look is None:
        history.best_epoch = len(history)
    else:
        learner.weights = look()
    return history


def _watcher(learner: Learner, validation: Table, history: History) -> Callable[[], list[Array]]:
    """A function that looks at the validation rows, if this epoch has not been looked at, and gives the best weights so far."""
    best: list[Array] = []
    looked_at = 0

    def look() -> list[Array]:
        nonlocal best, looked_at
        if looked_at < len(history):
            looked_at = len(history)
            error = learner.error(*validation)
            if not history.validation_error or error < min(history.validation_error):
                best, history.best_epoch = [w.copy() for w in learner.weights], len(history)
            history.validation_error.append(error)
        return best

    return look


def _refuse_infinite(error: float, epoch: int, learner: Learner) -> None:
    if not np.isfinite(error) or not all(np.isfinite(w).all() for w in learner.weights):
        raise DivergenceError(
            f"training diverged: the error was no longer finite in epoch {epoch}. Standardise X (and y, with output='linear'), "
            f"or give a smaller learning_rate (it was {learner.learning_rate}) or momentum (it was {learner.momentum})."
        )
