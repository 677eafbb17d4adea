"""Neurons in layers compute what no single one can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from lamina.classics.checks import checked_bits
from lamina.classics.neuron import McCullochPitts, binary_inputs
from lamina.errors import SpecificationError


@dataclass(frozen=True)
class NeuronNetwork:
    r"""Layers of McCulloch-Pitts neurons, each taking every output of the layer before.

    Parameters
    ----------
    layers
        Neurons by layer; the first take the inputs, and the last layer is one neuron.

    Raises
    ------
    SpecificationError
        If a neuron has not as many inputs as the layer before has neurons, or the last layer has several neurons.

    Examples
    --------
    x₁ XOR x₂ = (x₁ OR x₂) AND (x₁ NAND x₂), which no single neuron computes: it would need w₁ ≥ θ and w₂ ≥ θ, but θ > 0 and
    w₁ + w₂ < θ.

    >>> NeuronNetwork.XOR()(binary_inputs(2)).tolist()
    [0, 1, 1, 0]
    """

    layers: tuple[tuple[McCullochPitts, ...], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(tuple(layer) for layer in self.layers))
        if not self.layers or not all(self.layers) or len(self.layers[-1]) != 1:
            raise SpecificationError(
                f"NeuronNetwork has layers of {[len(layer) for layer in self.layers]} neurons: every layer needs some, and the "
                "last has one."
            )
        wanted = [self.n_inputs, *(len(layer) for layer in self.layers[:-1])]
        for number, (layer, n) in enumerate(zip(self.layers, wanted, strict=True), start=1):
            if any(neuron.n_inputs != n for neuron in layer):
                raise SpecificationError(
                    f"the neurons of layer {number} take {[neuron.n_inputs for neuron in layer]} inputs and are given {n}."
                )

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return self.layers[0][0].n_inputs

    def __call__(self, x: ArrayLike) -> Any:
        """0 or 1 for inputs of shape (inputs,), or one for each row, (n,), of shape (n, inputs)."""
        signals = checked_bits(x, self.n_inputs)
        for layer in self.layers:
            signals = np.stack([neuron(signals) for neuron in layer], axis=-1)
        y = signals[..., 0]
        return y if y.ndim else int(y)

    @classmethod
    def XOR(cls) -> Self:
        """One input or the other, not both."""
        return cls(((McCullochPitts.OR(), McCullochPitts.NAND()), (McCullochPitts.AND(),)))

    @classmethod
    def computing(cls, outputs: ArrayLike) -> Self:
        """A network of two layers for any truth table, given by its last column in the order of counting.

        For each row of bits whose output is 1, a neuron that fires at these bits alone (weight 1 where a bit is 1, -1 where it is
        0, threshold the number of ones), and an OR of them: the disjunctive normal form.

        Raises
        ------
        SpecificationError
            If the number of outputs is no power of two.
        DataError
            If an output is neither 0 nor 1.

        >>> NeuronNetwork.computing([1, 0, 0, 1])(binary_inputs(2)).tolist()
        [1, 0, 0, 1]
        """
        length = np.size(outputs)
        n = length.bit_length() - 1
        if n < 1 or length != 2**n:
            raise SpecificationError(
                f"a truth table of {length} outputs has no number of inputs: there are 2, 4, 8, 16 …"
            )
        rows = binary_inputs(n)[checked_bits(outputs, length).astype(bool)]
        if len(rows) == 0:
            # Every input forbids, and the OR of what never comes never fires.
            never = McCullochPitts((0.0,) * n, 1)
            return cls(((never,), (McCullochPitts.OR(1),)))
        detectors = tuple(McCullochPitts(tuple(2.0 * row - 1), row.sum()) for row in rows)
        return cls((detectors, (McCullochPitts.OR(len(detectors)),)))
