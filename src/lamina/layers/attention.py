"""Attention: every place of a sequence looks at all others, or at those of another sequence, and takes what it needs."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State, check_positive_integer
from lamina.layers.dense import weighted_sum
from lamina.layers.initializers import Initializer, resolve_initializer
from lamina.layers.penalties import Penalty, resolve_penalty
from lamina.numerics.attention import attend, attention_weights, earlier_places, join_heads, split_heads


@dataclass(frozen=True, repr=False)
class MultiHeadAttention(Layer):
    r"""Each place's query finds, in each head, the weighted mean of the values of the places whose keys answer it.

    .. math:: H_h = \mathrm{softmax}\big(Q_h K_h' / \sqrt d\big) V_h, \qquad Y = [H_1 \dots H_H]\, W_o + b_o

    with :math:`Q = X W_q + b_q`, :math:`K = M W_k + b_k`, :math:`V = M W_v + b_v`, each cut in H heads of d columns. M is X
    itself, or what ``context.memory`` holds where ``cross`` is set. Padding gets weight zero, and a place that may look at
    nothing finds zeros.

    Parameters
    ----------
    heads
        H.
    dimension
        d, numbers of a head; None shares the width of the input among the heads.
    causal
        Whether a place sees itself and the places before it alone.
    cross
        Whether keys and values come from the memory, another sequence of the same width.
    use_bias, weight_init, penalty
        As in :class:`Dense`; the penalty is on all four tables of weights.

    Shapes: input (t, p), output (t, p). Parameters ``query_weights``, ``key_weights``, ``value_weights`` (p, H d),
    ``output_weights`` (H d, p), and ``query_bias``, ``key_bias``, ``value_bias`` (H d,), ``output_bias`` (p,).

    Raises
    ------
    SpecificationError
        For an input that is no sequence, or a width that the heads do not divide.

    Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.

    >>> layer = MultiHeadAttention(4)
    >>> layer.output_shape((128, 64)), layer.count((128, 64))
    ((128, 64), 16640)
    """

    heads: int
    dimension: int | None = None
    _: KW_ONLY
    causal: bool = False
    cross: bool = False
    use_bias: bool = True
    weight_init: str | Initializer | None = None
    penalty: float | Penalty | None = None
    repeats: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_positive_integer("MultiHeadAttention", "heads", self.heads)
        object.__setattr__(self, "heads", int(self.heads))
        if self.dimension is not None:
            check_positive_integer("MultiHeadAttention", "dimension", self.dimension)
        if self.weight_init is not None:
            resolve_initializer(self.weight_init)
        if self.penalty is not None:
            object.__setattr__(self, "penalty", resolve_penalty(self.penalty))

    def output_shape(self, input_shape: Shape) -> Shape:
        check_places("MultiHeadAttention", input_shape)
        self._width(input_shape[-1])
        return input_shape

    def count(self, input_shape: Shape) -> int:
        """Number of parameters."""
        p, width = input_shape[-1], self._width(input_shape[-1])
        return 4 * p * width + self.use_bias * (3 * width + p)

    def multiplications(self, input_shape: Shape) -> int:
        """Of one row: the products with the weights, and of queries, keys and values with each other."""
        t, p = input_shape
        width = self._width(p)
        return t * 4 * p * width + 2 * t * t * width

    def largest_activation(self, input_shape: Shape) -> int:
        """Numbers of the weights of all heads."""
        return self.heads * input_shape[0] ** 2

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        p, width = input_shape[-1], self._width(input_shape[-1])
        initializer = resolve_initializer("xavier" if self.weight_init is None else self.weight_init)
        parameters: Parameters = {}
        for name in ("query", "key", "value"):
            parameters[f"{name}_weights"] = initializer.draw(rng, (p, width), p, width)
        parameters["output_weights"] = initializer.draw(rng, (width, p), width, p)
        if self.use_bias:
            parameters |= {f"{name}_bias": np.zeros(width) for name in ("query", "key", "value")}
            parameters["output_bias"] = np.zeros(p)
        return parameters, {}

    def _width(self, inputs: int) -> int:
        if self.dimension is not None:
            return self.heads * self.dimension
        if inputs % self.heads:
            raise SpecificationError(
                f"{self!r} shares {inputs} numbers a place among {self.heads} heads, which does not come out even: take a number "
                f"of heads that divides {inputs}, or give dimension=, the numbers of a head."
            )
        return inputs

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        projected = zip(("queries", "keys", "values"), self._projected(parameters, x, context), strict=True)
        queries, keys, values = (context.point(name, value) for name, value in projected)
        found = attend(queries, keys, values, self._allowed(x, context), context.point)
        y = weighted_sum(
            join_heads(context.point("heads", found)),
            parameters["output_weights"],
            parameters.get("output_bias"),
            context,
        )
        return y.astype(x.dtype), state

    def weights(self, parameters: Parameters, x: Array, context: Context) -> Array:
        """How much each place of x takes from each place it looks at, by head: (n, heads, t, s)."""
        queries, keys, _ = self._projected(parameters, x, context)
        return attention_weights(queries, keys, self._allowed(x, context))

    def _projected(self, parameters: Parameters, x: Array, context: Context) -> list[Array]:
        """Queries, keys and values by head; of one sequence all three in one product."""
        names = ("query", "key", "value")
        if not self.cross:
            return [
                split_heads(part, self.heads)
                for part in jnp.split(self._product(parameters, names, x, context), 3, axis=-1)
            ]
        if context.memory is None:
            raise SpecificationError(
                f"{self!r} looks at another sequence, and there is none: give Context(memory=...), or leave out cross=True."
            )
        queries = self._product(parameters, names[:1], x, context)
        both = self._product(parameters, names[1:], context.memory, context)
        return [split_heads(part, self.heads) for part in (queries, *jnp.split(both, 2, axis=-1))]

    def _product(self, parameters: Parameters, names: tuple[str, ...], x: Array, context: Context) -> Array:
        weights = jnp.concatenate([parameters[f"{name}_weights"] for name in names], axis=1)
        bias = jnp.concatenate([parameters[f"{name}_bias"] for name in names]) if self.use_bias else None
        return weighted_sum(x, weights, bias, context)

    def _allowed(self, x: Array, context: Context) -> Array | None:
        """Which places a query may look at, to broadcast to (n, heads, t, s); None where it may look at all."""
        there = context.memory_mask if self.cross else context.mask
        seen = None if there is None else there[:, None, None, :]
        if not self.causal:
            return seen
        keys: Array = context.memory if self.cross else x
        before = earlier_places(x.shape[1], keys.shape[1])
        return before if seen is None else before & seen


def check_places(owner: str, input_shape: Shape) -> None:
    """Raise SpecificationError unless rows are sequences (t, p).

    >>> check_places("PositionalEncoding", (20,))
    Traceback (most recent call last):
    lamina.errors.SpecificationError: PositionalEncoding takes sequences, arrays (n, t, p), and was given rows of shape (20,): ...
    """
    if len(input_shape) != 2 or min(input_shape) < 1:
        raise SpecificationError(
            f"{owner} takes sequences, arrays (n, t, p), and was given rows of shape {input_shape}: put an Embedding before it "
            "where they are codes, and return_sequences=True into a recurrent layer."
        )
