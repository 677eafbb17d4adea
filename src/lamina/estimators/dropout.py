"""Dropout kept at prediction: the mean and the spread over many thinned networks, in one program."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.errors import SpecificationError
from lamina.estimators.augment import augmentation
from lamina.estimators.base import NeuralEstimator
from lamina.estimators.checks import draw_seed
from lamina.estimators.features import in_precision
from lamina.layers.base import (
    Array,
    Context,
    Layer,
    ParameterFreeLayer,
    Parameters,
    Shape,
    State,
    template,
    traced_values,
)
from lamina.layers.noise import Dropout
from lamina.numerics.pixels import as_numbers
from lamina.training.cache import keep_few_programs
from lamina.training.padding import pad_block, padded_size
from lamina.training.precision import precision

ENTRIES = 1 << 16
"""Rows times masks computed at a time."""


@dataclass(frozen=True, repr=False)
class Kept(ParameterFreeLayer):
    """A dropout layer that drops at prediction as it does in training."""

    layer: Dropout

    def output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.output_shape(input_shape)

    def apply(self, parameters: Parameters, state: State, x: Array, context: Context) -> tuple[Array, State]:
        inside = dataclasses.replace(context.child("layer"), training=True)
        return self.layer.apply(parameters, state, x, inside)


def keep_dropout(layer: Layer) -> Layer:
    """The same network with every dropout kept at prediction, also those inside other layers.

    >>> from lamina.layers import Dense, Sequential
    >>> keep_dropout(Sequential([Dense(4), Dropout(0.2)]))
    Sequential([Dense(4), Kept(Dropout(0.2))])
    """
    if isinstance(layer, Dropout):
        return Kept(layer) if layer.rate > 0 else layer
    inner = getattr(layer, "layers", ())
    if not inner:
        return layer
    changed: dict[str, Any] = {"layers": tuple(map(keep_dropout, inner))}
    return dataclasses.replace(layer, **changed)


def over_masks(
    estimator: NeuralEstimator, X: Any, samples: int, finish: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    r"""Mean and standard deviation over random masks :math:`m_s` of what ``finish`` makes of the outputs.

    .. math:: \bar f(x) = \frac1S \sum_s f(x; m_s), \qquad
        \sqrt{\frac{1}{S - 1} \sum_s (f(x; m_s) - \bar f(x))^2}

    Every row has masks of its own, which follow from the seed and its place among the rows.

    Parameters
    ----------
    samples
        S, two at least.
    finish
        Takes outputs after the output activation, shape (n, units), to an array of n rows.

    Raises
    ------
    SpecificationError
        If the network has no Dropout, or S is no whole number above one.

    Source: Gal and Ghahramani (2016), *Dropout as a Bayesian approximation*, ICML.
    """
    check_is_fitted(estimator)
    _check_samples(samples)
    network = _behind_augmentation(estimator)
    if network == estimator.network_:
        raise SpecificationError(
            f"dropout_samples={samples!r}, but the network has no Dropout: add one and fit again, for example "
            "layers=[Dense(64, 'relu'), Dropout(0.2)], or call without dropout_samples."
        )
    x = in_precision(estimator.features_.finish(estimator._features(X, reset=False)), estimator._precision())
    seed = draw_seed(estimator.random_state)
    means, spreads = [], []
    most = (
        max(padded_size(1), 1 << (ENTRIES // samples).bit_length() - 1)
        if samples <= ENTRIES
        else padded_size(1)
    )
    for block, first in enumerate(range(0, len(x), most)):
        outputs = _sampled(network, estimator, x[first : first + most], samples, (seed, block))
        finished = finish(outputs.reshape(-1, outputs.shape[-1]))
        by_mask = finished.reshape(samples, -1, *finished.shape[1:])
        means.append(by_mask.mean(axis=0))
        spreads.append(by_mask.std(axis=0, ddof=1))
    return np.concatenate(means), np.concatenate(spreads)


def _behind_augmentation(estimator: NeuralEstimator) -> Layer:
    """The network with its dropout kept, but for one that varies images: prediction sees the images themselves."""
    network = estimator.network_
    varying = augmentation(estimator.augment, estimator.input_shape_)
    front = len(varying) if template(network.layers[: len(varying)]) == template(varying) else 0
    layers = (*network.layers[:front], *map(keep_dropout, network.layers[front:]))
    return dataclasses.replace(network, layers=layers)


def _check_samples(samples: object) -> None:
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)) or samples < 2:
        raise SpecificationError(
            f"dropout_samples={samples!r}: give the number of masks, a whole number above one, for example 200."
        )


def _sampled(
    network: Layer, estimator: NeuralEstimator, x: np.ndarray, samples: int, stream: tuple[int, int]
) -> np.ndarray:
    """Outputs under every mask, shape (samples, n, units)."""
    dtype = estimator._precision()
    numbers = {name: np.asarray(value, dtype) for name, value in traced_values(network).items()}
    keep_few_programs(_apply_sampled)
    with precision(dtype):
        outputs = _apply_sampled(
            template(network),
            estimator.fitted_.parameters,
            estimator.fitted_.state,
            pad_block(x),
            numbers,
            np.array(stream, np.uint32),
            np.arange(samples, dtype=np.uint32),
        )
        return np.asarray(outputs)[:, : len(x)]


@functools.partial(jax.jit, static_argnums=0)
def _apply_sampled(
    network: Layer,
    parameters: Parameters,
    state: State,
    x: Array,
    numbers: Any,
    stream: Array,
    samples: Array,
) -> Array:
    root = jax.random.wrap_key_data(stream, impl="threefry2x32")
    x = as_numbers(x, parameters)

    def under(sample: Array) -> Array:
        context = Context(root, (sample,), hyperparameters=numbers)
        return network.apply(parameters, state, x, context)[0]

    return jax.vmap(under)(samples)
