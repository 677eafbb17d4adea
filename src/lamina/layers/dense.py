"""The fully or partially connected layer, and activations by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.activated import activated, watched
from lamina.layers.activations import Function, resolve_activation
from lamina.layers.base import (
    Array,
    Context,
    Layer,
    ParameterFreeLayer,
    Parameters,
    Shape,
    State,
    check_nonnegative,
    check_positive_integer,
    traced,
)
from lamina.layers.initializers import Initializer, default_initializer, resolve_initializer
from lamina.layers.penalties import Penalty, resolve_penalty
from lamina.numerics.own_gradient import widened
from lamina.numerics.product import product
from lamina.numerics.sparse import is_sparse, sparse_product


@dataclass(frozen=True, repr=False)
class Dense(Layer):
    r"""A layer of units, each a nonlinear function of a weighted sum of its inputs.

    .. math:: a_k = g\Big(b_k + \sum_j x_j w_{jk}\Big)

    Parameters
    ----------
    units
        Number of units K.
    activation
        Name of g (see :data:`lamina.layers.ACTIVATIONS`) or a function of z.
    use_bias
        Whether there is an intercept b.
    weight_init, bias_init
        Initialiser or its name; weights follow the activation by default (He for relu-like, Xavier otherwise).
    penalty
        Penalty on this layer's weights: a ridge coefficient, ``L1(...)``, ``L2(...)`` or a sum. Never on the bias.
    connections
        0/1 table of shape (inputs, units): which input reaches which unit. None connects all. A cut connection is no
        parameter.

    Shapes: input (p,), output (K,). Parameters ``weights`` (p, K) and ``bias`` (K,). As the first layer it takes sparse rows too:
    the weights of a row's nonzeros are gathered and summed, and no zero is ever written out.

    Raises
    ------
    SpecificationError
        For units below 1, an unknown name, or connections that are not a 0/1 table of the right shape.

    Source: ISLP equations 10.1 to 10.3 and 10.10 to 10.12.

    >>> layer = Dense(2, "relu", connections=[[1, 0], [1, 1], [0, 1]])
    >>> layer.output_shape((3,)), layer.count((3,))
    ((2,), 6)
    """

    units: int
    activation: str | Function = "linear"
    use_bias: bool = True
    weight_init: str | Initializer | None = None
    bias_init: str | Initializer = "zeros"
    penalty: float | Penalty | None = None
    connections: Any = None
    takes_sparse: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_positive_integer("Dense", "units", self.units)
        object.__setattr__(self, "units", int(self.units))
        resolve_activation(self.activation)
        if self.weight_init is not None:
            resolve_initializer(self.weight_init)
        resolve_initializer(self.bias_init)
        if self.penalty is not None:
            object.__setattr__(self, "penalty", resolve_penalty(self.penalty))
        if self.connections is not None:
            object.__setattr__(self, "connections", _connection_table(self.connections, self.units))

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            raise SpecificationError(
                f"Dense({self.units}) takes rows of numbers, shape (p,), and was given shape {input_shape}: "
                "put Flatten() before it."
            )
        if self.connections is not None and len(self.connections) != input_shape[0]:
            raise SpecificationError(
                f"Dense({self.units}) has connections for {len(self.connections)} inputs and is given "
                f"{input_shape[0]}: the table needs a row for each input."
            )
        return (self.units,)

    def count(self, input_shape: Shape) -> int:
        """Number of parameters; cut connections are not counted."""
        weights = input_shape[0] * self.units if self.connections is None else int(np.sum(self.connections))
        return weights + self.units * self.use_bias

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        self.output_shape(input_shape)
        shape = (input_shape[0], self.units)
        fan_in, fan_out = _fans(shape, self.connections)
        initializer = (
            default_initializer(self.activation)
            if self.weight_init is None
            else resolve_initializer(self.weight_init)
        )
        weights = initializer.draw(rng, shape, fan_in, fan_out)
        if self.connections is not None:
            weights = weights * np.asarray(self.connections)
        parameters: Parameters = {"weights": weights}
        if self.use_bias:
            parameters["bias"] = resolve_initializer(self.bias_init).draw(rng, (self.units,), fan_in, fan_out)
        return parameters, {}

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        weights = parameters["weights"]
        if self.connections is not None:
            weights = weights * jnp.asarray(self.connections, weights.dtype)
        z = weighted_sum(x, weights, parameters.get("bias"), context)
        return activated(self.activation, z, context), state


def weighted_sum(x: Array, weights: Array, bias: Array | None, context: Context) -> Array:
    """x @ weights, plus the bias if there is one."""
    if is_sparse(x):
        z = sparse_product(x, weights)
        return z if bias is None else plus_bias(z, bias)
    # The kernel of training has no forward-mode derivative; outside training any derivative may be asked for.
    x, weights = context.factors(x, weights)
    z = product(x, weights) if context.training and x.ndim == 2 else x @ weights
    return z if bias is None else plus_bias(z, bias)


def plus_bias(z: Array, bias: Array) -> Array:
    """z + bias in the precision of z; in 32 bits at least, so that the bias's gradient, a sum over rows and places, is exact."""
    return (widened(z) + bias).astype(z.dtype)


@dataclass(frozen=True, repr=False)
class Activation(ParameterFreeLayer):
    """An activation as a layer of its own: a = g(z), any shape.

    >>> y, _ = Activation("relu").apply({}, {}, jnp.array([-1.0, 2.0]), Context())
    >>> y.tolist()
    [0.0, 2.0]
    """

    activation: str | Function

    def __post_init__(self) -> None:
        resolve_activation(self.activation)

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        return activated(self.activation, x, context), state


@dataclass(frozen=True, repr=False)
class LeakyReLU(ParameterFreeLayer):
    r"""A ReLU whose slope below zero is a number that a search may vary: a = max(z, 0) + slope · min(z, 0).

    The activation ``"leaky_relu"`` has slope 0.01 and cannot be varied. Put this layer after a linear one whose weights start
    as He's: ``[Dense(64, weight_init="he"), LeakyReLU(0.1)]``.

    Raises
    ------
    SpecificationError
        If the slope is negative or no number.

    Source: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.

    >>> y, _ = LeakyReLU(0.25).apply({}, {}, jnp.array([-1.0, 2.0]), Context())
    >>> y.tolist()
    [-0.25, 2.0]
    """

    slope: float = traced(0.01)

    def __post_init__(self) -> None:
        check_nonnegative("LeakyReLU", "slope", self.slope)

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        slope = jnp.asarray(context.value("slope", self.slope), x.dtype)
        return watched(lambda z: jnp.where(z > 0, z, slope * z), x, context), state


def _connection_table(connections: Any, units: int) -> tuple[tuple[int, ...], ...]:
    try:
        table = np.asarray(connections, dtype=float)
    except (TypeError, ValueError) as error:
        raise SpecificationError(f"connections must be a table of 0 and 1 ({error}).") from None
    if table.ndim != 2 or table.shape[1] != units or not np.isin(table, (0.0, 1.0)).all():
        raise SpecificationError(
            f"connections has shape {table.shape}: it must be a table of 0 and 1 with a row for each input and a "
            f"column for each of the {units} units."
        )
    return tuple(tuple(int(entry) for entry in row) for row in table)


def _fans(shape: Shape, connections: Any) -> tuple[float, float]:
    if connections is None:
        return float(shape[0]), float(shape[1])
    total = float(np.sum(connections))
    return max(total / shape[1], 1.0), max(total / shape[0], 1.0)
