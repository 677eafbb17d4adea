"""Channels standardised by numbers that are known beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Array, Context, ParameterFreeLayer, Parameters, Shape, State


@dataclass(frozen=True, repr=False)
class Standardize(ParameterFreeLayer):
    r"""Each channel less a fixed mean, by a fixed standard deviation: nothing is learnt, nothing looked up in the data.

    .. math:: y_c = (x_c - \mu_c) / \sigma_c

    Before a network with published weights it does what was done to the images that they were learnt from, inside the
    compiled program; images stay 8-bit until then.

    Parameters
    ----------
    mean, sd
        A number for all channels, or one for each; 8-bit images come as numbers in [0, 1].

    Shapes: input (..., c), output the same; with one number each, any shape.

    Raises
    ------
    SpecificationError
        For numbers that are not finite, an sd that is not above zero, or another number of channels.

    >>> Standardize((0.5, 0.5), (0.25, 0.5)).apply({}, {}, jnp.ones((1, 2)), Context())[0].tolist()
    [[2.0, 1.0]]
    """

    mean: Any = 0.0
    sd: Any = 1.0

    def __post_init__(self) -> None:
        for name in ("mean", "sd"):
            object.__setattr__(self, name, _numbers(name, getattr(self, name)))
        counts = {len(value) for value in (self.mean, self.sd) if isinstance(value, tuple)}
        if len(counts) > 1:
            raise SpecificationError(
                f"{self!r}: mean and sd must have as many numbers as each other, one a channel."
            )

    def output_shape(self, input_shape: Shape) -> Shape:
        known = next((len(value) for value in (self.mean, self.sd) if isinstance(value, tuple)), None)
        given = input_shape[-1] if input_shape else 0
        if known is not None and given != known:
            grey = known == 3 and (given == 1 or len(input_shape) == 2)
            remedy = (
                "give images of one channel three times over, np.repeat(images[..., None], 3, axis=-1)"
                if grey
                else "give one number a channel, or one for all"
            )
            raise SpecificationError(
                f"Standardize has numbers for {known} channels and is given images of shape {input_shape}: {remedy}."
            )
        return input_shape

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return (x - jnp.asarray(self.mean, x.dtype)) / jnp.asarray(self.sd, x.dtype), state


def _numbers(name: str, value: Any) -> float | tuple[float, ...]:
    """The value as a number or as one for each channel, all finite, an sd above zero."""
    try:
        several = isinstance(value, Iterable)
        numbers = () if isinstance(value, str) else tuple(map(float, value)) if several else (float(value),)
    except (TypeError, ValueError):
        numbers = ()
    if not numbers or not np.isfinite(numbers).all() or (name == "sd" and min(numbers) <= 0):
        wanted = "a finite number, or one for each channel" + (", above zero" if name == "sd" else "")
        raise SpecificationError(f"Standardize({name}={value!r}): {name} must be {wanted}.")
    return numbers if several else numbers[0]
