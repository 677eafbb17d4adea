"""What a network is made of. One family a file; every layer is a frozen dataclass with its equation in its docstring."""

from lamina.layers.activations import ACTIVATIONS
from lamina.layers.base import Context, Layer
from lamina.layers.containers import Flatten, Residual, Sequential
from lamina.layers.dense import Activation, Dense, LeakyReLU
from lamina.layers.embedding import CategoryEmbedding
from lamina.layers.initializers import (
    Constant,
    He,
    Initializer,
    LeCun,
    Normal,
    Uniform,
    Xavier,
    Zeros,
)
from lamina.layers.noise import Dropout, GaussianNoise
from lamina.layers.parametric import ParametricActivation
from lamina.layers.penalties import L1, L2, Penalty
from lamina.layers.scale import Scale

__all__ = [
    "ACTIVATIONS",
    "L1",
    "L2",
    "Activation",
    "CategoryEmbedding",
    "Constant",
    "Context",
    "Dense",
    "Dropout",
    "Flatten",
    "GaussianNoise",
    "He",
    "Initializer",
    "Layer",
    "LeCun",
    "LeakyReLU",
    "Normal",
    "ParametricActivation",
    "Penalty",
    "Residual",
    "Scale",
    "Sequential",
    "Uniform",
    "Xavier",
    "Zeros",
]
