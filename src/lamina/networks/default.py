"""The network that ``layers=None`` stands for, and how long and in what portions networks are trained by default."""

from __future__ import annotations

from lamina.layers.base import Layer
from lamina.layers.dense import Dense
from lamina.layers.initializers import Normal
from lamina.layers.scale import Scale

DEPTH = 3
WIDTHS = ((10_000, 128),)
"""Units of each hidden layer below so many rows."""
WIDEST = 256


def default_width(n_rows: int) -> int:
    """Units of each hidden layer of the default network: 128 below 10,000 training rows, 256 from there on.

    >>> default_width(263), default_width(48_000)
    (128, 256)
    """
    return next((width for below, width in WIDTHS if n_rows < below), WIDEST)


def default_hidden_layers(n_rows: int) -> list[Layer]:
    """Hidden layers for a table of ``n_rows`` training rows: a learnt factor of each feature, and three wide layers.

    Weights begin with variance 1 / inputs, and biases, unusually, as N(0, 1), so that the bends of the units are spread over
    the data.

    Source: Holzmüller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and boosted trees on tabular data",
    NeurIPS 2024, whose RealMLP-TD-S this follows; docs/default-network.md says where it differs, and why.

    >>> default_hidden_layers(263)[:2]
    [Scale(), Dense(128, 'mish', weight_init='lecun', bias_init=Normal(1.0))]
    """
    wide = Dense(default_width(n_rows), "mish", weight_init="lecun", bias_init=Normal(1.0))
    return [Scale(), *[wide] * DEPTH]


def default_epochs(steps: int) -> int:
    """Epochs of a network of your own where an epoch has ``steps`` steps: 100, and at least 1,000 steps.

    >>> [default_epochs(steps) for steps in (1, 5, 8, 375)]
    [1000, 200, 125, 100]
    """
    return max(100, -(-1000 // steps))


def default_batch_size(n_rows: int) -> int | None:
    """Rows a step of a network of your own: all up to 64, then 32, 64 from 2,000 rows, 128 from 10,000, 256 from 100,000.

    >>> [default_batch_size(n) for n in (50, 263, 48_000)]
    [None, 32, 128]
    """
    if n_rows <= 64:
        return None
    sizes = ((2_000, 32), (10_000, 64), (100_000, 128))
    return next((size for below, size in sizes if n_rows < below), 256)
