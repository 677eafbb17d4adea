"""LeNet-5, the first convolutional network in wide use."""

from __future__ import annotations

from lamina.layers.base import Layer
from lamina.layers.containers import Flatten
from lamina.layers.convolution import Conv2D
from lamina.layers.dense import Dense
from lamina.layers.pooling import AveragePool2D


def lenet() -> list[Layer]:
    """Hidden layers of LeNet-5 for 28 × 28 digits: 61,706 parameters with an output of ten.

    As it is usually given: every filter sees every channel, pooling is a plain average, and the output is softmax in place of
    the paper's radial basis functions. The first convolution pads the digits to the 32 × 32 of the paper.

    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998, figure 2.

    >>> from lamina.networks import count_parameters, with_output
    >>> count_parameters(with_output(lenet(), 10, "softmax"), (28, 28))
    61706
    """
    return [
        Conv2D(6, 5, "tanh", padding=2),
        AveragePool2D(2),
        Conv2D(16, 5, "tanh"),
        AveragePool2D(2),
        Flatten(),
        Dense(120, "tanh"),
        Dense(84, "tanh"),
    ]
