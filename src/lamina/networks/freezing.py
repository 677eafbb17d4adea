"""Parts of a network that training leaves as they are, or changes more slowly."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from lamina.errors import ArgumentTypeError, SpecificationError, nearest_name
from lamina.layers.base import PROJECTION, Layer, ParameterFreeLayer, children, join
from lamina.layers.containers import Sequential, check_layers


def freeze(layers: Iterable[Layer] | Layer, *prefixes: str) -> list[Layer]:
    """The layers with ``trainable=False`` at these paths, and so in all that is inside them; without paths, everywhere.

    What is frozen stays bit for bit: parameters, and the running statistics of a :class:`~lamina.layers.BatchNorm`. Penalties
    and weight decay do not reach it.

    Parameters
    ----------
    layers
        Hidden layers, such as ``resnet18()``; they are left as they are.
    prefixes
        Paths of layers as ``summary()`` shows them: "residual_3", "residual_3/conv2d_1", "residual_3/projection".

    Raises
    ------
    SpecificationError
        If a path leads nowhere.

    >>> from lamina.layers import Dense
    >>> freeze([Dense(8, "relu"), Dense(4, "relu")], "dense_1")
    [Dense(8, 'relu', trainable=False), Dense(4, 'relu')]
    """
    chain: Any = Sequential(check_layers(layers, "freeze"))
    for prefix in prefixes or [name for name, _ in children(chain)]:
        if not isinstance(prefix, str):
            raise ArgumentTypeError(f"freeze takes paths such as 'residual_3' and was given {prefix!r}.")
        chain = _frozen_at(chain, prefix.split("/"), "")
    return list(chain.layers)


def body_factors(layers: Iterable[Layer] | Layer, factor: float = 0.1) -> dict[str, float]:
    """Factors of the learning rate for every hidden layer, so that they learn more slowly than the output layer.

    ``Adam(0.001, factors=body_factors(layers, 0.1))`` changes pretrained layers a tenth as fast as the new output layer.

    Parameters
    ----------
    layers
        The hidden layers of the estimator.
    factor
        What the learning rate is multiplied by; zero freezes, but for running statistics: see :func:`freeze`.

    >>> from lamina.layers import Dense, Dropout
    >>> body_factors([Dense(8, "relu"), Dropout(0.5), Dense(4, "relu")])
    {'dense_1': 0.1, 'dense_2': 0.1}
    """
    chain = Sequential(check_layers(layers, "body_factors"))
    return {name: factor for name, layer in children(chain) if _learns(layer)}


def _frozen_at(owner: Any, path: list[str], above: str) -> Any:
    """A copy of a container in which the layer at the path is frozen."""
    inside = dict(children(owner))
    name, *rest = path
    if name not in inside:
        where = f"{above!r} has" if above else "there is"
        known = nearest_name(name, inside) if inside else "it has none inside"
        raise SpecificationError(f"{where} no layer {name!r} to freeze: {known}.")
    inner = inside[name]
    inside[name] = (
        _frozen_at(inner, rest, join(above, name)) if rest else dataclasses.replace(inner, trainable=False)
    )
    projection = {PROJECTION: inside.pop(PROJECTION)} if PROJECTION in inside else {}
    return dataclasses.replace(owner, layers=tuple(inside.values()), **projection)


def _learns(layer: Layer) -> bool:
    """Whether there is anything to learn in a layer."""
    inside = children(layer)
    return any(_learns(inner) for _, inner in inside) if inside else not isinstance(layer, ParameterFreeLayer)
