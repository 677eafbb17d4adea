"""The names that torchvision and timm publish residual networks under, and where each tensor belongs here.

Theirs are ``conv1``, ``bn1``, ``layer{stage}.{block}.conv{i}``, ``.bn{i}``, ``.downsample.0`` and ``.1``, ``fc``; filters are
stored (outputs, inputs, height, width), matrices (outputs, inputs). Ours are paths of layers; filters are (height, width, inputs,
outputs), matrices (inputs, outputs).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lamina.layers.base import PROJECTION, Layer, children, join
from lamina.layers.containers import Residual, Sequential
from lamina.layers.convolution import Conv2D
from lamina.layers.dense import Dense
from lamina.layers.normalization import BatchNorm

FILTERS, MATRIX = (2, 3, 1, 0), (1, 0)
"""The order of their axes that is ours."""
COUNTER = "num_batches_tracked"
"""A tensor of theirs that nothing is computed from."""
OUTPUT = "fc"
"""Their name of the output layer."""


@dataclass(frozen=True)
class Place:
    """Where a published tensor belongs.

    Attributes
    ----------
    path
        Path of a parameter, or of an entry of the state.
    state
        Whether it is state: a running statistic.
    axes
        The order of its axes that is ours; None leaves them.
    """

    path: str
    state: bool = False
    axes: tuple[int, ...] | None = None

    def ours(self, tensor: np.ndarray) -> np.ndarray:
        """The tensor in our order of axes."""
        return tensor if self.axes is None or tensor.ndim != len(self.axes) else tensor.transpose(self.axes)

    def theirs(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape of ours in their order of axes."""
        if self.axes is None or len(shape) != len(self.axes):
            return shape
        return tuple(shape[self.axes.index(axis)] for axis in range(len(shape)))


def published_places(network: Sequential, *, output: bool = True) -> dict[str, Place]:
    """Every tensor that published weights have for a residual network, and where it belongs.

    Names follow from the layers alone: the first convolution is ``conv1``; a stage begins with the first block and with each
    that halves the image. Layers of other kinds have no place. ``output`` says whether a dense layer at the end is ``fc``.

    >>> from lamina.networks import resnet50, with_output
    >>> places = published_places(with_output(resnet50(), 1000, "softmax"))
    >>> places["layer2.0.downsample.0.weight"]
    Place(path='residual_4/projection/conv2d_1/weights', state=False, axes=(2, 3, 1, 0))
    >>> len(places)
    267
    """
    named = list(children(network))
    places: dict[str, Place] = {}
    for theirs, ours, layer in _named(named):
        places |= _tensors(theirs, ours, layer)
    if output and named and isinstance(named[-1][1], Dense):
        places |= _tensors(OUTPUT, *named[-1])
    return places


def _named(layers: list[tuple[str, Layer]]) -> Iterator[tuple[str, str, Layer]]:
    """Their name, our path and the layer, for every layer that they have."""
    stage = block = 0
    begun: set[type[Layer]] = set()
    for path, layer in layers:
        if isinstance(layer, Residual):
            stage, block = (stage + 1, 0) if not stage or _halves(layer) else (stage, block + 1)
            yield from _inside(f"layer{stage}.{block}", path, layer)
        elif isinstance(layer, (Conv2D, BatchNorm)) and type(layer) not in begun and not stage:
            begun.add(type(layer))
            yield ("conv1" if isinstance(layer, Conv2D) else "bn1"), path, layer


def _inside(theirs: str, ours: str, block: Residual) -> Iterator[tuple[str, str, Layer]]:
    kinds = {Conv2D: "conv", BatchNorm: "bn"}
    for name, layer in children(block):
        path = join(ours, name)
        if name == PROJECTION:
            for place, (own, inner) in enumerate(children(layer)):
                yield f"{theirs}.downsample.{place}", join(path, own), inner
        elif type(layer) in kinds:
            yield f"{theirs}.{kinds[type(layer)]}{name.rsplit('_', 1)[1]}", path, layer


def _halves(block: Residual) -> bool:
    return any(isinstance(layer, Conv2D) and max(layer.stride) > 1 for layer in block.layers)


def _tensors(theirs: str, ours: str, layer: Layer) -> dict[str, Place]:
    """The tensors of one layer."""
    if isinstance(layer, BatchNorm):
        return {
            f"{theirs}.weight": Place(f"{ours}/factors"),
            f"{theirs}.bias": Place(f"{ours}/bias"),
            f"{theirs}.running_mean": Place(f"{ours}/mean", state=True),
            f"{theirs}.running_var": Place(f"{ours}/variance", state=True),
        }
    axes = FILTERS if isinstance(layer, Conv2D) else MATRIX
    places = {f"{theirs}.weight": Place(f"{ours}/weights", axes=axes)}
    if getattr(layer, "use_bias", True):
        places[f"{theirs}.bias"] = Place(f"{ours}/bias")
    return places
