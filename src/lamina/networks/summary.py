"""The table of a network: layer, output shape, parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lamina.layers.activations import activation_name
from lamina.layers.base import Layer, Parameters, Shape, children, join


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
    inner = children(network)
    if not inner:
        return _size(network.init(np.random.default_rng(0), input_shape)[0])
    total = 0
    for _, layer in inner:
        total += count_parameters(layer, input_shape)
        input_shape = layer.output_shape(input_shape)
    return total


def _rows(network: Layer, input_shape: Shape, path: str, depth: int) -> list[LayerRow]:
    rows = []
    for name, layer in children(network):
        shape = layer.output_shape(input_shape)
        label = "  " * depth + name + _details(layer)
        rows.append(LayerRow(join(path, name), label, shape, count_parameters(layer, input_shape)))
        rows += _rows(layer, input_shape, join(path, name), depth + 1)
        input_shape = shape
    return rows


def _details(layer: Layer) -> str:
    shown = [getattr(layer, name) for name in ("units", "rate", "sd") if hasattr(layer, name)]
    if hasattr(layer, "activation"):
        shown.append(activation_name(layer.activation))
    if getattr(layer, "connections", None) is not None:
        shown.append("partially connected")
    return f" ({', '.join(map(str, shown))})" if shown else ""


def _size(parameters: Parameters) -> int:
    return sum(_size(item) if isinstance(item, dict) else int(np.size(item)) for item in parameters.values())
