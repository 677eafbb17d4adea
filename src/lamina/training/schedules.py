"""Learning rates that change over training, as value objects.

Time t is counted in epochs and runs continuously through the steps of an epoch; T is the number of epochs asked for.
Multiplying the rate by a *factor* of t leaves the base rate free to vary in a population.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers.base import check_positive_integer, join, traced
from lamina.layers.values import Specification, refuse_class


class Schedule(Specification):
    """Base of the schedules: learning rate at time t is ``rate`` times ``factor(t, T)``."""

    rate: float

    @property
    def rate_path(self) -> str:
        """Where the traced base rate stands inside the schedule."""
        return "rate"

    @abstractmethod
    def factor(self, t: Any, total: Any) -> Any:
        """What the base rate is multiplied by at time t of ``total``."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, Schedule):
                continue
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or not 0 <= value < float("inf")
            ):
                raise SpecificationError(
                    f"{type(self).__name__}({name}={value!r}): {name} must be a finite number, zero or more."
                )


@dataclass(frozen=True, repr=False)
class Constant(Schedule):
    """rate."""

    rate: float = traced(0.001)

    def factor(self, t: Any, total: Any) -> Any:
        return jnp.ones_like(t)


@dataclass(frozen=True, repr=False)
class InverseScaling(Schedule):
    """rate / (1 + t)^power, Robbins and Monro's condition for power in (1/2, 1]."""

    rate: float = traced(0.1)
    power: float = 0.5

    def factor(self, t: Any, total: Any) -> Any:
        return (1.0 + t) ** (-self.power)


@dataclass(frozen=True, repr=False)
class Step(Schedule):
    """rate · drop^floor(t / every): multiplied by ``drop`` after each ``every`` epochs."""

    rate: float = traced(0.01)
    drop: float = 0.1
    every: float = 30

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.every == 0:
            raise SpecificationError("Step(every=0): every must be above zero, for example 30 epochs.")

    def factor(self, t: Any, total: Any) -> Any:
        return jnp.power(jnp.asarray(self.drop, t.dtype), jnp.floor(t / self.every))


@dataclass(frozen=True, repr=False)
class Exponential(Schedule):
    """rate · decay^t."""

    rate: float = traced(0.01)
    decay: float = 0.95

    def factor(self, t: Any, total: Any) -> Any:
        return jnp.power(jnp.asarray(self.decay, t.dtype), t)


@dataclass(frozen=True, repr=False)
class Cosine(Schedule):
    """From rate to rate · floor along half a cosine over all epochs. Loshchilov and Hutter 2017."""

    rate: float = traced(0.01)
    floor: float = 0.0

    def factor(self, t: Any, total: Any) -> Any:
        # A warm-up that takes every epoch leaves none to this curve.
        share = jnp.clip(t / jnp.maximum(total, 1e-9), 0.0, 1.0)
        return self.floor + (1 - self.floor) * 0.5 * (1 + jnp.cos(jnp.pi * share))


@dataclass(frozen=True, repr=False)
class CosineWaves(Schedule):
    r"""Whole cosine waves from zero to the rate and back, each twice as long as the one before.

    .. math:: \tfrac{1}{2}\,\text{rate}\,\big(1 - \cos(2\pi \log_2(1 + (2^k - 1)\,t/T))\big)

    with k waves over the T epochs. Every wave ends at a small rate, where an epoch may be the best; Holzmüller, Grinsztajn and
    Steinwart 2024 (k = 4).
    """

    rate: float = traced(0.04)
    waves: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive_integer("CosineWaves", "waves", self.waves)

    def factor(self, t: Any, total: Any) -> Any:
        share = jnp.clip(t / jnp.maximum(total, 1e-9), 0.0, 1.0)
        return 0.5 * (1 - jnp.cos(2 * jnp.pi * jnp.log2(1 + (2**self.waves - 1) * share)))


@dataclass(frozen=True, repr=False)
class WarmUp(Schedule):
    """Rises linearly from zero over the first ``epochs``, then follows ``after`` (its time starts there)."""

    after: Schedule
    epochs: float = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "after", resolve_schedule(self.after))

    @property
    def rate(self) -> float:  # type: ignore[override]
        return self.after.rate

    @property
    def rate_path(self) -> str:
        return join("after", self.after.rate_path)

    def factor(self, t: Any, total: Any) -> Any:
        rising = jnp.minimum(t / max(self.epochs, 1e-9), 1.0)
        return rising * self.after.factor(jnp.maximum(t - self.epochs, 0.0), total - self.epochs)


def resolve_schedule(rate: float | Schedule) -> Schedule:
    """A number is a constant rate.

    >>> resolve_schedule(0.1)
    Constant(0.1)
    """
    if isinstance(rate, Schedule):
        return rate
    refuse_class("learning_rate", rate)
    if isinstance(rate, bool) or not isinstance(rate, (int, float)):
        raise ArgumentTypeError(
            f"learning_rate={rate!r}: give a number such as 0.001, or a schedule such as Cosine(0.01)."
        )
    return Constant(float(rate))
