"""Categories with many levels as points in a few dimensions, learnt with the network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State, check_positive_integer


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
