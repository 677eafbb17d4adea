"""Documents to words, and which words a dictionary holds."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import FileFormatError, SpecificationError

PATTERN = r"\w+(?:['’]\w+)*"
"""A word: letters, digits and underscores, with apostrophes inside; everything else parts words."""
_FIND = re.compile(PATTERN).findall


def simplified(text: str) -> str:
    """Lower case; characters that look alike and mean the same become one (Unicode's NFKC).

    >>> simplified("Cafe\\u0301 ÉTÉ")
    'café été'
    """
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def words_of(text: str) -> list[str]:
    """The words of a document, in order.

    >>> words_of("It's a GOOD film -- 10/10!<br />")
    ["it's", 'a', 'good', 'film', '10', '10', 'br']
    """
    return _FIND(simplified(text))


def has_word(text: str) -> bool:
    """Whether a document has a word at all.

    >>> has_word("10/10"), has_word("...!")
    (True, False)
    """
    return re.search(PATTERN, text) is not None


class Counted:
    """Documents as codes of words in the order in which the words were met, and how often each occurs.

    Attributes
    ----------
    words
        The word of each code.
    codes
        One array a document.
    frequency
        Of each word in all documents.

    >>> counted = Counted(["a b a", "c a"])
    >>> counted.words, [codes.tolist() for codes in counted.codes], counted.frequency.tolist()
    (['a', 'b', 'c'], [[0, 1, 0], [2, 0]], [3, 1, 1])
    """

    def __init__(self, documents: Iterable[str]) -> None:
        found: defaultdict[str, int] = defaultdict(count().__next__)
        # Looked up and added by a dictionary's own code, a million words take a fifth of a second.
        self.codes = [
            np.fromiter(map(found.__getitem__, words), np.int32, len(words))
            for words in map(words_of, documents)
        ]
        self.words = list(found)
        everything = np.concatenate([*self.codes, np.zeros(0, np.int32)])
        self.frequency = np.bincount(everything, minlength=len(self.words))

    def most_frequent(self, k: int) -> NDArray[np.int64]:
        """Codes of the k most frequent words, the most frequent first, equal ones by the alphabet."""
        order = sorted(range(len(self.words)), key=lambda code: (-self.frequency[code], self.words[code]))
        return np.array(order[:k], np.int64)


def check_vocabulary(vocabulary: Any, least: int) -> int:
    """A number of words, a whole number of ``least`` or more."""
    if isinstance(vocabulary, bool) or not isinstance(vocabulary, (int, np.integer)) or vocabulary < least:
        raise SpecificationError(
            f"vocabulary={vocabulary!r}: give a whole number of words, {least} or more, for example 10_000."
        )
    return int(vocabulary)


def written(words: Iterable[str]) -> NDArray[np.uint8]:
    """Words as bytes, one a line, for a model file.

    >>> read_back(written(["ein", "Wörtchen"]))
    ['ein', 'Wörtchen']
    """
    return np.frombuffer("\n".join(words).encode("utf-8", "surrogatepass"), np.uint8).copy()


def read_back(array: NDArray[np.uint8]) -> list[str]:
    """The words that :func:`written` wrote."""
    try:
        text = array.tobytes().decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise FileFormatError(f"the file's dictionary cannot be read: {error}.") from error
    words = text.split("\n") if text else []
    if len(set(words)) < len(words):
        raise FileFormatError("the file's dictionary has a word twice: it was not saved by Lamina.")
    return words


def each_simplified(documents: Iterable[str]) -> Iterator[str]:
    """Documents as the dictionaries see them."""
    return map(simplified, documents)
