"""The network that ``layers=None`` stands for where the rows are sparse, such as counts of words."""

from __future__ import annotations

from lamina.layers.base import Layer, Shape
from lamina.layers.dense import Dense

UNITS = 16


def default_sparse_layers(n_rows: int, shape: Shape) -> list[Layer]:
    """Hidden layers for sparse rows: two of 16 units, as ISLP has them for the words of film reviews (section 10.4).

    >>> default_sparse_layers(25_000, (10_000,))
    [Dense(16, 'relu'), Dense(16, 'relu')]
    """
    return [Dense(UNITS, "relu"), Dense(UNITS, "relu")]
