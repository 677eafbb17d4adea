"""Documents as bags of words: which words of a dictionary they have, and how often, whatever their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lamina.data.text.documents import as_documents, refuse_wordless
from lamina.data.text.words import PATTERN, check_vocabulary, has_word, read_back, simplified, written
from lamina.errors import FileFormatError, SpecificationError, nearest_name

MOST_NGRAMS = 10


class BagOfWords:
    """Counts of the most frequent words, sparse; words are in lower case and in no order.

    Parameters
    ----------
    vocabulary
        Number of words in the dictionary: the most frequent ones of the documents that it is fitted on.
    ngrams
        1 takes words alone, 2 also pairs of neighbours, and so on; the vocabulary is of all of these.
    values : {"presence", "counts", "proportions", "tfidf"}
        1 where a word occurs; how often it does; that divided by the document's total; or scikit-learn's tf-idf, rows of length
        one in which words that many documents have count less.

    Attributes
    ----------
    words_
        The dictionary, in the order of the columns.

    Source: ISLP section 10.4.

    >>> bag = BagOfWords(vocabulary=3, values="counts")
    >>> bag.fit_transform(["good good film", "a bad film", "a film"]).toarray().tolist()
    [[0.0, 1.0, 2.0], [1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]
    >>> bag.words_
    ['a', 'film', 'good']
    """

    def __init__(self, vocabulary: int = 10_000, ngrams: int = 1, values: str = "presence") -> None:
        self.vocabulary = check_vocabulary(vocabulary, 1)
        if isinstance(ngrams, bool) or ngrams not in range(1, MOST_NGRAMS + 1):
            raise SpecificationError(
                f"ngrams={ngrams!r}: give how many words in a row may count as one, from 1 to {MOST_NGRAMS}."
            )
        if values not in _FINISHES:
            raise SpecificationError(f"values={values!r} is unknown: {nearest_name(values, _FINISHES)}")
        self.ngrams = int(ngrams)
        self.values = values
        self._idf: NDArray[np.float32] | None = None

    def fit_transform(self, documents: Any) -> sparse.csr_array:
        """Learn the dictionary, and give the documents' rows: float32, shape (n, words).

        Raises
        ------
        ArgumentTypeError, DataError
            The documents are no list of strings, or none has a word.
        """
        documents = as_documents(documents)
        refuse_wordless(np.array([int(has_word(text)) for text in documents]))
        self._counter = _counter(self.ngrams, max_features=self.vocabulary)
        counts = sparse.csr_array(self._counter.fit_transform(documents))
        self._idf = _inverse_frequency(counts)
        return _FINISHES[self.values](self, counts)

    def transform(self, documents: Any) -> sparse.csr_array:
        """Rows of further documents; words that are not in the dictionary are left out."""
        return _FINISHES[self.values](
            self, sparse.csr_array(self._counter.transform(as_documents(documents)))
        )

    @property
    def words_(self) -> list[str]:
        """The dictionary, in the order of the columns."""
        return [str(word) for word in self._counter.get_feature_names_out()]

    @property
    def width(self) -> int:
        """Columns."""
        return len(self._counter.vocabulary_)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """What was learnt, as arrays and plain values; :meth:`from_state` takes them."""
        assert self._idf is not None
        plain = {
            "kind": "bag",
            "vocabulary": self.vocabulary,
            "ngrams": self.ngrams,
            "values": self.values,
        }
        return {"words": written(self.words_), "idf": self._idf}, plain

    @classmethod
    def from_state(cls, arrays: dict[str, NDArray[Any]], plain: dict[str, Any]) -> Self:
        """The fitted transformer that :meth:`state` described."""
        made = cls(plain["vocabulary"], plain["ngrams"], plain["values"])
        words, idf = read_back(arrays["words"]), np.asarray(arrays["idf"], np.float32)
        if idf.shape != (len(words),) or not words:
            raise FileFormatError("the file's dictionary and its frequencies have different lengths.")
        made._counter = _counter(made.ngrams, vocabulary=words)
        made._counter._validate_vocabulary()
        made._idf = idf
        return made


def _counter(ngrams: int, **keywords: Any) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(
        preprocessor=simplified,
        token_pattern=PATTERN,
        ngram_range=(1, ngrams),
        dtype=np.float32,
        **keywords,
    )


def _inverse_frequency(counts: sparse.csr_array) -> NDArray[np.float32]:
    """log((1 + n) / (1 + documents with the word)) + 1, as scikit-learn has it."""
    n, width = counts.shape
    with_it = np.bincount(counts.indices, minlength=width)
    return np.asarray(np.log((1 + n) / (1 + with_it)) + 1, np.float32)


def _presence(bag: BagOfWords, counts: sparse.csr_array) -> sparse.csr_array:
    counts.data[:] = 1
    return counts


def _counts(bag: BagOfWords, counts: sparse.csr_array) -> sparse.csr_array:
    return counts


def _proportions(bag: BagOfWords, counts: sparse.csr_array) -> sparse.csr_array:
    return _divided(counts, np.asarray(counts.sum(axis=1)).ravel())


def _tfidf(bag: BagOfWords, counts: sparse.csr_array) -> sparse.csr_array:
    assert bag._idf is not None
    counts.data *= bag._idf[counts.indices]
    squares = counts.multiply(counts).sum(axis=1)
    return _divided(counts, np.sqrt(np.asarray(squares).ravel()))


def _divided(counts: sparse.csr_array, by: NDArray[Any]) -> sparse.csr_array:
    """Rows divided by a number each; those of nothing stay so."""
    counts.data /= np.repeat(np.where(by > 0, by, 1), np.diff(counts.indptr)).astype(np.float32)
    return counts


_FINISHES: dict[str, Callable[[BagOfWords, sparse.csr_array], sparse.csr_array]] = {
    "presence": _presence,
    "counts": _counts,
    "proportions": _proportions,
    "tfidf": _tfidf,
}
