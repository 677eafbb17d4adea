"""The convolutional networks of the book and of the lecture."""

from __future__ import annotations

from lamina.layers.base import Layer
from lamina.layers.containers import Flatten
from lamina.layers.convolution import Conv2D
from lamina.layers.dense import Dense
from lamina.layers.noise import Dropout
from lamina.layers.pooling import MaxPool2D


def cifar_network() -> list[Layer]:
    """Hidden layers of the book's network for CIFAR-100: 964,516 parameters with an output of a hundred.

    Four times a 3 × 3 convolution of 32, 64, 128 and 256 filters and 2 × 2 pooling, then dropout and 512 units.

    Source: ISLP, figure 10.8 and section 10.9.3.

    >>> from lamina.networks import count_parameters, with_output
    >>> count_parameters(with_output(cifar_network(), 100, "softmax"), (32, 32, 3))
    964516
    """
    blocks: list[Layer] = []
    for filters in (32, 64, 128, 256):
        blocks += [Conv2D(filters, 3, "relu", padding="same"), MaxPool2D(2)]
    return [*blocks, Flatten(), Dropout(0.5), Dense(512, "relu")]


def mnist_network() -> list[Layer]:
    """Hidden layers of a small network for 28 × 28 digits: 7,430 parameters with an output of ten.

    Six linear 5 × 5 filters, 4 × 4 pooling and 32 units: 156 + 6,944 parameters, and 330 of the output. It is the smallest
    network with whose filters one can see what a convolution does.

    >>> from lamina.networks import count_parameters, with_output
    >>> count_parameters(with_output(mnist_network(), 10, "softmax"), (28, 28))
    7430
    """
    return [Conv2D(6, 5), MaxPool2D(4), Flatten(), Dense(32, "relu")]
