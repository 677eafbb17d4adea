"""Steps of a first-order optimizer by its own code: its direction, its rate, its schedule, its factors."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.explain.descent.checks import Function
from lamina.layers.base import template, traced_values
from lamina.training.cache import keep_few_programs
from lamina.training.factors import factor_of_each
from lamina.training.haste import Hastily
from lamina.training.optimizers import Optimizer
from lamina.training.precision import precision

WEIGHTS = "weights"
"""The name under which theta is given to the optimizer: it counts as weights, so that AdamW's decay covers it."""
Found = tuple[np.ndarray, np.ndarray, np.ndarray]


def first_order_path(function: Function, start: np.ndarray, optimizer: Optimizer, steps: int) -> Found:
    """Theta, values and gradients of the start and after each step; a step is an epoch of the schedule."""
    keep_few_programs(_run)
    with precision(np.float64):
        numbers = {name: np.asarray(value, np.float64) for name, value in traced_values(optimizer).items()}
        return jax.device_get(_run(function, template(optimizer), steps, start, numbers))  # type: ignore[no-any-return]


def first_order_paths(
    function: Function, start: np.ndarray, optimizer: Optimizer, steps: int, rates: np.ndarray
) -> Found:
    """The same at several learning rates, in one program, with the rates as the first axis."""
    keep_few_programs(_run_each)
    with precision(np.float64):
        numbers = {name: np.asarray(value, np.float64) for name, value in traced_values(optimizer).items()}
        return jax.device_get(_run_each(function, template(optimizer), steps, start, numbers, rates))  # type: ignore[no-any-return]


def _path(function: Function, optimizer: Optimizer, steps: int, start: Any, numbers: dict[str, Any]) -> Any:
    def value_of(name: str, own: float) -> Any:
        return numbers.get(name, own)

    transformation = optimizer.direction(value_of)
    factor = factor_of_each({WEIGHTS: start}, optimizer.factors)[WEIGHTS]
    graded = jax.value_and_grad(lambda theta: jnp.asarray(function(theta)))

    def step(carry: tuple[Any, Any], t: Any) -> Any:
        theta, state = carry
        value, gradient = graded(theta)
        direction, state = transformation.update({WEIGHTS: gradient}, state, {WEIGHTS: theta})
        rate = optimizer.rate(value_of, t, jnp.asarray(float(steps)))
        return (theta - rate * factor * direction[WEIGHTS], state), (theta, value, gradient)

    times = jnp.arange(
        steps + 1, dtype=start.dtype
    )  # the step after the last is thrown away: a second gradient compiles longer
    return lax.scan(step, (start, transformation.init({WEIGHTS: start})), times)[1]


@functools.partial(Hastily, static_argnums=(0, 1, 2))
@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _run_each(
    function: Function, optimizer: Optimizer, steps: int, start: Any, numbers: dict[str, Any], rates: Any
) -> Any:
    return jax.vmap(lambda rate: _path(function, optimizer, steps, start, numbers | {"learning_rate": rate}))(
        rates
    )


_run = Hastily(jax.jit(_path, static_argnums=(0, 1, 2)), static_argnums=(0, 1, 2))
