"""Random directions in the space of weights, each filter as long as the network's own."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from lamina.layers.base import Parameters
from lamina.training.optimizers import is_weight

FILTERED = 2
"""Dimensions that a parameter has at least whose last axis is that of the units or filters."""


def filter_normalised(parameters: Parameters, rng: np.random.Generator) -> Parameters:
    r"""A random direction whose filters have the lengths of the network's.

    .. math:: d_{ij} \leftarrow \frac{d_{ij}}{\lVert d_{ij} \rVert}\, \lVert \theta_{ij} \rVert

    where d is normal and ij is filter j of layer i: the weights into one unit of a dense layer, one filter of a convolution. The
    loss of a network of relu units does not change where one layer is multiplied and the next divided by a number; with such
    directions, neither does the picture. Biases and the parameters of normalisations are not moved: their direction is zero.

    Source: Li, Xu, Taylor, Studer and Goldstein, "Visualizing the loss landscape of neural nets", 2018, section 4.

    >>> parameters = {"dense_1": {"weights": np.eye(2), "bias": np.ones(2)}}
    >>> direction = filter_normalised(parameters, np.random.default_rng(0))["dense_1"]
    >>> np.linalg.norm(direction["weights"], axis=0).round(6).tolist(), direction["bias"].tolist()
    ([1.0, 1.0], [0.0, 0.0])
    """

    def one(path: Any, leaf: Any) -> np.ndarray:
        own = np.asarray(leaf)
        if not is_filtered(str(path[-1].key), own):
            return np.zeros_like(own)
        inputs = tuple(range(own.ndim - 1))
        drawn = rng.normal(size=own.shape)
        lengths = np.sqrt(np.square(own.astype(np.float64)).sum(axis=inputs, keepdims=True))
        drawn *= lengths / np.sqrt(np.square(drawn).sum(axis=inputs, keepdims=True))
        return np.asarray(drawn, own.dtype)

    moved: Parameters = jax.tree_util.tree_map_with_path(one, parameters)
    return moved


def is_filtered(name: str, values: np.ndarray) -> bool:
    """Whether a parameter is weights of units or filters, which a direction moves."""
    return is_weight(name) and values.ndim >= FILTERED and bool(values.size)
