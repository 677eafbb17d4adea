"""Layers made of layers: a sequence, a residual connection, and the flattening between them."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jax import lax

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers.activated import activated
from lamina.layers.activations import Function, resolve_activation
from lamina.layers.base import (
    BEGINS_AT,
    PROJECTION,
    Array,
    Context,
    Layer,
    ParameterFreeLayer,
    Parameters,
    Shape,
    State,
    children,
    children_with_shapes,
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

    Parameters
    ----------
    layers
        f_1 to f_L.
    precision
        None computes in the precision of the data. "bfloat16" multiplies matrices and filters of 16-bit numbers with eight
        significant bits, and adds in 32 bits: several times as fast on a GPU, and slower on most CPUs. Parameters, their steps,
        the statistics of normalisations and the last layer stay in the precision of the data.

    Raises
    ------
    SpecificationError
        For another precision, and where a recurrent layer would read the units of another one as steps.

    >>> from lamina.layers import Dense
    >>> Sequential([Dense(3, "relu"), Dense(1)]).output_shape((5,))
    (1,)
    """

    layers: tuple[Layer, ...]
    precision: str | None = None

    def __init__(
        self, layers: Iterable[Layer] | Layer, *, precision: str | None = None, trainable: bool = True
    ) -> None:
        object.__setattr__(self, "layers", check_layers(layers, "Sequential"))
        refuse_units_as_steps(self.layers)
        object.__setattr__(self, "precision", check_precision("Sequential", precision))
        object.__setattr__(self, "trainable", trainable)

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
    r"""Adds its input, or a projection of it, to what its layers make of it.

    .. math:: y = g(f(x) + P(x))

    Parameters
    ----------
    layers
        f, one after another.
    projection
        P, a layer or several, where f changes the shape: most often ``Conv2D(filters, 1, stride=2)``. None adds x itself,
        and the shapes must agree.
    activation
        g, "linear" or most often "relu".

    The parameters of P have the path ``projection``.

    Raises
    ------
    SpecificationError
        If what is added has another shape.

    Source: He et al., "Deep Residual Learning for Image Recognition", 2016, equations 1 and 2.

    >>> from lamina.layers import Dense
    >>> Residual([Dense(8, "relu"), Dense(5)]).output_shape((5,))
    (5,)
    >>> Residual([Dense(8, "relu")], projection=Dense(8), activation="relu").output_shape((5,))
    (8,)
    """

    layers: tuple[Layer, ...]
    projection: Layer | None = None
    activation: str | Function = "linear"

    def __init__(
        self,
        layers: Iterable[Layer] | Layer,
        projection: Iterable[Layer] | Layer | None = None,
        activation: str | Function = "linear",
        *,
        trainable: bool = True,
    ) -> None:
        object.__setattr__(self, "layers", check_layers(layers, "Residual"))
        if projection is not None and not isinstance(projection, Layer):
            projection = Sequential(check_layers(projection, "Residual(projection)"))
        object.__setattr__(self, "projection", projection)
        resolve_activation(activation)
        object.__setattr__(self, "activation", activation)
        object.__setattr__(self, "trainable", trainable)

    def output_shape(self, input_shape: Shape) -> Shape:
        shape = Sequential(self.layers).output_shape(input_shape)
        added = input_shape if self.projection is None else self.projection.output_shape(input_shape)
        if shape != added:
            what = "its input" if self.projection is None else "a projection of its input"
            raise SpecificationError(
                f"Residual adds {what} of shape {added} to an output of shape {shape}: let its last layer "
                f"give {added}, or give a projection of {input_shape} to {shape}, such as "
                f"projection={_projection_for(input_shape, shape)}."
            )
        return shape

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        return init_chain(self, rng, input_shape)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        y, new_state = apply_chain(self, parameters, state, x, context)
        if self.projection is not None:
            x, after = apply_child(PROJECTION, self.projection, parameters, state, x, context)
            if after:
                new_state[PROJECTION] = after
        return activated(self.activation, x + y, context), new_state


def _projection_for(given: Shape, wanted: Shape) -> str:
    """Code of a layer that brings one shape to the other, where there is one."""
    if len(given) == 1 and len(wanted) == 1:
        return f"Dense({wanted[0]})"
    stride = max(1, round(given[0] / max(wanted[0], 1)))
    return f"Conv2D({wanted[-1]}, 1, stride={stride})"


def init_chain(owner: Layer, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
    """Parameters and state of the layers inside ``owner``, drawn in their order."""
    parameters: Parameters = {}
    state: State = {}
    for name, layer, shape in children_with_shapes(owner, input_shape):
        drawn, started = layer.init(rng, shape)
        if drawn:
            parameters[name] = drawn
        if started:
            state[name] = started
    return parameters, state


def apply_chain(
    owner: Layer, parameters: Parameters, state: State, x: Array, context: Context
) -> tuple[Array, State]:
    """The layers inside ``owner``, one after another, without its projection; the last in the precision of the data."""
    new_state: State = {}
    chain = tuple(item for item in children(owner)[getattr(owner, BEGINS_AT, 0) :] if item[0] != PROJECTION)
    precision, given, outside = getattr(owner, "precision", None), x.dtype, context.precision
    if precision is not None:
        context = dataclasses.replace(context, precision=precision)
    for name, layer in chain if context.looks_inside else _fused(chain):
        if precision is not None and name == chain[-1][0]:
            x, context = x.astype(given), dataclasses.replace(context, precision=outside)
        found = layer.mask_of(x)
        x, after = apply_child(name, layer, parameters, state, x, context)
        if found is not None or context.mask is not None:
            context = dataclasses.replace(context, mask=_still(context.mask if found is None else found, x))
        if after:
            new_state[name] = after
    return x if precision is None else x.astype(given), new_state


def _still(mask: Array, x: Array) -> Array | None:
    """The mask, as long as x has a place for each of its own."""
    return mask if x.ndim > 2 and x.shape[1] == mask.shape[1] else None


@functools.lru_cache(maxsize=512)
def _fused(chain: tuple[tuple[str, Layer], ...]) -> tuple[tuple[str, Layer], ...]:
    """The chain with neighbours put together that are faster as one."""
    fused: list[tuple[str, Layer]] = []
    for name, layer in chain:
        both = fused[-1][1].followed_by(layer) if fused else None
        if both is None:
            fused.append((name, layer))
        else:
            fused[-1] = fused[-1][0], both
    return tuple(fused)


def apply_child(
    name: str, layer: Layer, parameters: Parameters, state: State, x: Array, context: Context
) -> tuple[Array, State]:
    """The layer ``name`` inside another; one that is not trainable has parameters without a gradient and keeps its state."""
    own, before, inside = parameters.get(name, {}), state.get(name, {}), context.child(name)
    x = inside.point("x", x)
    if layer.trainable:
        y, after = layer.apply(own, before, x, inside)
    else:
        y, after = layer.apply(lax.stop_gradient(own), before, x, inside.frozen())[0], before
    y = inside.point("a", y)
    if context.record is not None:
        context.record[inside.path] = y
    return y, after


PRECISIONS = (None, "bfloat16")


def check_precision(owner: str, precision: Any) -> str | None:
    """The precision, or SpecificationError."""
    if precision is not None and (not isinstance(precision, str) or precision not in PRECISIONS):
        raise SpecificationError(
            f"{owner}(precision={precision!r}): take None, the precision of the data, or 'bfloat16'."
        )
    return precision


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


def refuse_units_as_steps(layers: Iterable[Layer]) -> None:
    """Raise where a recurrent layer comes after one that gives its last step alone, whose units it would read as steps."""
    before: Layer | None = None
    for layer in layers:
        every = getattr(layer, "return_sequences", None)
        if every is not None and before is not None:
            raise SpecificationError(
                f"{layer!r} comes after {before!r}, which gives the units of its last step alone: put return_sequences=True into "
                "that one, so that every step is handed on."
            )
        if every is not None or not isinstance(layer, ParameterFreeLayer):
            before = layer if every is False else None
