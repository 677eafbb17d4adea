"""Texts as codes and back: characters or words, each with a number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.errors import ArgumentTypeError, DataError, SpecificationError

PADDING, UNKNOWN, BEGIN, END = range(4)
"""The first codes of every vocabulary."""
RESERVED = 4
TOKENS = ("character", "word")
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Symbols:
    """What texts are made of, each with its code.

    Attributes
    ----------
    tokens
        "character", or "word": runs of letters and digits, and each other mark by itself.
    known
        Code 4, 5, … in this order: the most frequent first.

    >>> symbols = Symbols.of(["to be", "or not"], "word")
    >>> symbols.known, symbols.codes("not to do").tolist()
    (('be', 'not', 'or', 'to'), [5, 7, 1])
    >>> symbols.text([7, 4, 3, 0])
    'to be'
    """

    tokens: str
    known: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str], tokens: str, most: int | None = None) -> Symbols:
        """Those of the texts, or the ``most`` frequent of them; of equal ones the first in the order of the alphabet."""
        counts = Counter(token for text in texts for token in split(text, tokens))
        ordered = sorted(counts, key=lambda token: (-counts[token], token))
        return cls(tokens, tuple(ordered[:most]))

    def __len__(self) -> int:
        """Number of codes, with padding, the unknown, beginning and end."""
        return RESERVED + len(self.known)

    def codes(self, text: str) -> np.ndarray:
        """The codes of a text; 1 for what is not known."""
        numbers = self._numbers()
        return np.array([numbers.get(token, UNKNOWN) for token in split(text, self.tokens)], np.int32)

    def table(self, texts: Sequence[str]) -> np.ndarray:
        """The codes of many texts, (n, longest), padded with zeros on the right."""
        rows = [self.codes(text) for text in texts]
        table = np.zeros((len(rows), max(map(len, rows), default=0)), np.int32)
        for row, codes in zip(table, rows, strict=True):
            row[: len(codes)] = codes
        return table

    def shown(self, codes: Iterable[int]) -> list[str]:
        """What stands for each code up to the end: "·" for the unknown."""
        found: list[str] = []
        for code in codes:
            if code in (END, PADDING):
                break
            found.append(self.known[code - RESERVED] if code >= RESERVED else "·")
        return found

    def text(self, codes: Iterable[int]) -> str:
        """The text of codes up to the end."""
        return ("" if self.tokens == "character" else " ").join(self.shown(codes))

    def unknown(self, texts: Iterable[str]) -> list[str]:
        """What is in the texts and not known, each once, in order."""
        known = set(self.known)
        return sorted({token for text in texts for token in split(text, self.tokens)} - known)

    def _numbers(self) -> dict[str, int]:
        return {token: code for code, token in enumerate(self.known, RESERVED)}


def split(text: str, tokens: str) -> list[str]:
    """A text as its characters or words.

    >>> split("3 March, 1998", "word")
    ['3', 'March', ',', '1998']
    """
    return list(text) if tokens == "character" else _WORD.findall(text)


def check_tokens(tokens: Any) -> str:
    """The unit of texts, or SpecificationError."""
    if not isinstance(tokens, str) or tokens not in TOKENS:
        raise SpecificationError(f"tokens={tokens!r}: take 'character' or 'word'.")
    return tokens


def check_texts(texts: Any, name: str, *, tokens: str, may_be_empty: bool) -> list[str]:
    """A list of texts, from a list, an array or a column.

    Raises
    ------
    ArgumentTypeError
        If it is one text, or something in it is none.
    DataError
        If there is none, or one has no character (or word) and may not be so.

    >>> check_texts("3 March", "sources", tokens="character", may_be_empty=False)
    Traceback (most recent call last):
    lamina.errors.ArgumentTypeError: sources is one text: give a list of texts, such as ['3 March'].
    """
    if isinstance(texts, (str, bytes)):
        raise ArgumentTypeError(f"{name} is one text: give a list of texts, such as [{texts[:40]!r}].")
    if isinstance(texts, dict) or not isinstance(texts, Iterable):
        raise ArgumentTypeError(f"{name}={texts!r}: give a list of texts.")
    found = list(texts)
    if not found:
        raise DataError(f"{name} is empty: give at least one text.")
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise ArgumentTypeError(
                f"{name}[{place}] is {text!r} ({type(text).__name__}) and must be text: leave such rows out, or turn them into "
                "text with str()."
            )
        if not may_be_empty and not split(text, tokens):
            raise DataError(
                f"{name}[{place}] is {text!r}, in which there is no {tokens}: leave such rows out."
            )
    return [str(text) for text in found]
