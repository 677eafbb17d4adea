"""Predictions of many fitted networks in one program: members of the same structure lie in arrays with one more axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from lamina.estimators import NeuralEstimator
from lamina.estimators.base import activate
from lamina.layers.base import template, traced_values
from lamina.layers.containers import Sequential
from lamina.networks.output import linear_predictor
from lamina.training.cache import keep_few_programs
from lamina.training.members import apply_members
from lamina.training.padding import padded_size
from lamina.training.precision import precision

ENTRIES = 1 << 16
"""Rows times members computed at a time: few enough for their activations to stay in the cache."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Fitted networks of one structure.

    Attributes
    ----------
    places
        Where they stand in the ensemble.
    estimators
        The networks themselves.
    network
        Their common structure up to the linear predictor.
    parameters, state, hyperparameters
        Theirs, each array with the member as first axis.
    dtype
        Precision of the fit.
    """

    places: np.ndarray
    estimators: tuple[NeuralEstimator, ...]
    network: Sequential
    parameters: Any
    state: Any
    hyperparameters: dict[str, np.ndarray]
    dtype: Any

    def linear_predictors(self, X: Any) -> np.ndarray:
        """Outputs before the output activation for rows ``X``, shape (members, n, outputs)."""
        x, shared = self._inputs(X)
        keep_few_programs(apply_members)
        with precision(self.dtype):
            blocks = [
                np.asarray(
                    apply_members(
                        self.network, shared, self.parameters, self.state, block, self.hyperparameters
                    )
                )[:, :count]
                for block, count in self._blocks(x, shared)
            ]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)

    def outputs(self, X: Any) -> np.ndarray:
        """Outputs of the networks for rows ``X``, shape (members, n, outputs)."""
        return activate(self.linear_predictors(X), self.estimators[0].loss_.output_activation)

    def _inputs(self, X: Any) -> tuple[np.ndarray, bool]:
        """Encoded rows, and whether all members share them; else with the member as first axis."""
        if len({id(estimator.features_) for estimator in self.estimators}) == 1:
            return self._encoded(self.estimators[0], X), True
        return np.stack([self._encoded(estimator, X) for estimator in self.estimators]), False

    def _encoded(self, estimator: NeuralEstimator, X: Any) -> np.ndarray:
        return np.asarray(estimator.features_.finish(estimator._features(X, reset=False)), self.dtype)

    def _blocks(self, x: np.ndarray, shared: bool) -> Iterator[tuple[np.ndarray, int]]:
        """Rows padded to a few sizes, and how many are real."""
        axis = 0 if shared else 1
        most = max(padded_size(1), 1 << (ENTRIES // len(self.places)).bit_length() - 1)
        for first in range(0, x.shape[axis], most):
            block = x[first : first + most] if shared else x[:, first : first + most]
            count = block.shape[axis]
            shape = list(block.shape)
            shape[axis] = padded_size(count)
            padded = np.zeros(shape, x.dtype)
            padded[(slice(None),) * axis + (slice(count),)] = block
            yield padded, count


def stack(estimators: Sequence[NeuralEstimator]) -> list[Stack]:
    """Fitted networks in as few stacks as they have structures.

    >>> from lamina import NeuralRegressor
    >>> X = np.arange(20.0).reshape(10, 2)
    >>> models = [NeuralRegressor([], epochs=1, random_state=seed).fit(X, X[:, 0]) for seed in range(3)]
    >>> [made] = stack(models)
    >>> made.linear_predictors(X).shape, made.parameters["dense_1"]["weights"].shape
    ((3, 10, 1), (3, 2, 1))
    """
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, estimator in enumerate(estimators):
        groups[_structure(estimator)].append(place)
    return [_stacked(places, [estimators[place] for place in places]) for places in groups.values()]


def _structure(estimator: NeuralEstimator) -> Hashable:
    leaves = jax.tree.leaves((estimator.fitted_.parameters, estimator.fitted_.state))
    kinds = tuple((leaf.shape, leaf.dtype) for leaf in leaves)
    return template(estimator.network_), estimator.loss_.output_activation, estimator.input_shape_, kinds


def _stacked(places: list[int], estimators: list[NeuralEstimator]) -> Stack:
    first, dtype = estimators[0], estimators[0]._precision()
    values = [traced_values(linear_predictor(estimator.network_)) for estimator in estimators]
    learnt = [(estimator.fitted_.parameters, estimator.fitted_.state) for estimator in estimators]
    parameters, state = jax.tree.map(lambda *leaves: np.stack(leaves), *learnt)
    return Stack(
        np.array(places),
        tuple(estimators),
        template(linear_predictor(first.network_)),
        parameters,
        state,
        {name: np.array([value[name] for value in values], dtype) for name in values[0]},
        dtype,
    )
