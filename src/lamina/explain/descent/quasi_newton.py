"""L-BFGS on a function, as the fits of networks run it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from lamina.explain.descent.checks import Function
from lamina.training.lbfgs import search_options
from lamina.training.optimizers import LBFGS
from lamina.training.precision import precision


def lbfgs_path(
    function: Function, start: np.ndarray, optimizer: LBFGS, steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Theta, values and gradients of the start and after each iteration; fewer than ``steps`` where it has converged."""
    from scipy.optimize import minimize

    graded = jax.jit(jax.value_and_grad(lambda theta: jnp.asarray(function(theta))))
    visited = [start.reshape(-1)]

    def evaluate(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = graded(jnp.asarray(theta.reshape(start.shape)))
        return float(value), np.asarray(gradient).reshape(-1)

    with precision(np.float64):
        minimize(
            evaluate,
            visited[0],
            method="L-BFGS-B",
            jac=True,
            callback=lambda theta: visited.append(theta.copy()),
            options=search_options(optimizer, steps),
        )
        seen = [evaluate(theta) for theta in visited]
    theta = np.array(visited).reshape(-1, *start.shape)
    return theta, np.array([value for value, _ in seen]), np.array([g for _, g in seen]).reshape(theta.shape)
