"""How the weights begin: small value objects that draw an array with NumPy's Generator.

With fan-in n_in and fan-out n_out, the standard deviation is sqrt(2 / (n_in + n_out)) for Xavier (Glorot and Bengio
2010), sqrt(2 / n_in) for He (He et al. 2015), sqrt(1 / n_in) for LeCun (1998). Uniform draws are on (-b, b) with
b = sqrt(3) times the standard deviation, so that both forms have the same variance.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.layers.activations import RELU_LIKE
from lamina.layers.base import Shape, check_nonnegative
from lamina.layers.values import Specification, refuse_class


class Initializer(Specification, ABC):
    """Draws the initial value of one parameter."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: float, fan_out: float) -> np.ndarray:
        """An array of ``shape``, float64; the caller casts it."""


@dataclass(frozen=True, repr=False)
class Zeros(Initializer):
    """Every entry 0, the usual start of a bias."""

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: float, fan_out: float) -> np.ndarray:
        return np.zeros(shape)


@dataclass(frozen=True, repr=False)
class Constant(Initializer):
    """Every entry ``value``."""

    value: float = 0.0

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: float, fan_out: float) -> np.ndarray:
        return np.full(shape, float(self.value))


@dataclass(frozen=True, repr=False)
class Normal(Initializer):
    """N(0, sd²) whatever the fan.

    >>> Normal(0.1).draw(np.random.default_rng(0), (2,), 1, 1).round(3)
    array([ 0.013, -0.013])
    """

    sd: float = 0.05

    def __post_init__(self) -> None:
        check_nonnegative("Normal", "sd", self.sd)

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: float, fan_out: float) -> np.ndarray:
        return rng.normal(0.0, self.sd, shape)


@dataclass(frozen=True, repr=False)
class Uniform(Initializer):
    """Uniform on (-bound, bound) whatever the fan."""

    bound: float = 0.05

    def __post_init__(self) -> None:
        check_nonnegative("Uniform", "bound", self.bound)

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: float, fan_out: float) -> np.ndarray:
        return rng.uniform(-self.bound, self.bound, shape)


@dataclass(frozen=True, repr=False)
class Scaled(Initializer):
    """Base of the initialisers whose variance follows the fan."""

    distribution: str = "normal"

    def __post_init__(self) -> None:
        if self.distribution not in ("normal", "uniform"):
            raise SpecificationError(
                f"{type(self).__name__}(distribution={self.distribution!r}): take 'normal' or 'uniform'."
            )

    @abstractmethod
    def variance(self, fan_in: float, fan_out: float) -> float:
        """Variance of one weight."""

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: float, fan_out: float) -> np.ndarray:
        sd = math.sqrt(self.variance(fan_in, fan_out))
        if self.distribution == "uniform":
            return rng.uniform(-math.sqrt(3) * sd, math.sqrt(3) * sd, shape)
        return rng.normal(0.0, sd, shape)


@dataclass(frozen=True, repr=False)
class Xavier(Scaled):
    """Variance 2 / (n_in + n_out), for activations that are near linear at zero.

    >>> Xavier().variance(4, 4)
    0.25
    """

    distribution: str = "uniform"

    def variance(self, fan_in: float, fan_out: float) -> float:
        return 2.0 / (fan_in + fan_out)


@dataclass(frozen=True, repr=False)
class He(Scaled):
    """Variance 2 / n_in, for activations that cut the negative half.

    >>> He().variance(8, 4)
    0.25
    """

    def variance(self, fan_in: float, fan_out: float) -> float:
        return 2.0 / fan_in


@dataclass(frozen=True, repr=False)
class LeCun(Scaled):
    """Variance 1 / n_in, for SELU.

    >>> LeCun().variance(4, 4)
    0.25
    """

    def variance(self, fan_in: float, fan_out: float) -> float:
        return 1.0 / fan_in


@dataclass(frozen=True, repr=False)
class Orthogonal(Initializer):
    """A random orthogonal matrix: products with it keep lengths. Saxe, McClelland and Ganguli 2014.

    >>> w = Orthogonal().draw(np.random.default_rng(0), (3, 3), 3, 3)
    >>> np.allclose(w.T @ w, np.eye(3))
    True
    """

    def draw(self, rng: np.random.Generator, shape: Shape, fan_in: float, fan_out: float) -> np.ndarray:
        rows, columns = int(np.prod(shape[:-1])), shape[-1]
        q, r = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
        q = q * np.sign(np.diag(r))  # without it the signs would not be uniform
        return np.asarray((q if rows >= columns else q.T).reshape(shape))


INITIALIZERS: dict[str, Initializer] = {
    "zeros": Zeros(),
    "normal": Normal(),
    "xavier": Xavier(),
    "xavier_uniform": Xavier("uniform"),
    "xavier_normal": Xavier("normal"),
    "he": He(),
    "he_uniform": He("uniform"),
    "he_normal": He("normal"),
    "lecun": LeCun(),
    "lecun_uniform": LeCun("uniform"),
    "lecun_normal": LeCun("normal"),
    "orthogonal": Orthogonal(),
}


def default_initializer(activation: Any) -> Initializer:
    """He for activations like ReLU, LeCun for SELU (as its paper asks), Xavier otherwise.

    >>> default_initializer("relu"), default_initializer("tanh")
    (He(), Xavier())
    """
    if activation == "selu":
        return INITIALIZERS["lecun"]
    return INITIALIZERS["he"] if activation in RELU_LIKE else INITIALIZERS["xavier"]


def resolve_initializer(initializer: str | Initializer) -> Initializer:
    """The initialiser behind a name, or the object itself; an unknown name raises SpecificationError."""
    if isinstance(initializer, Initializer):
        return initializer
    refuse_class("initialiser", initializer)
    if not isinstance(initializer, str):
        raise ArgumentTypeError(
            f"initialiser {initializer!r} is neither a name nor an Initializer: give for example 'he' or Normal(0.1)."
        )
    if initializer not in INITIALIZERS:
        raise SpecificationError(
            f"initialiser {initializer!r} is unknown: {nearest_name(initializer, INITIALIZERS)}"
        )
    return INITIALIZERS[initializer]
