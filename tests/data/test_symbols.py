"""Texts to codes and back, and what is no text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.data.symbols import END, Symbols, check_texts, check_tokens, split
from lamina.errors import ArgumentTypeError, DataError, SpecificationError


@given(st.lists(st.text(), min_size=1))
def test_characters_come_back(texts: list[str]) -> None:
    symbols = Symbols.of(texts, "character")
    table = symbols.table(texts)
    assert table.shape == (len(texts), max(map(len, texts)))
    assert [symbols.text(row) for row in table] == texts
    assert not symbols.unknown(texts)


@given(st.lists(st.text(), min_size=1))
def test_words_come_back_as_words(texts: list[str]) -> None:
    symbols = Symbols.of(texts, "word")
    again = [symbols.text(row) for row in symbols.table(texts)]
    assert [split(text, "word") for text in again] == [split(text, "word") for text in texts]


def test_the_rare_ones_are_unknown() -> None:
    symbols = Symbols.of(["a a a b b c", "é"], "word", most=2)
    assert symbols.known == ("a", "b")
    assert len(symbols) == 6
    assert symbols.codes("c b d").tolist() == [1, 5, 1]
    assert symbols.unknown(["c b d", "c"]) == ["c", "d"]
    assert symbols.text([4, 1, 5, END, 4]) == "a · b"


@pytest.mark.parametrize(
    ("texts", "error", "said"),
    [
        ("one", ArgumentTypeError, r"such as \['one'\]"),
        (3, ArgumentTypeError, "give a list"),
        ({"a": "b"}, ArgumentTypeError, "give a list"),
        ([], DataError, "sources is empty"),
        (["a", None], ArgumentTypeError, r"sources\[1\] is None"),
        (["a", float("nan")], ArgumentTypeError, r"sources\[1\] is nan \(float\)"),
        (np.array([1, 2]), ArgumentTypeError, "must be text"),
        (["a", ""], DataError, r"sources\[1\] is ''"),
        (["a", "  "], DataError, "there is no word"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(texts: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        check_texts(texts, "sources", tokens="word", may_be_empty=False)


def test_arrays_and_columns_are_lists() -> None:
    pandas = pytest.importorskip("pandas")
    for texts in (np.array(["a", "b"]), pandas.Series(["a", "b"]), ("a", "b"), (letter for letter in "ab")):
        assert check_texts(texts, "sources", tokens="character", may_be_empty=False) == ["a", "b"]


def test_other_units_are_refused() -> None:
    with pytest.raises(SpecificationError, match="'character' or 'word'"):
        check_tokens("syllable")
