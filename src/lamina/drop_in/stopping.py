"""The end of an epoch by scikit-learn's rules, inside the compiled program: score, stop or go on, learning rate.

An epoch without an improvement by ``tol`` counts; when more than ``n_iter_no_change`` have come in a row the fit stops,
or, with the adaptive learning rate, goes on with a fifth of the rate until that is below 1e-6.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from lamina.layers.activations import ACTIVATIONS
from lamina.layers.base import Context
from lamina.layers.values import Specification
from lamina.training.program import HISTORY, Carry, Numbers, Program, Rows

Array = Any
SMALLEST_RATE = 1e-6


class Score(Specification):
    """Base of the scores on validation rows; larger is better."""

    @abstractmethod
    def of(self, z: Array, y: Array, weights: Array) -> Array:
        """The score of linear predictors z for outcomes y, rows weighted (padding has weight zero)."""


@dataclass(frozen=True, repr=False)
class RSquared(Score):
    """1 - sum w (y - f)² / sum w (y - mean)², averaged over outputs; not a number where f is not finite.

    A constant outcome scores 1 if met exactly, otherwise 0.
    """

    link: str

    def of(self, z: Array, y: Array, weights: Array) -> Array:
        column = weights[:, None]
        squares = jnp.square(y - ACTIVATIONS[self.link](z))
        residual = jnp.sum(jnp.where(column != 0, column * squares, 0), axis=0)
        mean = jnp.sum(column * y, axis=0) / jnp.sum(weights)
        total = jnp.sum(column * jnp.square(y - mean), axis=0)
        varies = total != 0
        share = jnp.where(varies, residual / jnp.where(varies, total, 1), residual != 0)
        return jnp.where(jnp.isfinite(residual).all(), jnp.mean(1 - share), jnp.nan)


@dataclass(frozen=True, repr=False)
class ClassAccuracy(Score):
    """Share of the rows whose largest predictor is at their class."""

    def of(self, z: Array, y: Array, weights: Array) -> Array:
        right = jnp.argmax(z, axis=-1) == jnp.argmax(y, axis=-1)
        return jnp.sum(weights * right) / jnp.sum(weights)


@dataclass(frozen=True, repr=False)
class LabelAccuracy(Score):
    """Share of the rows with every label right."""

    def of(self, z: Array, y: Array, weights: Array) -> Array:
        right = jnp.all((z > 0) == (y > 0.5), axis=-1)
        return jnp.sum(weights * right) / jnp.sum(weights)


@dataclass(frozen=True)
class EndOfEpoch:
    """Takes the place of the engine's own end of an epoch; the optimizer is one of :mod:`lamina.drop_in.solvers`.

    Attributes
    ----------
    schedule
        Name of the learning rate's rule, in :data:`SCHEDULES`.
    score
        Score on the validation rows, whose best parameters are kept; None watches the training loss.
    """

    schedule: str
    score: Score | None = None

    def __call__(
        self,
        program: Program,
        carry: Carry,
        rows: Rows,
        validation: Rows | None,
        numbers: Numbers,
        epoch: Array,
    ) -> Carry:
        learner = carry.learner
        state = learner.optimizer_state
        n = rows.n.astype(learner.loss_sum.dtype)
        loss, penalty = learner.loss_sum / n, learner.penalty_sum / n
        score = -(loss + penalty) if validation is None else self._score(program, carry, validation, numbers)
        improved = score > state.best_score
        # Written as scikit-learn writes it: a score that is not a number starts the count anew.
        waited = jnp.where(score < state.best_score + numbers.min_improvement, state.waited + 1, 0)
        exhausted = waited > numbers.patience
        rate, ends = SCHEDULES[self.schedule](state.learning_rate, exhausted, numbers, (epoch + 1) * n)
        state = state._replace(
            learning_rate=rate,
            waited=jnp.where(exhausted & ~ends, 0, waited),
            best_score=jnp.where(improved, score, state.best_score),
        )
        slot = epoch % HISTORY
        zero = jnp.zeros_like(loss)
        carry = carry._replace(
            learner=learner._replace(optimizer_state=state, loss_sum=zero, penalty_sum=zero),
            stopped=ends,
            losses=carry.losses.at[slot].set(loss),
            penalties=carry.penalties.at[slot].set(penalty),
        )
        return carry if validation is None else _keep_best(carry, improved, score, epoch)

    def _score(self, program: Program, carry: Carry, validation: Rows, numbers: Numbers) -> Array:
        assert self.score is not None
        learner = carry.learner
        context = Context(hyperparameters=numbers.hyperparameters)
        z, _ = program.objective.network.apply(learner.parameters, learner.state, validation.x, context)
        return self.score.of(z, validation.y, validation.weights)


def _keep_best(carry: Carry, improved: Array, score: Array, epoch: Array) -> Carry:
    now = (carry.learner.parameters, carry.learner.state)
    return carry._replace(
        best=jax.tree.map(lambda new, old: jnp.where(improved, new, old), now, carry.best),
        best_epoch=jnp.where(improved, epoch + 1, carry.best_epoch),
        validation_losses=carry.validation_losses.at[epoch % HISTORY].set(score),
    )


Schedule = Callable[[Array, Array, Numbers, Array], tuple[Array, Array]]


def _constant(rate: Array, exhausted: Array, numbers: Numbers, seen: Array) -> tuple[Array, Array]:
    return rate, exhausted


def _inverse_scaling(rate: Array, exhausted: Array, numbers: Numbers, seen: Array) -> tuple[Array, Array]:
    value = numbers.hyperparameters
    rows = value["optimizer/rows_seen"] + seen + 1
    return value["optimizer/learning_rate"] / rows ** value["optimizer/power"], exhausted


def _adaptive(rate: Array, exhausted: Array, numbers: Numbers, seen: Array) -> tuple[Array, Array]:
    ends = exhausted & (rate <= SMALLEST_RATE)
    return jnp.where(exhausted & ~ends, rate / 5, rate), ends


SCHEDULES: dict[str, Schedule] = {
    "constant": _constant,
    "invscaling": _inverse_scaling,
    "adaptive": _adaptive,
}
"""Learning rate after an epoch and whether the fit ends, from rate, whether patience is exhausted, and rows seen."""
