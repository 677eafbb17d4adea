"""Fitted networks of one structure, computed one after the other inside one program for a block of rows.

A loop over the networks inside the program keeps each product large and the activations of one network in the cache: 19 ns a row
and network of 19-64-1 on two cores, where a batched product takes from 71 to 1,000.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from lamina.estimators.base import activate
from lamina.estimators.stacks import Stack
from lamina.estimators.standardizer import Standardizer
from lamina.evaluation.copies import Copies
from lamina.evaluation.effect.columns import Table
from lamina.layers.activations import resolve_activation
from lamina.layers.base import Context, Layer
from lamina.training.cache import keep_few_programs
from lamina.training.padding import padded_size
from lamina.training.precision import precision

Array = NDArray[Any]

BLOCK = 1024
"""Rows of a call."""
STEP = 0.02
"""Step, in standard deviations, by which the slope of a standardisation that is no straight line is found."""


class Part:
    """Networks of one structure, and how they take a table.

    Attributes
    ----------
    places
        Where they stand among all.
    groups
        For each of the user's columns the places that it became.
    """

    def __init__(self, made: Stack, X: Any) -> None:
        self.made, self.places = made, made.places
        self.classifies = hasattr(made.estimators[0], "classes_")
        leaders = {id(network.features_): network for network in made.estimators}
        self.coders = [Copies(leader, X) for leader in leaders.values()]
        order = {key: place for place, key in enumerate(leaders)}
        self.which = np.array([order[id(network.features_)] for network in made.estimators], np.int32)
        self.groups = self.coders[0].groups
        with precision(made.dtype):
            self.learnt = jax.device_put((made.parameters, made.state, made.hyperparameters, self.which))

    def code(self, X: Any) -> Array:
        """Coded rows, shape (ways, n, q): networks that learnt alike of the columns share a way."""
        return np.stack([coder.encoded(X) for coder in self.coders])

    def responses(self, x: Array) -> Array:
        """Responses to coded rows, shape (networks, n, outputs)."""
        from lamina.evaluation.effect.surfaces import in_blocks

        keep_few_programs(_outputs)
        size = min(BLOCK, padded_size(x.shape[1]))

        def work(rows: slice) -> Array:
            with precision(self.made.dtype):
                z = _outputs(self.made.network, *self.learnt, _padded(x[:, rows], size))
                return np.asarray(z)[:, : rows.stop - rows.start]

        return self._responses(np.concatenate(in_blocks(work, x.shape[1], size), axis=1))

    def slopes(self, x: Array, places: Sequence[int], X: Any, table: Table) -> Array:
        """Derivatives of the responses in the user's columns, shape (networks, columns, n, outputs)."""
        from lamina.evaluation.effect.surfaces import in_blocks

        keep_few_programs(_slopes)
        size = min(BLOCK, padded_size(x.shape[1]))
        activation = self.made.estimators[0].loss_.output_activation

        def work(rows: slice) -> Array:
            with precision(self.made.dtype):
                padded = _padded(x[:, rows], size)
                found = _slopes(self.made.network, activation, *self.learnt, padded)
                return np.asarray(found)[:, :, : rows.stop - rows.start]

        inner = np.concatenate(in_blocks(work, x.shape[1], size), axis=2)
        outer = self._coding_slopes(places, X, table)
        moved = [self._along(inner, outer[place], place) for place in places]
        return np.asarray(np.moveaxis(np.stack(moved, axis=1), 2, 3) * np.expand_dims(self._factor(), 1))

    def _along(self, inner: Array, outer: Array, place: int) -> Array:
        """By the chain rule, (networks, outputs, n, q) and (ways, n, places) to (networks, outputs, n)."""
        where = self.groups[place]
        return np.asarray(np.sum(inner[..., where] * outer[self.which, None], axis=3))

    def _coding_slopes(self, places: Sequence[int], X: Any, table: Table) -> dict[int, Array]:
        """Derivative of the coded columns in the user's column, shape (ways, n or 1, places)."""
        affine = [_scale_of(coder.model) for coder in self.coders]
        if all(scale is not None for scale in affine):
            scales = np.stack([np.ones(self.coders[0].rows.shape[1]) / scale for scale in affine])
            # A gap that was filled gives an indicator beside the measurement, which a step does not move.
            return {place: _first_alone(scales[:, None, self.groups[place]]) for place in places}
        steps = {place: STEP * np.nanstd(np.asarray(table.column(place), np.float64)) for place in places}
        sides = [
            self.code(
                table.with_columns(
                    {p: np.asarray(table.column(p), float) + s * h for p, h in steps.items()}
                ).native
            )
            for s in (1, -1)
        ]
        return {
            place: (sides[0] - sides[1])[:, :, self.groups[place]] / (2 * steps[place]) for place in places
        }

    def _responses(self, z: Array) -> Array:
        """From linear predictors, shape (networks, n, units), to responses."""
        outputs = activate(z, self.made.estimators[0].loss_.output_activation)
        if self.classifies:
            return outputs[..., 1:] if outputs.shape[-1] == 2 else outputs
        centre = np.stack([network.outcome_.mean for network in self.made.estimators])[:, None]
        return np.asarray(outputs * self._factor() + centre)

    def _factor(self) -> Any:
        """From the network's outputs to the user's units, (networks, 1, outputs)."""
        if self.classifies:
            return np.ones((1, 1, 1))
        return np.stack([network.outcome_.scale for network in self.made.estimators])[:, None]


def _first_alone(slopes: Array) -> Array:
    kept = np.zeros_like(slopes)
    kept[..., :1] = slopes[..., :1]
    return kept


def _scale_of(network: Any) -> Any:
    """What a network divides its coded columns by; None where it does more than that."""
    standardizer = network.features_.standardizer
    if standardizer is None:
        return 1.0
    return standardizer.scale if type(standardizer) is Standardizer else None


def _padded(x: Array, size: int) -> Array:
    if x.shape[1] == size:
        return x
    padded = np.zeros((x.shape[0], size, x.shape[2]), x.dtype)
    padded[:, : x.shape[1]] = x
    return padded


def _of_each(one: Any, x: Any, *learnt: Any) -> Any:
    """``one`` network after the other, each on the rows coded its way."""
    return jax.lax.map(lambda each: one(*each[:-1], x[each[-1]]), learnt)


@functools.partial(jax.jit, static_argnums=0)
def _outputs(network: Layer, parameters: Any, state: Any, hyperparameters: Any, which: Any, x: Any) -> Any:
    """Linear predictors, shape (networks, n, units)."""

    def one(parameters: Any, state: Any, hyperparameters: Any, x: Any) -> Any:
        return network.apply(parameters, state, x, Context(hyperparameters=hyperparameters))[0]

    return _of_each(one, x, parameters, state, hyperparameters, which)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _slopes(
    network: Layer, activation: Any, parameters: Any, state: Any, hyperparameters: Any, which: Any, x: Any
) -> Any:
    """Derivatives of the outputs in the coded columns, shape (networks, outputs, n, q); of two classes the second's."""

    def one(parameters: Any, state: Any, hyperparameters: Any, x: Any) -> Any:
        def outputs(x: Any) -> Any:
            z = network.apply(parameters, state, x, Context(hyperparameters=hyperparameters))[0]
            return resolve_activation(activation)(z)

        y, pull = jax.vjp(outputs, x)
        first = 1 if activation == "softmax" and y.shape[1] == 2 else 0

        def of_output(k: Any) -> Any:
            return pull(jax.nn.one_hot(k, y.shape[1], dtype=y.dtype) + jax.numpy.zeros_like(y))[0]

        return jax.vmap(of_output)(jax.numpy.arange(first, y.shape[1]))

    return _of_each(one, x, parameters, state, hyperparameters, which)
