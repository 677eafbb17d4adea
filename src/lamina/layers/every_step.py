"""Layers at every step of a sequence: many inputs to many outputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State
from lamina.layers.containers import Sequential, apply_chain, check_layers, init_chain


@dataclass(frozen=True, repr=False)
class TimeDistributed(Layer):
    """The same layers at each step of a sequence, such as the output layer of a network that predicts at every step.

    Parameters
    ----------
    layers
        One layer or several, given the rows (p,) of single steps.

    Shapes: input (t, p), output (t, ...) of what the layers give. Parameters ``dense_1/...`` and so on, shared by all steps.

    Raises
    ------
    SpecificationError
        For an input that is no sequence.

    Source: ISLP section 10.5, Figure 10.12, where every step has its output O_l; the name is Keras'.

    >>> from lamina.layers import Dense, Flatten, SimpleRNN
    >>> every = Sequential([SimpleRNN(12, return_sequences=True), TimeDistributed(Dense(1)), Flatten()])
    >>> every.output_shape((5, 3))
    (5,)
    """

    layers: tuple[Layer, ...]
    repeats: ClassVar[bool] = True

    def __init__(self, layers: Iterable[Layer] | Layer, *, trainable: bool = True) -> None:
        object.__setattr__(self, "layers", check_layers(layers, "TimeDistributed"))
        object.__setattr__(self, "trainable", trainable)

    def inside(self, input_shape: Shape) -> Shape:
        if len(input_shape) < 2 or min(input_shape) < 1:
            raise SpecificationError(
                f"TimeDistributed takes sequences, arrays (n, t, p), and was given rows of shape {input_shape}: a recurrent "
                "layer before it needs return_sequences=True."
            )
        return input_shape[1:]

    def output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *Sequential(self.layers).output_shape(self.inside(input_shape)))

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        return init_chain(self, rng, input_shape)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        n, t = x.shape[:2]
        y, state = apply_chain(
            self, parameters, state, x.reshape(n * t, *x.shape[2:]), _of_steps(context, n, t)
        )
        return y.reshape(n, t, *y.shape[1:]), state


def _of_steps(context: Context, n: int, t: int) -> Context:
    """The context of single steps: each weighs as its row, and those that are padding nothing."""
    weights, mask = context.weights, context.mask
    if weights is None and mask is None:
        return context
    shares = jnp.ones((n, t)) if weights is None else jnp.broadcast_to(weights[:, None], (n, t))
    if mask is not None:
        shares = jnp.where(mask, shares, 0)
    return dataclasses.replace(context, weights=shares.reshape(-1), mask=None)
