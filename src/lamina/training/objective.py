"""The objective of a fit: weighted mean loss over rows plus the penalties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax import lax

from lamina.layers.base import Context, Layer, Parameters, State, children, join
from lamina.layers.penalties import Penalty
from lamina.numerics.pixels import as_numbers
from lamina.training.losses import Loss
from lamina.training.optimizers import is_weight

Array = Any
Hyperparameters = Mapping[str, Array]


@dataclass(frozen=True)
class PenaltyTerm:
    """One summand: coefficient at ``source`` times the sum of \\|w\\| or w² of the weights at ``weights``."""

    weights: tuple[str, ...]
    source: str
    squared: bool


@dataclass(frozen=True)
class Objective:
    """Network (up to the output activation), loss and penalty terms: all that a gradient depends on but numbers."""

    network: Layer
    loss: Loss
    penalties: tuple[PenaltyTerm, ...]

    def rows(
        self, parameters: Parameters, state: State, x: Array, y: Array, context: Context
    ) -> tuple[Array, State]:
        """Loss of each row, shape (n,), and the new state."""
        z, state = self.network.apply(parameters, state, as_numbers(x, parameters), context)
        hyperparameters = context.hyperparameters

        def value(name: str, own: float) -> Array:
            return hyperparameters.get(join("loss", name), own)

        return self.loss.row(z, y, value), state

    def penalty(self, parameters: Parameters, hyperparameters: Hyperparameters) -> Array:
        """Sum of the penalty terms."""
        total: Array = 0.0
        for term in self.penalties:
            weights = parameters
            for name in term.weights:
                weights = weights[name]
            size = jnp.vdot(weights, weights if term.squared else _sign(weights))  # type: ignore[arg-type]
            total = total + hyperparameters[term.source] * size
        return total


def _sign(weights: Array) -> Array:
    """As |w| = w sign(w): the slope at zero is zero, so that a cut connection stays cut (JAX's of abs is one)."""
    return lax.stop_gradient(jnp.sign(weights))


def penalty_terms(network: Layer, parameters: Parameters, penalty: Penalty) -> tuple[PenaltyTerm, ...]:
    """The summands that are not zero: each layer's own penalty, and the network's on every layer it covers.

    >>> import numpy as np
    >>> from lamina.layers import L1, Dense, Sequential
    >>> network = Sequential([Dense(2, penalty=L1(0.1)), Dense(1)])
    >>> terms = penalty_terms(network, network.init(np.random.default_rng(0), (3,))[0], Penalty(l2=0.5, output=False))
    >>> [(term.weights, term.source) for term in terms]
    [(('dense_1', 'weights'), 'dense_1/penalty/l1'), (('dense_1', 'weights'), 'penalty/l2')]
    """
    last = children(network)[-1][0] if children(network) else None
    terms: list[PenaltyTerm] = []
    for path, layer, own, place in _leaves(network, parameters, ()):
        found = getattr(layer, "penalty", None)
        if isinstance(found, Penalty):
            terms += _terms((*path, own), found, "/".join((*place, "penalty")))
        if penalty.output or path[0] != last:
            terms += _terms((*path, own), penalty, "penalty")
    return tuple(terms)


def _leaves(
    layer: Layer, parameters: Parameters, path: tuple[str, ...]
) -> list[tuple[tuple[str, ...], Layer, str, tuple[str, ...]]]:
    """Weights by the path of their layer, the layer, their name, and the path of its hyperparameters."""
    found = [
        (path, layer, name, path)
        for name, item in parameters.items()
        if not isinstance(item, dict) and is_weight(name)
    ]
    for group, field in layer.parts.items():
        own = parameters.get(group, {})
        found += [
            ((*path, group), getattr(layer, field), name, (*path, field)) for name in own if is_weight(name)
        ]
    for name, inner in children(layer):
        if not inner.trainable:  # a penalty on what cannot change would only add a constant
            continue
        found += _leaves(inner, parameters.get(name, {}), (*path, name))
    return found


def _terms(weights: tuple[str, ...], penalty: Penalty, source: str) -> list[PenaltyTerm]:
    return [
        PenaltyTerm(weights, f"{source}/{kind}", squared)
        for kind, coefficient, squared in (("l1", penalty.l1, False), ("l2", penalty.l2, True))
        if coefficient > 0
    ]
