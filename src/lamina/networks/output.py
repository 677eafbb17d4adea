"""The output layer: its activation belongs to the loss, so training sees the network up to the linear predictor."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from lamina.layers.activations import Function
from lamina.layers.base import Layer
from lamina.layers.containers import Sequential
from lamina.layers.dense import Activation, Dense


def with_output(
    hidden: Iterable[Layer],
    units: int,
    activation: str,
    weight_init: str | None = None,
    precision: str | None = None,
) -> Sequential:
    """The hidden layers followed by a dense output layer.

    >>> from lamina.layers import Dense
    >>> with_output([Dense(8, "relu")], 1, "sigmoid")
    Sequential([Dense(8, 'relu'), Dense(1, 'sigmoid')])
    """
    output = Dense(units, activation, weight_init=weight_init)
    return Sequential([*hidden, output], precision=precision)


def linear_predictor(network: Sequential) -> Sequential:
    """The same network without its output activation.

    >>> from lamina.layers import Dense
    >>> linear_predictor(Sequential([Dense(8, "relu"), Dense(1, "sigmoid")]))
    Sequential([Dense(8, 'relu'), Dense(1)])
    """
    *before, last = network.layers
    if isinstance(last, (Dense, Activation)):
        linear = dataclasses.replace(last, activation="linear")
        return dataclasses.replace(network, layers=(*before, linear))
    return network


def output_activation(network: Sequential) -> str | Function:
    """Activation of the last layer, linear where it has none."""
    last = network.layers[-1]
    return last.activation if isinstance(last, (Dense, Activation)) else "linear"
