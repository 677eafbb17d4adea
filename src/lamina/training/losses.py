"""Losses: what a row costs, as a function of the prediction *before* the output activation.

Each is a value object with the output activation that belongs to it (its inverse link), so that the loss stays finite
at extreme predictions, as in a generalised linear model. z is the linear predictor of a row, y its outcome. With
several outputs a row's loss is the mean over them.
"""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.layers.base import check_rate, traced
from lamina.layers.values import Specification, refuse_class

Array = Any


class Loss(Specification):
    """Base of the losses.

    Attributes
    ----------
    output_activation
        Name of the activation that turns z into a prediction on the scale of y.
    scales_outcome
        Whether y may be standardised before training (only where the link is the identity).
    outcome
        What y must be: "real", "count" (zero or more), "positive", "fraction" (in [0, 1]) or "class".
    """

    output_activation: ClassVar[str] = "linear"
    scales_outcome: ClassVar[bool] = True
    outcome: ClassVar[str] = "real"

    @abstractmethod
    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        """Loss of each row, shape (n,), from z and y of shape (n, outputs).

        ``value(name, own)`` gives a traced number of the loss, such as Huber's delta.
        """


@dataclass(frozen=True, repr=False)
class SquaredError(Loss):
    """(y - z)². Its minimiser is the conditional mean. ISLP equation 10.9."""

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        return jnp.mean(jnp.square(y - z), axis=-1)


@dataclass(frozen=True, repr=False)
class HalfSquaredError(Loss):
    """(y - z)²/2, of which the derivative by z is minus the residual. ISLP equation 10.23."""

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        return 0.5 * jnp.mean(jnp.square(y - z), axis=-1)


@dataclass(frozen=True, repr=False)
class AbsoluteError(Loss):
    """|y - z|. Its minimiser is the conditional median."""

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        return jnp.mean(jnp.abs(y - z), axis=-1)


@dataclass(frozen=True, repr=False)
class Huber(Loss):
    r"""e²/2 where \|e\| = \|y - z\| <= delta, else delta (\|e\| - delta/2). Huber 1964.

    ``delta`` is in units of y, which are its standard deviations when the estimator standardises (``scale=True``).
    """

    delta: float = traced(1.0)

    def __post_init__(self) -> None:
        if not (isinstance(self.delta, (int, float)) and self.delta > 0):
            raise SpecificationError(
                f"Huber(delta={self.delta!r}): delta must be above zero, for example 1.0."
            )

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        delta = jnp.asarray(value("delta", self.delta), z.dtype)
        size = jnp.abs(y - z)
        inside = jnp.minimum(size, delta)
        return jnp.mean(inside * (size - 0.5 * inside), axis=-1)


@dataclass(frozen=True, repr=False)
class Quantile(Loss):
    """q·max(y - z, 0) + (1 - q)·max(z - y, 0), the pinball loss. Its minimiser is the conditional q-quantile.

    ``q`` may be several levels in increasing order: then z has one column for each level of each outcome, and a row costs the
    mean over levels.

    Koenker and Bassett 1978.

    >>> Quantile(1.5)
    Traceback (most recent call last):
    lamina.errors.SpecificationError: Quantile(q=1.5): q must be inside (0, 1), for example 0.9.
    >>> Quantile((0.05, 0.5, 0.95)).levels
    (0.05, 0.5, 0.95)
    """

    q: float | tuple[float, ...] = traced(0.5)

    def __post_init__(self) -> None:
        if isinstance(self.q, (list, np.ndarray)):
            object.__setattr__(self, "q", tuple(float(level) for level in self.q))
        if not self.levels or not all(isinstance(q, (int, float)) and 0 < q < 1 for q in self.levels):
            raise SpecificationError(f"Quantile(q={self.q!r}): q must be inside (0, 1), for example 0.9.")
        if any(low >= high for low, high in itertools.pairwise(self.levels)):
            raise SpecificationError(
                f"Quantile(q={self.q!r}): several levels stand in increasing order, for example (0.05, 0.5, 0.95)."
            )

    @property
    def levels(self) -> tuple[float, ...]:
        """The levels, also where there is one."""
        return self.q if isinstance(self.q, tuple) else (self.q,)

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        q = jnp.asarray(value("q", self.q), z.dtype)  # type: ignore[arg-type]
        error = (y[..., None] - z.reshape(*y.shape, -1)) if q.ndim else y - z
        losses = jnp.maximum(q * error, (q - 1) * error)
        return jnp.mean(losses.reshape(len(losses), -1), axis=-1)


@dataclass(frozen=True, repr=False)
class Poisson(Loss):
    """exp(z) - y z, the Poisson log-likelihood with log link (without the term of y alone). Counts y >= 0."""

    output_activation: ClassVar[str] = "exponential"
    scales_outcome: ClassVar[bool] = False
    outcome: ClassVar[str] = "count"

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        return jnp.mean(jnp.exp(z) - y * z, axis=-1)


@dataclass(frozen=True, repr=False)
class Gamma(Loss):
    """z + y exp(-z), the gamma log-likelihood with log link (up to its shape). Positive y."""

    output_activation: ClassVar[str] = "exponential"
    scales_outcome: ClassVar[bool] = False
    outcome: ClassVar[str] = "positive"

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        return jnp.mean(z + y * jnp.exp(-z), axis=-1)


@dataclass(frozen=True, repr=False)
class BinaryCrossEntropy(Loss):
    """log(1 + exp(z)) - y z, with y in [0, 1]: a class, or a fraction such as a recovery rate.

    With label smoothing s, y becomes (1 - s) y + s/2.
    """

    label_smoothing: float = traced(0.0)

    output_activation: ClassVar[str] = "sigmoid"
    scales_outcome: ClassVar[bool] = False
    outcome: ClassVar[str] = "fraction"

    def __post_init__(self) -> None:
        check_rate("BinaryCrossEntropy", "label_smoothing", self.label_smoothing)

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        s = jnp.asarray(value("label_smoothing", self.label_smoothing), z.dtype)
        smoothed = (1 - s) * y + 0.5 * s
        return jnp.mean(jax.nn.softplus(z) - smoothed * z, axis=-1)


@dataclass(frozen=True, repr=False)
class CategoricalCrossEntropy(Loss):
    """-sum_m t_m log f_m(x) with f the softmax of z. ISLP equation 10.14.

    y holds the class number; t is its indicator, or (1 - s)·indicator + s/C with label smoothing s (Szegedy et al. 2016).
    """

    label_smoothing: float = traced(0.0)

    output_activation: ClassVar[str] = "softmax"
    scales_outcome: ClassVar[bool] = False
    outcome: ClassVar[str] = "class"

    def __post_init__(self) -> None:
        check_rate("CategoricalCrossEntropy", "label_smoothing", self.label_smoothing)

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        s = jnp.asarray(value("label_smoothing", self.label_smoothing), z.dtype)
        log_f = jax.nn.log_softmax(z, axis=-1)
        at_class = jnp.take_along_axis(log_f, y.astype(jnp.int32), axis=-1)[..., 0]
        return -((1 - s) * at_class + s * jnp.mean(log_f, axis=-1))


@dataclass(frozen=True, repr=False)
class SequenceCrossEntropy(Loss):
    """Categorical cross-entropy at each place of a sequence, the mean over the places that are no padding (code 0).

    z has the shape (n, t, C) and y holds codes, (n, t). Label smoothing as of :class:`CategoricalCrossEntropy`. Rows of which
    each weighs as its places have the mean over all places.
    """

    label_smoothing: float = traced(0.0)

    output_activation: ClassVar[str] = "softmax"
    scales_outcome: ClassVar[bool] = False
    outcome: ClassVar[str] = "class"

    def __post_init__(self) -> None:
        check_rate("SequenceCrossEntropy", "label_smoothing", self.label_smoothing)

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        s = jnp.asarray(value("label_smoothing", self.label_smoothing), z.dtype)
        there = (y != 0).astype(z.dtype)
        log_f = jax.nn.log_softmax(z, axis=-1)
        at_code = jnp.take_along_axis(log_f, y[..., None].astype(jnp.int32), axis=-1)[..., 0]
        gained = (1 - s) * at_code + s * jnp.mean(log_f, axis=-1)
        return -jnp.sum(there * gained, axis=-1) / jnp.maximum(jnp.sum(there, axis=-1), 1)


@dataclass(frozen=True, repr=False)
class Hinge(Loss):
    """max(0, 1 + max_{m≠y} z_m - z_y), the multiclass hinge (Crammer and Singer 2001); one z for two classes gives the margin's.

    It gives classes but no probabilities.
    """

    scales_outcome: ClassVar[bool] = False
    outcome: ClassVar[str] = "class"

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        if z.shape[-1] == 1:
            return jnp.maximum(0.0, 1 - (2 * y - 1) * z)[..., 0]
        own = jax.nn.one_hot(y[..., 0].astype(jnp.int32), z.shape[-1], dtype=z.dtype)
        rival = jnp.max(jnp.where(own > 0, -jnp.inf, z), axis=-1)
        return jnp.maximum(0.0, 1 + rival - jnp.sum(own * z, axis=-1))


@dataclass(frozen=True, repr=False)
class FunctionLoss(Loss):
    """A user's own loss(z, y), per row or per output, on the linear predictor."""

    function: Callable[[Array, Array], Array]

    scales_outcome: ClassVar[bool] = False

    def row(self, z: Array, y: Array, value: Callable[[str, float], Array]) -> Array:
        losses = self.function(z, y)
        if losses.ndim == 0 or losses.shape[0] != z.shape[0]:
            raise SpecificationError(
                f"the loss function gave shape {losses.shape} for {z.shape[0]} rows: it must give one number a row, "
                "shape (n,) or (n, outputs); do not average over rows."
            )
        return losses.reshape(losses.shape[0], -1).mean(axis=-1)


LOSSES: dict[str, Loss] = {
    "squared_error": SquaredError(),
    "half_squared_error": HalfSquaredError(),
    "absolute_error": AbsoluteError(),
    "huber": Huber(),
    "quantile": Quantile(),
    "poisson": Poisson(),
    "gamma": Gamma(),
    "binary_crossentropy": BinaryCrossEntropy(),
    "categorical_crossentropy": CategoricalCrossEntropy(),
    "hinge": Hinge(),
}


NAMES_ELSEWHERE = {
    "mse": "squared_error",
    "l2": "squared_error",
    "mae": "absolute_error",
    "l1": "absolute_error",
    "logloss": "categorical_crossentropy",
    "log_loss": "categorical_crossentropy",
    "cross_entropy": "categorical_crossentropy",
    "crossentropy": "categorical_crossentropy",
}
"""What other libraries call them; only for the hint of an error."""


def resolve_loss(loss: str | Loss | Callable[[Array, Array], Array]) -> Loss:
    """The loss behind a name; a function of (z, y) is wrapped.

    >>> resolve_loss("squared_eror")
    Traceback (most recent call last):
    lamina.errors.SpecificationError: loss='squared_eror' is unknown: did you mean 'squared_error'? Known: ...
    """
    if isinstance(loss, Loss):
        return loss
    refuse_class("loss", loss)
    if callable(loss):
        return FunctionLoss(loss)
    if not isinstance(loss, str):
        raise ArgumentTypeError(
            f"loss={loss!r} is neither a name nor a loss: give one of {', '.join(LOSSES)}, or a function of (z, y)."
        )
    if loss not in LOSSES:
        raise SpecificationError(f"loss={loss!r} is unknown: {nearest_name(loss, LOSSES, NAMES_ELSEWHERE)}")
    return LOSSES[loss]
