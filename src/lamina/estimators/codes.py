"""Rows that are sequences of codes, such as the numbers of words: what an Embedding takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from lamina.errors import DataError
from lamina.layers.base import Layer


def embedding_in_front(layers: Any) -> Layer | None:
    """The first of the hidden layers, if it takes codes.

    >>> from lamina.layers import LSTM, Embedding
    >>> embedding_in_front([Embedding(8, 100), LSTM(8)]), embedding_in_front([LSTM(8)])
    (Embedding(8, 100), None)
    """
    first = next(iter(layers), None) if isinstance(layers, Iterable) else layers
    return first if getattr(first, "takes_codes", False) else None


def as_codes(x: np.ndarray, embedding: Layer) -> np.ndarray:
    """The codes as 32-bit whole numbers, shape (n, t).

    Raises
    ------
    DataError
        If some are no whole numbers, below zero, or too large for the vocabulary.

    >>> from lamina.layers import Embedding
    >>> as_codes(np.array([[0.0, 3.0]]), Embedding(2, 4)).dtype.name
    'int32'
    """
    if x.ndim != 2:
        raise DataError(
            f"{embedding!r} takes sequences of codes, an array (n, t), and X has the shape {x.shape}: leave out its last "
            "axis, or the Embedding."
        )
    codes = x.astype(np.int32)
    if not np.array_equal(codes, x):
        place = tuple(int(index) for index in np.argwhere(codes != x)[0])
        raise DataError(
            f"X[{place[0]}, {place[1]}] is {x[place]}, and {embedding!r} takes codes, whole numbers that stand for words: give "
            "codes, or leave out the Embedding."
        )
    most = getattr(embedding, "vocabulary", None)
    low, high = int(codes.min(initial=0)), int(codes.max(initial=0))
    if low < 0 or (most is not None and high >= most):
        raise DataError(
            f"X holds the code {low if low < 0 else high}, and {embedding!r} has codes from 0 (padding) to "
            f"{'…' if most is None else most - 1}: give rarer words the code of unknown ones, or take a larger vocabulary."
        )
    return codes
