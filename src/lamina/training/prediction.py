"""Predictions of a fitted network, in compiled blocks whose sizes are shared."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np

from lamina.layers.base import Context, Layer, Parameters, State, template, traced_values
from lamina.training.cache import keep_few_programs
from lamina.training.padding import pad_block
from lamina.training.precision import precision

BLOCK = 8192


@functools.partial(jax.jit, static_argnums=0)
def _apply(network: Layer, parameters: Parameters, state: State, x: Any, hyperparameters: Any) -> Any:
    return network.apply(parameters, state, x, Context(hyperparameters=hyperparameters))[0]


def predict(network: Layer, parameters: Parameters, state: State, x: np.ndarray) -> np.ndarray:
    """Output of ``network`` for rows ``x``, shape (n, outputs): no dropout, no noise.

    Rows go in blocks padded to a few sizes, so predictions of any number of rows share a handful of programs.
    """
    hyperparameters = {name: np.asarray(value, x.dtype) for name, value in traced_values(network).items()}
    shape = template(network)
    keep_few_programs(_apply)
    with precision(x.dtype):
        blocks = []
        for first in range(0, len(x), BLOCK):
            block = x[first : first + BLOCK]
            padded = pad_block(block)
            blocks.append(np.asarray(_apply(shape, parameters, state, padded, hyperparameters))[: len(block)])
    return np.concatenate(blocks)
