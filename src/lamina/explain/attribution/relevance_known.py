"""Which layers relevance can go through, by what they do to it, and why the others are refused."""

from __future__ import annotations

from collections.abc import Iterable

import jax

from lamina.errors import SpecificationError
from lamina.explain.attribution.path import MeanOfPlaces, Named
from lamina.layers.activations import softmax
from lamina.layers.attention import MultiHeadAttention
from lamina.layers.augmentation import Augmentation
from lamina.layers.base import Layer, children, join
from lamina.layers.containers import Flatten, Residual, Sequential
from lamina.layers.convolution import Filters
from lamina.layers.dense import Activation, Dense, LeakyReLU
from lamina.layers.every_step import TimeDistributed
from lamina.layers.noise import Dropout, GaussianNoise
from lamina.layers.normalization import BatchNorm, LayerNorm
from lamina.layers.parametric import ParametricActivation
from lamina.layers.pooling import (
    AveragePool1D,
    AveragePool2D,
    GlobalAveragePool,
    GlobalMaxPool,
    MaxPool1D,
    MaxPool2D,
    UpSample,
)
from lamina.layers.positions import LearnedPositions, PositionalEncoding
from lamina.layers.recurrent import GRU, LSTM, Bidirectional, SimpleRNN
from lamina.layers.scale import Scale
from lamina.layers.shortcut import Shortcut
from lamina.layers.standardize import Standardize
from lamina.layers.transformer import FeedForward, TransformerBlock

WEIGHTED = (Dense, Filters)
EACH_BY_ITSELF = (
    Activation,
    Augmentation,
    Dropout,
    GaussianNoise,
    LeakyReLU,
    ParametricActivation,
    Scale,
    Standardize,
)
"""Layers whose output i depends on input i alone: what the output is worth, its input is."""
MEANS = (AveragePool1D, AveragePool2D, GlobalAveragePool, MeanOfPlaces, Shortcut, UpSample)
CHOICES = (GlobalMaxPool, MaxPool1D, MaxPool2D)
CONTAINERS = (Residual, Sequential, TimeDistributed)
KNOWN = (*WEIGHTED, *EACH_BY_ITSELF, *MEANS, *CHOICES, *CONTAINERS, BatchNorm, Flatten)
PRODUCTS = "its output is a product of signals, of which no rule here says how much belongs to which"
REASONS: dict[type, str] = {
    Bidirectional: PRODUCTS,
    FeedForward: "it stands behind a normalisation by the row's own spread",
    GRU: PRODUCTS,
    LSTM: PRODUCTS,
    LayerNorm: "it divides by the spread of its own inputs",
    LearnedPositions: "it adds numbers that belong to no input",
    MultiHeadAttention: PRODUCTS,
    PositionalEncoding: "it adds numbers that belong to no input",
    SimpleRNN: "the same relevance would go round its loop at every step, for which no rule is made here",
    TransformerBlock: PRODUCTS,
}


def refuse_layers(layers: Iterable[Named]) -> None:
    """Raise if relevance cannot go through some layer: which one and why.

    >>> refuse_layers([("lstm_1", LSTM(8))])
    Traceback (most recent call last):
    lamina.errors.SpecificationError: method='layerwise_relevance' has no rule for lstm_1 (LSTM): its output is a product ...
    """
    for path, layer in _all(layers, ""):
        if why := _why_not(layer):
            raise SpecificationError(
                f"method='layerwise_relevance' has no rule for {path} ({type(layer).__name__}): {why}. Take "
                "'integrated_gradients', which goes through any network."
            )


def _all(layers: Iterable[Named], path: str) -> Iterable[Named]:
    for name, layer in layers:
        yield join(path, name), layer
        if isinstance(layer, CONTAINERS):
            yield from _all(children(layer), join(path, name))


def _why_not(layer: Layer) -> str | None:
    if not isinstance(layer, KNOWN):
        return REASONS.get(type(layer), "how it makes outputs of inputs is not known here")
    if getattr(layer, "activation", None) in ("softmax", softmax, jax.nn.softmax):
        return "its softmax mixes all units"
    return None
