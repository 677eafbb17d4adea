"""The Transformer from sequence to sequence: blocks of attention read the source, blocks that see it write the target."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State, check_rate
from lamina.layers.containers import Sequential
from lamina.layers.dense import Dense
from lamina.layers.embedding import Embedding
from lamina.layers.every_step import TimeDistributed
from lamina.layers.initializers import Normal
from lamina.layers.noise import Dropout
from lamina.layers.normalization import LayerNorm
from lamina.layers.positions import PositionalEncoding
from lamina.layers.transformer import TransformerBlock
from lamina.networks.encoder_decoder import EncoderDecoder, Memory
from lamina.networks.summary import largest_activation, multiplications


@dataclass(frozen=True, repr=False)
class TransformerEncoderDecoder(EncoderDecoder):
    """Encoder and decoder of the Transformer, with the normalisation before each part.

    Parameters
    ----------
    source_length, source_vocabulary, target_vocabulary
        Places of the source in a row, and numbers of codes.
    units
        Width: numbers of each place.
    heads, depth
        Heads of each attention, and blocks of encoder and decoder each.
    dropout
        Rate of dropout of the codes' vectors and inside the blocks.

    Parameters ``encoder/...`` and ``decoder/...`` as of :class:`~lamina.layers.Sequential`.

    Source: Vaswani et al., "Attention is all you need", 2017, Figure 1.
    """

    units: int = 64
    heads: int = 4
    depth: int = 2
    dropout: float = 0.1
    parts: ClassVar[Mapping[str, str]] = {"encoder": "encoder", "decoder": "decoder"}

    def __post_init__(self) -> None:
        self._check("units", "heads", "depth")
        check_rate(type(self).__name__, "dropout", self.dropout)

    def _chain(self, vocabulary: int, block: TransformerBlock, *last: Layer) -> Sequential:
        # The positions multiply by the root of the width: together the vectors begin with variance one.
        vectors = Embedding(self.units, vocabulary, Normal(float(self.units**-0.5)))
        blocks = [block] * self.depth
        return Sequential([vectors, PositionalEncoding(), Dropout(self.dropout), *blocks, LayerNorm(), *last])

    @property
    def encoder(self) -> Sequential:
        """What reads the source."""
        return self._chain(self.source_vocabulary, TransformerBlock(self.heads, dropout=self.dropout))

    @property
    def decoder(self) -> Sequential:
        """What writes the target."""
        block = TransformerBlock(self.heads, dropout=self.dropout, causal=True, cross=True)
        return self._chain(self.target_vocabulary, block, TimeDistributed(Dense(self.target_vocabulary)))

    def output_shape(self, input_shape: Shape) -> Shape:
        if self.units % self.heads:
            raise SpecificationError(
                f"{self.units} units cannot be shared among {self.heads} heads: take a number of heads that divides them."
            )
        return super().output_shape(input_shape)

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        steps = self.output_shape(input_shape)[0]
        encoder = self.encoder.init(rng, (self.source_length,))[0]
        return {"encoder": encoder, "decoder": self.decoder.init(rng, (steps,))[0]}, {}

    def multiplications(self, input_shape: Shape) -> int:
        """Of one row."""
        steps = self.output_shape(input_shape)[0]
        return multiplications(self.encoder, (self.source_length,)) + multiplications(self.decoder, (steps,))

    def largest_activation(self, input_shape: Shape) -> int:
        """Numbers of the largest array that a row becomes."""
        steps = self.output_shape(input_shape)[0]
        looked = self.heads * steps * self.source_length
        parts = ((self.encoder, self.source_length), (self.decoder, steps))
        return max(looked, *(largest_activation(chain, (length,)) for chain, length in parts))

    def encode(self, parameters: Parameters, source: Array, context: Context) -> Memory:
        places = self.encoder.apply(parameters["encoder"], {}, source, context.child("encoder"))[0]
        return Memory(places, source != 0)

    def decode(
        self, parameters: Parameters, given: Array, memory: Memory, context: Context
    ) -> tuple[Array, Array | None]:
        seen = dataclasses.replace(context, memory=memory.places, memory_mask=memory.there)
        logits = self.decoder.apply(parameters["decoder"], {}, given, seen.child("decoder"))[0]
        return logits, None if context.record is None else self._looked_at(parameters, context, memory)

    def _looked_at(self, parameters: Parameters, context: Context, memory: Memory) -> Array:
        """Mean over heads of the last block's weights on the source, from what was recorded."""
        assert context.record is not None
        block = f"transformer_block_{self.depth}"
        asked = context.record[f"{context.child('decoder').path}/{block}/residual_2/layer_norm_1"]
        attention: Any = self.decoder.layers[-3].layers[1].layers[1]  # type: ignore[attr-defined]
        own = parameters["decoder"][block]["residual_2"]["multi_head_attention_1"]
        there = Context(memory=memory.places, memory_mask=memory.there)
        return jnp.mean(attention.weights(own, asked, there), axis=1)

    def begin(self, memory: Memory, steps: int) -> Any:
        return jnp.zeros((len(memory.places), steps), jnp.int32)

    def step(
        self, parameters: Parameters, code: Array, place: Array, carried: Any, memory: Memory
    ) -> tuple[Array, Any]:
        """The codes so far are decoded anew: their number is small, and one program serves every step."""
        carried = carried.at[:, place].set(code)
        logits, _ = self.decode(parameters, carried, memory, Context())
        return logits[:, place], carried
