"""Layers that act in training alone: dropout and Gaussian noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp

from lamina.layers.base import (
    Array,
    Context,
    ParameterFreeLayer,
    Parameters,
    Shape,
    State,
    check_nonnegative,
    check_rate,
    traced,
)
from lamina.numerics.random import keep_mask


@dataclass(frozen=True, repr=False)
class Dropout(ParameterFreeLayer):
    r"""Inverted dropout: in training each input is set to zero with probability ``rate``, the rest are divided by 1 - rate.

    .. math:: y_j = x_j m_j / (1 - r), \qquad m_j \sim \text{Bernoulli}(1 - r)

    so that E(y) = x and nothing changes at prediction.

    Raises
    ------
    SpecificationError
        If rate is outside [0, 1).

    Source: ISLP section 10.7.3; Srivastava et al. 2014.

    >>> Dropout(1.2)
    Traceback (most recent call last):
    lamina.errors.SpecificationError: Dropout(rate=1.2): rate must be a number in [0, 1), for example 0.4.
    """

    rate: float = traced(0.5)
    draws: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_rate("Dropout", "rate", self.rate)

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        key = context.key
        if not context.training or key is None:
            return x, state
        return drop(x, key, context.value("rate", self.rate)), state


def drop(x: Array, key: Array, rate: Array, width: Array | None = None) -> Array:
    """Inverted dropout of x; with ``width``, the first columns of x as dropout of them alone would have it."""
    keep = 1.0 - jnp.asarray(rate, x.dtype)
    return x * (keep_mask(key, keep, x.shape, width).astype(x.dtype) / keep)


@dataclass(frozen=True, repr=False)
class GaussianNoise(ParameterFreeLayer):
    """Adds N(0, sd²) to every input in training, nothing at prediction.

    Source: Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995.

    >>> GaussianNoise(0.1).output_shape((3,))
    (3,)
    """

    sd: float = traced(0.1)
    draws: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_nonnegative("GaussianNoise", "sd", self.sd)

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        key = context.key
        if not context.training or key is None:
            return x, state
        sd = jnp.asarray(context.value("sd", self.sd), x.dtype)
        return x + sd * jax.random.normal(key, x.shape, x.dtype), state
