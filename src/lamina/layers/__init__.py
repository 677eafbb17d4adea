"""What a network is made of. One family a file; every layer is a frozen dataclass with its equation in its docstring."""

from lamina.layers.activations import ACTIVATIONS
from lamina.layers.attention import MultiHeadAttention
from lamina.layers.augmentation import (
    Brightness,
    Contrast,
    Crop,
    Cutout,
    HorizontalFlip,
    Rotate,
    Shear,
    Shift,
    VerticalFlip,
    Warp,
    Zoom,
)
from lamina.layers.base import Context, Layer
from lamina.layers.containers import Flatten, Residual, Sequential
from lamina.layers.convolution import Conv1D, Conv2D, Conv2DTranspose
from lamina.layers.dense import Activation, Dense, LeakyReLU
from lamina.layers.embedding import CategoryEmbedding, Embedding, EmbeddingBag
from lamina.layers.every_step import TimeDistributed
from lamina.layers.initializers import (
    Constant,
    He,
    Initializer,
    LeCun,
    Normal,
    Orthogonal,
    Uniform,
    Xavier,
    Zeros,
)
from lamina.layers.noise import Dropout, GaussianNoise
from lamina.layers.normalization import BatchNorm, LayerNorm
from lamina.layers.parametric import ParametricActivation
from lamina.layers.penalties import L1, L2, Penalty
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

__all__ = [
    "ACTIVATIONS",
    "GRU",
    "L1",
    "L2",
    "LSTM",
    "Activation",
    "AveragePool1D",
    "AveragePool2D",
    "BatchNorm",
    "Bidirectional",
    "Brightness",
    "CategoryEmbedding",
    "Constant",
    "Context",
    "Contrast",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Crop",
    "Cutout",
    "Dense",
    "Dropout",
    "Embedding",
    "EmbeddingBag",
    "FeedForward",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "He",
    "HorizontalFlip",
    "Initializer",
    "Layer",
    "LayerNorm",
    "LeCun",
    "LeakyReLU",
    "LearnedPositions",
    "MaxPool1D",
    "MaxPool2D",
    "MultiHeadAttention",
    "Normal",
    "Orthogonal",
    "ParametricActivation",
    "Penalty",
    "PositionalEncoding",
    "Residual",
    "Rotate",
    "Scale",
    "Sequential",
    "Shear",
    "Shift",
    "Shortcut",
    "SimpleRNN",
    "Standardize",
    "TimeDistributed",
    "TransformerBlock",
    "Uniform",
    "UpSample",
    "VerticalFlip",
    "Warp",
    "Xavier",
    "Zeros",
    "Zoom",
]
