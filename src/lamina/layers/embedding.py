"""Categories with many levels, and words, as points in a few dimensions, learnt with the network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State, check_positive_integer
from lamina.layers.initializers import Initializer, Uniform, resolve_initializer


@dataclass(frozen=True, repr=False)
class CategoryEmbedding(Layer):
    """Replaces the last columns of a table, codes of categories, by learnt vectors; the others pass.

    Code c of column k becomes row c of a table ``column_k_weights`` of shape (levels_k, d_k). Code 0 stands for a level not
    seen in training.

    Parameters
    ----------
    levels
        Number of levels of each code column, code 0 included.
    dimension
        d for every column; None takes the fourth root of its number of levels, rounded: few numbers a level, as tables
        of statistics have few rows a level (the rule of thumb of TensorFlow's feature columns, 2017).

    Source: Guo and Berkhahn, "Entity embeddings of categorical variables", 2016.

    >>> CategoryEmbedding((100,), dimension=3).output_shape((5,))
    (7,)
    """

    levels: tuple[int, ...]
    dimension: int | None = None

    def __post_init__(self) -> None:
        levels = tuple(self.levels) if isinstance(self.levels, Iterable) else (self.levels,)
        for level in levels:
            check_positive_integer("CategoryEmbedding", "levels", level)
        object.__setattr__(self, "levels", tuple(int(level) for level in levels))
        if self.dimension is not None:
            check_positive_integer("CategoryEmbedding", "dimension", self.dimension)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or input_shape[0] < len(self.levels):
            raise SpecificationError(
                f"CategoryEmbedding has {len(self.levels)} columns of codes and is given rows of shape {input_shape}: "
                "the codes must be the last columns of a table."
            )
        return (input_shape[0] - len(self.levels) + sum(self._dimensions()),)

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        return {
            f"column_{k}_weights": rng.normal(0.0, 1.0 / np.sqrt(d), (levels, d))
            for k, (levels, d) in enumerate(zip(self.levels, self._dimensions(), strict=True), start=1)
        }, {}

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        first = x.shape[-1] - len(self.levels)
        pieces = [x[:, :first]]
        for k in range(len(self.levels)):
            codes = x[:, first + k].astype(jnp.int32)
            pieces.append(parameters[f"column_{k + 1}_weights"][codes])
        return jnp.concatenate(pieces, axis=-1), state

    def _dimensions(self) -> tuple[int, ...]:
        if self.dimension is not None:
            return (self.dimension,) * len(self.levels)
        return tuple(max(1, round(level**0.25)) for level in self.levels)


@dataclass(frozen=True, repr=False)
class Embedding(Layer):
    """Replaces each code of a sequence, most often a word's number, by a learnt vector.

    Code c becomes row c of ``weights``. Code 0 is padding: places that hold it are masked, so that recurrent layers skip them and
    pooling over time and attention leave them out.

    Parameters
    ----------
    dimension
        Numbers of a vector.
    vocabulary
        Number of codes, 0 included; None where whoever makes the network knows it (:class:`lamina.TextClassifier`).
    weight_init
        Uniform on (-0.05, 0.05) by default, as in Keras.

    Shapes: input (t,) of whole numbers from 0 to vocabulary - 1, output (t, dimension). Parameters ``weights``
    (vocabulary, dimension). Give ``trainable=False`` to keep vectors that were read from a file.

    Raises
    ------
    SpecificationError
        For a dimension or a vocabulary below one, or an input that is no sequence of codes.

    Source: ISLP section 10.5.1.

    >>> layer = Embedding(2, 4)
    >>> layer.output_shape((3,))
    (3, 2)
    >>> layer.apply({"weights": jnp.arange(8.0).reshape(4, 2)}, {}, jnp.array([[0, 3, 1]]), Context())[0][0].tolist()
    [[0.0, 1.0], [6.0, 7.0], [2.0, 3.0]]
    """

    dimension: int
    vocabulary: int | None = None
    weight_init: str | Initializer | None = None
    takes_codes: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_positive_integer("Embedding", "dimension", self.dimension)
        if self.vocabulary is not None:
            check_positive_integer("Embedding", "vocabulary", self.vocabulary)
        if self.weight_init is not None:
            resolve_initializer(self.weight_init)

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1 or input_shape[0] < 1:
            raise SpecificationError(
                f"Embedding takes sequences of codes, an array (n, t) of whole numbers, and was given rows of "
                f"shape {input_shape}."
            )
        return (input_shape[0], self.dimension)

    def count(self, input_shape: Shape) -> int:
        """Number of parameters."""
        return self._rows() * self.dimension

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        shape = (self._rows(), self.dimension)
        initializer = Uniform(0.05) if self.weight_init is None else resolve_initializer(self.weight_init)
        return {"weights": initializer.draw(rng, shape, *map(float, shape))}, {}

    def _rows(self) -> int:
        if self.vocabulary is None:
            raise SpecificationError(
                f"Embedding({self.dimension}) does not know its vocabulary: give the number of codes, 0 included, for example "
                f"Embedding({self.dimension}, 10_000)."
            )
        return self.vocabulary

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return parameters["weights"][x.astype(jnp.int32)], state

    def mask_of(self, x: Array) -> Array | None:
        return x != 0


@dataclass(frozen=True, repr=False)
class EmbeddingBag(Embedding):
    r"""Mean or sum of the vectors of a sequence's codes, whatever their order; padding, code 0, is left out.

    .. math:: a = \frac{1}{|\{l : x_l \neq 0\}|} \sum_{l : x_l \neq 0} E_{x_l}

    A sequence of padding alone gives zeros.

    Parameters
    ----------
    dimension, vocabulary, weight_init
        As in :class:`Embedding`.
    mode : {"mean", "sum"}

    Shapes: input (t,) of whole numbers, output (dimension,). Parameters ``weights`` (vocabulary, dimension).

    >>> layer = EmbeddingBag(2, 4)
    >>> layer.output_shape((3,))
    (2,)
    >>> layer.apply({"weights": jnp.arange(8.0).reshape(4, 2)}, {}, jnp.array([[0, 3, 1]]), Context())[0][0].tolist()
    [4.0, 5.0]
    """

    mode: str = "mean"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mode not in ("mean", "sum"):
            raise SpecificationError(f"EmbeddingBag(mode={self.mode!r}): give 'mean' or 'sum'.")

    def output_shape(self, input_shape: Shape) -> Shape:
        return super().output_shape(input_shape)[1:]

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        weights, codes = parameters["weights"], x.astype(jnp.int32)
        there = (codes != 0).astype(weights.dtype)
        total = jnp.einsum("nt,ntd->nd", there, weights[codes])
        if self.mode == "sum":
            return total, state
        return total / jnp.maximum(there.sum(axis=1, keepdims=True), 1), state

    def mask_of(self, x: Array) -> Array | None:
        return None
