"""Small data and checks that the tests of layers, training and estimators share; equal shapes share compiled programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lamina.layers import Context, Sequential
from lamina.training import Fitted, Loss, Settings, SquaredError, fit, pad_rows
from lamina.training.precision import precision


def linear_data(n: int = 60, p: int = 3, seed: int = 0, dtype: Any = np.float64) -> tuple[Any, Any]:
    """X and a y that is linear in it but for noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = X @ np.arange(1, p + 1) / p + 0.5 + 0.3 * rng.normal(size=n)
    return X.astype(dtype), y.astype(dtype)


def fit_rows(
    network: Sequential,
    X: Any,
    y: Any,
    *,
    loss: Loss | None = None,
    weights: Any = None,
    validation: Any = None,
    seed: int = 0,
    start_from: Fitted | None = None,
    **settings: Any,
) -> Fitted:
    """A fit of :func:`lamina.training.fit` from plain arrays."""
    columns = np.asarray(y).reshape(len(y), -1)
    watched = None if validation is None else pad_rows(validation[0], validation[1].reshape(-1, 1), None)
    return fit(
        network,
        SquaredError() if loss is None else loss,
        pad_rows(X, columns, weights),
        Settings(**settings),
        seed,
        validation=watched,
        start_from=start_from,
    )


def apply_layer(layer: Any, x: Any, parameters: Any = None, **context: Any) -> np.ndarray:
    """Output of a layer for float64 rows."""
    with precision(np.float64):
        if parameters is None:
            parameters = layer.init(np.random.default_rng(0), np.shape(x)[1:])[0]
        return np.asarray(layer.apply(parameters, {}, jnp.asarray(x), Context(**context))[0])


def assert_gradient(
    function: Callable[[Any], Any], at: Any, *, step: float = 1e-6, rtol: float = 1e-6
) -> None:
    """Compare reverse-mode derivatives of a random combination of ``function(at)`` with central differences.

    ``at`` is a pytree of float64 arrays and ``function`` gives an array. Each leaf of ``at`` moves along a random
    direction of its own.
    """
    with precision(np.float64):
        rng = np.random.default_rng(1)
        leaves, tree = jax.tree.flatten(jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), at))
        along = [rng.normal(size=leaf.shape) for leaf in leaves]
        mix = rng.normal(size=jax.eval_shape(function, at).shape)

        def moved(distances: Any) -> Any:
            steps = [leaf + s * d for leaf, s, d in zip(leaves, distances, along, strict=True)]
            return jnp.vdot(mix, function(jax.tree.unflatten(tree, steps)))

        both = np.vstack([np.eye(len(leaves)), -np.eye(len(leaves))]) * step
        values, derivative = jax.jit(
            lambda: (jax.lax.map(moved, both), jax.grad(moved)(jnp.zeros(len(leaves))))
        )()
        difference = (values[: len(leaves)] - values[len(leaves) :]) / (2 * step)
    np.testing.assert_allclose(derivative, difference, rtol=rtol, atol=1e-7)


def assert_same_bits(left: Any, right: Any) -> None:
    """Every array of two pytrees is equal, bit by bit."""
    jax.tree.map(np.testing.assert_array_equal, left, right)


def assert_close(left: Any, right: Any, **tolerances: Any) -> None:
    """Every array of two pytrees is close."""
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, **tolerances), left, right)
