"""scikit-learn's losses of a row, with its conventions about halves, sums over outputs, and clipping.

Where the number that scikit-learn reports is not the one whose gradient it follows, :func:`reporting` keeps both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.special import xlogy

from lamina.training.losses import Loss

Array = Any


def reporting(value: Array, followed: Array) -> Array:
    """A number equal to ``value`` whose gradient is that of ``followed``.

    >>> value, slope = jax.value_and_grad(lambda z: reporting(jnp.minimum(z, 1.0), 3 * z))(2.0)
    >>> float(value), float(slope)
    (1.0, 3.0)
    """
    return followed + lax.stop_gradient(value - followed)


@dataclass(frozen=True, repr=False)
class HalfSquaredError(Loss):
    """(y - z)² / 2, reported as its mean over outputs while the gradient is that of the sum over them."""

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        halves = 0.5 * jnp.square(y - z)
        if z.shape[-1] == 1:
            return halves[..., 0]
        return reporting(jnp.mean(halves, axis=-1), jnp.sum(halves, axis=-1))


@dataclass(frozen=True, repr=False)
class HalfPoissonDeviance(Loss):
    """y log(y / f) - y + f with f = exp(z), summed over outputs."""

    output_activation: ClassVar[str] = "exponential"
    outcome: ClassVar[str] = "count"

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        return jnp.sum(xlogy(y, y) - y * z - y + jnp.exp(z), axis=-1)


@dataclass(frozen=True, repr=False)
class LabelLogLoss(Loss):
    """-y log p - (1 - y) log(1 - p) with p the sigmoid of z, summed over labels.

    Reported with p clipped to [eps, 1 - eps]; the gradient p - y is not clipped.
    """

    output_activation: ClassVar[str] = "sigmoid"
    outcome: ClassVar[str] = "fraction"

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        losses = jax.nn.softplus(z) - y * z
        return jnp.sum(reporting(_clipped(losses), losses), axis=-1)


@dataclass(frozen=True, repr=False)
class ClassLogLoss(Loss):
    """-sum_m y_m log p_m with p the softmax of z and y the indicators of the class; clipped as :class:`LabelLogLoss` is."""

    output_activation: ClassVar[str] = "softmax"
    outcome: ClassVar[str] = "class"

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        losses = -jnp.sum(y * jax.nn.log_softmax(z, axis=-1), axis=-1)
        return reporting(_clipped(losses), losses)


def _clipped(losses: Array) -> Array:
    """What -log p is once p is clipped."""
    eps = np.finfo(losses.dtype).eps
    return jnp.clip(losses, -np.log1p(-eps), -np.log(eps))
