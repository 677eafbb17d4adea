"""What the default network of images is compared with: a network that sees no neighbours, and a small residual one."""

from __future__ import annotations

from lamina.layers.base import Layer, Shape
from lamina.layers.containers import Flatten
from lamina.layers.convolution import Conv2D
from lamina.layers.dense import Activation, Dense
from lamina.layers.noise import Dropout
from lamina.layers.normalization import BatchNorm
from lamina.layers.pooling import AveragePool2D, MaxPool2D
from lamina.networks.cifar_resnet import cifar_resnet
from lamina.networks.default_images import MANY, check_image_shape, strides

STEM_FILTERS = 16


def pixel_layers(shape: Shape) -> list[Layer]:
    """Hidden layers that see pixels as columns, without their places: the book's for MNIST, 256 and 128 units.

    Images with a side of more than 64 pixels are first averaged over blocks.

    Source: ISLP section 10.2, Figure 10.4.

    >>> pixel_layers((28, 28, 1))
    [Flatten(), Dense(256, 'relu'), Dropout(0.4), Dense(128, 'relu'), Dropout(0.3)]
    """
    blocks = strides(check_image_shape(shape)[:2])
    smaller: list[Layer] = [AveragePool2D(blocks)] if max(blocks) > 1 else []
    return [*smaller, Flatten(), Dense(256, "relu"), Dropout(0.4), Dense(128, "relu"), Dropout(0.3)]


def residual_layers(n_rows: int, shape: Shape) -> list[Layer]:
    """Hidden layers of a small residual network: ResNet-8 of :func:`cifar_resnet`, ResNet-20 from 10,000 images on.

    Sides of more than 64 pixels are brought to 32 or fewer by the stride of a convolution and pooling before it.

    >>> from lamina.layers import Sequential
    >>> residual_layers(800, (28, 28))[-1], Sequential(residual_layers(800, (28, 28))).output_shape((28, 28))
    (GlobalAveragePool(), (64,))
    """
    stride = strides(check_image_shape(shape)[:2])
    layers = cifar_resnet(8 if n_rows < MANY else 20)
    if max(stride) == 1:
        return layers
    reach = (2 * stride[0] + 1, 2 * stride[1] + 1)
    first = Conv2D(STEM_FILTERS, reach, stride=stride, padding="same", use_bias=False, weight_init="he")
    return [first, BatchNorm(), Activation("relu"), MaxPool2D(2), *layers]
