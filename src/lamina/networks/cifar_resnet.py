"""Narrow residual networks for 32 × 32 images, and the same without shortcuts."""

from __future__ import annotations

from lamina.errors import SpecificationError
from lamina.layers.base import Layer
from lamina.layers.containers import Residual
from lamina.layers.convolution import Conv2D
from lamina.layers.dense import Activation
from lamina.layers.normalization import BatchNorm
from lamina.layers.pooling import GlobalAveragePool
from lamina.layers.shortcut import Shortcut

WIDTHS = (16, 32, 64)


def cifar_resnet(depth: int = 20, *, residual: bool = True) -> list[Layer]:
    """Hidden layers of the residual network of ``depth`` = 6n + 2 layers for CIFAR: images to 64 numbers.

    A 3 × 3 convolution, then three stages of n blocks with 16, 32 and 64 filters; a shortcut past a block that halves the
    image drops pixels and adds channels of zeros, so that shortcuts have no parameters and the network without them has
    the same ones. ResNet-20, 32, 44, 56 and 110 have 0.27, 0.46, 0.66, 0.85 and 1.7 million parameters.

    Parameters
    ----------
    depth
        8, 14, 20, 26, 32, ..., 56, ..., 110: convolutions and the output layer together.
    residual
        False leaves the shortcuts out: the plain network, which is hard to train when deep.

    Raises
    ------
    SpecificationError
        For a depth that is not 6n + 2.

    Source: He et al., "Deep Residual Learning for Image Recognition", 2016, section 4.2.

    >>> from lamina.networks import count_parameters, with_output
    >>> [count_parameters(with_output(cifar_resnet(depth), 10, "softmax"), (32, 32, 3)) for depth in (20, 110)]
    [269722, 1727962]
    """
    blocks = _blocks(depth)
    layers = [*_normed(WIDTHS[0]), Activation("relu")]
    for stage, filters in enumerate(WIDTHS):
        for index in range(blocks):
            layers += _block(filters, halves=stage > 0 and index == 0, residual=residual)
    return [*layers, GlobalAveragePool()]


def _blocks(depth: int) -> int:
    """Blocks of a stage."""
    whole = isinstance(depth, int) and not isinstance(depth, bool)
    if not whole or depth < 8 or (depth - 2) % 6:
        raise SpecificationError(
            f"cifar_resnet(depth={depth!r}): a depth is 6n + 2, such as 8, 14, 20, 32, 44, 56 or 110."
        )
    return (depth - 2) // 6


def _block(filters: int, *, halves: bool, residual: bool) -> list[Layer]:
    layers = [*_normed(filters, 2 if halves else 1), Activation("relu"), *_normed(filters)]
    if not residual:
        return [*layers, Activation("relu")]
    return [Residual(layers, Shortcut(filters) if halves else None, "relu")]


def _normed(filters: int, stride: int = 1) -> list[Layer]:
    convolution = Conv2D(filters, 3, stride=stride, padding=1, use_bias=False, weight_init="he")
    return [convolution, BatchNorm()]
