"""Words, bags and sequences beside scikit-learn's transformers and hand-made cases."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from lamina.data.text import BagOfWords, WordSequences, words_of
from lamina.data.text.words import PATTERN, read_back, written
from lamina.errors import DataError, FileFormatError, SpecificationError

TEXTS = [
    "The film is GOOD, really good.",
    "A dull film; it isn't good",
    "Étonnant: été, e\u0301te\u0301!",
    "film",
]


def test_words_are_lower_case_runs_with_apostrophes_inside() -> None:
    assert words_of(TEXTS[1]) == ["a", "dull", "film", "it", "isn't", "good"]
    assert words_of(TEXTS[2]) == ["étonnant", "été", "été"]
    assert words_of("\x00\udce9 ... ''") == []
    assert len(words_of("word " * 1_000_000)) == 1_000_000


def test_counts_and_weights_are_those_of_scikit_learn() -> None:
    ours = BagOfWords(20, ngrams=2, values="counts")
    theirs = CountVectorizer(ngram_range=(1, 2), token_pattern=PATTERN, max_features=20)
    np.testing.assert_array_equal(
        ours.fit_transform(TEXTS[:2]).toarray(), theirs.fit_transform(TEXTS[:2]).toarray()
    )
    weighted = TfidfVectorizer(token_pattern=PATTERN).fit(TEXTS[:2])
    bag = BagOfWords(values="tfidf")
    np.testing.assert_allclose(
        bag.fit_transform(TEXTS[:2]).toarray(), weighted.transform(TEXTS[:2]).toarray(), rtol=1e-6
    )
    np.testing.assert_allclose(bag.transform(TEXTS).toarray(), weighted.transform(TEXTS).toarray(), rtol=1e-6)


def test_presence_and_proportions_by_hand() -> None:
    texts = ["a a b", "b", "c"]
    assert BagOfWords(2).fit_transform(texts).toarray().tolist() == [[1, 1], [0, 1], [0, 0]]
    shares = BagOfWords(2, values="proportions").fit_transform(texts).toarray()
    np.testing.assert_allclose(shares, [[2 / 3, 1 / 3], [0, 1], [0, 0]], rtol=1e-6)


def test_sequences_are_padded_and_cut_on_either_side() -> None:
    texts = ["a a a b b c", "b", ""]  # codes: a 2, b 3, c 4

    def rows(**settings: object) -> list[list[int]]:
        with pytest.warns(UserWarning, match="1 of 3 documents"):
            return WordSequences(length=3, **settings).fit_transform(texts).tolist()

    assert rows() == [[3, 3, 4], [0, 0, 3], [0, 0, 0]]
    assert rows(pad="right", truncate="right") == [[2, 2, 2], [3, 0, 0], [0, 0, 0]]
    assert rows(vocabulary=4) == [[3, 3, 1], [0, 0, 3], [0, 0, 0]]


def test_further_documents_are_read_as_those_of_the_fit() -> None:
    made = WordSequences(vocabulary=6)
    first = made.fit_transform(TEXTS)
    assert first.dtype == np.int32
    assert made.length_ == 6
    np.testing.assert_array_equal(made.transform(TEXTS), first)
    again = WordSequences.from_state(*made.state())
    np.testing.assert_array_equal(again.transform(TEXTS), first)
    assert again.codes == 6


def test_a_document_of_a_million_words_takes_the_usual_places() -> None:
    assert WordSequences().fit_transform(["word " * 1_000_000, "b"]).shape == (2, 500)


def test_settings_and_damaged_files_are_refused() -> None:
    for make in (
        lambda: BagOfWords(2.5),
        lambda: BagOfWords(ngrams=11),
        lambda: WordSequences(vocabulary=2),
        lambda: WordSequences(length=0),
        lambda: WordSequences(pad="both"),
    ):
        with pytest.raises(SpecificationError):
            make()
    with pytest.raises(DataError, match="has a word"):
        WordSequences().fit_transform(["", "?"])
    with pytest.raises(FileFormatError):
        read_back(np.array([0xFF, 0xFE], np.uint8))
    with pytest.raises(FileFormatError, match="twice"):
        read_back(written(["a", "b", "a"]))
