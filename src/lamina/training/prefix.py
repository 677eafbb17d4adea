"""Frozen layers at the beginning of a network: what they make of the rows never changes, so it is computed once.

A fit of many epochs then costs one pass through a pretrained body, and steps of what is behind it.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.data.memory import most_in_memory
from lamina.data.streaming import StoredRows
from lamina.layers.base import (
    Array,
    Context,
    Layer,
    ParameterFreeLayer,
    Parameters,
    Shape,
    State,
    children,
)
from lamina.layers.containers import Sequential, apply_chain
from lamina.layers.convolution import convolves
from lamina.training.objective import Objective
from lamina.training.padding import pad_rows
from lamina.training.prediction import predict
from lamina.training.program import Rows

MOST_GROWTH = 2.0
"""How many times the bytes of the images may be held in their place."""


@dataclass(frozen=True, repr=False)
class Behind(Layer):
    """A chain of layers that is given what its first ``begins_at`` make of the rows; names are those of the whole chain."""

    layers: tuple[Layer, ...]
    begins_at: int
    precision: str | None = None

    def output_shape(self, input_shape: Shape) -> Shape:
        return Sequential(self.layers[self.begins_at :]).output_shape(input_shape)

    def init(self, rng: np.random.Generator, input_shape: Shape) -> tuple[Parameters, State]:
        raise NotImplementedError("the whole chain was drawn before")

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        x, after = apply_chain(self, parameters, state, x, context)
        return x, state | after  # the statistics of the frozen layers too


def computed_once(
    objective: Objective, parameters: Parameters, state: State, rows: Rows, validation: Rows | None
) -> tuple[Objective, Rows, Rows | None]:
    """The objective behind the frozen convolutions at the beginning, and rows that have been through them.

    Unchanged where there are none, where something before them is random, or where what they give would take more than twice
    the memory of the images. Predictions are the whole network's as before. Of rows on the disk the features are held in memory,
    where they fit.
    """
    network, kinds = objective.network, (np.ndarray, StoredRows)
    on_host = isinstance(rows.x, kinds) and (validation is None or isinstance(validation.x, kinds))
    if type(network) is not Sequential or not on_host:
        return objective, rows, validation
    place = _place(network, rows.x)
    if not place:
        return objective, rows, validation
    first = Sequential(network.layers[:place], precision=network.precision)

    def through(given: Rows) -> Rows:
        x = predict(first, parameters, state, given.x)
        stored = isinstance(given.x, StoredRows)
        return pad_rows(x, given.y, given.weights) if stored else given._replace(x=x)

    behind = dataclasses.replace(objective, network=Behind(network.layers, place, network.precision))
    return behind, through(rows), None if validation is None else through(validation)


def _place(network: Sequential, x: Any) -> int:
    """How many layers rows go through beforehand: as many as are frozen and give few enough numbers; 0 for none."""
    shape, chosen, seen = tuple(x.shape[1:]), 0, False
    most = MOST_GROWTH * math.prod(shape) * x.dtype.itemsize
    if isinstance(x, StoredRows):
        most = min(most, most_in_memory() / len(x))
    for place, layer in enumerate(network.layers, 1):
        if _draws(layer) or not (_is_frozen(layer) or isinstance(layer, ParameterFreeLayer)):
            break
        shape, seen = layer.output_shape(shape), seen or convolves(layer)
        if seen and 4 * math.prod(shape) <= most:
            chosen = place
    return min(chosen, len(network.layers) - 1)


def _is_frozen(layer: Layer) -> bool:
    """Whether training changes nothing in a layer."""
    inside = children(layer)
    return not layer.trainable or (bool(inside) and all(_is_frozen(inner) for _, inner in inside))


def _draws(layer: Layer) -> bool:
    return layer.draws or any(_draws(inner) for _, inner in children(layer))
