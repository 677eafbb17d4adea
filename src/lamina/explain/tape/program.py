"""The compiled pass: forward with every point kept, backward to every point and every parameter."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.explain.tape.question import Question
from lamina.layers.activations import Function, resolve_activation
from lamina.layers.base import Context, Layer, children
from lamina.numerics.watching import Watch, point_path
from lamina.training.cache import keep_few_programs
from lamina.training.objective import Objective, penalty_terms
from lamina.training.plan import numbers_of, objective_of
from lamina.training.precision import precision
from lamina.training.program import Numbers

Array = Any


@dataclass(frozen=True)
class Pass:
    """What one forward and one backward pass found; values and errors by point, such as ``"dense_1:z"``."""

    values: dict[str, Array]
    errors: dict[str, Array]
    kept: dict[str, Array]
    prediction: Array
    losses: Array
    risk: Array
    penalty: Array
    gradients: Any
    penalty_gradients: Any

    @property
    def total_gradients(self) -> Any:
        """Of the risk and the penalties together."""
        return jax.tree.map(np.add, self.gradients, self.penalty_gradients)


def run(question: Question, *, training: bool, seed: int) -> Pass:
    """The pass over the question's rows."""
    rows = question.rows
    objective, numbers = asked_of(question, seed)
    keep_few_programs(_pass)
    with precision(question.dtype):
        found = _pass(
            objective,
            question.activation,
            training,
            question.parameters,
            question.state,
            (rows.x, rows.y, rows.weights),
            numbers.key,
            numbers.hyperparameters,
        )
        return Pass(**jax.device_get(found))


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _pass(
    objective: Objective,
    activation: str | Function,
    training: bool,
    parameters: Any,
    state: Any,
    rows: tuple[Array, Array, Array],
    key: Array,
    hyperparameters: Any,
) -> dict[str, Any]:
    x, y, weights = rows

    def risk(parameters: Any, probes: dict[str, Array]) -> tuple[Array, Any]:
        watch = Watch(probes)
        context = Context(
            root=jax.random.wrap_key_data(key, impl="threefry2x32") if training else None,
            streams=(1, 0, 0),
            training=training,
            hyperparameters=hyperparameters,
            weights=weights,
            watch=watch,
        )
        losses, _ = objective.rows(parameters, state, x, y, context)
        return _mean(losses, weights), (losses, watch.values, watch.kept)

    points = jax.eval_shape(risk, parameters, {})[1][1]
    probes = {name: jnp.zeros(value.shape, value.dtype) for name, value in points.items()}
    grad = jax.value_and_grad(risk, argnums=(0, 1), has_aux=True)
    (mean, (losses, values, kept)), (gradients, errors) = grad(parameters, probes)
    penalty, by_penalty = jax.value_and_grad(
        lambda parameters: jnp.asarray(objective.penalty(parameters, hyperparameters), weights.dtype)
    )(parameters)
    return {
        "prediction": resolve_activation(activation)(values[output_point(objective.network)]),
        "values": values,
        "errors": errors,
        "kept": kept,
        "losses": losses,
        "risk": mean,
        "penalty": penalty,
        "gradients": gradients,
        "penalty_gradients": by_penalty,
    }


def risk_of(objective: Objective, parameters: Any, state: Any, rows: Any, hyperparameters: Any) -> Array:
    """Mean loss plus penalties, as at prediction: what is differentiated, without a tape."""
    x, y, weights = rows
    context = Context(hyperparameters=hyperparameters, weights=weights)
    losses, _ = objective.rows(parameters, state, x, y, context)
    return _mean(losses, weights) + objective.penalty(parameters, hyperparameters)


def asked_of(question: Question, seed: int) -> tuple[Objective, Numbers]:
    """What is differentiated, and its traced numbers."""
    network, loss, settings = question.network, question.loss, question.settings
    terms = penalty_terms(network, question.parameters, settings.penalty)
    return objective_of(network, loss, terms), numbers_of(network, loss, settings, seed, question.dtype)


def output_point(network: Layer) -> str:
    """The point where the network's output stands."""
    return point_path(children(network)[-1][0], "a")


def _mean(losses: Array, weights: Array) -> Array:
    """By weight; rows that fill up may have any loss, and count nothing."""
    return jnp.sum(jnp.where(weights > 0, weights * losses, 0)) / jnp.sum(weights)


def cut(value: Array, n: int, padded: int) -> np.ndarray:
    """The real rows of an array whose first axis holds rows, or steps of rows, of a padded batch."""
    array = np.asarray(value)
    if array.ndim and padded and array.shape[0] % padded == 0 and array.shape[0]:
        return array[: n * (array.shape[0] // padded)]
    return array
