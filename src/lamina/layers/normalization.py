"""Normalisation inside a network: by the batch, or by each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, Layer, Parameters, Shape, State, check_nonnegative, check_rate
from lamina.numerics.batch_norm import moments, normalized, places
from lamina.numerics.own_gradient import widened


@dataclass(frozen=True, repr=False)
class BatchNorm(Layer):
    r"""Each channel standardised over the batch (and over the places of an image), then given a learnt scale and place.

    .. math:: y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    In training the mean and variance are those of the mini-batch, rows by their weight; at prediction running ones, which begin
    at 0 and 1 and keep the share ``momentum`` of themselves at each step (less of a short last batch enters). Rows that only
    fill a batch up have weight zero and never count. A last batch of one row without places has no variance: its output is β, the
    layers before learn nothing from it, and the running statistics stay. A frozen layer (``trainable=False``) uses its running
    statistics in training too.

    Parameters
    ----------
    momentum
        Share of the running statistics that a step keeps (PyTorch's is one minus this).
    epsilon
        Added to the variance.

    Shapes: input (..., c), output the same. Parameters ``factors`` γ (c,) and ``bias`` β (c,); state ``mean`` and ``variance``,
    the latter unbiased.

    Raises
    ------
    SpecificationError
        For a momentum outside [0, 1) or a negative epsilon. An estimator refuses mini-batches of one row, which have no variance.

    Source: Ioffe and Szegedy, "Batch normalization", 2015, algorithms 1 and 2.

    >>> layer = BatchNorm()
    >>> parameters, state = layer.init(np.random.default_rng(0), (1,))
    >>> y, after = layer.apply(parameters, state, jnp.array([[1.0], [3.0]]), Context(training=True))
    >>> y.round(3).ravel().tolist(), {name: round(float(value[0]), 3) for name, value in after.items()}
    ([-1.0, 1.0], {'mean': 0.2, 'variance': 1.1})
    """

    momentum: float = 0.9
    epsilon: float = 1e-5
    learns_statistics: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_rate("BatchNorm", "momentum", self.momentum)
        check_nonnegative("BatchNorm", "epsilon", self.epsilon)

    def output_shape(self, input_shape: Shape) -> Shape:
        if not input_shape:
            raise SpecificationError("BatchNorm takes rows of at least one channel.")
        return input_shape

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        channels = self.output_shape(input_shape)[-1]
        parameters = {"factors": np.ones(channels), "bias": np.zeros(channels)}
        return parameters, {"mean": np.zeros(channels), "variance": np.ones(channels)}

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        if context.training and not context.keeps_statistics:
            return self._by_batch(parameters, state, x, context)
        if context.watch is not None:
            return self._open(parameters, x, state["mean"], state["variance"], context), state
        factor = parameters["factors"] * lax.rsqrt(state["variance"] + self.epsilon)
        return (x * factor + (parameters["bias"] - state["mean"] * factor)).astype(x.dtype), state

    def _by_batch(
        self, parameters: Parameters, state: State, x: Array, context: Context
    ) -> tuple[Array, State]:
        given = context.weights
        dtype = jnp.promote_types(x.dtype, jnp.float32)
        weights = jnp.ones(len(x), dtype) if given is None else given.astype(dtype)
        if context.watch is not None:
            mean, variance = moments(x, weights)
            y = self._open(parameters, x, mean, variance, context)
        else:
            y, mean, variance = normalized(
                x, parameters["factors"], parameters["bias"], weights, self.epsilon
            )
        # Of a batch that is partly filling, that part of the step enters the running statistics; of a single number nothing.
        there = weights > 0
        several = jnp.sum(there) * places(x) > 1
        rate = (1.0 - self.momentum) * jnp.mean(there, dtype=dtype) * several
        count = jnp.sum(weights) * places(x)
        unbiased = variance * (count / jnp.maximum(count - 1, 1))
        after = {
            "mean": state["mean"] + rate * (mean - state["mean"]),
            "variance": state["variance"] + rate * (unbiased - state["variance"]),
        }
        return y, lax.stop_gradient(after)

    def _open(
        self, parameters: Parameters, x: Array, mean: Array, variance: Array, context: Context
    ) -> Array:
        """The output by way of the standardised input, for whoever watches."""
        context.keep("mean", mean)
        context.keep("variance", variance)
        epsilon = jnp.asarray(self.epsilon, variance.dtype)
        standard = context.point("standard", (widened(x) - mean) * lax.rsqrt(variance + epsilon))
        return (standard * parameters["factors"] + parameters["bias"]).astype(x.dtype)


@dataclass(frozen=True, repr=False)
class LayerNorm(Layer):
    r"""Each row (and each place of an image) standardised over its channels, then given a learnt scale and place.

    .. math:: y_c = \gamma_c\, \frac{x_c - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta_c, \qquad
        \mu = \frac1C \sum_c x_c, \quad \sigma^2 = \frac1C \sum_c (x_c - \mu)^2

    Nothing passes between rows, so that training and prediction are alike.

    Parameters
    ----------
    epsilon
        Added to the variance.

    Shapes: input (..., C), output the same. Parameters ``factors`` γ (C,) and ``bias`` β (C,).

    Source: Ba, Kiros and Hinton, "Layer normalization", 2016.

    >>> layer = LayerNorm(epsilon=0.0)
    >>> layer.apply({"factors": jnp.ones(2), "bias": jnp.zeros(2)}, {}, jnp.array([[1.0, 3.0]]), Context())[0].tolist()
    [[-1.0, 1.0]]
    """

    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        check_nonnegative("LayerNorm", "epsilon", self.epsilon)

    def output_shape(self, input_shape: Shape) -> Shape:
        if not input_shape:
            raise SpecificationError("LayerNorm takes rows of at least one channel.")
        return input_shape

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        channels = self.output_shape(input_shape)[-1]
        return {"factors": np.ones(channels), "bias": np.zeros(channels)}, {}

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        wide = widened(x)
        centred = wide - jnp.mean(wide, axis=-1, keepdims=True)
        variance = jnp.mean(jnp.square(centred), axis=-1, keepdims=True)
        standard = centred * lax.rsqrt(variance + jnp.asarray(self.epsilon, wide.dtype))
        standard = context.point("standard", standard)
        return (standard * parameters["factors"] + parameters["bias"]).astype(x.dtype), state
