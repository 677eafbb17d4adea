"""What a gradient would change: the first step of an optimizer."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np

from lamina.explain.tape.question import Question
from lamina.layers.base import frozen_paths
from lamina.training.cache import keep_few_programs
from lamina.training.factors import factor_of_each
from lamina.training.optimizers import Optimizer
from lamina.training.precision import precision
from lamina.training.schedules import resolve_schedule


def updates_of(question: Question, gradients: Any) -> Any:
    """The change of each parameter by a first step along ``gradients`` (moments at zero); None where an optimizer has none.

    The learning rate is the one that a schedule starts from or leads up to, without its course.
    """
    optimizer = question.settings.optimizer
    if not isinstance(optimizer, Optimizer):
        return None

    keep_few_programs(_direction)
    with precision(question.dtype):
        clipped = _clipped(gradients, question.settings.clip_norm)
        direction = jax.device_get(_direction(optimizer, clipped, question.parameters))
    rate = resolve_schedule(optimizer.learning_rate).rate
    frozen = frozen_paths(question.network, question.parameters)
    factors = factor_of_each(question.parameters, (*optimizer.factors, *((path, 0.0) for path in frozen)))
    return jax.tree.map(lambda d, f: np.asarray(d * np.asarray(-rate * f, d.dtype)), direction, factors)


@functools.partial(jax.jit, static_argnums=0)
def _direction(optimizer: Optimizer, gradients: Any, parameters: Any) -> Any:
    """The direction of a first step."""
    transformation = optimizer.direction(lambda name, own: own)
    return transformation.update(gradients, transformation.init(parameters), parameters)[0]


def rate_of(question: Question) -> float | None:
    """The learning rate of that step."""
    optimizer = question.settings.optimizer
    return float(resolve_schedule(optimizer.learning_rate).rate) if isinstance(optimizer, Optimizer) else None


def _clipped(gradients: Any, largest: float | None) -> Any:
    if largest is None:
        return gradients
    norm = float(np.sqrt(sum(np.sum(np.square(leaf)) for leaf in jax.tree.leaves(gradients))))
    return jax.tree.map(lambda leaf: leaf * min(1.0, largest / max(norm, 1e-300)), gradients)
