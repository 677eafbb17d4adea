"""Residual networks for photographs: ResNet-18, 34 and 50."""

from __future__ import annotations

from collections.abc import Callable

from lamina.errors import SpecificationError, nearest_name
from lamina.layers.base import Layer
from lamina.layers.containers import Residual
from lamina.layers.convolution import Conv2D
from lamina.layers.dense import Activation
from lamina.layers.normalization import BatchNorm
from lamina.layers.pooling import GlobalAveragePool, MaxPool2D

WIDTHS = (64, 128, 256, 512)
Block = Callable[[int, int, bool], Residual]


def resnet18(*, stem: str = "imagenet") -> list[Layer]:
    r"""Hidden layers of ResNet-18: images to 512 numbers; 11,689,512 parameters with an output of a thousand.

    Parameters
    ----------
    stem
        How it begins. "imagenet": a 7 × 7 convolution of stride 2 and 3 × 3 pooling of stride 2, for photographs of 64 pixels
        and more. "small": a 3 × 3 convolution and no pooling, for images such as CIFAR's 32 × 32.

    Blocks y = relu(f(x) + P(x)) of two 3 × 3 convolutions; where the image is halved, P is a 1 × 1 convolution of stride 2.
    Paddings are numbers, so that published weights give what they give elsewhere.

    Raises
    ------
    SpecificationError
        For another stem.

    Source: He et al., "Deep Residual Learning for Image Recognition", 2016, table 1.

    >>> from lamina.networks import count_parameters, with_output
    >>> count_parameters(with_output(resnet18(), 1000, "softmax"), (224, 224, 3))
    11689512
    """
    return _resnet((2, 2, 2, 2), basic_block, 1, stem)


def resnet34(*, stem: str = "imagenet") -> list[Layer]:
    """Hidden layers of ResNet-34: 21,797,672 parameters with an output of a thousand; see :func:`resnet18`.

    >>> len(resnet34())
    21
    """
    return _resnet((3, 4, 6, 3), basic_block, 1, stem)


def resnet50(*, stem: str = "imagenet") -> list[Layer]:
    """Hidden layers of ResNet-50: images to 2,048 numbers; 25,557,032 parameters with an output of a thousand.

    Its blocks are bottlenecks: 1 × 1 to fewer channels, 3 × 3, 1 × 1 to four times as many. The stride is in the 3 × 3
    ("version 1.5"), as in the weights that are published. Parameters, errors and source as :func:`resnet18`.

    >>> from lamina.layers import Sequential
    >>> Sequential(resnet50()).output_shape((224, 224, 3))
    (2048,)
    """
    return _resnet((3, 4, 6, 3), bottleneck, 4, stem)


def basic_block(filters: int, stride: int, projects: bool) -> Residual:
    """Two 3 × 3 convolutions with a shortcut, projected where ``projects``."""
    layers = [*_normed(filters, 3, stride), Activation("relu"), *_normed(filters, 3)]
    return Residual(layers, _normed(filters, 1, stride) if projects else None, "relu")


def bottleneck(filters: int, stride: int, projects: bool) -> Residual:
    """A 3 × 3 convolution between two of 1 × 1, the last to four times as many channels."""
    wide = 4 * filters
    relu = Activation("relu")
    layers = [*_normed(filters, 1), relu, *_normed(filters, 3, stride), relu, *_normed(wide, 1)]
    return Residual(layers, _normed(wide, 1, stride) if projects else None, "relu")


def _resnet(depths: tuple[int, ...], block: Block, widening: int, stem: str) -> list[Layer]:
    layers = _stem(stem)
    channels = WIDTHS[0]
    for stage, (filters, depth) in enumerate(zip(WIDTHS, depths, strict=True)):
        for index in range(depth):
            stride = 2 if stage and not index else 1
            layers.append(block(filters, stride, stride > 1 or channels != filters * widening))
            channels = filters * widening
    return [*layers, GlobalAveragePool()]


def _stem(name: str) -> list[Layer]:
    if name not in STEMS:
        raise SpecificationError(f"stem={name!r} is unknown: {nearest_name(name, STEMS)}.")
    return list(STEMS[name])


def _normed(filters: int, size: int, stride: int = 1) -> list[Layer]:
    """A convolution without bias, which the normalisation after it would take away again."""
    convolution = Conv2D(filters, size, stride=stride, padding=size // 2, use_bias=False, weight_init="he")
    return [convolution, BatchNorm()]


STEMS: dict[str, tuple[Layer, ...]] = {
    "imagenet": (*_normed(64, 7, 2), Activation("relu"), MaxPool2D(3, stride=2, padding=1)),
    "small": (*_normed(64, 3), Activation("relu")),
}
"""The layers before the first block."""
