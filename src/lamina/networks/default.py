"""The network that ``layers=None`` stands for, and how long and in what portions it is trained by default."""

from __future__ import annotations

from lamina.layers.base import Layer
from lamina.layers.dense import Dense


def default_hidden_layers(n_rows: int) -> list[Layer]:
    """Hidden layers for a table of ``n_rows`` training rows.

    One hidden layer of 64 units below 2,000 rows; two of 128 and 64 from there on.

    >>> default_hidden_layers(263)
    [Dense(64, 'relu')]
    """
    if n_rows < 2000:
        return [Dense(64, "relu")]
    return [Dense(128, "relu"), Dense(64, "relu")]


def default_epochs(steps: int) -> int:
    """Epochs where an epoch has ``steps`` steps: 100, and at least 1,000 steps, so that a small table is learnt too.

    >>> [default_epochs(steps) for steps in (1, 5, 8, 375)]
    [1000, 200, 125, 100]
    """
    return max(100, -(-1000 // steps))


def default_batch_size(n_rows: int) -> int | None:
    """Rows a step: all of them up to 64, then 32, 64 from 2,000 rows, 128 from 10,000, 256 from 100,000.

    >>> [default_batch_size(n) for n in (50, 263, 48_000)]
    [None, 32, 128]
    """
    if n_rows <= 64:
        return None
    sizes = ((2_000, 32), (10_000, 64), (100_000, 128))
    return next((size for below, size in sizes if n_rows < below), 256)
