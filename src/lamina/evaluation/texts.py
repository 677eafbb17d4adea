"""Text in a comparison: a column of documents, alone or beside numeric and categorical ones, as models take it."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin

from lamina.data.text import BagOfWords, as_documents
from lamina.data.text.words import has_word
from lamina.errors import ArgumentTypeError, DataError, DataWarning, nearest_name

ALONE = "text"
"""Name of the column where documents come alone."""
BANDS = 5
"""Words that a numeric column becomes for a network that reads."""
MANY, SHARE, FOLDS = 10_000, 0.2, 5


def read_texts(X: Any, text: Any) -> tuple[Any, str | None]:
    """The table, and the name of its column of documents; None where ``text`` names none.

    Parameters
    ----------
    text
        Name of a column of X, or True where X is documents alone. Missing documents become empty, with a warning.

    Raises
    ------
    ArgumentTypeError, DataError
        If there is no such column, or it holds anything but strings, or no word at all.

    >>> table, name = read_texts(["a fine film", "dull"], True)
    >>> table.shape, name
    ((2, 1), 'text')
    """
    if text is None or text is False:
        return X, None
    import narwhals as nw
    import pandas as pd

    from lamina.evaluation.outcome import read_table

    if text is True:
        if isinstance(X, (str, bytes, dict, set)) or not hasattr(X, "__len__"):
            as_documents(X)
        if hasattr(X, "columns") and len(X.columns) != 1:
            raise ArgumentTypeError(
                f"text=True is for documents alone, and X has {len(X.columns)} columns: name the one that holds the texts."
            )
        X = X if hasattr(X, "columns") else pd.DataFrame({ALONE: list(X)})
        text = str(next(iter(X.columns)))
    elif not isinstance(text, str) or not hasattr(X, "columns"):
        raise ArgumentTypeError(
            f"text={text!r}: give the name of a column of a data frame X, or True where X is documents alone."
        )
    table = nw.from_native(read_table(X), eager_only=True)
    if text not in table.columns:
        raise DataError(f"X has no column {text!r} (text): {nearest_name(str(text), table.columns)}")
    documents = filled(table[text].to_list(), text)
    if documents and not any(map(has_word, documents)):
        raise DataError(
            f"none of the {len(documents)} documents of {text!r} has a word: is it the right column, or is all of it punctuation?"
        )
    column = nw.new_series(text, documents, backend=nw.get_native_namespace(table))
    return table.with_columns(column).to_native(), text


def filled(documents: list[Any], name: str) -> list[str]:
    """Documents of a column, missing ones as empty, with a warning.

    >>> filled(["a fine film", ""], "review")
    ['a fine film', '']
    """
    import warnings

    missing = [place for place, item in enumerate(documents) if _is_missing(item)]
    if missing:
        warnings.warn(
            f"{len(missing)} of {len(documents)} documents of {name!r} are missing: they count as empty.",
            DataWarning,
            stacklevel=3,
        )
        documents = ["" if _is_missing(item) else item for item in documents]
    found: list[str] = as_documents(documents, name).tolist()
    return found


def _is_missing(item: Any) -> bool:
    """Whether an entry is None, NaN or pandas' NA, whose comparison with itself is none of true and false."""
    return item is None or type(item).__name__ == "NAType" or bool(item != item)


def text_splits(rows: int) -> int | float:
    """The splits where none are asked for: five folds, and a fifth held out from 10,000 documents on.

    >>> text_splits(500), text_splits(25_000)
    (5, 0.2)
    """
    return FOLDS if rows < MANY else SHARE


class WordsAndColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The words of a column of text, and beside them the other columns, standardised: one sparse row a document.

    >>> table, name = read_texts(["a fine film", "a dull film"], True)
    >>> WordsAndColumns(name).fit_transform(table).toarray().tolist()
    [[1.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0]]
    """

    def __init__(self, text: str, vocabulary: int = 10_000) -> None:
        self.text = text
        self.vocabulary = vocabulary

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the dictionary and the scales from the training rows."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None, **_: Any) -> sparse.csr_array:
        """Learn, and give the training rows, float32 of shape (n, words + columns)."""
        documents, others = parted(X, self.text)
        self.bag_ = BagOfWords(self.vocabulary)
        words = self.bag_.fit_transform(documents)
        self.encoder_ = None
        if others is None:
            return words
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        from lamina.data.tables import TableEncoder

        self.encoder_ = make_pipeline(TableEncoder(dtype="float64"), StandardScaler()).fit(others)
        return self._beside(words, others)

    def transform(self, X: Any) -> sparse.csr_array:
        """Further rows."""
        documents, others = parted(X, self.text)
        words = self.bag_.transform(documents)
        return words if self.encoder_ is None else self._beside(words, others)

    def _beside(self, words: sparse.csr_array, others: Any) -> sparse.csr_array:
        assert self.encoder_ is not None
        columns = np.asarray(self.encoder_.transform(others), np.float32)
        return sparse.csr_array(sparse.hstack([words, sparse.csr_array(columns)], format="csr"))


class ColumnsAsWords(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Documents that end with a word for each other column: its level, or in which fifth of the training rows its number lies.

    So a network that reads a sequence of words sees the other columns too.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"review": ["fine", "dull"], "genre": ["war", "love"]})
    >>> ColumnsAsWords("review").fit_transform(table).tolist()
    ['fine column_genre_war', 'dull column_genre_love']
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the bands of numeric columns from the training rows."""
        _, others = parted(X, self.text)
        self.edges_: dict[str, NDArray[np.float64]] = {}
        for name, values in _columns(others):
            if values.dtype.kind in "iuf":
                shares = np.linspace(0, 1, BANDS + 1)[1:-1]
                known = values[np.isfinite(values.astype(np.float64))]
                self.edges_[name] = np.quantile(known, shares) if len(known) else np.zeros(BANDS - 1)
        return self

    def transform(self, X: Any) -> NDArray[np.object_]:
        """Documents, shape (n,)."""
        documents, others = parted(X, self.text)
        for name, values in _columns(others):
            words = [_word(name, level) for level in self._levels(name, values)]
            documents = np.array(
                [f"{text} {word}" for text, word in zip(documents, words, strict=True)], object
            )
        return documents

    def _levels(self, name: str, values: NDArray[Any]) -> Any:
        if name not in self.edges_:
            return values
        numbers = values.astype(np.float64)
        bands = np.searchsorted(self.edges_[name], numbers).astype(object)
        bands[np.isnan(numbers)] = "missing"
        return bands


def parted(table: Any, text: str) -> tuple[NDArray[np.object_], Any]:
    """Documents, and the table of the other columns; None where there are none."""
    import narwhals as nw

    frame = nw.from_native(table, eager_only=True)
    documents = np.array(frame[text].to_list(), object)
    others = frame.drop(text)
    return documents, others.to_native() if len(others.columns) else None


def _columns(table: Any) -> list[tuple[str, NDArray[Any]]]:
    import narwhals as nw

    if table is None:
        return []
    frame = nw.from_native(table, eager_only=True)
    return [(name, np.asarray(frame[name].to_numpy())) for name in frame.columns]


def _word(name: str, level: Any) -> str:
    """One word, as the dictionaries part them."""
    return "column_" + "".join(each if each.isalnum() else "_" for each in f"{name}_{level}")
