"""The networks by kind and depth, and the norm of the loss's gradient by the weights of each of their layers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.layers import BatchNorm, Context, Conv2D, Residual
from lamina.layers.base import Layer, Parameters, State, children
from lamina.layers.containers import Sequential
from lamina.networks import cifar_resnet, with_output
from lamina.training.losses import CategoricalCrossEntropy
from lamina.training.plan import objective_of

DEPTHS = (8, 14, 20, 32, 44, 56)


class Kind(Enum):
    """With or without shortcuts, with or without batch normalisation."""

    PLAIN = "plain"
    RESIDUAL = "residual"
    PLAIN_BARE = "plain, no batch norm"
    RESIDUAL_BARE = "residual, no batch norm"

    @property
    def residual(self) -> bool:
        """Whether there are shortcuts."""
        return self in (Kind.RESIDUAL, Kind.RESIDUAL_BARE)

    @property
    def normalised(self) -> bool:
        """Whether there is batch normalisation."""
        return self in (Kind.PLAIN, Kind.RESIDUAL)


def network_of(kind: Kind, depth: int, classes: int) -> Sequential:
    """The whole network.

    >>> from lamina.networks import count_parameters
    >>> [count_parameters(network_of(kind, 20, 10), (32, 32, 3)) for kind in (Kind.PLAIN, Kind.RESIDUAL)]
    [269722, 269722]
    """
    layers = cifar_resnet(depth, residual=kind.residual)
    return with_output(layers if kind.normalised else without_batch_norm(layers), classes, "softmax")


def without_batch_norm(layers: Iterable[Layer]) -> list[Layer]:
    """The same layers with biases in place of batch normalisations.

    >>> layers = [Conv2D(8, 3, use_bias=False), BatchNorm(), Residual([BatchNorm(), Conv2D(8, 3, padding=1)])]
    >>> without_batch_norm(layers) == [Conv2D(8, 3), Residual([Conv2D(8, 3, padding=1)])]
    True
    """
    found: list[Layer] = []
    for layer in layers:
        if isinstance(layer, BatchNorm):
            continue
        if isinstance(layer, Conv2D):
            layer = dataclasses.replace(layer, use_bias=True)
        elif isinstance(layer, Residual):
            layer = Residual(without_batch_norm(layer.layers), layer.projection, layer.activation)
        found.append(layer)
    return found


def gradient_norms(
    network: Sequential, parameters: Parameters, state: State, x: NDArray[Any], y: NDArray[Any]
) -> NDArray[np.float64]:
    """Euclidean norm of the gradient of the mean loss by the weights of each layer, from the first to the output layer.

    Not compiled as a whole: the operations are few and shared by networks of every depth, while a program for each would
    take longer to compile than to run.
    """
    import jax
    import jax.numpy as jnp

    objective = objective_of(network, CategoricalCrossEntropy(), ())
    context = Context(training=True)

    def loss(parameters: Parameters) -> Any:
        return jnp.mean(
            objective.rows(parameters, state, jnp.asarray(x), jnp.asarray(y)[:, None], context)[0]
        )

    gradient = jax.grad(loss)(parameters)
    return np.array([float(jnp.linalg.norm(weights.ravel())) for weights in _weights(network, gradient)])


def _weights(layer: Layer, parameters: Parameters) -> Iterator[Any]:
    if "weights" in parameters:
        yield parameters["weights"]
    for name, inner in children(layer):
        yield from _weights(inner, parameters.get(name, {}))
