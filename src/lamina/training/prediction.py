"""Predictions of a fitted network, in compiled blocks whose sizes are shared."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.data.sparse import SparseTable
from lamina.layers.base import Context, Layer, Parameters, State, template, traced_values
from lamina.layers.convolution import convolves
from lamina.networks.summary import on_cpu, rows_at_a_time
from lamina.numerics.pixels import as_numbers
from lamina.training.cache import keep_few_programs
from lamina.training.padding import pad_block, padded_size, padded_sparse
from lamina.training.precision import precision

BLOCK = 8192
"""Most rows of a block."""
UNDER_WAY = 2
"""Blocks that a device may have before it that the host has not fetched."""
BLOCKS = 16
"""Blocks of images a call: memory that is used again is much faster than new memory."""
SPARSE_BLOCKS = 16
"""Blocks of sparse rows that are on the device at a time."""


@functools.partial(jax.jit, static_argnums=0)
def _apply(network: Layer, parameters: Parameters, state: State, x: Any, hyperparameters: Any) -> Any:
    x = as_numbers(x, parameters)
    return network.apply(parameters, state, x, Context(hyperparameters=hyperparameters))[0]


@functools.partial(jax.jit, static_argnums=0)
def _apply_blocks(
    network: Layer, parameters: Parameters, state: State, blocks: Any, count: Any, hyperparameters: Any
) -> Any:
    """Outputs of the first ``count`` of several blocks, one after another in the same memory."""

    def one(place: Any, outputs: Any) -> Any:
        return outputs.at[place].set(_apply(network, parameters, state, blocks[place], hyperparameters))

    like = jax.eval_shape(functools.partial(_apply, network), parameters, state, blocks[0], hyperparameters)
    return lax.fori_loop(0, count, one, jnp.zeros((len(blocks), *like.shape), like.dtype))


def predict(network: Layer, parameters: Parameters, state: State, x: Any) -> np.ndarray:
    """Output of ``network`` for rows ``x``, shape (n, outputs): no dropout, no noise.

    Rows go in blocks padded to a few sizes, so predictions of any number of rows share a handful of programs.
    """
    dtype = x.dtype if x.dtype.kind == "f" else jax.tree.leaves(parameters)[0].dtype
    hyperparameters = {name: np.asarray(value, dtype) for name, value in traced_values(network).items()}
    shape = template(network)
    keep_few_programs(_apply, _apply_blocks)
    if isinstance(x, SparseTable):
        with precision(dtype):
            return _of_sparse(shape, parameters, state, x.astype(dtype), hyperparameters)
    most = rows_at_a_time(network, x.shape[1:], BLOCK)
    if len(x) > most and convolves(network) and on_cpu():
        with precision(dtype):
            parts = [
                _in_blocks(shape, parameters, state, x[first : first + BLOCKS * most], most, hyperparameters)
                for first in range(0, len(x), BLOCKS * most)
            ]
        return np.concatenate(parts)
    with precision(dtype):
        if len(x) > most:
            parameters, state = jax.device_put((parameters, state))  # once, not with every block
        blocks: list[Any] = []
        for first in range(0, len(x), most):
            block = np.asarray(x[first : first + most])  # of rows on the disk, these alone
            outputs = _apply(shape, parameters, state, pad_block(block), hyperparameters)
            blocks.append((outputs, len(block)))
            if len(blocks) > UNDER_WAY:
                # A device computes while the host brings the next block; what it holds stays within bounds.
                blocks[-1 - UNDER_WAY] = _fetched(*blocks[-1 - UNDER_WAY])
        blocks = [_fetched(*block) if isinstance(block, tuple) else block for block in blocks]
    return np.concatenate(blocks)


def _of_sparse(
    network: Layer, parameters: Parameters, state: State, x: SparseTable, hyperparameters: Any
) -> np.ndarray:
    """Outputs for sparse rows, whose chunks are on the device once for all blocks."""
    if len(x) > BLOCK:
        parameters, state = jax.device_put((parameters, state))
    outputs = []
    for first in range(0, len(x), SPARSE_BLOCKS * BLOCK):
        part = x[first : first + SPARSE_BLOCKS * BLOCK]
        size = min(BLOCK, padded_size(len(part)))
        rows = padded_sparse(part, -(-len(part) // size) * size)
        rows = dataclasses.replace(
            rows, places=jax.device_put(rows.places), values=jax.device_put(rows.values)
        )
        made = [
            np.asarray(_apply(network, parameters, state, rows[start : start + size], hyperparameters))
            for start in range(0, len(part), size)
        ]
        outputs.append(np.concatenate(made)[: len(part)])
    return np.concatenate(outputs)


def _fetched(outputs: Any, n: int) -> np.ndarray:
    return np.asarray(outputs)[:n]


def _in_blocks(
    network: Layer, parameters: Parameters, state: State, x: np.ndarray, size: int, hyperparameters: Any
) -> np.ndarray:
    """Outputs for at most BLOCKS blocks of ``size`` rows; however many there are, it is the same program."""
    whole = np.zeros((BLOCKS * size, *x.shape[1:]), x.dtype)
    whole[: len(x)] = x
    blocks = whole.reshape(BLOCKS, size, *x.shape[1:])
    count = np.int32(-(-len(x) // size))
    outputs = np.asarray(_apply_blocks(network, parameters, state, blocks, count, hyperparameters))
    return np.asarray(outputs.reshape(-1, *outputs.shape[2:])[: len(x)])
