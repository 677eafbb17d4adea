"""The fit of an estimator by the compiled engine, stopped after each step or epoch to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from sklearn.base import clone

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.estimators.base import NeuralEstimator
from lamina.layers.base import Parameters, State
from lamina.training.objective import penalty_terms
from lamina.training.optimizers import LBFGS
from lamina.training.plan import initial, numbers_of, objective_of, program_of
from lamina.training.precision import precision
from lamina.training.program import HISTORY, Numbers, Program, Rows, advance, start
from lamina.training.settings import Settings


@dataclass(frozen=True, eq=False)
class Walk:
    """A fit that is about to run: a copy of the model with its scales and network, and what the engine takes.

    Attributes
    ----------
    model
        The copy, not fitted yet.
    parameters, state
        The first ones.
    rows
        To learn from.
    validation
        To watch, or None.
    """

    model: NeuralEstimator
    program: Program
    settings: Settings
    numbers: Numbers
    parameters: Parameters
    state: State
    rows: Rows
    validation: Rows | None

    @classmethod
    def of(cls, model: Any, X: Any, y: Any, X_val: Any = None, y_val: Any = None) -> Walk:
        """Prepare the fit of a copy, which holds back no rows of its own.

        Raises
        ------
        ArgumentTypeError
            If the model is none of Lamina's estimators.
        SpecificationError
            If its optimizer is L-BFGS, which takes no steps of the engine.
        """
        if not isinstance(model, NeuralEstimator):
            raise ArgumentTypeError(
                f"{type(model).__name__} was given: a NeuralRegressor or NeuralClassifier is needed, whose fit can be stopped "
                "after each step."
            )
        own = clone(model).set_params(early_stopping=False, verbose=False)
        prepared = own._prepare(X, y, None, X_val, y_val)
        own._learn_scales(prepared)
        own._plan(prepared.x)
        settings = own._settings(None, len(prepared.x), None)
        if isinstance(settings.optimizer, LBFGS):
            raise SpecificationError(
                "optimizer='lbfgs' runs in SciPy and takes no steps of its own to stop at: use a first-order optimizer, or "
                "descend(function, start, LBFGS()) on a function."
            )
        rows, validation = own._data(prepared, in_memory=True)
        dtype = rows.weights.dtype
        parameters, state = initial(own.network_, own.input_shape_, prepared.seed, dtype)
        terms = penalty_terms(own.network_, parameters, settings.penalty)
        program = program_of(objective_of(own.network_, own.loss_, terms), settings, int(rows.n))
        numbers = numbers_of(own.network_, own.loss_, settings, prepared.seed, dtype)
        return cls(own, program, settings, numbers, parameters, state, rows, validation)

    @property
    def steps_an_epoch(self) -> int:
        """Steps of an epoch."""
        return self.settings.steps(int(self.rows.n))

    def run(self, every: int) -> Iterator[tuple[Parameters, State, float]]:
        """Parameters, state and the last epoch's running loss, before the first step and after each ``every`` steps."""
        last = self.settings.epochs * self.steps_an_epoch
        with precision(self.rows.weights.dtype):
            rows = jax.device_put(self.rows)
            carry = start(self.program, self.parameters, self.state, rows, self.numbers)
            yield self.parameters, self.state, float("nan")
            for until in range(every, last + 1, every):
                carry = advance(self.program, carry, rows, None, self.numbers, np.int32(until))
                parameters, state = jax.tree.map(np.array, (carry.learner.parameters, carry.learner.state))
                epoch, left = divmod(until, self.steps_an_epoch)
                running = np.nan if left else float(np.asarray(carry.losses)[(epoch - 1) % HISTORY])
                yield parameters, state, running
                if not left and bool(carry.stopped):
                    return
