"""Penalties add up, and a number is a ridge coefficient."""

import numpy as np
import pytest

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import L1, L2, Penalty
from lamina.layers.penalties import resolve_penalty


def test_sums() -> None:
    assert L1(0.1) + L2(0.2) == L2(0.2) + L1(0.1) == Penalty(l1=0.1, l2=0.2)
    assert L2(0.25) + L2(0.5) == L2(0.75)
    assert L1(0.1, output=False) + L2(0.2, output=False) == Penalty(0.1, 0.2, output=False)


def test_nothing_is_neutral() -> None:
    assert L1(0.1, output=False) + Penalty() == Penalty() + L1(0.1, output=False) == L1(0.1, output=False)


def test_terms_that_disagree_on_the_output_layer_cannot_be_one() -> None:
    with pytest.raises(SpecificationError, match="one covers the output layer and the other does not"):
        L1(0.1) + L2(0.1, output=False)


def test_resolving() -> None:
    assert resolve_penalty(0.1) == resolve_penalty(np.float32(0.1).astype(float).round(1)) == L2(0.1)
    assert resolve_penalty(0) == resolve_penalty(None) == Penalty()
    assert resolve_penalty(L1(0.3)) == L1(0.3)


@pytest.mark.parametrize("given", ["0.1", True, [0.1, 0.2], object()])
def test_what_is_no_number_is_refused(given: object) -> None:
    with pytest.raises(
        ArgumentTypeError, match=r"is not a penalty: give the ridge coefficient as a number, or L1"
    ):
        resolve_penalty(given)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [-0.1, float("nan"), float("inf")])
def test_coefficients_are_finite_and_not_negative(given: float) -> None:
    with pytest.raises(SpecificationError, match="finite number, zero or more"):
        resolve_penalty(given)
