"""Functions to descend on, as values that know a start, a window to draw and where their minima are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name

Span = tuple[float, float]


@dataclass(frozen=True, eq=False, repr=False)
class Surface:
    """A function of one variable (theta of shape ()) or several (theta of shape (d,)), with what a picture needs.

    Attributes
    ----------
    name
        As a title.
    formula
        As text.
    function
        Of theta, written with ``jax.numpy``.
    start
        Where a path begins unless told otherwise: a number, or one for each variable.
    window
        What is drawn, a pair (low, high) for each variable.
    minima
        Where it is least nearby; the first is the least of all.
    """

    name: str
    formula: str
    function: Callable[[Any], Any]
    start: float | tuple[float, ...]
    window: tuple[Span, ...]
    minima: tuple[float | tuple[float, ...], ...]

    def __call__(self, theta: Any) -> Any:
        return self.function(theta)

    def __repr__(self) -> str:
        return f"Surface({self.name!r}, {self.formula!r})"


def _parabola(theta: Any) -> Any:
    return theta**2 - theta + 0.25


LOCAL, HILL, GLOBAL = -0.46, 0.1, 1.02
"""Zeros of the derivative of the function with two minima."""


def _two_minima(theta: Any) -> Any:
    a, b, c = LOCAL, HILL, GLOBAL
    return 5 + 12 * (
        theta**4 / 4 - (a + b + c) * theta**3 / 3 + (a * b + a * c + b * c) * theta**2 / 2 - a * b * c * theta
    )


def _rosenbrock(theta: Any) -> Any:
    x, y = theta
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _saddle(theta: Any) -> Any:
    x, y = theta
    return x**2 / 2 - y**2 / 2 + y**4 / 4


def _himmelblau(theta: Any) -> Any:
    x, y = theta
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _beale(theta: Any) -> Any:
    x, y = theta
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


@dataclass(frozen=True)
class _Bowl:
    condition: float

    def __call__(self, theta: Any) -> Any:
        x, y = theta
        return (x**2 + self.condition * y**2) / 2


def bowl(condition: float = 25.0) -> Surface:
    r"""A quadratic bowl, :math:`(\theta_1^2 + \kappa\,\theta_2^2)/2`, whose Hessian has the condition number kappa.

    Gradient descent is stable below the step 2 / kappa; the best constant step, 2 / (1 + kappa), brings it nearer by the factor
    (kappa - 1) / (kappa + 1) a step.

    Raises
    ------
    SpecificationError
        If the condition number is below one or not finite.

    >>> float(bowl(25).function((1.0, 1.0)))
    13.0
    """
    if (
        isinstance(condition, bool)
        or not isinstance(condition, (int, float))
        or not 1 <= condition < math.inf
    ):
        raise SpecificationError(f"bowl({condition!r}): a condition number is a finite number, one or more.")
    half = 8 / math.sqrt(condition)
    return Surface(
        f"quadratic bowl, condition {condition:g}",
        f"(x² + {condition:g} y²) / 2",
        _Bowl(float(condition)),
        (-6.0, 0.75 * half),
        ((-8.0, 8.0), (-half, half)),
        ((0.0, 0.0),),
    )


PARABOLA = Surface("a parabola", "θ² - θ + 0.25", _parabola, 2.0, ((-2.0, 3.0),), (0.5,))
"""A lecture's first example; the gradient is 2θ - 1, the minimum zero at 1/2."""
TWO_MINIMA = Surface(
    "two minima",
    "5 + 12 ∫(θ + 0.46)(θ - 0.1)(θ - 1.02)dθ",
    _two_minima,
    0.25,
    ((-0.9, 1.4),),
    (GLOBAL, LOCAL),
)
"""Minima at 1.02 (global) and -0.46 (local), as ISLP Figure 10.17 has them. The book gives no formula: the quartic is ours."""
BOWL = bowl()
ROSENBROCK = Surface(
    "Rosenbrock's valley",
    "(1 - x)² + 100 (y - x²)²",
    _rosenbrock,
    (-1.2, 1.0),
    ((-2.0, 2.0), (-1.0, 3.0)),
    ((1.0, 1.0),),
)
"""A bent valley whose floor falls gently to (1, 1). Rosenbrock 1960."""
SADDLE = Surface(
    "a saddle between two minima",
    "x²/2 - y²/2 + y⁴/4",
    _saddle,
    (-1.5, 0.01),
    ((-2.0, 2.0), (-1.6, 1.6)),
    ((0.0, 1.0), (0.0, -1.0)),
)
"""Saddle at (0, 0), to which Newton-Raphson is drawn; minima at (0, ±1)."""
HIMMELBLAU = Surface(
    "Himmelblau's four minima",
    "(x² + y - 11)² + (x + y² - 7)²",
    _himmelblau,
    (0.3, -0.4),
    ((-6.0, 6.0), (-6.0, 6.0)),
    ((3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)),
)
"""Four minima, all zero. Himmelblau 1972."""
BEALE = Surface(
    "Beale's plateaus",
    "(1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²",
    _beale,
    (1.0, 1.5),
    ((-1.0, 4.5), (-2.0, 2.5)),
    ((3.0, 0.5),),
)
"""Flat parts and steep walls. Beale 1958."""
SURFACES: dict[str, Surface] = {
    "parabola": PARABOLA,
    "two_minima": TWO_MINIMA,
    "bowl": BOWL,
    "rosenbrock": ROSENBROCK,
    "saddle": SADDLE,
    "himmelblau": HIMMELBLAU,
    "beale": BEALE,
}


def resolve_function(function: Any) -> Callable[[Any], Any]:
    """The function behind a name of :data:`SURFACES`, or a function itself.

    >>> resolve_function("saddle")
    Surface('a saddle between two minima', 'x²/2 - y²/2 + y⁴/4')
    """
    if callable(function):
        return function  # type: ignore[no-any-return]
    if not isinstance(function, str):
        raise ArgumentTypeError(
            f"function={function!r}: give a function of theta written with jax.numpy, such as lambda t: (t - 1) ** 2, or one of "
            f"{', '.join(SURFACES)}."
        )
    if function not in SURFACES:
        raise SpecificationError(f"function={function!r} is unknown: {nearest_name(function, SURFACES)}.")
    return SURFACES[function]
