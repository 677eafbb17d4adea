"""Outputs of many fitted networks in one program: those of one structure lie in arrays with one more axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from lamina.data.sparse import SparseTable
from lamina.estimators.base import NeuralEstimator, activate
from lamina.estimators.features import in_precision
from lamina.layers.base import template
from lamina.layers.containers import Sequential
from lamina.layers.convolution import convolves
from lamina.networks.output import linear_predictor
from lamina.training.cache import keep_few_programs
from lamina.training.members import apply_members, stacked_values
from lamina.training.padding import pad_block, padded_size
from lamina.training.precision import precision
from lamina.training.prediction import predict

ENTRIES = 1 << 16
"""Rows times networks computed at a time: few enough for their activations to stay in the cache."""


@dataclass(frozen=True, eq=False)
class Stack:
    """Fitted networks of one structure.

    Attributes
    ----------
    places
        Where they stand among those that were given.
    estimators
        The networks themselves.
    network
        Their common structure up to the linear predictor.
    parameters, state, hyperparameters
        Theirs, each array with the network as first axis.
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

    def outputs(self, X: Any) -> np.ndarray:
        """Output of each network for the rows X, after the output activation, shape (networks, n, outputs).

        Networks that share what they learnt of the columns have X encoded and standardised once for all.
        """
        return activate(self._linear_predictors(X), self.estimators[0].loss_.output_activation)

    def _linear_predictors(self, X: Any) -> np.ndarray:
        # Nothing is learnt of sparse columns, so that all members take them alike.
        shared = self.estimators[0].features_.sparse or (
            len({id(estimator.features_) for estimator in self.estimators}) == 1
        )
        leaders = self.estimators[:1] if shared else self.estimators
        encoded = [estimator._features(X, reset=False) for estimator in leaders]
        if convolves(self.network):
            return self._one_by_one(encoded)
        keep_few_programs(apply_members)
        z = []
        with precision(self.dtype):
            for x, count in self._blocks(leaders, encoded):
                learnt = self.parameters, self.state, x[0] if shared else x, self.hyperparameters
                z.append(np.asarray(apply_members(self.network, shared, *learnt))[:, :count])
        return np.concatenate(z, axis=1)

    def _one_by_one(self, encoded: list[np.ndarray]) -> np.ndarray:
        """Each network of images in blocks of its own: one fills the machine, and many at a time would fill the memory."""
        many = encoded if len(encoded) > 1 else encoded * len(self.estimators)
        outputs = []
        for estimator, x in zip(self.estimators, many, strict=True):
            network, learnt = linear_predictor(estimator.network_), estimator.fitted_
            x = in_precision(estimator.features_.finish(x), self.dtype)
            outputs.append(predict(network, learnt.parameters, learnt.state, x))
        return np.stack(outputs)

    def _blocks(
        self, leaders: Sequence[NeuralEstimator], encoded: Sequence[Any]
    ) -> Iterator[tuple[Any, int]]:
        """Standardised rows padded to a few sizes, shape (leaders, padded, ...), and how many of them are real."""
        most = max(padded_size(1), 1 << (ENTRIES // len(self.places)).bit_length() - 1)
        for first in range(0, len(encoded[0]), most):
            count = len(encoded[0][first : first + most])
            if isinstance(encoded[0], SparseTable):
                yield [pad_block(encoded[0][first : first + most].astype(self.dtype))], count
                continue
            # 8-bit images become numbers inside the program.
            dtype = np.uint8 if encoded[0].dtype == np.uint8 else self.dtype
            padded = np.zeros((len(leaders), padded_size(count), *encoded[0].shape[1:]), dtype)
            for place, (estimator, x) in enumerate(zip(leaders, encoded, strict=True)):
                padded[place, :count] = estimator.features_.finish(x[first : first + most])
            yield padded, count


def stack(estimators: Sequence[NeuralEstimator]) -> list[Stack]:
    """Fitted networks in as few stacks as they have structures.

    >>> from lamina import NeuralRegressor
    >>> X = np.arange(20.0).reshape(10, 2)
    >>> models = [NeuralRegressor([], epochs=1, random_state=seed).fit(X, X[:, 0]) for seed in range(3)]
    >>> [made] = stack(models)
    >>> made.outputs(X).shape, made.parameters["dense_1"]["weights"].shape
    ((3, 10, 1), (3, 2, 1))
    """
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, estimator in enumerate(estimators):
        groups[_structure(estimator)].append(place)
    return [_stacked(places, [estimators[place] for place in places]) for places in groups.values()]


def outputs_of(estimators: Sequence[NeuralEstimator], X: Any) -> list[np.ndarray]:
    """Output of each network for the rows X, after the output activation, each (n, outputs).

    Every network encodes and standardises X its own way.

    >>> from lamina import NeuralRegressor
    >>> X = np.arange(20.0).reshape(10, 2)
    >>> models = [NeuralRegressor([], epochs=1, random_state=seed).fit(X, X[:, 0]) for seed in range(3)]
    >>> [output.shape for output in outputs_of(models, X)]
    [(10, 1), (10, 1), (10, 1)]
    """
    found: dict[int, np.ndarray] = {}
    for made in stack(estimators):
        found |= dict(zip(made.places.tolist(), made.outputs(X), strict=True))
    return [found[place] for place in range(len(estimators))]


def _structure(estimator: NeuralEstimator) -> Hashable:
    learnt = jax.tree.leaves((estimator.fitted_.parameters, estimator.fitted_.state))
    dictionary = None if estimator.features_.text is None else id(estimator.features_)
    return (
        dictionary,
        template(estimator.network_),
        estimator.loss_.output_activation,
        estimator.input_shape_,
        estimator.features_.eight_bit,
        tuple((leaf.shape, leaf.dtype) for leaf in learnt),
    )


def _stacked(places: list[int], estimators: list[NeuralEstimator]) -> Stack:
    dtype = estimators[0]._precision()
    networks = [linear_predictor(estimator.network_) for estimator in estimators]
    learnt = [(estimator.fitted_.parameters, estimator.fitted_.state) for estimator in estimators]
    parameters, state = jax.tree.map(lambda *leaves: np.stack(leaves), *learnt)
    return Stack(
        np.array(places),
        tuple(estimators),
        template(networks[0]),
        parameters,
        state,
        stacked_values(networks, dtype),
        dtype,
    )
