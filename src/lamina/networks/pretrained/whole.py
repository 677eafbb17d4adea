"""The networks that published weights are for, as those weights expect them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from lamina.errors import SpecificationError, nearest_name
from lamina.layers.base import Layer, Shape
from lamina.layers.containers import Sequential
from lamina.networks.output import with_output
from lamina.networks.pretrained.imagenet import IMAGENET_PIXELS
from lamina.networks.pretrained.naming import COUNTER, OUTPUT, published_places
from lamina.networks.pretrained.placing import Drawn, place_published
from lamina.networks.pretrained.tensors import Tensors
from lamina.networks.resnet import resnet18, resnet34, resnet50

PRETRAINED: dict[str, Callable[[], list[Layer]]] = {
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
}
"""The networks whose published weights can be read."""


def pretrained_layers(name: str) -> list[Layer]:
    """Hidden layers of a network as weights learnt on ImageNet expect them: its pixels standardised first.

    Raises
    ------
    SpecificationError
        For a network whose published weights cannot be read.

    >>> pretrained_layers("resnet18")[0]
    Standardize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    """
    if not isinstance(name, str) or name not in PRETRAINED:
        raise SpecificationError(
            f"no pretrained network is named {name!r}: {nearest_name(name, PRETRAINED)}."
        )
    return [IMAGENET_PIXELS, *PRETRAINED[name]()]


def pretrained_network(
    name: str, tensors: Tensors | None, input_shape: Shape, rng: np.random.Generator, source: str
) -> tuple[Sequential, Drawn]:
    """A network with published weights, in single precision: with an output layer where they have one, else its features.

    Without tensors, weights are drawn from ``rng``, and there is no output layer.

    Raises
    ------
    FileFormatError
        If the tensors are not those of the network, or one of the output layer's two is missing.
    """
    layers = pretrained_layers(name)
    classes = _classes(tensors or {})
    network = with_output(layers, classes, "softmax") if classes else Sequential(layers)
    drawn = _single(network.init(rng, input_shape))
    return network, drawn if tensors is None else place_published(network, drawn, tensors, source)


def whose(names: Iterable[str]) -> str | None:
    """The network that has exactly these tensors, if one has.

    >>> whose(published_places(Sequential(resnet34())))
    'resnet34'
    """
    own = {name for name in names if not name.endswith(COUNTER) and not name.startswith(f"{OUTPUT}.")}
    known = ((name, published_places(Sequential(layers()))) for name, layers in PRETRAINED.items())
    return next((name for name, places in known if places.keys() == own), None)


def _classes(tensors: Tensors) -> int:
    """Units of a published output layer, zero where there is none: those of its matrix, or of its biases if that is missing."""
    weights, bias = tensors.get(f"{OUTPUT}.weight"), tensors.get(f"{OUTPUT}.bias")
    if weights is not None and (weights.ndim == 2 or bias is None):
        return weights.shape[0] if weights.ndim else 1
    return 0 if bias is None else bias.size


def _single(drawn: Drawn) -> Drawn:
    import jax

    single: Drawn = jax.tree.map(lambda leaf: np.asarray(leaf, np.float32), drawn)
    return single
