"""From one sequence to another: an encoder reads the source, a decoder writes the target code by code."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.activated import activated
from lamina.layers.base import (
    Array,
    Context,
    Layer,
    Parameters,
    Shape,
    State,
    check_positive_integer,
    check_rate,
)
from lamina.layers.initializers import resolve_initializer
from lamina.layers.noise import drop
from lamina.layers.recurrent import GRU, LSTM, Recurrent
from lamina.numerics.attention import attention_weights

CELLS: dict[str, type[Recurrent]] = {"gru": GRU, "lstm": LSTM}


class Memory(NamedTuple):
    """What the encoder made of the source.

    Attributes
    ----------
    places
        A vector for each place (n, s, k).
    there
        Which places are there and not padding, (n, s).
    start
        What a recurrent decoder begins with, each (n, k); nothing for a Transformer.
    """

    places: Array
    there: Array
    start: tuple[Array, ...] = ()


@dataclass(frozen=True, repr=False)
class EncoderDecoder(Layer):
    r"""Base: a probability for each next code of the target, given the source and the codes before.

    .. math:: P(y_1 \dots y_T \mid x) = \prod_t P(y_t \mid y_1 \dots y_{t-1}, x)

    In training the codes before are the true ones (teacher forcing), so that all steps are computed at once: a row holds the
    source (s codes) and then the target moved one step on, its first code the mark of a beginning. Code 0 is padding.

    Shapes: input (s + t,), output (t, target_vocabulary), before the softmax.
    """

    source_length: int
    source_vocabulary: int
    target_vocabulary: int
    repeats: ClassVar[bool] = True

    def _check(self, *more: str) -> None:
        for name in ("source_length", "source_vocabulary", "target_vocabulary", *more):
            check_positive_integer(type(self).__name__, name, getattr(self, name))

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or input_shape[0] <= self.source_length:
            raise SpecificationError(
                f"{type(self).__name__} takes rows of {self.source_length} codes of the source and at least one of the target, "
                f"and was given rows of shape {input_shape}."
            )
        return (input_shape[0] - self.source_length, self.target_vocabulary)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        source, given = x[:, : self.source_length], x[:, self.source_length :]
        memory = self.encode(parameters, source, context)
        return self.decode(parameters, given, memory, context)[0], state

    @abstractmethod
    def encode(self, parameters: Parameters, source: Array, context: Context) -> Memory:
        """What the decoder may know of the source, codes (n, s)."""

    @abstractmethod
    def decode(
        self, parameters: Parameters, given: Array, memory: Memory, context: Context
    ) -> tuple[Array, Array | None]:
        """Logits of the next code after each of the ``given`` (n, t), and what was looked at, (n, t, s), where attention is."""

    @abstractmethod
    def begin(self, memory: Memory, steps: int) -> Any:
        """What is carried while a target of at most so many codes is written; arrays of n rows."""

    @abstractmethod
    def step(
        self, parameters: Parameters, code: Array, place: Array, carried: Any, memory: Memory
    ) -> tuple[Array, Any]:
        """Logits of the next code (n, vocabulary) after ``code`` (n,), which stands at ``place``."""


@dataclass(frozen=True, repr=False)
class RecurrentEncoderDecoder(EncoderDecoder):
    r"""A recurrent layer reads the source in both directions, another writes the target from what both carry at the end.

    With attention each step of the decoder, :math:`h_t`, looks at all places m of the source:

    .. math:: a_{tj} = \mathrm{softmax}_j(h_t' W_a m_j), \quad c_t = \sum_j a_{tj} m_j, \quad
        \tilde h_t = \tanh([c_t, h_t] W_c + b_c), \quad z_t = \tilde h_t W_o + b_o

    Without it :math:`z_t = h_t W_o + b_o`, and all that the decoder knows of the source is what was carried to its end.

    Parameters
    ----------
    source_length, source_vocabulary, target_vocabulary
        Places of the source in a row, and numbers of codes.
    units
        K of each direction of the encoder; the decoder has 2 K.
    embedding
        Numbers of a code's vector.
    cell
        "gru" or "lstm".
    attention
        Whether there is attention.
    dropout
        Rate of dropout of the codes' vectors and before the output.

    Source: Sutskever, Vinyals and Le, "Sequence to sequence learning with neural networks", 2014; Luong, Pham and Manning,
    "Effective approaches to attention-based neural machine translation", 2015, equations 5 to 8 ("general").
    """

    units: int = 64
    embedding: int = 32
    cell: str = "gru"
    attention: bool = True
    dropout: float = 0.0
    parts: ClassVar[Mapping[str, str]] = {"forward": "forward", "backward": "forward", "decoder": "decoder"}

    def __post_init__(self) -> None:
        self._check("units", "embedding")
        check_rate(type(self).__name__, "dropout", self.dropout)
        if self.cell not in CELLS:
            raise SpecificationError(f"{type(self).__name__}(cell={self.cell!r}): take 'gru' or 'lstm'.")

    @property
    def forward(self) -> Recurrent:
        """The encoder's layer that reads from the beginning."""
        return CELLS[self.cell](self.units)

    @property
    def decoder(self) -> Recurrent:
        """The decoder's layer."""
        return CELLS[self.cell](2 * self.units)

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        steps, width = self.output_shape(input_shape)[0], 2 * self.units
        parameters: Parameters = {
            "source_embedding": _vectors(rng, self.source_vocabulary, self.embedding),
            "target_embedding": _vectors(rng, self.target_vocabulary, self.embedding),
        }
        read, written = (self.source_length, self.embedding), (steps, self.embedding)
        for name, layer, shape in (
            ("forward", self.forward, read),
            ("backward", self.forward, read),
            ("decoder", self.decoder, written),
        ):
            parameters[name] = layer.init(rng, shape)[0]
        if self.attention:
            parameters["attention"] = {"weights": _drawn(rng, width, width)}
            parameters["combined"] = {"weights": _drawn(rng, 2 * width, width), "bias": np.zeros(width)}
        parameters["output"] = {
            "weights": _drawn(rng, width, self.target_vocabulary),
            "bias": np.zeros(self.target_vocabulary),
        }
        return parameters, {}

    def multiplications(self, input_shape: Shape) -> int:
        """Of one row."""
        steps, width = self.output_shape(input_shape)[0], 2 * self.units
        read = 2 * self.source_length * self.forward.count((self.source_length, self.embedding))
        written = steps * (self.decoder.count((steps, self.embedding)) + width * self.target_vocabulary)
        looked = steps * (3 * width * width + 2 * width * self.source_length)
        return read + written + self.attention * looked

    def largest_activation(self, input_shape: Shape) -> int:
        """Numbers of the largest array that a row becomes."""
        steps = self.output_shape(input_shape)[0]
        wide = 2 * self.forward.gates * self.units
        return max(self.source_length * wide, steps * max(wide, self.target_vocabulary, self.source_length))

    def encode(self, parameters: Parameters, source: Array, context: Context) -> Memory:
        there = source != 0
        vectors = _looked_up(parameters["source_embedding"], source, self.dropout, context.child("source"))
        inside = dataclasses.replace(context, mask=there)
        forward = self.forward.run(parameters["forward"], vectors, inside.child("forward"))
        turned = dataclasses.replace(inside, mask=there[:, ::-1])
        backward = self.forward.run(parameters["backward"], vectors[:, ::-1], turned.child("backward"))
        both_ways: list[Array] = [forward.outputs, backward.outputs]
        places = jnp.concatenate([both_ways[0], both_ways[1][::-1]], axis=-1)
        ends = zip(forward.last, backward.last, strict=True)
        start = tuple(jnp.concatenate(both, axis=-1) for both in ends)
        return Memory(jnp.swapaxes(places, 0, 1), there, start)

    def decode(
        self, parameters: Parameters, given: Array, memory: Memory, context: Context
    ) -> tuple[Array, Array | None]:
        logits, weights, _ = self._from(parameters, given, memory.start, memory, context)
        return logits, weights

    def _from(
        self, parameters: Parameters, given: Array, start: tuple[Array, ...], memory: Memory, context: Context
    ) -> tuple[Array, Array | None, tuple[Array, ...]]:
        vectors = _looked_up(parameters["target_embedding"], given, self.dropout, context.child("target"))
        run = self.decoder.run(
            parameters["decoder"], vectors, dataclasses.replace(context.child("decoder"), mask=None), start
        )
        outputs: Array = run.outputs
        hidden, weights = jnp.swapaxes(outputs, 0, 1), None
        if self.attention:
            # The scores are not divided by a root here; attention_weights divides, so the queries are multiplied before.
            queries = (
                hidden @ parameters["attention"]["weights"] * np.sqrt(hidden.shape[-1]).astype(hidden.dtype)
            )
            weights = context.point(
                "weights", attention_weights(queries, memory.places, memory.there[:, None])
            )
            both = jnp.concatenate([weights @ memory.places, hidden], axis=-1)
            z = both @ parameters["combined"]["weights"] + parameters["combined"]["bias"]
            hidden = context.point("hidden", activated("tanh", z, context))
        hidden = _dropped(hidden, self.dropout, context.child("hidden"))
        return hidden @ parameters["output"]["weights"] + parameters["output"]["bias"], weights, run.last

    def begin(self, memory: Memory, steps: int) -> Any:
        return memory.start

    def step(
        self, parameters: Parameters, code: Array, place: Array, carried: Any, memory: Memory
    ) -> tuple[Array, Any]:
        logits, _, carried = self._from(parameters, code[:, None], carried, memory, Context())
        return logits[:, 0], carried


def _vectors(rng: np.random.Generator, rows: int, columns: int) -> Parameters:
    return {"weights": rng.normal(0.0, 1.0 / np.sqrt(columns), (rows, columns))}


def _drawn(rng: np.random.Generator, inputs: int, units: int) -> np.ndarray:
    return resolve_initializer("xavier").draw(rng, (inputs, units), inputs, units)


def _looked_up(table: Parameters, codes: Array, rate: float, context: Context) -> Array:
    return _dropped(table["weights"][codes], rate, context)


def _dropped(x: Array, rate: float, context: Context) -> Array:
    key = context.key
    return x if not context.training or key is None or rate == 0 else drop(x, key, rate)
