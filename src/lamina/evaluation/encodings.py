"""The table of a split, or its images, turned into numbers once, for all the simple models."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from lamina.data.tables import TableEncoder

Messages = list[Warning | str]


def _table_encoder() -> Any:
    return TableEncoder(dtype="float64")


class Encodings:
    """What `TableEncoder`, or another transformer, makes of the training rows of one split and of the rows to predict.

    Attributes
    ----------
    seconds
        The time that encoding the training rows took.
    spared
        How many models would have spent it.
    """

    def __init__(self, make: Callable[[], Any] = _table_encoder) -> None:
        self.make = make
        self.seconds = 0.0
        self.spared = 0
        self._learnt: tuple[Any, Any, Messages] | None = None
        self._encoded: list[tuple[Any, NDArray[np.float64], Messages]] = []

    def learn(self, X: Any) -> Any:
        """The encoder of these training rows; its warnings come again for each model that asks."""
        if self._learnt is not None and self._learnt[0] is X:
            self.spared += 1
        else:
            start = time.perf_counter()
            with warnings.catch_warnings(record=True) as caught:
                encoder = self.make().fit(X)
            self._learnt, self._encoded = (X, encoder, _messages(caught)), []
            self._encode(encoder, X)
            self.seconds = time.perf_counter() - start
        _, encoder, messages = self._learnt
        _warn(messages)
        return encoder

    def encoded(self, encoder: Any, X: Any) -> NDArray[np.float64]:
        """Rows as numbers, shape (n, p), read-only since all models see the same array."""
        for known, numbers, messages in self._encoded:
            if known is X:
                _warn(messages)
                return numbers
        numbers, messages = self._encode(encoder, X)
        _warn(messages)
        return numbers

    def _encode(self, encoder: Any, X: Any) -> tuple[NDArray[np.float64], Messages]:
        with warnings.catch_warnings(record=True) as caught:
            numbers = np.asarray(encoder.transform(X))
        numbers.flags.writeable = False
        messages = _messages(caught)
        self._encoded.append((X, numbers, messages))
        return numbers, messages


def _messages(caught: list[warnings.WarningMessage]) -> Messages:
    return [each.message for each in caught]


def _warn(messages: Messages) -> None:
    for message in messages:
        warnings.warn(message, stacklevel=3)


class SharedEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The transformer of `Encodings` in a pipeline, looking up what an earlier model of the same split had encoded.

    >>> import pandas as pd
    >>> table, encodings = pd.DataFrame({"town": ["Ulm", "Bonn", "Ulm"]}), Encodings()
    >>> first, second = (SharedEncoder(encodings).fit(table).transform(table) for _ in range(2))
    >>> first is second
    True
    """

    def __init__(self, encodings: Encodings) -> None:
        self.encodings = encodings

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from the training rows, unless they are known."""
        self.encoder_ = self.encodings.learn(X)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Rows as numbers, shape (n, p)."""
        return self.encodings.encoded(self.encoder_, X)
