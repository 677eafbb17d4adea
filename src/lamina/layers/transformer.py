"""What a Transformer is made of: attention and a small network at every place, each added to its input."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

import numpy as np

from lamina.layers.activated import activated
from lamina.layers.activations import Function, resolve_activation
from lamina.layers.attention import MultiHeadAttention, check_places
from lamina.layers.base import (
    Array,
    Context,
    Layer,
    Parameters,
    Shape,
    State,
    check_positive_integer,
    check_rate,
    traced,
)
from lamina.layers.containers import Residual, apply_chain, init_chain
from lamina.layers.dense import weighted_sum
from lamina.layers.initializers import Initializer, default_initializer, resolve_initializer
from lamina.layers.noise import Dropout
from lamina.layers.normalization import LayerNorm


@dataclass(frozen=True, repr=False)
class FeedForward(Layer):
    r"""The same small network at every place of a sequence.

    .. math:: y_l = g(x_l W + b)\, W_o + b_o

    Parameters
    ----------
    units
        Hidden units; None takes four times the width of the input.
    activation
        g.
    weight_init
        Of W; it follows the activation by default.

    Shapes: input (t, p), output (t, p). Parameters ``weights`` (p, units), ``bias`` (units,), ``output_weights`` (units, p)
    and ``output_bias`` (p,).

    Source: Vaswani et al., "Attention is all you need", 2017, section 3.3.

    >>> FeedForward(128).count((10, 32))
    8352
    """

    units: int | None = None
    activation: str | Function = "gelu"
    weight_init: str | Initializer | None = None
    repeats: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.units is not None:
            check_positive_integer("FeedForward", "units", self.units)
        resolve_activation(self.activation)
        if self.weight_init is not None:
            resolve_initializer(self.weight_init)

    def output_shape(self, input_shape: Shape) -> Shape:
        check_places("FeedForward", input_shape)
        return input_shape

    def count(self, input_shape: Shape) -> int:
        """Number of parameters."""
        p, units = input_shape[-1], self._units(input_shape)
        return 2 * p * units + units + p

    def largest_activation(self, input_shape: Shape) -> int:
        """Numbers of the hidden units at all places."""
        return input_shape[0] * self._units(input_shape)

    def _units(self, input_shape: Shape) -> int:
        return 4 * input_shape[-1] if self.units is None else self.units

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        p, units = input_shape[-1], self._units(input_shape)
        first = (
            default_initializer(self.activation)
            if self.weight_init is None
            else resolve_initializer(self.weight_init)
        )
        return {
            "weights": first.draw(rng, (p, units), p, units),
            "bias": np.zeros(units),
            "output_weights": resolve_initializer("xavier").draw(rng, (units, p), units, p),
            "output_bias": np.zeros(p),
        }, {}

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        z = weighted_sum(x, parameters["weights"], parameters["bias"], context)
        hidden = activated(self.activation, z, context)
        hidden = context.point("hidden", hidden)
        return weighted_sum(hidden, parameters["output_weights"], parameters["output_bias"], context), state


@dataclass(frozen=True, repr=False)
class TransformerBlock(Layer):
    r"""Attention, then a small network at every place; each is given standardised places, and added to its input.

    .. math:: A = X + \mathrm{Dropout}(\mathrm{Attention}(\mathrm{LN}(X))), \qquad
        Y = A + \mathrm{Dropout}(\mathrm{FeedForward}(\mathrm{LN}(A)))

    (pre-norm: the sum itself is never normalised, so that gradients pass through any number of blocks). With ``cross`` there is
    a second attention between them, to the memory.

    Parameters
    ----------
    heads
        As in :class:`MultiHeadAttention`, among which the width is shared.
    feed_forward
        Hidden units of the network; None takes four times the width.
    dropout
        Rate of both dropouts.
    activation
        Of the network's hidden units.
    causal, cross
        As in :class:`MultiHeadAttention`: a decoder's block has both.

    Shapes: input (t, p), output (t, p). The parts are residual layers: parameters ``residual_1/layer_norm_1/...``,
    ``residual_1/multi_head_attention_1/...``, ``residual_2/feed_forward_1/...`` and so on.

    Source: Vaswani et al., "Attention is all you need", 2017; Xiong et al., "On layer normalization in the Transformer
    architecture", 2020, for the place of the normalisation.

    >>> from lamina.networks import summarise
    >>> from lamina.layers import Sequential
    >>> print(summarise(Sequential([TransformerBlock(4)]), (128, 64)))
    layer                                 output shape  parameters
    --------------------------------------------------------------
    input                                 (128, 64)
    transformer_block_1 (gelu)            (128, 64)         49,984
      residual_1                          (128, 64)         16,768
        layer_norm_1                      (128, 64)            128
        multi_head_attention_1 (4 heads)  (128, 64)         16,640
        dropout_1 (0.1)                   (128, 64)              0
      residual_2                          (128, 64)         33,216
        layer_norm_1                      (128, 64)            128
        feed_forward_1 (gelu)             (128, 64)         33,088
        dropout_1 (0.1)                   (128, 64)              0
    --------------------------------------------------------------
    total                                                   49,984
    """

    heads: int
    feed_forward: int | None = None
    dropout: float = traced(0.1)
    activation: str | Function = "gelu"
    _: KW_ONLY
    causal: bool = False
    cross: bool = False

    def __post_init__(self) -> None:
        check_positive_integer("TransformerBlock", "heads", self.heads)
        if self.feed_forward is not None:
            check_positive_integer("TransformerBlock", "feed_forward", self.feed_forward)
        check_rate("TransformerBlock", "dropout", self.dropout)
        resolve_activation(self.activation)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The parts, one after another."""
        parts: list[Layer] = [MultiHeadAttention(self.heads, causal=self.causal)]
        if self.cross:
            parts.append(MultiHeadAttention(self.heads, cross=True))
        parts.append(FeedForward(self.feed_forward, self.activation))
        return tuple(Residual([LayerNorm(), part, Dropout(self.dropout)]) for part in parts)

    def output_shape(self, input_shape: Shape) -> Shape:
        check_places("TransformerBlock", input_shape)
        return self.layers[0].output_shape(input_shape)

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        return init_chain(self, rng, input_shape)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return apply_chain(self, parameters, state, x, context)
