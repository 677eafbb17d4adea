"""scikit-learn's stochastic solvers as optimizers of Lamina's compiled fit.

The learning rate stands inside the velocity and may change at the end of an epoch, so it travels in the optimizer's state,
and with it what decides about stopping; a fit continued by ``partial_fit`` or ``warm_start`` takes them up again.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lamina.layers.base import traced
from lamina.training.optimizers import Optimizer, Value

Array = Any


class SolverState(NamedTuple):
    """What a solver carries from step to step and from fit to fit.

    Attributes
    ----------
    learning_rate
        Current rate.
    moments
        Velocity, or the two running means of Adam and their step.
    waited
        Epochs in a row without an improvement by ``tol``.
    best_score
        Largest score so far: validation score, or minus the training loss.
    """

    learning_rate: Array
    moments: Any
    waited: Array
    best_score: Array


class AdamMoments(NamedTuple):
    """Running means of the gradient and of its square, and the number of steps they have seen."""

    mean: Any
    square: Any
    step: Array


class Solver(Optimizer):
    """Base of the two solvers; the engine's own rate stays 1."""

    @abstractmethod
    def moments(self, parameters: Any) -> Any:
        """Moments before the first step; NumPy, as the host prepares them."""

    @abstractmethod
    def update(self, gradient: Any, moments: Any, learning_rate: Array, value: Value) -> tuple[Any, Any]:
        """What to add to the parameters, and the new moments."""

    def __post_init__(self) -> None:
        """Ranges are checked by the estimator, as scikit-learn's are its own (momentum 1 is allowed)."""

    def rate(self, value: Value, t: Any, total: Any) -> Any:
        return jnp.ones_like(t)

    def initial(self, parameters: Any, waited: int = 0, best_score: float = -np.inf) -> SolverState:
        """State before the first step."""
        dtype = jax.tree.leaves(parameters)[0].dtype
        rate = np.asarray(self.learning_rate, dtype)
        return SolverState(rate, self.moments(parameters), np.int32(waited), np.asarray(best_score, dtype))

    def direction(self, value: Value) -> optax.GradientTransformation:
        def update(gradient: Any, state: SolverState, parameters: Any = None) -> tuple[Any, SolverState]:
            step, moments = self.update(gradient, state.moments, state.learning_rate, value)
            return jax.tree.map(jnp.negative, step), state._replace(moments=moments)

        return optax.GradientTransformation(self.initial, update)


@dataclass(frozen=True, repr=False)
class StochasticGradient(Solver):
    """v <- momentum·v - rate·g; the parameters move by v, or by momentum·v - rate·g once more in Nesterov's form."""

    learning_rate: float = traced(0.001)
    momentum: float = traced(0.9)
    nesterov: bool = True
    power: float = traced(0.5)
    rows_seen: float = traced(0.0)

    def moments(self, parameters: Any) -> Any:
        return jax.tree.map(_zeros_like, parameters)

    def update(self, gradient: Any, moments: Any, learning_rate: Array, value: Value) -> tuple[Any, Any]:
        momentum = value("momentum", self.momentum)

        def push(velocity: Any) -> Any:
            return jax.tree.map(lambda v, g: momentum * v - learning_rate * g, velocity, gradient)

        velocity = push(moments)
        return (push(velocity) if self.nesterov else velocity), velocity


@dataclass(frozen=True, repr=False)
class AdamSolver(Solver):
    """-rate·sqrt(1 - beta_2^t) / (1 - beta_1^t) · m / (sqrt(v) + epsilon).

    The corrections of bias stand outside, so epsilon counts for more in the first steps than in :class:`lamina.training.Adam`.
    Kingma and Ba 2015, end of section 2.
    """

    learning_rate: float = traced(0.001)
    beta_1: float = traced(0.9)
    beta_2: float = traced(0.999)
    epsilon: float = traced(1e-8)

    def moments(self, parameters: Any) -> AdamMoments:
        zeros = jax.tree.map(_zeros_like, parameters)
        return AdamMoments(zeros, zeros, np.int32(0))

    def update(
        self, gradient: Any, moments: AdamMoments, learning_rate: Array, value: Value
    ) -> tuple[Any, AdamMoments]:
        beta_1, beta_2 = value("beta_1", self.beta_1), value("beta_2", self.beta_2)
        epsilon = value("epsilon", self.epsilon)
        step = moments.step + 1
        mean = jax.tree.map(lambda m, g: beta_1 * m + (1 - beta_1) * g, moments.mean, gradient)
        square = jax.tree.map(
            lambda v, g: beta_2 * v + (1 - beta_2) * jnp.square(g), moments.square, gradient
        )
        rate = learning_rate * jnp.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        moved = jax.tree.map(lambda m, v: -rate * m / (jnp.sqrt(v) + epsilon), mean, square)
        return moved, AdamMoments(mean, square, step)


def _zeros_like(leaf: Any) -> np.ndarray:
    return np.zeros(leaf.shape, leaf.dtype)
