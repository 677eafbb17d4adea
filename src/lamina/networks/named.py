"""The ready-made networks by name."""

from __future__ import annotations

import functools
from collections.abc import Callable

from lamina.errors import SpecificationError, nearest_name
from lamina.layers.base import Layer
from lamina.networks.cifar_resnet import cifar_resnet
from lamina.networks.lenet import lenet
from lamina.networks.resnet import resnet18, resnet34, resnet50
from lamina.networks.taught import cifar_network, mnist_network

NETWORKS: dict[str, Callable[[], list[Layer]]] = {
    "lenet": lenet,
    "mnist": mnist_network,
    "cifar": cifar_network,
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "resnet18-small": functools.partial(resnet18, stem="small"),
    "resnet34-small": functools.partial(resnet34, stem="small"),
    "resnet50-small": functools.partial(resnet50, stem="small"),
    "resnet20": functools.partial(cifar_resnet, 20),
    "resnet32": functools.partial(cifar_resnet, 32),
    "resnet44": functools.partial(cifar_resnet, 44),
    "resnet56": functools.partial(cifar_resnet, 56),
    "resnet110": functools.partial(cifar_resnet, 110),
}
"""What a name makes: the list of hidden layers. "small" networks begin without halving 32 × 32 images twice."""


def network_named(name: str) -> list[Layer]:
    """Hidden layers of the ready-made network of that name.

    Raises
    ------
    SpecificationError
        For a name that is not in :data:`NETWORKS`.

    >>> network_named("mnist")[-1]
    Dense(32, 'relu')
    >>> network_named("resnet81")
    Traceback (most recent call last):
    lamina.errors.SpecificationError: no network is named 'resnet81': did you mean 'resnet18'? Known: ...
    """
    if name not in NETWORKS:
        raise SpecificationError(f"no network is named {name!r}: {nearest_name(name, NETWORKS)}.")
    return NETWORKS[name]()
