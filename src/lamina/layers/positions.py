"""Where in its sequence a place stands: attention by itself does not know."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from lamina.layers.attention import check_places
from lamina.layers.base import Array, Context, Layer, ParameterFreeLayer, Parameters, Shape, State
from lamina.layers.initializers import Initializer, Normal, resolve_initializer

LONGEST_WAVE = 10_000.0


@dataclass(frozen=True, repr=False)
class PositionalEncoding(ParameterFreeLayer):
    r"""Adds waves of place l, each pair of columns slower than the one before.

    .. math:: y_{l,2i} = \sqrt p\, x_{l,2i} + \sin(l / 10000^{2i/p}), \qquad
        y_{l,2i+1} = \sqrt p\, x_{l,2i+1} + \cos(l / 10000^{2i/p})

    Places are counted from 0 and padding is not: where on a sequence it was put makes no difference.

    Shapes: input (t, p), output (t, p).

    Raises
    ------
    SpecificationError
        For an input that is no sequence.

    Source: Vaswani et al., "Attention is all you need", 2017, sections 3.4 (the factor of embeddings) and 3.5.

    >>> PositionalEncoding().apply({}, {}, jnp.zeros((1, 2, 2)), Context())[0].round(2).tolist()
    [[[0.0, 1.0], [0.8399999737739563, 0.5399999618530273]]]
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        check_places("PositionalEncoding", input_shape)
        return input_shape

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        *_, t, p = x.shape
        table = jnp.asarray(sinusoids(t, p), x.dtype)
        return x * jnp.asarray(np.sqrt(p), x.dtype) + _of_places(table, context), state


@dataclass(frozen=True, repr=False)
class LearnedPositions(Layer):
    r"""Adds to each place a vector of its own that is learnt.

    .. math:: y_l = x_l + e_l

    Places are counted as in :class:`PositionalEncoding`.

    Parameters
    ----------
    weight_init
        N(0, 0.02²) by default, as in BERT.

    Shapes: input (t, p), output (t, p); t is the longest sequence. Parameters ``weights`` (t, p).

    Source: Gehring et al., "Convolutional sequence to sequence learning", 2017, section 3.1.

    >>> LearnedPositions().apply({"weights": jnp.eye(2)}, {}, jnp.zeros((1, 2, 2)), Context())[0].tolist()
    [[[1.0, 0.0], [0.0, 1.0]]]
    """

    weight_init: str | Initializer | None = None

    def __post_init__(self) -> None:
        if self.weight_init is not None:
            resolve_initializer(self.weight_init)

    def output_shape(self, input_shape: Shape) -> Shape:
        check_places("LearnedPositions", input_shape)
        return input_shape

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        initializer = Normal(0.02) if self.weight_init is None else resolve_initializer(self.weight_init)
        return {"weights": initializer.draw(rng, input_shape, *map(float, input_shape))}, {}

    def multiplications(self, input_shape: Shape) -> int:
        """None: a sum."""
        return 0

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return x + _of_places(parameters["weights"][: x.shape[1]], context), state


def sinusoids(t: int, p: int) -> np.ndarray:
    """The waves of :class:`PositionalEncoding`, (t, p).

    >>> sinusoids(2, 3).round(3).tolist()
    [[0.0, 1.0, 0.0], [0.841, 0.54, 0.002]]
    """
    columns = np.arange(p)
    angles = np.arange(t)[:, None] / LONGEST_WAVE ** ((columns - columns % 2) / p)
    return np.where(columns % 2, np.cos(angles), np.sin(angles))


def _of_places(table: Array, context: Context) -> Array:
    """Rows of the table in the order of the places, (t, p), or (n, t, p) where padding is to be passed over."""
    if context.mask is None:
        return table
    return table[jnp.maximum(jnp.cumsum(context.mask, axis=1) - 1, 0)]
