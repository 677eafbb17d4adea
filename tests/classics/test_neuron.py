"""Single neurons, networks of them, and how many functions each can compute."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from lamina.classics import McCullochPitts, NeuronNetwork, truth_table
from lamina.classics.neuron import binary_inputs
from lamina.errors import DataError, SpecificationError

LOGIC: dict[str, tuple[Any, Any]] = {
    "AND": (McCullochPitts.AND, np.all),
    "OR": (McCullochPitts.OR, np.any),
    "NAND": (McCullochPitts.NAND, lambda x, axis: ~np.all(x, axis=axis)),
    "NOR": (McCullochPitts.NOR, lambda x, axis: ~np.any(x, axis=axis)),
}


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("name", LOGIC)
def test_the_logic_functions(name: str, n: int) -> None:
    make, function = LOGIC[name]
    table = truth_table(make(n))
    np.testing.assert_array_equal(table[:, -1], function(table[:, :-1].astype(bool), axis=1))


def computed(n: int, largest: int) -> set[tuple[int, ...]]:
    """Every function of n bits that a neuron with whole weights of at most this size computes."""
    x = binary_inputs(n)
    sizes = range(-largest, largest + 1)
    thresholds = np.arange(-largest * n, largest * n + 2)
    found = set()
    for weights in itertools.product(sizes, repeat=n):
        for outputs in (x @ weights)[None, :] >= thresholds[:, None]:
            found.add(tuple(outputs.astype(int).tolist()))
    return found


def test_all_but_xor_and_its_opposite_are_one_neuron() -> None:
    """The numbers of threshold functions of 1, 2 and 3 inputs are 4, 14 and 104 (Muroga 1971)."""
    assert len(computed(1, 1)) == 4
    every = set(itertools.product((0, 1), repeat=4))
    assert every - computed(2, 1) == every - computed(2, 5) == {(0, 1, 1, 0), (1, 0, 0, 1)}
    assert len(computed(3, 2)) == len(computed(3, 4)) == 104


def test_an_inhibitory_input_adds_no_function_and_is_a_large_negative_weight() -> None:
    for places in ((), (0,), (1,), (0, 1)):
        for weights in itertools.product((-1, 0, 1), repeat=2):
            for threshold in range(-2, 4):
                neuron = McCullochPitts(weights, threshold, places)
                veto = np.array(weights, float)
                veto[list(places)] -= 10
                np.testing.assert_array_equal(
                    truth_table(neuron), truth_table(McCullochPitts(tuple(veto), threshold))
                )


def test_a_network_computes_everything() -> None:
    for outputs in itertools.product((0, 1), repeat=8):
        assert tuple(truth_table(NeuronNetwork.computing(outputs))[:, -1]) == outputs
    assert [len(layer) for layer in NeuronNetwork.XOR().layers] == [2, 1]
    assert NeuronNetwork.XOR()([1, 0]) == 1


def test_neurons_are_values() -> None:
    neuron = McCullochPitts([1, 1], 2)
    assert neuron == McCullochPitts.AND()
    assert len({neuron, McCullochPitts.AND(), McCullochPitts.OR()}) == 2
    assert eval(repr(McCullochPitts.NOR(3))) == McCullochPitts.NOR(3)
    assert isinstance(neuron([1, 1]), int)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: McCullochPitts((), 1), "finite numbers"),
        (lambda: McCullochPitts(("a",), 1), "finite numbers"),  # type: ignore[arg-type]
        (lambda: McCullochPitts((1, np.nan), 1), "finite numbers"),
        (lambda: McCullochPitts((1,), "b"), "threshold"),  # type: ignore[arg-type]
        (lambda: McCullochPitts((1, 1), 1, (2,)), "from 0 to 1"),
        (lambda: McCullochPitts.AND(0), "at least 1"),
        (lambda: McCullochPitts.OR(1.5), "at least 1"),  # type: ignore[arg-type]
        (lambda: truth_table(np.all), "how many inputs"),
        (lambda: truth_table(McCullochPitts.OR(21)), "rows"),
        (lambda: NeuronNetwork(()), "the last has one"),
        (lambda: NeuronNetwork(((McCullochPitts.OR(),), (McCullochPitts.AND(),))), "are given 1"),
        (lambda: NeuronNetwork.computing([0, 1, 1]), "2, 4, 8"),
    ],
)
def test_specifications_that_mean_nothing(make: Any, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        make()


@pytest.mark.parametrize("x", [[0, 1, 1], [[0], [1]], [0, 2], [0.5, 1], ["0", "1"], [0, np.nan], 1, []])
def test_inputs_that_are_no_bits(x: Any) -> None:
    with pytest.raises(DataError):
        McCullochPitts.AND()(x)
