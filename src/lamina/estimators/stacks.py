"""Outputs of many fitted networks in one program: those of one structure lie in arrays with one more axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import jax
import numpy as np

from lamina.estimators.base import NeuralEstimator, activate
from lamina.layers.base import template, traced_values
from lamina.networks.output import linear_predictor
from lamina.training.cache import keep_few_programs
from lamina.training.members import apply_members
from lamina.training.padding import padded_size
from lamina.training.precision import precision

ENTRIES = 1 << 16
"""Rows times networks computed at a time: few enough for their activations to stay in the cache."""


def outputs_of(estimators: Sequence[NeuralEstimator], X: Any) -> list[np.ndarray]:
    """Output of each network for the rows X, after the output activation, each (n, outputs).

    Every network encodes and standardises X its own way.

    >>> from lamina import NeuralRegressor
    >>> X = np.arange(20.0).reshape(10, 2)
    >>> models = [NeuralRegressor([], epochs=1, random_state=seed).fit(X, X[:, 0]) for seed in range(3)]
    >>> [output.shape for output in outputs_of(models, X)]
    [(10, 1), (10, 1), (10, 1)]
    """
    encoded = [estimator._features(X, reset=False) for estimator in estimators]
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, (estimator, x) in enumerate(zip(estimators, encoded, strict=True)):
        groups[_structure(estimator, x)].append(place)
    found: dict[int, np.ndarray] = {}
    for places in groups.values():
        z = _linear_predictors([estimators[place] for place in places], [encoded[place] for place in places])
        activated = activate(z, estimators[places[0]].loss_.output_activation)
        found |= dict(zip(places, activated, strict=True))
    return [found[place] for place in range(len(estimators))]


def _structure(estimator: NeuralEstimator, x: np.ndarray) -> Hashable:
    learnt = jax.tree.leaves((estimator.fitted_.parameters, estimator.fitted_.state))
    return (
        template(estimator.network_),
        estimator.loss_.output_activation,
        tuple((leaf.shape, leaf.dtype) for leaf in learnt),
        x.shape,
    )


def _linear_predictors(estimators: Sequence[NeuralEstimator], encoded: Sequence[np.ndarray]) -> np.ndarray:
    """Shape (networks, n, outputs)."""
    dtype = estimators[0]._precision()
    networks = [linear_predictor(estimator.network_) for estimator in estimators]
    values = [traced_values(network) for network in networks]
    numbers = {name: np.array([value[name] for value in values], dtype) for name in values[0]}
    learnt = [(estimator.fitted_.parameters, estimator.fitted_.state) for estimator in estimators]
    parameters, state = jax.tree.map(lambda *leaves: np.stack(leaves), *learnt)
    most = max(padded_size(1), 1 << (ENTRIES // len(estimators)).bit_length() - 1)
    keep_few_programs(apply_members)
    blocks = []
    with precision(dtype):
        for first in range(0, len(encoded[0]), most):
            rows = [x[first : first + most] for x in encoded]
            count = len(rows[0])
            padded = np.zeros((len(rows), padded_size(count), *rows[0].shape[1:]), dtype)
            for place, (estimator, x) in enumerate(zip(estimators, rows, strict=True)):
                padded[place, :count] = estimator.features_.finish(x)
            z = apply_members(template(networks[0]), False, parameters, state, padded, numbers)
            blocks.append(np.asarray(z)[:, :count])
    return np.concatenate(blocks, axis=1)
