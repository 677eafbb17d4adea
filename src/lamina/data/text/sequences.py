"""Documents as sequences of codes: each word's place in a dictionary by frequency, padded and truncated to one length."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lamina.data.text.documents import as_documents, refuse_wordless
from lamina.data.text.words import Counted, check_vocabulary, read_back, words_of, written
from lamina.errors import FileFormatError, SpecificationError

PADDING, UNKNOWN, FIRST = 0, 1, 2
"""Codes of no word, of a word outside the dictionary, and of the most frequent word."""
MOST_PLACES = 500
"""Places where no length is asked for and the longest document has more."""
SIDES = ("left", "right")


class WordSequences:
    """Codes of the words of documents, shape (n, length): 0 fills up, 1 is an unknown word, 2 the most frequent one.

    Parameters
    ----------
    vocabulary
        Number of codes, those two included.
    length
        Places of every document. None takes those of the longest, at most 500.
    pad, truncate : {"left", "right"}
        Where zeros are put before short documents, and where long ones are cut: on the left, as the book does it, their last
        words stay.

    Source: ISLP section 10.5.

    >>> sequences = WordSequences(vocabulary=4, length=3)
    >>> sequences.fit_transform(["good good film", "a bad film", "film"]).tolist()
    [[3, 3, 2], [1, 1, 2], [0, 0, 2]]
    >>> sequences.transform(["what a good good film", ""]).tolist()
    [[3, 3, 2], [0, 0, 0]]
    """

    def __init__(
        self,
        vocabulary: int = 10_000,
        length: int | None = None,
        pad: str = "left",
        truncate: str = "left",
    ) -> None:
        self.vocabulary = check_vocabulary(vocabulary, FIRST + 1)
        if length is not None and (
            isinstance(length, bool) or not isinstance(length, (int, np.integer)) or length < 1
        ):
            raise SpecificationError(
                f"length={length!r}: give a whole number of words a document, 1 or more, for example 500."
            )
        for name, side in (("pad", pad), ("truncate", truncate)):
            if side not in SIDES:
                raise SpecificationError(f"{name}={side!r}: give 'left' or 'right'.")
        self.length = None if length is None else int(length)
        self.pad, self.truncate = pad, truncate

    def fit_transform(self, documents: Any) -> NDArray[np.int32]:
        """Learn dictionary and length, and give the documents' codes.

        Raises
        ------
        ArgumentTypeError, DataError
            The documents are no list of strings, or none has a word.
        """
        counted = Counted(as_documents(documents))
        lengths = np.array([len(codes) for codes in counted.codes])
        refuse_wordless(lengths)
        chosen = counted.most_frequent(self.vocabulary - FIRST)
        self._learn([counted.words[code] for code in chosen], self.length or min(lengths.max(), MOST_PLACES))
        by_frequency = np.full(len(counted.words), UNKNOWN, np.int32)
        by_frequency[chosen] = np.arange(FIRST, FIRST + len(chosen))
        return self._filled([by_frequency[codes] for codes in map(self._cut, counted.codes)])

    def transform(self, documents: Any) -> NDArray[np.int32]:
        """Codes of further documents; a word that is not in the dictionary is code 1."""
        codes = self._codes
        return self._filled(
            [
                np.array([codes.get(word, UNKNOWN) for word in self._cut(words_of(text))], np.int32)
                for text in as_documents(documents)
            ]
        )

    @property
    def width(self) -> int:
        """Places."""
        return self.length_

    @property
    def codes(self) -> int:
        """Number of codes in use, those of padding and of unknown words included."""
        return FIRST + len(self.words_)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """What was learnt, as arrays and plain values; :meth:`from_state` takes them."""
        plain = {
            "kind": "sequence",
            "vocabulary": self.vocabulary,
            "length": self.length_,
            "pad": self.pad,
            "truncate": self.truncate,
        }
        return {"words": written(self.words_)}, plain

    @classmethod
    def from_state(cls, arrays: dict[str, NDArray[Any]], plain: dict[str, Any]) -> Self:
        """The fitted transformer that :meth:`state` described."""
        made = cls(plain["vocabulary"], plain["length"], plain["pad"], plain["truncate"])
        words = read_back(arrays["words"])
        if made.length is None or len(words) > made.vocabulary - FIRST:
            raise FileFormatError("the file's dictionary is larger than it says: it was not saved by Lamina.")
        made._learn(words, made.length)
        return made

    def _learn(self, words: list[str], length: int) -> None:
        self.words_, self.length_ = words, int(length)
        self._codes = {word: code for code, word in enumerate(words, FIRST)}

    def _cut(self, codes: Any) -> Any:
        if len(codes) <= self.length_:
            return codes
        return codes[-self.length_ :] if self.truncate == "left" else codes[: self.length_]

    def _filled(self, documents: list[NDArray[np.int32]]) -> NDArray[np.int32]:
        made = np.full((len(documents), self.length_), PADDING, np.int32)
        for row, codes in zip(made, documents, strict=True):
            if len(codes):
                if self.pad == "left":
                    row[-len(codes) :] = codes
                else:
                    row[: len(codes)] = codes
        return made
