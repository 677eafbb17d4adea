"""The book's network for CIFAR-100, and what is changed of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from lamina.layers import Activation, BatchNorm, Conv2D, Crop, HorizontalFlip
from lamina.layers.base import Layer
from lamina.networks import cifar_network, cifar_resnet
from lamina.training import Optimizer, RMSProp
from lamina.training.schedules import Cosine

RATE = 0.001
EPOCHS, PATIENCE = 30, 5


@dataclass(frozen=True)
class Variant:
    """A network and how it is trained.

    Attributes
    ----------
    name
        As it stands in the table; ``key`` names its file.
    hidden, augment
        Its hidden layers, and what is done to its training images.
    coarse
        Whether it is trained on the superclasses.
    epochs
        How long; None: as many epochs as its minutes allow, the rate falling to zero along a cosine over them.
    """

    key: str
    name: str
    hidden: tuple[Layer, ...]
    augment: tuple[Layer, ...] = ()
    coarse: bool = False
    epochs: int | None = None

    @property
    def optimizer(self) -> Optimizer:
        """The lab's, its rate constant where the number of epochs is the lab's too."""
        return RMSProp(Cosine(RATE)) if self.epochs is None else RMSProp(RATE)

    @property
    def patience(self) -> int | None:
        """Early stopping only where the rate is constant: along a cosine the last epochs are the best."""
        return None if self.epochs is None else PATIENCE


def with_batch_norm(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """The same layers with a batch normalisation between each convolution and its activation.

    >>> [type(layer).__name__ for layer in with_batch_norm([Conv2D(8, 3, "relu")])]
    ['Conv2D', 'BatchNorm', 'Activation']
    """
    found: list[Layer] = []
    for layer in layers:
        if not isinstance(layer, Conv2D):
            found.append(layer)
            continue
        bare = dataclasses.replace(layer, activation="linear", use_bias=False, weight_init="he")
        found += [bare, BatchNorm(), Activation(layer.activation)]
    return tuple(found)


BOOK = tuple(cifar_network())
FLIPS_AND_CROPS = (HorizontalFlip(), Crop(4))
CHAPTER = Variant("chapter", "the book's network", BOOK, epochs=EPOCHS)
COARSE = Variant("coarse", "the book's network, trained on the 20", BOOK, coarse=True, epochs=EPOCHS)
VARIANTS = (
    CHAPTER,
    COARSE,
    Variant("augmented", "+ flips and crops", BOOK, FLIPS_AND_CROPS),
    Variant("normalised", "+ batch normalisation", with_batch_norm(BOOK), FLIPS_AND_CROPS),
    Variant("residual", "ResNet-20, flips and crops", tuple(cifar_resnet(20)), FLIPS_AND_CROPS),
)
