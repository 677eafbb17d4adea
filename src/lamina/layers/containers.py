"""Layers made of layers: a sequence, a residual connection, and the flattening between them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.errors import ArgumentTypeError, SpecificationError
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
from lamina.layers.values import refuse_class


@dataclass(frozen=True, repr=False)
class Flatten(ParameterFreeLayer):
    """One row of numbers from an array of any shape.

    >>> Flatten().output_shape((28, 28))
    (784,)
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(input_shape),)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return x.reshape(x.shape[0], -1), state


@dataclass(frozen=True, repr=False)
class Sequential(Layer):
    """Layers one after another, f = f_L ∘ … ∘ f_1.

    Parameters and state are dictionaries by name of layer: ``dense_1``, ``dropout_1``, ``dense_2``.

    >>> from lamina.layers import Dense
    >>> Sequential([Dense(3, "relu"), Dense(1)]).output_shape((5,))
    (1,)
    """

    layers: tuple[Layer, ...]

    def __init__(self, layers: Iterable[Layer] | Layer) -> None:
        object.__setattr__(self, "layers", check_layers(layers, "Sequential"))

    def output_shape(self, input_shape: Shape) -> Shape:
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return input_shape

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        return init_chain(self, rng, input_shape)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return apply_chain(self, parameters, state, x, context)


@dataclass(frozen=True, repr=False)
class Residual(Layer):
    """Adds its input to what its layers make of it: y = x + f(x). The shapes must agree.

    Source: He et al., "Deep Residual Learning for Image Recognition", 2016, equation 1.

    >>> from lamina.layers import Dense
    >>> Residual([Dense(8, "relu"), Dense(5)]).output_shape((5,))
    (5,)
    """

    layers: tuple[Layer, ...]

    def __init__(self, layers: Iterable[Layer] | Layer) -> None:
        object.__setattr__(self, "layers", check_layers(layers, "Residual"))

    def output_shape(self, input_shape: Shape) -> Shape:
        shape = Sequential(self.layers).output_shape(input_shape)
        if shape != input_shape:
            raise SpecificationError(
                f"Residual adds its input of shape {input_shape} to an output of shape {shape}: let its last layer "
                f"give {input_shape}."
            )
        return shape

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        return init_chain(self, rng, input_shape)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        y, state = apply_chain(self, parameters, state, x, context)
        return x + y, state


def init_chain(owner: Layer, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
    """Parameters and state of the layers inside ``owner``, drawn in their order."""
    parameters: Parameters = {}
    state: State = {}
    for name, layer in children(owner):
        drawn, started = layer.init(rng, input_shape)
        if drawn:
            parameters[name] = drawn
        if started:
            state[name] = started
        input_shape = layer.output_shape(input_shape)
    return parameters, state


def apply_chain(
    owner: Layer, parameters: Parameters, state: State, x: Array, context: Context
) -> tuple[Array, State]:
    """The layers inside ``owner``, one after another."""
    new_state: State = {}
    for name, layer in children(owner):
        x, after = layer.apply(parameters.get(name, {}), state.get(name, {}), x, context.child(name))
        if after:
            new_state[name] = after
    return x, new_state


def check_layers(layers: Any, owner: str) -> tuple[Layer, ...]:
    """The layers as a tuple; anything that is not a layer raises ArgumentTypeError."""
    refuse_class("layers", layers)
    items = (layers,) if isinstance(layers, Layer) else layers
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise ArgumentTypeError(
            f"{owner} takes a list of layers and was given {items!r}: write for example [Dense(64, 'relu')]."
        )
    items = tuple(items)
    for item in items:
        refuse_class("layer", item)
        if not isinstance(item, Layer):
            hint = f" Did you mean Dense({item})?" if isinstance(item, int) else ""
            raise ArgumentTypeError(
                f"{owner} takes layers and was given {item!r} ({type(item).__name__}).{hint}"
            )
    return items
