"""How relevance goes back through each kind of layer, and which layers have no rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from lamina.explain.attribution.path import Named
from lamina.explain.attribution.relevance_known import CHOICES, EACH_BY_ITSELF, MEANS, WEIGHTED
from lamina.explain.attribution.relevance_rules import Epsilon, Rule, by_row
from lamina.layers.activations import linear, resolve_activation
from lamina.layers.base import PROJECTION, Array, Context, Layer, Parameters, State, children
from lamina.layers.containers import Flatten, Residual, Sequential, _still
from lamina.layers.convolution import Conv2DTranspose
from lamina.layers.every_step import TimeDistributed
from lamina.layers.normalization import BatchNorm

Back = Callable[[Array], tuple[Array, Array]]
"""From the relevance of a layer's outputs to that of its inputs, and what biases took, (n,)."""


@dataclass(frozen=True)
class Surroundings:
    """What a layer is applied with: the rule, values of traced hyperparameters, the mask, where it stands."""

    rule: Rule
    context: Context

    def child(self, name: str) -> Surroundings:
        """Those of the layer ``name`` inside."""
        return dataclasses.replace(self, context=self.context.child(name))

    def masked(self, mask: Array | None) -> Surroundings:
        """Those with another mask."""
        return dataclasses.replace(self, context=dataclasses.replace(self.context, mask=mask))


def chain(
    layers: tuple[Named, ...], parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    """Output of layers one after another, and the way back; a BatchNorm behind weighted sums is folded into their weights."""
    backs: list[Back] = []
    place = 0
    while place < len(layers):
        name, layer = layers[place]
        own, before, inside = parameters.get(name, {}), state.get(name, {}), around.child(name)
        following = layers[place + 1] if place + 1 < len(layers) else None
        if following is not None and _folds(layer, following[1]):
            layer, own = _folded(layer, own, following, parameters, state)  # type: ignore[arg-type]
            place += 1
        x, back = _one(layer, own, before, x, inside)
        backs.append(back)
        if around.context.mask is not None:
            around = around.masked(_still(around.context.mask, x))
        place += 1
    return x, _one_after_another(backs)


def _one_after_another(backs: list[Back]) -> Back:
    def back(relevance: Array) -> tuple[Array, Array]:
        taken = jnp.zeros(len(relevance), relevance.dtype)
        for each in reversed(backs):
            relevance, own = each(relevance)
            taken = taken + own
        return relevance, taken

    return back


def _one(
    layer: Layer, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    for kinds, through in _WAYS:
        if isinstance(layer, kinds):
            return through(layer, parameters, state, x, around)
    raise AssertionError(f"{layer!r} was refused before")


def _weighted(
    layer: Any, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    bare = dataclasses.replace(layer, activation="linear", use_bias=False)
    weights, bias = parameters["weights"], parameters.get("bias")

    def sums(weights: Array, x: Array) -> Array:
        return bare.apply({"weights": weights}, {}, x, around.context)[0]

    def back(relevance: Array) -> tuple[Array, Array]:
        return around.rule.through_sums(sums, weights, bias, x, relevance)

    z = sums(weights, x)
    return resolve_activation(layer.activation)(z if bias is None else z + bias), back


def _each(
    layer: Layer, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    y = layer.apply(parameters, state, x, around.context)[0]
    return y, lambda relevance: (relevance.reshape(x.shape), _nothing(relevance))


def _means(
    layer: Layer, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    def means(x: Array) -> Array:
        return layer.apply(parameters, state, x, around.context)[0]

    return means(x), lambda relevance: (
        around.rule.through_means(means, x, relevance),
        _nothing(relevance),
    )


def _choices(
    layer: Layer, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    """The largest takes all that its window is worth."""
    y, back = jax.vjp(lambda x: layer.apply(parameters, state, x, around.context)[0], x)
    return y, lambda relevance: (back(relevance)[0], _nothing(relevance))


def _normalised(
    layer: BatchNorm, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    """A BatchNorm by itself: one weight and one bias a channel, by the epsilon rule, since each sum has but one input."""
    factor, shift = _scale_and_shift(layer, parameters, state)
    rule = around.rule if isinstance(around.rule, Epsilon) else Epsilon(0.0)
    y = x * factor + shift

    def back(relevance: Array) -> tuple[Array, Array]:
        share = rule.share(relevance, y)
        return share * x * factor, by_row(share * shift)

    return y, back


def _residual(
    layer: Residual, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    """The sum of two ways is worth to each what it added."""
    inner = tuple(item for item in children(layer) if item[0] != PROJECTION)
    y, back_long = chain(inner, parameters, state, x, around)
    short: Array = x
    back_short: Back | None = None
    if layer.projection is not None:
        short, back_short = chain(((PROJECTION, layer.projection),), parameters, state, x, around)
    both = jnp.stack([y, short], axis=1)

    def back(relevance: Array) -> tuple[Array, Array]:
        parts = around.rule.through_means(lambda ways: jnp.sum(ways, axis=1), both, relevance)
        long, taken = back_long(parts[:, 0])
        direct = (parts[:, 1], _nothing(relevance)) if back_short is None else back_short(parts[:, 1])
        return long + direct[0], taken + direct[1]

    return resolve_activation(layer.activation)(y + short), back


def _sequence(
    layer: Sequential, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    return chain(children(layer), parameters, state, x, around)


def _every_step(
    layer: TimeDistributed, parameters: Parameters, state: State, x: Array, around: Surroundings
) -> tuple[Array, Back]:
    n, steps = x.shape[:2]
    rows = x.reshape(n * steps, *x.shape[2:])
    y, inner = chain(children(layer), parameters, state, rows, around.masked(None))

    def back(relevance: Array) -> tuple[Array, Array]:
        handed, taken = inner(relevance.reshape(y.shape))
        return handed.reshape(x.shape), taken.reshape(n, steps).sum(axis=1)

    return y.reshape(n, steps, *y.shape[1:]), back


_WAYS: tuple[tuple[Any, Callable[..., tuple[Array, Back]]], ...] = (
    (WEIGHTED, _weighted),
    ((*EACH_BY_ITSELF, Flatten), _each),
    (MEANS, _means),
    (CHOICES, _choices),
    (BatchNorm, _normalised),
    (Residual, _residual),
    (TimeDistributed, _every_step),
    (Sequential, _sequence),
)


def _folds(layer: Layer, following: Layer) -> bool:
    """Whether a layer gives bare weighted sums and a BatchNorm stands behind it."""
    bare = isinstance(layer, WEIGHTED) and (layer.activation == "linear" or layer.activation is linear)
    return bare and isinstance(following, BatchNorm)


def _folded(
    layer: Any, own: Parameters, following: tuple[str, BatchNorm], parameters: Parameters, state: State
) -> Any:
    """Weights and bias of the weighted sums and the normalisation behind them together."""
    name, norm = following
    factor, shift = _scale_and_shift(norm, parameters[name], state[name])
    along = factor[:, None] if isinstance(layer, Conv2DTranspose) else factor
    bias = shift + (own["bias"] * factor if "bias" in own else 0)
    return dataclasses.replace(layer, use_bias=True), {"weights": own["weights"] * along, "bias": bias}


def _scale_and_shift(layer: BatchNorm, parameters: Parameters, state: State) -> tuple[Array, Array]:
    factor = parameters["factors"] * jax.lax.rsqrt(state["variance"] + layer.epsilon)
    return factor, parameters["bias"] - state["mean"] * factor


def _nothing(relevance: Array) -> Array:
    return jnp.zeros(len(relevance), relevance.dtype)
