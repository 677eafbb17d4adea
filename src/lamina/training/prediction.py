"""Predictions of a fitted network, in compiled blocks whose sizes are shared."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np

from lamina.layers.base import Context, Layer, Parameters, State, template, traced_values
from lamina.networks.summary import rows_at_a_time
from lamina.numerics.pixels import as_numbers
from lamina.training.cache import keep_few_programs
from lamina.training.padding import pad_block
from lamina.training.precision import precision

BLOCK = 8192
"""Most rows of a block."""


@functools.partial(jax.jit, static_argnums=0)
def _apply(network: Layer, parameters: Parameters, state: State, x: Any, hyperparameters: Any) -> Any:
    x = as_numbers(x, parameters)
    return network.apply(parameters, state, x, Context(hyperparameters=hyperparameters))[0]


def predict(network: Layer, parameters: Parameters, state: State, x: Any) -> np.ndarray:
    """Output of ``network`` for rows ``x``, shape (n, outputs): no dropout, no noise.

    Rows go in blocks padded to a few sizes, so predictions of any number of rows share a handful of programs.
    """
    dtype = x.dtype if x.dtype.kind == "f" else jax.tree.leaves(parameters)[0].dtype
    hyperparameters = {name: np.asarray(value, dtype) for name, value in traced_values(network).items()}
    shape = template(network)
    keep_few_programs(_apply)
    most = rows_at_a_time(network, x.shape[1:], BLOCK)
    with precision(dtype):
        blocks = []
        for first in range(0, len(x), most):
            block = np.asarray(x[first : first + most])  # of rows on the disk, these alone
            padded = pad_block(block)
            blocks.append(np.asarray(_apply(shape, parameters, state, padded, hyperparameters))[: len(block)])
    return np.concatenate(blocks)
