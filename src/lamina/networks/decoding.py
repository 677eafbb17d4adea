"""Writing targets: beam search, compiled, over all rows of a batch at once; one beam is greedy."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from lamina.data.symbols import BEGIN, END, PADDING
from lamina.layers.base import Context, Parameters
from lamina.networks.encoder_decoder import EncoderDecoder

Array = Any


NEVER = -1e30
"""Logarithm of a probability of zero; finite, so that differences stay numbers."""


class Beams(NamedTuple):
    """The search so far: codes (n, b, steps), logarithms of their probabilities, which have ended, what the decoder carries."""

    codes: Array
    scores: Array
    ended: Array
    last: Array
    carried: Any
    place: Array


@functools.partial(jax.jit, static_argnums=(0, 3, 4))
def search(
    network: EncoderDecoder, parameters: Parameters, source: Array, steps: int, beam: int
) -> tuple[Array, Array]:
    r"""Targets (n, steps) that are probable given the source codes (n, s), and the logarithms of their probabilities.

    At each step every beam is continued by every code, and the ``beam`` best of these by :math:`\sum_t \log P(y_t \mid \cdot)`
    are kept; one that has ended is continued by padding. With one beam that is the most probable code at each step. Of a target
    that does not end within ``steps`` the beginning is given.
    """
    n, vocabulary = len(source), network.target_vocabulary
    memory = network.encode(parameters, source, Context())
    memory = jax.tree.map(lambda leaf: jnp.repeat(leaf, beam, axis=0), memory)
    codes = jnp.arange(vocabulary)
    writable = (codes >= END).at[PADDING].set(False)
    only_padding = jnp.where(codes == PADDING, 0.0, NEVER)

    def go_on(beams: Beams) -> Beams:
        logits, carried = network.step(parameters, beams.last, beams.place, beams.carried, memory)
        chances = jax.nn.log_softmax(jnp.where(writable, logits, NEVER)).reshape(n, beam, vocabulary)
        chances = jnp.where(beams.ended[:, :, None], only_padding.astype(chances.dtype), chances)
        total = (beams.scores[:, :, None] + chances).reshape(n, beam * vocabulary)
        scores, chosen = lax.top_k(total, beam)
        origin, code = chosen // vocabulary, (chosen % vocabulary).astype(jnp.int32)

        def kept(leaf: Array) -> Array:
            by_beam = leaf.reshape(n, beam, *leaf.shape[1:])
            return by_beam[jnp.arange(n)[:, None], origin].reshape(leaf.shape)

        before = jnp.take_along_axis(beams.codes, origin[:, :, None], axis=1)
        ended = jnp.take_along_axis(beams.ended, origin, axis=1) | (code == END)
        return Beams(
            before.at[:, :, beams.place].set(code),
            scores,
            ended,
            code.reshape(-1),
            jax.tree.map(kept, carried),
            beams.place + 1,
        )

    first = jnp.full((n, beam), NEVER).at[:, 0].set(0.0)
    beams = Beams(
        jnp.zeros((n, beam, steps), jnp.int32),
        first.astype(memory.places.dtype),
        jnp.zeros((n, beam), bool),
        jnp.full(n * beam, BEGIN, jnp.int32),
        network.begin(memory, steps),
        jnp.int32(0),
    )
    beams = lax.while_loop(lambda b: (b.place < steps) & ~jnp.all(b.ended), go_on, beams)
    best = jnp.argmax(beams.scores, axis=1)  # the best come first, but for rounding
    rows = jnp.arange(n)
    return beams.codes[rows, best], beams.scores[rows, best]


@functools.partial(jax.jit, static_argnums=0)
def looked_at(network: EncoderDecoder, parameters: Parameters, source: Array, given: Array) -> Array:
    """How much each step of the decoder looked at each place of the source, (n, t, s)."""
    context = Context(record={})
    memory = network.encode(parameters, source, context)
    return network.decode(parameters, given, memory, context)[1]
