"""Newton-Raphson, with the whole Hessian: what second derivatives buy on a function of few variables."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.errors import SpecificationError
from lamina.explain.descent.checks import Function
from lamina.layers.base import check_nonnegative
from lamina.layers.values import Specification
from lamina.training.cache import keep_few_programs
from lamina.training.precision import precision

HALVINGS = 30
ARMIJO = 1e-4


@dataclass(frozen=True, repr=False)
class Newton(Specification):
    r"""Newton-Raphson: a step to the minimum of the quadratic that has the function's value, gradient and Hessian here.

    .. math:: \theta_{k+1} = \theta_k - s\,(H(\theta_k) + \lambda I)^{-1} \nabla R(\theta_k)

    It converges quadratically near a minimum and on a quadratic in one step, but is drawn to saddles and maxima as well; an
    indefinite Hessian may lead uphill. Damping mends both where lambda exceeds the most negative eigenvalue.

    Parameters
    ----------
    damping
        Lambda, added to the Hessian's diagonal (Levenberg 1944); large values are small gradient steps.
    rate
        Share s of the step that is taken.
    backtracking
        Whether the step is halved until the value falls by a 10,000th of what the slope promises (Armijo 1966).

    Lamina trains no network with it: the Hessian of one with P parameters has P² entries.

    >>> from lamina.explain import descend
    >>> descend(lambda t: t**2 - t + 0.25, 2.0, Newton(), steps=1).theta.tolist()
    [2.0, 0.5]
    """

    damping: float = 0.0
    rate: float = 1.0
    backtracking: bool = False

    def __post_init__(self) -> None:
        check_nonnegative("Newton", "damping", self.damping)
        check_nonnegative("Newton", "rate", self.rate)
        if not isinstance(self.backtracking, bool):
            raise SpecificationError(f"Newton(backtracking={self.backtracking!r}): give True or False.")


def newton_path(
    function: Function, start: np.ndarray, newton: Newton, steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Theta, values and gradients of the start and after each step."""
    keep_few_programs(_run)
    with precision(np.float64):
        return jax.device_get(_run(function, newton, steps, start))  # type: ignore[no-any-return]


@functools.partial(jax.jit, static_argnums=(0, 1, 2))
def _run(function: Function, newton: Newton, steps: int, start: Any) -> Any:
    def plain(theta: Any) -> Any:
        return jnp.asarray(function(theta))

    graded = jax.value_and_grad(plain)

    def step(theta: Any, _: Any) -> Any:
        value, gradient = graded(theta)
        size = theta.size
        hessian = jax.hessian(plain)(theta).reshape(size, size) + newton.damping * jnp.eye(size)
        move = newton.rate * jnp.linalg.solve(hessian, gradient.reshape(size)).reshape(theta.shape)
        if newton.backtracking:
            move = _shortened(plain, theta, value, gradient, move)
        return theta - move, (theta, value, gradient)

    return lax.scan(step, start, length=steps + 1)[1]  # of the last step, only where it begins


def _shortened(plain: Function, theta: Any, value: Any, gradient: Any, move: Any) -> Any:
    """The first of the moves, halved again and again, that makes the value fall enough; a move uphill is turned round."""
    slope = jnp.sum(gradient * move)
    move, slope = move * jnp.where(slope < 0, -1.0, 1.0), jnp.abs(slope)
    shares = 0.5 ** jnp.arange(HALVINGS)
    values = jax.vmap(lambda share: plain(theta - share * move))(shares)
    enough = values <= value - ARMIJO * shares * slope
    return move * jnp.where(enough.any(), shares[jnp.argmax(enough)], 0.0)
