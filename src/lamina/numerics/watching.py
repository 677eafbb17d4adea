"""Looking inside a network while it computes: what stands at named points, and where derivatives are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Array = Any
Point = Callable[[str, Array], Array]
"""Called with the name of a point and the value that stands there; what it gives back is computed with."""


def unseen(name: str, value: Array) -> Array:
    """A value at a point at which nobody looks."""
    return value


class Watch:
    """Values at the points of a network, by the path of the layer and the name of the point, such as ``"dense_1:z"``.

    To every value a probe may be added. A probe is zero and changes nothing; the derivative of a loss by it is the error that
    arrives at the point from above.

    Parameters
    ----------
    probes
        Zeros of the values' shapes; None adds nothing.

    Attributes
    ----------
    values
        At the points with a probe, in the order in which they were computed.
    kept
        What was computed from them and has no probe, such as g'(z).

    >>> watch = Watch({"dense_1:z": jnp.ones(2)})
    >>> watch.point("dense_1:z", jnp.array([1.0, 2.0])).tolist(), list(watch.values)
    ([2.0, 3.0], ['dense_1:z'])
    """

    def __init__(self, probes: Mapping[str, Array] | None = None) -> None:
        self.probes = {} if probes is None else probes
        self.values: dict[str, Array] = {}
        self.kept: dict[str, Array] = {}

    def point(self, path: str, value: Array) -> Array:
        """The value with its probe; codes and sparse rows, which have no derivative, are kept alone."""
        if not has_derivative(value):
            self.keep(path, value)
            return value
        value = value + self.probes[path] if path in self.probes else value
        self.values[path] = value
        return value

    def keep(self, path: str, value: Array) -> None:
        """Keep a value without a probe."""
        self.kept[path] = value


def has_derivative(value: Any) -> bool:
    """Whether a value is an array of floating-point numbers."""
    return isinstance(value, jax.Array | np.ndarray) and bool(jnp.issubdtype(value.dtype, jnp.floating))


def point_path(path: str, name: str) -> str:
    """Path of the point ``name`` of the layer at ``path``.

    >>> point_path("residual_1/dense_2", "z")
    'residual_1/dense_2:z'
    """
    return f"{path}:{name}"
