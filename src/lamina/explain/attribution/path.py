"""A network as a function of its inputs that can be differentiated: codes become vectors first, and what is affine is apart.

The first part of most networks is affine: flattening, standardising, the weighted sums of the first layer. Along a straight line
of inputs its outputs lie on a straight line too, and its derivative is the same everywhere. Methods that go through the network
many times for one row go through this part once. In 784-256-128-10 it has 85 % of the multiplications.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from lamina.layers.activations import linear
from lamina.layers.base import (
    Array,
    Context,
    Layer,
    ParameterFreeLayer,
    Parameters,
    Shape,
    State,
    children,
)
from lamina.layers.containers import Flatten, Sequential, _fused, _still, apply_child
from lamina.layers.convolution import Filters
from lamina.layers.dense import Activation, Dense
from lamina.layers.embedding import CategoryEmbedding, Embedding, EmbeddingBag
from lamina.layers.normalization import BatchNorm
from lamina.layers.pooling import AveragePool1D, AveragePool2D, GlobalAveragePool, UpSample
from lamina.layers.scale import Scale
from lamina.layers.shortcut import Shortcut
from lamina.layers.standardize import Standardize
from lamina.networks.output import linear_predictor

Named = tuple[str, Layer]

AFFINE = (
    AveragePool1D,
    AveragePool2D,
    BatchNorm,
    Flatten,
    GlobalAveragePool,
    Scale,
    Shortcut,
    Standardize,
    UpSample,
)
"""Layers that at prediction are a matrix and a vector."""


@dataclass(frozen=True, repr=False)
class MeanOfPlaces(ParameterFreeLayer):
    """What an EmbeddingBag does with the vectors of a row's codes: their mean or sum over the places that are there."""

    mode: str = "mean"

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape[1:]

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        there = jnp.ones(x.shape[:2], x.dtype) if context.mask is None else context.mask.astype(x.dtype)
        total = jnp.einsum("nt,ntd->nd", there, x)
        if self.mode == "sum":
            return total, state
        return total / jnp.maximum(there.sum(axis=1, keepdims=True), 1), state


@dataclass(frozen=True)
class Path:
    """The layers of a network up to its linear predictor, in three parts.

    Attributes
    ----------
    front
        The layer that makes vectors of codes, or None.
    head
        What is affine at the beginning, the weighted sums of the first layer included.
    tail
        The rest, beginning with the first activation.
    """

    front: Named | None
    head: tuple[Named, ...]
    tail: tuple[Named, ...]

    @property
    def layers(self) -> tuple[Named, ...]:
        """Head and tail."""
        return self.head + self.tail


@functools.lru_cache(maxsize=256)
def path_of(network: Sequential) -> Path:
    """The parts of a network.

    >>> path = path_of(Sequential([Flatten(), Dense(8, "relu"), Dense(3, "softmax")]))
    >>> [name for name, _ in path.head], [name for name, _ in path.tail]
    (['flatten_1', 'dense_1'], ['dense_1_activation', 'dense_2'])
    """
    chain = [item for item in children(linear_predictor(network)) if not item[1].draws]
    front: Named | None = None
    if chain and isinstance(chain[0][1], (Embedding, CategoryEmbedding)):
        front = chain.pop(0)
        if isinstance(front[1], EmbeddingBag):
            chain.insert(0, ("mean_of_places", MeanOfPlaces(front[1].mode)))
    head: list[Named] = []
    while chain:
        name, layer = chain.pop(0)
        sums = _without_activation(layer)
        if sums is None and not isinstance(layer, (*AFFINE, MeanOfPlaces)):
            chain.insert(0, (name, layer))
            break
        head.append((name, layer if sums is None else sums))
        if sums is not None and sums != layer:
            chain.insert(0, (f"{name}_activation", Activation(layer.activation)))  # type: ignore[attr-defined]
            break
    return Path(front, tuple(head), tuple(chain))


def _without_activation(layer: Layer) -> Layer | None:
    """The weighted sums of a dense layer or a convolution; None for other layers."""
    if not isinstance(layer, (Dense, Filters)):
        return None
    is_linear = layer.activation == "linear" or layer.activation is linear
    return layer if is_linear else dataclasses.replace(layer, activation="linear")


def enter(path: Path, parameters: Parameters, x: Array) -> tuple[Array, Array | None]:
    """Numbers that can be differentiated, and which places of a sequence are there: codes become their vectors."""
    if path.front is None:
        return x, None
    name, layer = path.front
    if isinstance(layer, Embedding):
        return parameters[name]["weights"][x.astype(jnp.int32)], x != 0
    return layer.apply(parameters[name], {}, x, Context())[0], None


def through(
    layers: tuple[Named, ...],
    parameters: Parameters,
    state: State,
    x: Array,
    mask: Array | None,
    hyperparameters: Any,
) -> tuple[Array, Array | None]:
    """The layers one after another as at prediction, with the kernels whose gradients are our own; the mask that is left.

    Without a key nothing is random, and statistics are the running ones. A user's own layer may not know that, and is applied as
    at prediction.
    """
    ours = all(_is_ours(layer) for _, layer in layers)
    context = Context(hyperparameters=hyperparameters, training=ours, mask=mask).frozen()
    for name, layer in _fused(layers):
        x, _ = apply_child(name, layer, parameters, state, x, context)
        if context.mask is not None:
            context = dataclasses.replace(context, mask=_still(context.mask, x))
    return x, context.mask


def _is_ours(layer: Layer) -> bool:
    own = type(layer).__module__.startswith("lamina.")
    return own and all(_is_ours(inner) for _, inner in children(layer))


@functools.partial(jax.jit, static_argnums=0)
def entered(path: Path, parameters: Parameters, x: Array) -> tuple[Array, Array | None]:
    """:func:`enter`, compiled."""
    return enter(path, parameters, x)
