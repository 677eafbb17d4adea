"""Activation functions g of a layer, a = g(z).

ISLP section 10.1 (sigmoid 10.4, ReLU 10.5), equation 10.13 (softmax); ELU: Clevert et al. 2016; SELU: Klambauer et al. 2017;
GELU: Hendrycks and Gimpel 2016; swish: Ramachandran et al. 2017; Mish: Misra 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name

Function = Callable[[Any], Any]


def linear(z: Any) -> Any:
    """g(z) = z."""
    return z


def step(z: Any) -> Any:
    """g(z) = 1 if z > 0 else 0. Its derivative is zero, so it can predict but not be trained by gradients."""
    return jnp.where(z > 0, jnp.ones_like(z), jnp.zeros_like(z))


def gelu(z: Any) -> Any:
    """g(z) = z Phi(z), with Phi the standard normal distribution function."""
    return jax.nn.gelu(z, approximate=False)


def mish(z: Any) -> Any:
    """g(z) = z tanh(log(1 + exp z))."""
    return jax.nn.mish(z)


def softmax(z: Any) -> Any:
    """g(z)_m = exp(z_m) / sum_l exp(z_l), over the last axis."""
    return jax.nn.softmax(z, axis=-1)


ACTIVATIONS: dict[str, Function] = {
    "linear": linear,
    "step": step,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "gelu": gelu,
    "softplus": jax.nn.softplus,
    "swish": jax.nn.silu,
    "mish": mish,
    "softmax": softmax,
    "exponential": jnp.exp,
}
"""Every activation that can be named; any other JAX function of z may be given itself."""

RELU_LIKE = frozenset({"relu", "leaky_relu", "elu", "gelu", "softplus", "swish", "mish"})
"""The activations for which He's initial weights are the default."""


def resolve_activation(activation: str | Function) -> Function:
    """The function behind a name, or the function itself.

    Raises
    ------
    SpecificationError
        If the name is unknown; the nearest known one is suggested.

    >>> resolve_activation("rellu")
    Traceback (most recent call last):
    lamina.errors.SpecificationError: activation='rellu' is unknown: did you mean 'relu'? Known: 'elu', ...
    """
    if callable(activation):
        return activation
    if not isinstance(activation, str):
        raise ArgumentTypeError(
            f"activation={activation!r} is neither a name nor a function: give one of {', '.join(ACTIVATIONS)}, "
            "or a function of z written with jax.numpy."
        )
    if activation not in ACTIVATIONS:
        raise SpecificationError(
            f"activation={activation!r} is unknown: {nearest_name(activation, ACTIVATIONS)}"
        )
    return ACTIVATIONS[activation]


def activation_name(activation: str | Function) -> str:
    """How the activation is shown: its name, or that of the function."""
    return activation if isinstance(activation, str) else getattr(activation, "__name__", repr(activation))
