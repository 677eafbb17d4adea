"""Penalties on weights: lambda times their sum of squares (ridge) or of absolute values (lasso), never on biases.

ISLP equation 10.18 for the ridge penalty of a network. They stand with the layers, as a layer may carry its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers.base import check_nonnegative, traced
from lamina.layers.values import Specification


@dataclass(frozen=True, repr=False)
class Penalty(Specification):
    r"""The penalty :math:`\lambda_1 \sum |w| + \lambda_2 \sum w^2` on the weights it covers.

    Parameters
    ----------
    l1, l2
        The two coefficients, zero or more. The loss they are added to is a mean over rows.
    output
        Whether a penalty of the whole network covers the output layer too. The terms of a sum must agree in it.

    >>> L1(0.01) + L2(0.1)
    Penalty(0.01, 0.1)
    """

    l1: float = traced(0.0)
    l2: float = traced(0.0)
    output: bool = True

    def __post_init__(self) -> None:
        check_nonnegative("Penalty", "l1", self.l1)
        check_nonnegative("Penalty", "l2", self.l2)

    def __add__(self, other: Penalty) -> Penalty:
        covering = {term.output for term in (self, other) if term.l1 or term.l2}
        if len(covering) == 2:
            raise SpecificationError(
                f"{self!r} + {other!r}: one covers the output layer and the other does not. Give both the same "
                "output=, or give the layers penalties of their own."
            )
        return Penalty(self.l1 + other.l1, self.l2 + other.l2, covering != {False})


def L1(coefficient: float, output: bool = True) -> Penalty:
    """The lasso penalty, coefficient · sum of |w|."""
    return Penalty(l1=coefficient, output=output)


def L2(coefficient: float, output: bool = True) -> Penalty:
    """The ridge penalty, coefficient · sum of w²."""
    return Penalty(l2=coefficient, output=output)


def resolve_penalty(penalty: float | Penalty | None) -> Penalty:
    """A number is the ridge coefficient.

    >>> resolve_penalty(0.1)
    Penalty(l2=0.1)
    """
    if isinstance(penalty, Penalty):
        return penalty
    if penalty is None:
        return Penalty()
    given: Any = penalty
    if callable(given) and given in (L1, L2, Penalty):
        raise ArgumentTypeError(
            f"penalty={given.__name__} has no coefficient: did you mean {given.__name__}(0.01)?"
        )
    if isinstance(penalty, bool) or not _is_real(penalty):
        raise ArgumentTypeError(
            f"penalty={penalty!r} is not a penalty: give the ridge coefficient as a number, or L1(...), L2(...), "
            "or a sum of them."
        )
    return L2(float(penalty))


def _is_real(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str)
