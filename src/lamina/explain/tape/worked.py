"""A worked example: a small network from widths and numbers, and steps down its gradient."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.errors import SpecificationError
from lamina.explain.tape.backpropagate import backpropagate
from lamina.explain.tape.tape import Tape
from lamina.layers.base import Parameters
from lamina.layers.containers import Sequential
from lamina.layers.dense import Dense
from lamina.training.optimizers import SGD


@dataclass(frozen=True)
class Worked:
    """A chain of dense layers, and one step of gradient descent after the other.

    Attributes
    ----------
    network, inputs, parameters
        What is taught, how many inputs it has, and its weights.
    loss, rate
        What is minimised, at which learning rate.

    >>> worked = Worked.of([1, 1, 1], activation="linear", numbers=[2.0, 3.0], use_bias=False, rate=0.1)
    >>> tapes = worked.steps([[1.0]], [1.0], 2)
    >>> [round(tape.risk, 3) for tape in tapes]
    [12.5, 0.0]
    """

    network: Sequential
    inputs: int
    parameters: Parameters | None
    loss: str
    rate: float
    seed: int = 0

    @classmethod
    def of(
        cls,
        widths: Sequence[int],
        *,
        activation: str = "sigmoid",
        output: str = "linear",
        loss: str | None = None,
        numbers: Sequence[float] | None = None,
        use_bias: bool = True,
        rate: float = 0.1,
        seed: int = 0,
    ) -> Worked:
        """A network of these widths, from the inputs to the outputs.

        Parameters
        ----------
        numbers
            All parameters, unit by unit: a unit's bias, then its weights in the order of its inputs; the first layer first. None
            draws the weights.

        Raises
        ------
        SpecificationError
            For fewer than two widths, or another count of numbers.
        """
        if len(widths) < 2:
            raise SpecificationError(
                f"a network has at least two widths, those of its inputs and outputs, such as 2-2-1, and {list(widths)} has "
                f"{len(widths)}."
            )
        activations = [*[activation] * (len(widths) - 2), output]
        network = Sequential(
            [Dense(units, g, use_bias=use_bias) for units, g in zip(widths[1:], activations, strict=True)]
        )
        parameters = None if numbers is None else _filled(widths, numbers, use_bias)
        return cls(
            network, widths[0], parameters, loss or LOSSES.get(output, "half_squared_error"), rate, seed
        )

    def steps(self, X: Any, y: Any, count: int = 1) -> list[Tape]:
        """The tapes of so many steps of gradient descent, each with the parameters that the step before led to."""
        given = {len(row) for row in X}
        if given != {self.inputs}:
            raise SpecificationError(
                f"the network has {self.inputs} inputs, and rows of {', '.join(map(str, sorted(given)))} numbers were given."
            )
        tapes: list[Tape] = []
        parameters = self.parameters
        for _ in range(count):
            tape = backpropagate(
                self.network,
                X,
                y,
                loss=self.loss,
                optimizer=SGD(self.rate),
                parameters=parameters,
                seed=self.seed,
            )
            tapes.append(tape)
            parameters = {
                module.path: {name: value + module.updates[name] for name, value in module.parameters.items()}
                for module in tape
                if module.parameters
            }
        return tapes


LOSSES = {"sigmoid": "binary_crossentropy", "softmax": "categorical_crossentropy"}
"""Losses by the output activation they belong to."""


def _filled(widths: Sequence[int], numbers: Sequence[float], use_bias: bool) -> Parameters:
    """The parameters from their list."""
    pairs = list(itertools.pairwise(widths))
    needed = sum((inputs + use_bias) * units for inputs, units in pairs)
    if len(numbers) != needed:
        raise SpecificationError(
            f"a network {'-'.join(map(str, widths))}{'' if use_bias else ' without biases'} has {needed} parameters and "
            f"{len(numbers)} numbers were given: unit by unit, {'its bias, then ' if use_bias else ''}its weights."
        )
    left = np.asarray(numbers, float)
    if not np.isfinite(left).all():
        raise SpecificationError("the parameters must be finite numbers.")
    parameters: Parameters = {}
    for place, (inputs, units) in enumerate(pairs, start=1):
        size = (inputs + use_bias) * units
        table, left = left[:size].reshape(units, inputs + use_bias), left[size:]
        own = {"weights": table[:, use_bias:].T}
        parameters[f"dense_{place}"] = own | ({"bias": table[:, 0]} if use_bias else {})
    return parameters
