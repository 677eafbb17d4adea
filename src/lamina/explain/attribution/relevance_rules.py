"""How a unit's relevance is handed back to its inputs: the rules, each as a function of what the inputs contributed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.explain.attribution.method import check_number
from lamina.layers.base import Array
from lamina.layers.values import Specification, refuse_class

Sums = Callable[[Array, Array], Array]
"""Weighted sums of inputs: of weights and x, linear in each."""
Handed = tuple[Array, Array]
"""Relevance of the inputs, in their shape, and what the bias took, (n,)."""


@dataclass(frozen=True, repr=False)
class Rule(Specification, ABC):
    """Base of the rules."""

    @abstractmethod
    def through_sums(
        self, sums: Sums, weights: Array, bias: Array | None, x: Array, relevance: Array
    ) -> Handed:
        """Relevance of x, given that of z = sums(weights, x) + bias."""

    @abstractmethod
    def through_means(self, means: Callable[[Array], Array], x: Array, relevance: Array) -> Array:
        """Relevance of x, given that of means(x), which is linear with no weight below zero."""


@dataclass(frozen=True, repr=False)
class Epsilon(Rule):
    r"""By what each input contributed to the sum; epsilon takes the edge off sums near zero.

    .. math:: R_i = \sum_j \frac{x_i w_{ij}}{z_j + \epsilon\, \mathrm{sign}(z_j)} R_j, \qquad z_j = \sum_i x_i w_{ij} + b_j

    The bias and epsilon take their shares. With epsilon zero on a network of ReLUs this is gradient times input.

    Source: Bach et al. 2015, equation 58.
    """

    epsilon: float = 1e-3

    def __post_init__(self) -> None:
        check_number("Epsilon", "epsilon", self.epsilon, 0.001)

    def through_sums(
        self, sums: Sums, weights: Array, bias: Array | None, x: Array, relevance: Array
    ) -> Handed:
        z, back = jax.vjp(lambda x: sums(weights, x), x)
        share = self.share(relevance, z if bias is None else z + bias)
        taken = _zero(relevance) if bias is None else by_row(share * bias)
        return x * back(share)[0], taken

    def through_means(self, means: Callable[[Array], Array], x: Array, relevance: Array) -> Array:
        z, back = jax.vjp(means, x)
        handed: Array = x * back(self.share(relevance, z))[0]
        return handed

    def share(self, relevance: Array, z: Array) -> Array:
        """R / (z + epsilon sign z), zero where z is."""
        steady = z + jnp.where(z >= 0, 1, -1) * jnp.asarray(self.epsilon, z.dtype)
        return _ratio(relevance, steady)


@dataclass(frozen=True, repr=False)
class AlphaBeta(Rule):
    r"""What pushed a unit up and what pulled it down, each by itself.

    .. math:: R_i = \sum_j \Big(\alpha \frac{(x_i w_{ij})^+}{z_j^+} - \beta \frac{(x_i w_{ij})^-}{z_j^-}\Big) R_j,
        \qquad \alpha - \beta = 1

    with z⁺ and z⁻ the sums of the positive and of the negative contributions, the bias among them. A unit that has
    contributions of one sign alone hands them all it has, so that nothing is lost.

    Source: Bach et al. 2015, equation 60.
    """

    alpha: float = 2.0
    beta: float = 1.0

    def __post_init__(self) -> None:
        check_number("AlphaBeta", "alpha", self.alpha, 2.0)
        check_number("AlphaBeta", "beta", self.beta, 1.0)
        if abs(self.alpha - self.beta - 1) > 1e-9:
            raise SpecificationError(
                f"AlphaBeta({self.alpha!r}, {self.beta!r}): alpha - beta must be 1, or relevance would be made or lost: take "
                "AlphaBeta(2, 1) or AlphaBeta(1, 0)."
            )

    def through_sums(
        self, sums: Sums, weights: Array, bias: Array | None, x: Array, relevance: Array
    ) -> Handed:
        bias = self._counted(bias)
        up, down = _parts(weights)
        more, less = _parts(x)
        pushed, back_pushed = jax.vjp(lambda a, b: sums(up, a) + sums(down, b), more, less)
        pulled, back_pulled = jax.vjp(lambda a, b: sums(up, a) + sums(down, b), less, more)
        gains, losses = (0.0, 0.0) if bias is None else _parts(bias)
        up_all, down_all = pushed + gains, pulled + losses
        by_pushed, by_pulled = self._shares(up_all, down_all, relevance)
        # Where no input contributed anything, what the unit is worth is the bias' alone.
        alone = by_row(jnp.where((up_all == 0) & (down_all == 0), relevance, 0))
        first, second = back_pushed(by_pushed), back_pulled(by_pulled)
        handed = more * (first[0] + second[1]) + less * (first[1] + second[0])
        return handed, alone if bias is None else alone + by_row(by_pushed * gains + by_pulled * losses)

    def through_means(self, means: Callable[[Array], Array], x: Array, relevance: Array) -> Array:
        more, less = _parts(x)
        pushed, back = jax.vjp(means, more)
        by_pushed, by_pulled = self._shares(pushed, means(less), relevance)
        handed: Array = more * back(by_pushed)[0] + less * back(by_pulled)[0]
        return handed

    def _counted(self, bias: Array | None) -> Array | None:
        """The bias, where it takes part."""
        return bias

    def _shares(self, pushed: Array, pulled: Array, relevance: Array) -> tuple[Array, Array]:
        """alpha R / z⁺ and -beta R / z⁻, where there are contributions of both signs."""
        alpha = jnp.where(pulled == 0, 1, jnp.where(pushed == 0, 0, jnp.asarray(self.alpha, relevance.dtype)))
        return _ratio(alpha * relevance, pushed), _ratio((1 - alpha) * relevance, pulled)


@dataclass(frozen=True, repr=False)
class ZPlus(AlphaBeta):
    r"""By what pushed a unit up alone; nothing is negative behind a ReLU, and biases take nothing.

    .. math:: R_i = \sum_j \frac{(x_i w_{ij})^+}{\sum_k (x_k w_{kj})^+} R_j

    Source: Montavon et al., "Explaining nonlinear classification decisions with deep Taylor decomposition", 2017, section 4.
    """

    alpha: float = 1.0
    beta: float = 0.0

    def _counted(self, bias: Array | None) -> Array | None:
        return None


RULES: dict[str, Rule] = {"alpha_beta": AlphaBeta(), "epsilon": Epsilon(), "z_plus": ZPlus()}
"""The rules by name, with their usual options."""


def resolve_rule(rule: Any) -> Rule:
    """The rule behind a name, or the rule itself.

    >>> resolve_rule("alpha_beta")
    AlphaBeta()
    """
    refuse_class("rule", rule)
    if isinstance(rule, Rule):
        return rule
    if not isinstance(rule, str):
        raise ArgumentTypeError(
            f"rule={rule!r} ({type(rule).__name__}): give one of {', '.join(map(repr, RULES))}, or a rule such as Epsilon(0.01)."
        )
    if rule not in RULES:
        raise SpecificationError(f"rule={rule!r} is unknown: {nearest_name(rule, RULES)}")
    return RULES[rule]


def by_row(values: Array) -> Array:
    """The sum over all but the first axis."""
    return jnp.sum(values, axis=tuple(range(1, values.ndim)))


def _parts(x: Array) -> tuple[Array, Array]:
    return jnp.maximum(x, 0), jnp.minimum(x, 0)


def _ratio(above: Array, below: Array) -> Array:
    """above / below, zero where below is."""
    return jnp.where(below == 0, 0, above / jnp.where(below == 0, 1, below))


def _zero(relevance: Array) -> Array:
    return jnp.zeros(len(relevance), relevance.dtype)
