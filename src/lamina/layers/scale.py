"""A learnt factor for each feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State


@dataclass(frozen=True, repr=False)
class Scale(Layer):
    r"""Each feature times a learnt factor of its own, which begins at one.

    .. math:: a_j = s_j x_j

    Before the first dense layer it lets a network weigh its inputs softly: under Adam a feature that helps is made larger
    within a few steps, one that does not is made smaller, which changing its row of weights would take long to do. Give it a
    higher learning rate than the rest: ``Adam(factors={"scale_1": 6})``.

    Shapes: input (p,) or any shape whose last axis has p features, output the same. Parameter ``factors`` (p,).

    Source: the scaling layer of Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees
    on tabular data", NeurIPS 2024.

    >>> Scale().apply({"factors": np.array([1.0, 0.0, 2.0])}, {}, np.array([[1.0, 2.0, 3.0]]), Context())[0].tolist()
    [[1.0, 0.0, 6.0]]
    """

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        return {"factors": np.ones(input_shape[-1])}, {}

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return x * parameters["factors"], state
