"""A network around every layer, for the tape to be looked at."""

from __future__ import annotations

from dataclasses import dataclass

import lamina.layers as layers_module
from lamina.layers import (
    GRU,
    LSTM,
    Activation,
    AveragePool1D,
    AveragePool2D,
    BatchNorm,
    Bidirectional,
    Brightness,
    CategoryEmbedding,
    Contrast,
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Crop,
    Cutout,
    Dense,
    Dropout,
    Embedding,
    EmbeddingBag,
    FeedForward,
    Flatten,
    GaussianNoise,
    GlobalAveragePool,
    GlobalMaxPool,
    HorizontalFlip,
    Layer,
    LayerNorm,
    LeakyReLU,
    LearnedPositions,
    MaxPool1D,
    MaxPool2D,
    MultiHeadAttention,
    ParametricActivation,
    PositionalEncoding,
    Residual,
    Rotate,
    Scale,
    Sequential,
    Shear,
    Shift,
    Shortcut,
    SimpleRNN,
    Standardize,
    TimeDistributed,
    TransformerBlock,
    UpSample,
    VerticalFlip,
    Warp,
    Zoom,
)

ROW, IMAGE, SERIES, CODES = (4,), (6, 6, 2), (5, 3), (6,)


@dataclass(frozen=True)
class Case:
    """Layers in front of an output layer, and the rows that they are given."""

    layers: tuple[Layer, ...]
    shape: tuple[int, ...]
    codes: int = 0


def _image(*layers: Layer) -> Case:
    return Case((Conv2D(2, 3, padding="same"), *layers, Flatten()), IMAGE)


CASES: dict[type[Layer], Case] = {
    Activation: Case((Dense(3), Activation("softmax")), ROW),
    AveragePool1D: Case((AveragePool1D(2), Flatten()), SERIES),
    AveragePool2D: _image(AveragePool2D(2)),
    BatchNorm: _image(BatchNorm()),
    Bidirectional: Case((Bidirectional(LSTM(2)),), SERIES),
    Brightness: _image(Brightness(0.2)),
    CategoryEmbedding: Case((CategoryEmbedding((3, 4)), Dense(3, "tanh")), ROW, codes=3),
    Contrast: _image(Contrast(0.2)),
    Conv1D: Case((Conv1D(3, 2, "tanh", padding="causal"), Flatten()), SERIES),
    Conv2D: Case((Conv2D(3, 3, "relu", stride=2), Flatten()), IMAGE),
    Conv2DTranspose: Case((Conv2DTranspose(2, 3, "relu", stride=2), Flatten()), IMAGE),
    Crop: _image(Crop(1)),
    Cutout: _image(Cutout(2)),
    Dense: Case((Dense(5, "gelu"), Dense(3, "sigmoid", use_bias=False)), ROW),
    Dropout: Case((Dense(5, "relu"), Dropout(0.4)), ROW),
    Embedding: Case((Embedding(3, 9), Flatten()), CODES, codes=9),
    EmbeddingBag: Case((EmbeddingBag(3, 9),), CODES, codes=9),
    FeedForward: Case((FeedForward(4), Flatten()), SERIES),
    Flatten: Case((Flatten(),), SERIES),
    GRU: Case((GRU(3), Dense(2, "tanh")), SERIES),
    GaussianNoise: Case((Dense(3), GaussianNoise(0.1)), ROW),
    GlobalAveragePool: Case((Conv2D(2, 3), GlobalAveragePool()), IMAGE),
    GlobalMaxPool: Case((Conv2D(2, 3), GlobalMaxPool()), IMAGE),
    HorizontalFlip: _image(HorizontalFlip()),
    LSTM: Case((LSTM(3, return_sequences=True), LSTM(2, reverse=True)), (11, 3)),
    LayerNorm: Case((Dense(3), LayerNorm()), ROW),
    LeakyReLU: Case((Dense(4), LeakyReLU(0.1)), ROW),
    LearnedPositions: Case((LearnedPositions(), Flatten()), SERIES),
    MaxPool1D: Case((MaxPool1D(2), Flatten()), SERIES),
    MaxPool2D: Case((Conv2D(3, 3, "relu"), MaxPool2D(2), Flatten()), IMAGE),
    MultiHeadAttention: Case((LayerNorm(), MultiHeadAttention(2, causal=True), Flatten()), (5, 4)),
    ParametricActivation: Case((Dense(4), ParametricActivation("mish")), ROW),
    PositionalEncoding: Case((Embedding(4, 9), PositionalEncoding(), Flatten()), CODES, codes=9),
    Residual: Case((Residual([Dense(4, "relu"), Dense(3)], projection=Dense(3), activation="relu"),), ROW),
    Rotate: _image(Rotate(0.1)),
    Scale: Case((Scale(), Dense(3, "tanh")), ROW),
    Sequential: Case((Sequential([Dense(3, "tanh"), Dense(2)]),), ROW),
    Shear: _image(Shear(0.1)),
    Shift: _image(Shift(0.1)),
    Shortcut: Case(
        (Residual([Conv2D(4, 3, stride=2, padding="same")], projection=Shortcut(4)), Flatten()), IMAGE
    ),
    SimpleRNN: Case((SimpleRNN(3, "relu", return_sequences=True), SimpleRNN(2)), (11, 3)),
    Standardize: Case((Standardize((0.1, 0.2), (0.5, 0.6)), Flatten()), IMAGE),
    TimeDistributed: Case((TimeDistributed([Dense(3, "tanh"), Dense(2)]), Flatten()), SERIES),
    TransformerBlock: Case((TransformerBlock(2, 6), GlobalAveragePool()), (5, 4)),
    UpSample: _image(UpSample(2)),
    VerticalFlip: _image(VerticalFlip()),
    Warp: _image(Warp([Rotate(0.1), Zoom(0.1)])),
    Zoom: _image(Zoom(0.1)),
}


def layer_classes() -> set[type[Layer]]:
    """Every layer that Lamina has."""
    found = (getattr(layers_module, name) for name in layers_module.__all__)
    return {
        item for item in found if isinstance(item, type) and issubclass(item, Layer) and item is not Layer
    }
