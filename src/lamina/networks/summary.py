"""The table of a network: layer, output shape, parameters."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from lamina.layers.activations import activation_name
from lamina.layers.base import Layer, Parameters, Shape, children, children_with_shapes, join
from lamina.layers.convolution import Filters


@dataclass(frozen=True)
class LayerRow:
    """One line of a summary."""

    name: str
    layer: str
    output_shape: Shape
    parameters: int


@dataclass(frozen=True)
class Summary:
    """Layers of a network with their output shapes and parameter counts; ``str`` draws the table.

    Attributes
    ----------
    input_shape
        Shape of one row.
    rows
        One :class:`LayerRow` a layer, those inside a container indented below it.
    total
        Parameters in all; cut connections of a partially connected layer are not counted.
    """

    input_shape: Shape
    rows: tuple[LayerRow, ...]
    total: int

    def __str__(self) -> str:
        cells = [("layer", "output shape", "parameters"), ("input", str(self.input_shape), "")]
        cells += [(row.layer, str(row.output_shape), f"{row.parameters:,}") for row in self.rows]
        cells.append(("total", "", f"{self.total:,}"))
        widths = [max(len(line[column]) for line in cells) for column in range(3)]
        lines = [
            f"{name:<{widths[0]}}  {shape:<{widths[1]}}  {count:>{widths[2]}}".rstrip()
            for name, shape, count in cells
        ]
        rule = "-" * (sum(widths) + 4)
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def summarise(network: Layer, input_shape: Shape) -> Summary:
    """Shapes and parameter counts of a network for rows of ``input_shape``.

    >>> from lamina.layers import Dense, Dropout, Sequential
    >>> print(summarise(Sequential([Dense(256, "relu"), Dense(128, "relu"), Dense(10, "softmax")]), (784,)))
    layer                  output shape  parameters
    -----------------------------------------------
    input                  (784,)
    dense_1 (256, relu)    (256,)           200,960
    dense_2 (128, relu)    (128,)            32,896
    dense_3 (10, softmax)  (10,)              1,290
    -----------------------------------------------
    total                                   235,146
    """
    rows = _rows(network, input_shape, "", 0)
    return Summary(input_shape, tuple(rows), count_parameters(network, input_shape))


def count_parameters(network: Layer, input_shape: Shape) -> int:
    """Number of parameters that training may change.

    >>> from lamina.layers import Dense
    >>> count_parameters(Dense(64), (19,))
    1280
    """
    if hasattr(network, "count"):
        return int(network.count(input_shape))
    if not children(network):
        return _size(network.init(np.random.default_rng(0), input_shape)[0])
    inside = children_with_shapes(network, input_shape)
    return sum(count_parameters(layer, shape) for _, layer, shape in inside)


ENTRIES = 1 << 22
"""Numbers that the largest activation of a block may have on a CPU: 16 MiB in single precision, about what its caches hold."""
ENTRIES_ELSEWHERE = 1 << 27
"""The same on a GPU, which is idle over a small block."""


def rows_at_a_time(network: Layer, input_shape: Shape, most: int = 8192) -> int:
    """Rows that go through a network at a time where nothing is learnt: a power of two, fewer for large images and on a CPU.

    >>> from lamina.layers import Conv2D, Dense, Sequential
    >>> rows_at_a_time(Sequential([Dense(64)]), (19,))
    8192
    """
    return _rows_at_a_time(network, input_shape, most, ENTRIES if on_cpu() else ENTRIES_ELSEWHERE)


@functools.lru_cache(maxsize=512)
def _rows_at_a_time(network: Layer, input_shape: Shape, most: int, entries: int) -> int:
    """The same for activations of at most so many numbers.

    >>> from lamina.layers import Conv2D, Sequential
    >>> [_rows_at_a_time(Sequential([Conv2D(32, 3)]), (32, 32, 3), 8192, entries) for entries in (1 << 22, 1 << 27)]
    [128, 4096]
    """
    largest = max(largest_activation(network, input_shape), 1)
    return int(max(8, min(most, 1 << max(entries // largest, 1).bit_length() - 1)))


def on_cpu() -> bool:
    """Whether programs run on a CPU unless they are told otherwise."""
    return jax.default_backend() == "cpu"


def multiplications(network: Layer, input_shape: Shape) -> int:
    """Multiplications of one row on its way through a network, as plain sums of products.

    >>> from lamina.layers import Conv2D, Dense, Sequential
    >>> multiplications(Dense(64, use_bias=False), (19,)), multiplications(Conv2D(32, 3, padding="same"), (32, 32, 3))
    (1216, 884736)
    """
    if isinstance(network, Filters):
        of_pixel = math.prod(network.size) * network.filters / network.groups
        # A transposed convolution puts its filters down at its inputs, the others gather at their outputs.
        grows = math.prod(network.output_shape(input_shape)[:-1]) > math.prod(input_shape[: network.rank])
        pixels = input_shape if grows else network.output_shape(input_shape)
        channels = input_shape[-1] if len(input_shape) > network.rank else 1
        return int(math.prod(pixels[: network.rank]) * of_pixel * channels)
    if hasattr(network, "multiplications"):
        return int(network.multiplications(input_shape))
    if getattr(network, "takes_codes", False):
        return 0  # looked up
    times = input_shape[0] if getattr(network, "repeats", False) else 1
    inside = list(children_with_shapes(network, input_shape))
    if not inside:
        return times * count_parameters(network, input_shape)
    return times * sum(multiplications(layer, shape) for _, layer, shape in inside)


def meets_many_places(network: Layer) -> bool:
    """Whether some weights are used at many places of a row: filters, recurrent weights."""
    if isinstance(network, Filters) or getattr(network, "repeats", False):
        return True
    return any(meets_many_places(inner) for _, inner in children(network))


def largest_activation(network: Layer, input_shape: Shape) -> int:
    """Numbers of the largest array that one row becomes on its way through a network."""
    sizes = [math.prod(input_shape)]
    if hasattr(network, "largest_activation"):
        sizes.append(network.largest_activation(input_shape))
    times = input_shape[0] if network.inside(input_shape) != input_shape else 1
    for _, layer, shape in children_with_shapes(network, input_shape):
        inner = max(largest_activation(layer, shape), math.prod(layer.output_shape(shape)))
        sizes.append(times * inner)
    return max(sizes)


def _rows(network: Layer, input_shape: Shape, path: str, depth: int) -> list[LayerRow]:
    rows = []
    for name, layer, shape in children_with_shapes(network, input_shape):
        label = "  " * depth + name + details(layer)
        rows.append(
            LayerRow(join(path, name), label, layer.output_shape(shape), count_parameters(layer, shape))
        )
        rows += _rows(layer, shape, join(path, name), depth + 1)
    return rows


def details(layer: Layer) -> str:
    """What a layer is, in brackets: its units, its activation.

    >>> from lamina.layers import Dense
    >>> details(Dense(3, "relu"))
    ' (3, relu)'
    """
    shown: list[Any] = [getattr(layer, name) for name in ("units", "rate", "sd") if hasattr(layer, name)]
    shown = [value for value in shown if value is not None]
    if hasattr(layer, "heads") and not children(layer):
        shown.append(f"{layer.heads} heads")
    if isinstance(layer, Filters):
        shown += [layer.filters, "×".join(map(str, layer.size))]
    if hasattr(layer, "activation") and not (children(layer) and layer.activation == "linear"):
        shown.append(activation_name(layer.activation))
    if getattr(layer, "connections", None) is not None:
        shown.append("partially connected")
    return f" ({', '.join(map(str, shown))})" if shown else ""


def _size(parameters: Parameters) -> int:
    return sum(_size(item) if isinstance(item, dict) else int(np.size(item)) for item in parameters.values())
