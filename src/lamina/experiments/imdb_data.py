"""Film reviews: the training rows, 2,000 of them held out to watch, and the test rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WATCHED = 2_000
"""Training reviews that are held out, as in the book."""


@dataclass(frozen=True, eq=False)
class Reviews:
    """Texts as arrays of strings, and sentiments, 0 or 1."""

    texts: Any
    y: NDArray[np.int64]
    texts_watched: Any
    y_watched: NDArray[np.int64]
    texts_test: Any
    y_test: NDArray[np.int64]

    @classmethod
    def load(cls, most: int | None = None) -> Reviews:
        """The reviews in an order of their own, at most so many for training and for the test."""
        from lamina.data.datasets import load_imdb

        imdb = load_imdb()
        order = np.random.default_rng(0).permutation(len(imdb.y_train))[:most]
        tested = np.random.default_rng(1).permutation(len(imdb.y_test))[:most]
        return cls.of(
            imdb.texts_train[order], imdb.y_train[order], imdb.texts_test[tested], imdb.y_test[tested]
        )

    @classmethod
    def of(cls, texts: Any, y: Any, texts_test: Any, y_test: Any) -> Reviews:
        """The first 2,000 rows, or a fifth where there are fewer than 10,000, are held out."""
        held = min(WATCHED, len(y) // 5)
        return cls(texts[held:], y[held:], texts[:held], y[:held], texts_test, y_test)
