"""The six families of functions on the unit cube after Genz, with their means and standard deviations in closed form."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NODES = 64
"""Points of the quadrature that gives the moments of the corner peak."""


@dataclass(frozen=True, eq=False)
class GenzFunction(ABC):
    r"""A function on :math:`[0, 1]^d` with difficulties c and places w, both of shape (d,).

    The larger c, the harder the function; w says where its feature lies and does not change how hard it is, but for the
    discontinuous family. Families differ in :meth:`values` and in the moments under the uniform distribution.

    Source: Genz, Testing multidimensional integration routines (1984); A package for testing multiple integration
    subroutines (1987).
    """

    c: Array
    w: Array
    name: ClassVar[str]

    @staticmethod
    @abstractmethod
    def total(d: int) -> float:
        """What the entries of c add up to in d dimensions."""

    @abstractmethod
    def values(self, x: Array) -> Array:
        """f at the rows of x, shape (n, d) to (n,)."""

    @abstractmethod
    def mean(self) -> float:
        """Integral of f over the cube."""

    @abstractmethod
    def mean_square(self) -> float:
        """Integral of f² over the cube."""

    @property
    def deviation(self) -> float:
        """Standard deviation of f(X) for X uniform on the cube.

        >>> round(Continuous(np.array([1.0]), np.array([0.5])).deviation, 4)
        0.1133
        """
        return math.sqrt(self.mean_square() - self.mean() ** 2)


class Oscillatory(GenzFunction):
    r""":math:`\cos(2\pi w_1 + \sum c_i x_i)`."""

    name = "oscillatory"

    @staticmethod
    def total(d: int) -> float:
        return 1.5

    def values(self, x: Array) -> Array:
        return np.asarray(np.cos(2 * np.pi * self.w[0] + x @ self.c))

    def mean(self) -> float:
        return self._wave(1)

    def mean_square(self) -> float:
        return 0.5 + 0.5 * self._wave(2)

    def _wave(self, times: int) -> float:
        """Mean of the cosine of a multiple of the angle."""
        c = 1j * times * self.c
        return float(np.real(np.exp(2j * np.pi * times * self.w[0]) * np.prod(np.expm1(c) / c)))


class ProductPeak(GenzFunction):
    r""":math:`\prod 1 / (c_i^{-2} + (x_i - w_i)^2)`."""

    name = "product peak"

    @staticmethod
    def total(d: int) -> float:
        return float(d)

    def values(self, x: Array) -> Array:
        return np.asarray(np.prod(1 / (self.c**-2 + (x - self.w) ** 2), axis=1))

    def mean(self) -> float:
        c, low, high = self.c, self.c * self.w, self.c * (1 - self.w)
        return float(np.prod(c * (np.arctan(high) + np.arctan(low))))

    def mean_square(self) -> float:
        def primitive(t: Array) -> Array:
            return np.asarray(t / (1 + t**2) + np.arctan(t))

        c, low, high = self.c, self.c * self.w, self.c * (1 - self.w)
        return float(np.prod(c**3 / 2 * (primitive(high) + primitive(low))))


class CornerPeak(GenzFunction):
    r""":math:`(1 + \sum c_i x_i)^{-(d + 1)}`.

    Its moments follow from :math:`s^{-m} = \int_0^\infty t^{m-1} e^{-ts} dt / \Gamma(m)`, by a Gauss-Laguerre rule in t: the
    closed form, an alternating sum over the corners, cancels to nothing where an entry of c is small.
    """

    name = "corner peak"

    @staticmethod
    def total(d: int) -> float:
        return 1.85

    def values(self, x: Array) -> Array:
        return np.asarray((1 + x @ self.c) ** -(len(self.c) + 1.0))

    def mean(self) -> float:
        return self._moment(len(self.c) + 1)

    def mean_square(self) -> float:
        return self._moment(2 * len(self.c) + 2)

    def _moment(self, power: int) -> float:
        from scipy.special import roots_genlaguerre

        t, weights = roots_genlaguerre(NODES, power - 1)
        tc = t[:, None] * self.c
        return float(weights @ np.prod(-np.expm1(-tc) / tc, axis=1) / weights.sum())


class Gaussian(GenzFunction):
    r""":math:`\exp(-\sum c_i^2 (x_i - w_i)^2)`."""

    name = "Gaussian"

    @staticmethod
    def total(d: int) -> float:
        return 7.03

    def values(self, x: Array) -> Array:
        return np.asarray(np.exp(-np.sum((self.c * (x - self.w)) ** 2, axis=1)))

    def mean(self) -> float:
        return self._mean(self.c)

    def mean_square(self) -> float:
        return self._mean(math.sqrt(2) * self.c)

    def _mean(self, c: Array) -> float:
        from scipy.special import erf

        return float(np.prod(math.sqrt(math.pi) / (2 * c) * (erf(c * (1 - self.w)) + erf(c * self.w))))


class Continuous(GenzFunction):
    r""":math:`\exp(-\sum c_i |x_i - w_i|)`, which has an edge at each w."""

    name = "continuous"

    @staticmethod
    def total(d: int) -> float:
        return 20.4

    def values(self, x: Array) -> Array:
        return np.asarray(np.exp(-np.abs(x - self.w) @ self.c))

    def mean(self) -> float:
        return self._mean(self.c)

    def mean_square(self) -> float:
        return self._mean(2 * self.c)

    def _mean(self, c: Array) -> float:
        return float(np.prod(-(np.expm1(-c * self.w) + np.expm1(-c * (1 - self.w))) / c))


class Discontinuous(GenzFunction):
    r""":math:`\exp(\sum c_i x_i)` where :math:`x_1 \le w_1` and :math:`x_2 \le w_2`, else zero; d is at least 2."""

    name = "discontinuous"

    @staticmethod
    def total(d: int) -> float:
        return 4.3

    def values(self, x: Array) -> Array:
        inside = (x[:, :2] <= self.w[:2]).all(axis=1)
        return np.where(inside, np.exp(x @ self.c), 0.0)

    def mean(self) -> float:
        return self._mean(self.c)

    def mean_square(self) -> float:
        return self._mean(2 * self.c)

    def _mean(self, c: Array) -> float:
        ends = np.ones_like(self.w)
        ends[:2] = self.w[:2]
        return float(np.prod(np.expm1(c * ends) / c))


FAMILIES: tuple[type[GenzFunction], ...] = (
    Oscillatory,
    ProductPeak,
    CornerPeak,
    Gaussian,
    Continuous,
    Discontinuous,
)


def draw_function(family: type[GenzFunction], d: int, rng: np.random.Generator) -> GenzFunction:
    """A function of a family: c and w uniform, c scaled to the family's total and w to one.

    >>> drawn = draw_function(Gaussian, 5, np.random.default_rng(0))
    >>> round(float(drawn.c.sum()), 6), round(float(drawn.w.sum()), 6)
    (7.03, 1.0)
    """
    c, w = rng.uniform(size=(2, d))
    return family(family.total(d) * c / c.sum(), w / w.sum())
