"""Optimizers: value objects whose update rule is optax's.

Each rule is written as a *direction* d computed from the gradient; a step is theta <- theta - rate(t) · d. Keeping the
rate outside lets schedules, short batches and populations scale it without another program.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import optax

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.layers.base import check_nonnegative, check_positive_integer, check_rate, join, traced
from lamina.layers.values import Specification, refuse_class
from lamina.training.factors import resolve_factors
from lamina.training.schedules import Schedule, resolve_schedule

Value = Callable[[str, float], Any]


@dataclass(frozen=True, repr=False)
class WithFactors(Specification):
    """The field that all first-order optimizers share, after their own."""

    factors: Any = field(default=(), kw_only=True)


class Optimizer(WithFactors):
    """Base of the first-order optimizers.

    ``factors`` multiply the learning rate of some parameters: ``{"dense_1": 0.1}`` lets a layer learn slowly, ``{"dense_1": 0}``
    freezes it, ``{"bias": 0.1}`` is for every bias (:func:`lamina.training.factors.factor_of_each`).
    """

    learning_rate: float | Schedule

    @abstractmethod
    def direction(self, value: Value) -> optax.GradientTransformation:
        """The transformation of a gradient into d; ``value(name, own)`` gives traced numbers."""

    def rate(self, value: Value, t: Any, total: Any) -> Any:
        """Learning rate at time t (epochs) of ``total``."""
        schedule = resolve_schedule(self.learning_rate)
        given = isinstance(self.learning_rate, Schedule)
        name = join("learning_rate", schedule.rate_path) if given else "learning_rate"
        return value(name, schedule.rate) * schedule.factor(t, total)

    def __post_init__(self) -> None:
        owner = type(self).__name__
        object.__setattr__(self, "factors", resolve_factors(owner, self.factors))
        if not isinstance(self.learning_rate, Schedule):
            check_nonnegative(owner, "learning_rate", self.learning_rate)
        for name in ("momentum", "decay", "beta_1", "beta_2"):
            if hasattr(self, name):
                check_rate(owner, name, getattr(self, name))
        for name in ("epsilon", "weight_decay"):
            if hasattr(self, name):
                check_nonnegative(owner, name, getattr(self, name))


@dataclass(frozen=True, repr=False)
class GradientDescent(Optimizer):
    """d = gradient over *all* rows: an estimator with it takes full batches. ISLP equation 10.25."""

    learning_rate: float | Schedule = traced(0.01)

    def direction(self, value: Value) -> optax.GradientTransformation:
        return optax.identity()


@dataclass(frozen=True, repr=False)
class SGD(Optimizer):
    """d = gradient of a mini-batch, with momentum if asked: v <- momentum·v + gradient, d = v.

    Nesterov's form looks ahead: d = gradient + momentum·v. Robbins and Monro 1951; Polyak 1964; Nesterov 1983.
    """

    learning_rate: float | Schedule = traced(0.01)
    momentum: float = traced(0.0)
    nesterov: bool = False

    def direction(self, value: Value) -> optax.GradientTransformation:
        return optax.trace(value("momentum", self.momentum), nesterov=self.nesterov)


@dataclass(frozen=True, repr=False)
class Momentum(SGD):
    """SGD with momentum 0.9."""

    momentum: float = traced(0.9)


@dataclass(frozen=True, repr=False)
class Nesterov(SGD):
    """SGD with Nesterov's momentum 0.9."""

    momentum: float = traced(0.9)
    nesterov: bool = True


@dataclass(frozen=True, repr=False)
class AdaGrad(Optimizer):
    """d = gradient / sqrt(sum of its squares so far + epsilon). Duchi, Hazan and Singer 2011."""

    learning_rate: float | Schedule = traced(0.01)
    epsilon: float = 1e-7

    def direction(self, value: Value) -> optax.GradientTransformation:
        return optax.scale_by_rss(initial_accumulator_value=0.1, eps=self.epsilon)


@dataclass(frozen=True, repr=False)
class RMSProp(Optimizer):
    """d = gradient / (sqrt(r) + epsilon), r <- decay·r + (1 - decay)·gradient². Tieleman and Hinton 2012."""

    learning_rate: float | Schedule = traced(0.001)
    decay: float = traced(0.9)
    epsilon: float = 1e-7

    def direction(self, value: Value) -> optax.GradientTransformation:
        return optax.scale_by_rms(decay=value("decay", self.decay), eps=self.epsilon, eps_in_sqrt=False)


@dataclass(frozen=True, repr=False)
class Adam(Optimizer):
    r"""d = m̂ / (sqrt(v̂) + epsilon) from bias-corrected running means of the gradient and its square.

    m <- beta_1·m + (1 - beta_1)·g, v <- beta_2·v + (1 - beta_2)·g². Kingma and Ba 2015, algorithm 1.

    >>> Adam(0.01)
    Adam(0.01)
    """

    learning_rate: float | Schedule = traced(0.001)
    beta_1: float = traced(0.9)
    beta_2: float = traced(0.999)
    epsilon: float = 1e-8

    def direction(self, value: Value) -> optax.GradientTransformation:
        return optax.scale_by_adam(
            value("beta_1", self.beta_1), value("beta_2", self.beta_2), eps=self.epsilon
        )


@dataclass(frozen=True, repr=False)
class AdamW(Optimizer):
    """Adam whose weights (never biases) also shrink by rate·weight_decay a step. Loshchilov and Hutter 2019."""

    learning_rate: float | Schedule = traced(0.001)
    beta_1: float = traced(0.9)
    beta_2: float = traced(0.999)
    epsilon: float = 1e-8
    weight_decay: float = traced(0.01)

    def direction(self, value: Value) -> optax.GradientTransformation:
        return optax.chain(
            optax.scale_by_adam(value("beta_1", self.beta_1), value("beta_2", self.beta_2), eps=self.epsilon),
            optax.add_decayed_weights(value("weight_decay", self.weight_decay), mask=weights_only),
        )


@dataclass(frozen=True, repr=False)
class Optax(Optimizer):
    """Any optax optimizer, as a factory with its keywords: ``Optax(optax.lion, learning_rate=1e-4)``.

    Its own learning rate is a keyword like another. A ready ``GradientTransformation`` may stand in place of the factory;
    such a model can be fitted and cloned, but not pickled or saved.
    """

    factory: Any
    keywords: tuple[tuple[str, Any], ...] = ()

    def __init__(
        self,
        factory: Any,
        keywords: tuple[tuple[str, Any], ...] = (),
        *,
        factors: Any = (),
        **given: Any,
    ) -> None:
        if not callable(factory) and not isinstance(factory, optax.GradientTransformation):
            raise ArgumentTypeError(
                f"Optax({factory!r}): give an optax factory with its keywords, such as Optax(optax.lion, learning_rate=1e-4)."
            )
        object.__setattr__(self, "factory", factory)
        object.__setattr__(self, "keywords", tuple(sorted({**dict(keywords), **given}.items())))
        object.__setattr__(self, "factors", resolve_factors("Optax", factors))

    def __repr__(self) -> str:
        name = getattr(self.factory, "__name__", "transformation")
        shown = [*self.keywords, *([("factors", self.factors)] if self.factors else [])]
        return f"Optax({', '.join([name, *(f'{key}={value!r}' for key, value in shown)])})"

    def direction(self, value: Value) -> optax.GradientTransformation:
        made = self.factory if self._is_made() else self.factory(**dict(self.keywords))
        return optax.chain(made, optax.scale(-1.0))

    def rate(self, value: Value, t: Any, total: Any) -> Any:
        return jnp.ones_like(t)

    def _is_made(self) -> bool:
        return isinstance(self.factory, optax.GradientTransformation)


@dataclass(frozen=True, repr=False)
class LBFGS(Specification):
    """Limited-memory BFGS over all rows, by SciPy's L-BFGS-B; ``epochs`` counts its iterations.

    Liu and Nocedal 1989. For small networks without dropout, where it finds a minimum far better than first-order steps.

    Parameters
    ----------
    memory
        Number of past steps that approximate the curvature.
    tolerance
        Stops where the largest entry of the gradient is below it.
    max_evaluations
        Bound on evaluations of the loss, 15,000 by default.
    smallest_decrease
        Stops where the loss falls by less than this share of itself.
    """

    memory: int = 10
    tolerance: float = 1e-5
    max_evaluations: int = 15_000
    smallest_decrease: float = 2.0**-46

    def __post_init__(self) -> None:
        check_positive_integer("LBFGS", "memory", self.memory)
        check_nonnegative("LBFGS", "tolerance", self.tolerance)
        check_positive_integer("LBFGS", "max_evaluations", self.max_evaluations)


OPTIMIZERS: dict[str, Optimizer | LBFGS] = {
    "gradient_descent": GradientDescent(),
    "sgd": SGD(),
    "momentum": Momentum(),
    "nesterov": Nesterov(),
    "adagrad": AdaGrad(),
    "rmsprop": RMSProp(),
    "adam": Adam(),
    "adamw": AdamW(),
    "lbfgs": LBFGS(),
}


def resolve_optimizer(optimizer: str | Optimizer | LBFGS | optax.GradientTransformation) -> Optimizer | LBFGS:
    """The optimizer behind a name.

    >>> resolve_optimizer("adam")
    Adam()
    """
    if isinstance(optimizer, (Optimizer, LBFGS)):
        return optimizer
    if isinstance(optimizer, optax.GradientTransformation):
        return Optax(optimizer)
    refuse_class("optimizer", optimizer)
    if not isinstance(optimizer, str):
        raise ArgumentTypeError(
            f"optimizer={optimizer!r}: give a name ({', '.join(OPTIMIZERS)}), an object such as Adam(0.01), or "
            "Optax(factory, ...)."
        )
    if optimizer not in OPTIMIZERS:
        raise SpecificationError(f"optimizer={optimizer!r} is unknown: {nearest_name(optimizer, OPTIMIZERS)}")
    return OPTIMIZERS[optimizer]


def weights_only(parameters: Mapping[str, Any]) -> Any:
    """True at each leaf that is a weight, False at each bias."""
    return jax.tree_util.tree_map_with_path(lambda path, _: is_weight(path[-1].key), parameters)


def is_weight(name: str) -> bool:
    """Whether a parameter of that name is a weight, which penalties and decay cover, and no bias.

    >>> is_weight("weights"), is_weight("bias")
    (True, False)
    """
    return name.endswith("weights")
