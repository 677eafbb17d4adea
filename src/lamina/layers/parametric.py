"""An activation that learns how nonlinear to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lamina.layers.activated import watched
from lamina.layers.activations import Function, resolve_activation
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State


@dataclass(frozen=True, repr=False)
class ParametricActivation(Layer):
    r"""Between the identity and an activation g, at a place that each unit learns; it begins at g.

    .. math:: a_k = z_k + \alpha_k \big(g(z_k) - z_k\big)

    Put it after a linear layer: ``[Dense(64, weight_init="he"), ParametricActivation("mish")]``. With g the ReLU it is the
    parametric ReLU of He et al. 2015, whose slope below zero is 1 - α.

    Shapes: input (p,) or any shape whose last axis has p units, output the same. Parameter ``shares`` (p,), the α.

    Raises
    ------
    SpecificationError
        If the name of g is unknown.

    Source: Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data",
    NeurIPS 2024, appendix A.

    >>> layer = ParametricActivation("relu")
    >>> layer.apply({"shares": np.array([1.0, 0.75])}, {}, np.array([[-2.0, -2.0]]), Context())[0].tolist()
    [[0.0, -0.5]]
    """

    activation: str | Function

    def __post_init__(self) -> None:
        resolve_activation(self.activation)

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        return {"shares": np.ones(input_shape[-1])}, {}

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        g, shares = resolve_activation(self.activation), parameters["shares"]
        return watched(lambda z: z + shares * (g(z) - z), x, context), state
