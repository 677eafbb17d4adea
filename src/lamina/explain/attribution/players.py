"""What a coalition of inputs is worth: rows in which some inputs are known and the rest is taken from elsewhere.

For a set S of a row's inputs the value is the mean over background rows b of f(x_S, b_rest): what the model says on average
where the inputs of S are held and the others come as they come (the interventional value function).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from lamina.data.sparse import SparseTable
from lamina.data.text.words import PATTERN, simplified

Numbers = Callable[[Any], np.ndarray]
"""What a model says of rows, (n, units)."""
ROWS_AT_ONCE = 1 << 16


class Players(ABC):
    """The inputs of some rows, and what the model says when some of them are known.

    Attributes
    ----------
    shape
        Of the attributions, (n, ...).
    """

    shape: tuple[int, ...]

    @abstractmethod
    def count(self, row: int) -> int:
        """How many inputs the row has."""

    @abstractmethod
    def ask(self, row: int, known: np.ndarray) -> np.ndarray:
        """Numbers of the model (m, units) where those inputs of the row are known, (m, inputs), averaged over the background."""

    @abstractmethod
    def spread(self, row: int, values: np.ndarray) -> np.ndarray:
        """Numbers for the inputs of the row (inputs,), in the shape of the row."""


class Cells(Players):
    """Columns of a table, or parts of an image: arrays whose entries belong to inputs.

    Parameters
    ----------
    numbers
        The model.
    x, background
        Rows (n, ...) and (b, ...) as ``numbers`` takes them.
    owners
        Which input each entry of a row belongs to, of a row's shape.
    inputs
        How many there are.
    shape
        Of a row's attributions.
    """

    def __init__(
        self,
        numbers: Numbers,
        x: np.ndarray,
        background: np.ndarray,
        owners: np.ndarray,
        inputs: int,
        shape: Any,
    ) -> None:
        self.numbers, self.x, self.background = numbers, x, background
        self.owners, self.inputs, self.shape = owners, inputs, (len(x), *shape)

    def count(self, row: int) -> int:
        return self.inputs

    def ask(self, row: int, known: np.ndarray) -> np.ndarray:
        many, b = max(1, ROWS_AT_ONCE // len(self.background)), len(self.background)
        parts = []
        for first in range(0, len(known), many):
            held = known[first : first + many][:, self.owners]
            rows = np.where(held[:, None], self.x[row], self.background)
            answers = self.numbers(rows.reshape(-1, *self.x.shape[1:]))
            parts.append(answers.reshape(len(held), b, -1).mean(axis=1))
        return np.concatenate(parts)

    def spread(self, row: int, values: np.ndarray) -> np.ndarray:
        # An input of several entries of one column is that column; of an image each pixel has its part's share.
        if self.shape[1:] == (self.inputs,):
            return values
        sizes = np.bincount(self.owners.ravel(), minlength=self.inputs)
        return np.asarray((values / sizes)[self.owners])


class Frame(Players):
    """Columns of a data frame, each with its own type."""

    def __init__(self, numbers: Numbers, x: pd.DataFrame, background: pd.DataFrame) -> None:
        self.numbers, self.x, self.background = numbers, x, background
        self.shape = x.shape

    def count(self, row: int) -> int:
        return int(self.x.shape[1])

    def ask(self, row: int, known: np.ndarray) -> np.ndarray:
        b = len(self.background)
        pool = pd.concat([self.background, self.x.iloc[[row]]], ignore_index=True)
        parts = []
        many = max(1, ROWS_AT_ONCE // b)
        for first in range(0, len(known), many):
            held = known[first : first + many]
            places = np.where(held[:, None, :], b, np.arange(b)[None, :, None]).reshape(-1, held.shape[1])
            columns = {name: pool[name].take(places[:, j]).array for j, name in enumerate(pool.columns)}
            answers = self.numbers(pd.DataFrame(columns))
            parts.append(answers.reshape(len(held), b, -1).mean(axis=1))
        return np.concatenate(parts)

    def spread(self, row: int, values: np.ndarray) -> np.ndarray:
        return values


class Codes(Players):
    """Places of sequences of codes; an unknown one is padding, code 0."""

    def __init__(self, numbers: Numbers, x: np.ndarray) -> None:
        self.numbers, self.x, self.shape = numbers, x, x.shape

    def count(self, row: int) -> int:
        return int(np.count_nonzero(self.x[row]))

    def ask(self, row: int, known: np.ndarray) -> np.ndarray:
        rows = np.zeros((len(known), self.x.shape[1]), self.x.dtype)
        places = np.flatnonzero(self.x[row])
        rows[:, places] = np.where(known, self.x[row, places], 0)
        return self.numbers(rows)

    def spread(self, row: int, values: np.ndarray) -> np.ndarray:
        found = np.zeros(self.x.shape[1])
        found[self.x[row] != 0] = values
        return found


class Nonzeros(Players):
    """Nonzero columns of sparse rows, such as the words of a bag; an unknown one is zero."""

    def __init__(self, numbers: Numbers, x: Any) -> None:
        self.numbers, self.x, self.shape = numbers, sparse.csr_array(x), x.shape

    def count(self, row: int) -> int:
        return int(self.x.indptr[row + 1] - self.x.indptr[row])

    def ask(self, row: int, known: np.ndarray) -> np.ndarray:
        columns, values = self._entries(row)
        m, k = known.shape
        indices, indptr = np.tile(columns, m), np.arange(m + 1) * k
        rows = sparse.csr_array(
            ((known * values).astype(self.x.dtype).ravel(), indices, indptr), (m, self.shape[1])
        )
        rows.eliminate_zeros()
        return self.numbers(SparseTable(rows))

    def spread(self, row: int, values: np.ndarray) -> np.ndarray:
        found = np.zeros(self.shape[1])
        found[self._entries(row)[0]] = values
        return found

    def _entries(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        span = slice(self.x.indptr[row], self.x.indptr[row + 1])
        return self.x.indices[span], self.x.data[span]


class Words(Players):
    """Words of documents, for models that take strings; an unknown one is left out of the text."""

    def __init__(self, numbers: Numbers, documents: np.ndarray) -> None:
        self.numbers = numbers
        self.documents = [simplified(text) for text in documents]
        self.spans = [[match.span() for match in re.finditer(PATTERN, text)] for text in self.documents]
        self.shape = len(documents), max(map(len, self.spans), default=0)

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The words at the places of each document, "" where it has no more."""
        rows = []
        for text, spans in zip(self.documents, self.spans, strict=True):
            found = [text[first:last] for first, last in spans]
            rows.append((*found, *[""] * (self.shape[1] - len(found))))
        return tuple(rows)

    def count(self, row: int) -> int:
        return len(self.spans[row])

    def ask(self, row: int, known: np.ndarray) -> np.ndarray:
        return self.numbers([self._text(row, held) for held in known])

    def spread(self, row: int, values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, np.zeros(self.shape[1] - len(values))])

    def _text(self, row: int, held: np.ndarray) -> str:
        text, pieces, place = self.documents[row], [], 0
        for kept, (first, last) in zip(held, self.spans[row], strict=True):
            pieces.append(text[place:first])
            pieces.append(text[first:last] if kept else "")
            place = last
        return "".join([*pieces, text[place:]])
