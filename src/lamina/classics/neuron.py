"""The neuron of McCulloch and Pitts: a weighted sum, a threshold, and inputs that forbid."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lamina.classics.checks import checked_bits, checked_count
from lamina.errors import SpecificationError

Bits = NDArray[np.int64]
MOST_INPUTS = 20
"""Of a truth table, which doubles with each."""


@dataclass(frozen=True)
class McCullochPitts:
    r"""A neuron that fires, or does not.

    .. math:: y = 1 \text{ if } \sum_j w_j x_j \ge \theta \text{ and no inhibitory input is 1, otherwise } 0

    It is a value: equal neurons compare equal. It does not learn; its weights are chosen by whoever writes them down.

    Parameters
    ----------
    weights
        One for each input. In the paper they are equal; weights below zero are a later generalisation.
    threshold
        The sum from which on it fires.
    inhibitory
        Places of inputs, from 0, that forbid it to fire whatever the others say.

    Raises
    ------
    SpecificationError
        Weights or threshold that are no numbers, no weights, a place where no input is.

    Source: McCulloch and Pitts, "A logical calculus of the ideas immanent in nervous activity", 1943.

    Examples
    --------
    >>> McCullochPitts.AND()
    McCullochPitts(weights=(1.0, 1.0), threshold=2.0)
    >>> McCullochPitts.AND()([[0, 1], [1, 1]]).tolist()
    [0, 1]
    """

    weights: tuple[float, ...]
    threshold: float
    inhibitory: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _numbers("weights", self.weights))
        object.__setattr__(self, "threshold", _numbers("threshold", [self.threshold])[0])
        object.__setattr__(self, "inhibitory", _places(self.inhibitory, len(self.weights)))

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return len(self.weights)

    def __call__(self, x: ArrayLike) -> Any:
        """0 or 1 for inputs of shape (inputs,), or one for each row, (n,), of shape (n, inputs).

        Raises
        ------
        DataError
            If an input is neither 0 nor 1, or there are too few or too many.
        """
        x = checked_bits(x, self.n_inputs)
        fires = x @ np.array(self.weights) >= self.threshold  # Σ_j w_j x_j ≥ θ
        forbidden = x[..., list(self.inhibitory)].any(axis=-1)
        y = (fires & ~forbidden).astype(np.int64)
        return y if y.ndim else int(y)

    def __repr__(self) -> str:
        inhibitory = f", inhibitory={self.inhibitory}" if self.inhibitory else ""
        return f"McCullochPitts(weights={self.weights}, threshold={self.threshold}{inhibitory})"

    @classmethod
    def AND(cls, n: int = 2) -> Self:
        """Fires if all n inputs do: as many as there are reach the threshold n."""
        return cls((1.0,) * checked_count("AND", n), n)

    @classmethod
    def OR(cls, n: int = 2) -> Self:
        """Fires if any input does: one reaches the threshold 1."""
        return cls((1.0,) * checked_count("OR", n), 1)

    @classmethod
    def NOT(cls) -> Self:
        """Fires unless its one input does, which is inhibitory.

        >>> [McCullochPitts.NOT()([x]) for x in (0, 1)]
        [1, 0]
        """
        return cls.NOR(1)

    @classmethod
    def NOR(cls, n: int = 2) -> Self:
        """Fires if no input does: each is inhibitory, and nothing already reaches the threshold 0."""
        return cls((0.0,) * checked_count("NOR", n), 0, tuple(range(n)))

    @classmethod
    def NAND(cls, n: int = 2) -> Self:
        """Fires unless all inputs do: weights of -1, since here a single input must not forbid."""
        return cls((-1.0,) * checked_count("NAND", n), 1 - n)


def binary_inputs(n: int) -> Bits:
    """Every row of n bits, in the order of counting, (2ⁿ, n).

    >>> binary_inputs(2).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    if checked_count("truth_table", n) > MOST_INPUTS:
        raise SpecificationError(
            f"a truth table of {n} inputs would have 2**{n} rows: give at most {MOST_INPUTS}"
        )
    return np.array(list(itertools.product((0, 1), repeat=n)), dtype=np.int64)


def truth_table(function: Callable[[Bits], Any], n: int | None = None) -> Bits:
    """What a neuron, a network of them or any function of rows says to every input.

    Parameters
    ----------
    function
        Takes rows of bits, (rows, n), and gives a bit for each.
    n
        Number of inputs; a neuron or network knows its own.

    Returns
    -------
    array of shape (2ⁿ, n + 1)
        Inputs, and the output in the last column.

    >>> truth_table(McCullochPitts.NAND())
    array([[0, 0, 1],
           [0, 1, 1],
           [1, 0, 1],
           [1, 1, 0]])
    """
    n = getattr(function, "n_inputs", None) if n is None else n
    if n is None:
        raise SpecificationError(
            "truth_table(function) cannot tell how many inputs it takes: give them, as in truth_table(f, 2)"
        )
    x = binary_inputs(n)
    return np.column_stack([x, np.asarray(function(x))]).astype(np.int64)


def _numbers(name: str, given: Any) -> tuple[float, ...]:
    try:
        numbers = tuple(float(value) for value in given)
    except (TypeError, ValueError):
        numbers = ()
    if not numbers or not np.isfinite(numbers).all():
        raise SpecificationError(f"McCullochPitts({name}={given!r}): give finite numbers, such as (1, 1).")
    return numbers


def _places(given: Sequence[int], n: int) -> tuple[int, ...]:
    places = tuple(given)
    if not set(places) <= set(range(n)):
        raise SpecificationError(
            f"McCullochPitts(inhibitory={given!r}): these are places of inputs, and with {n} weights they go from 0 to {n - 1}."
        )
    return tuple(sorted({int(place) for place in places}))
