"""Vectors of words: read from a file line by line, or the principal components of co-occurrences."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

from lamina import TextClassifier
from lamina.data.text import cooccurrence_embeddings, read_embeddings
from lamina.data.text.embeddings import near_one_another
from lamina.errors import ArgumentTypeError, DataError, FileAccessError, FileFormatError, SpecificationError
from lamina.layers import LSTM, Embedding

TEXTS = ["a fine film", "a dull plot", "fine plot and a fine film", "dull film and a dull plot"] * 5
WORDS = ["a", "film", "plot", "fine", "dull", "and"]


def test_a_word2vec_header_is_skipped_and_missing_words_get_the_mean(tmp_path: Path) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text("3 2\nfilm 1 2\nété 5 5\nfine 3 -4\n", encoding="utf-8")
    found = read_embeddings(file, ["film", "plot", "fine"])
    assert found.weights.tolist() == [[0, 0], [2, -1], [1, 2], [2, -1], [3, -4]]
    assert found.missing == ("plot",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("film 1 2\nfine 1\n", "line 2: the word 'fine' has 1 numbers, and the first 2"),
        ("film 1 2\nfine 1 2 3\n", "line 2"),
        ("film 1 two\n", "line 1: could not convert"),
        ("film 1 nan\n", "line 1: a number is not finite"),
        ("film  1 2\n", "line 1: could not convert .* parted by single spaces"),
        ("film\t1\t2\n", "line 1: no number comes after .* parted by single spaces"),
    ],
)
def test_a_ragged_or_damaged_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text(text)
    with pytest.raises(FileFormatError, match=message):
        read_embeddings(file, ["film", "fine"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_at_the_beginning_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text("été 1 2\nfilm 3 4\n", encoding=encoding)
    assert read_embeddings(file, ["été", "film"]).weights[2:].tolist() == [[1, 2], [3, 4]]


def test_a_line_of_several_words_is_no_ragged_one(tmp_path: Path) -> None:
    file = tmp_path / "vectors.txt"
    file.write_text("film 1 2\nnew york 5 6\n. . . 7 8\nfine 3 4\n")
    assert read_embeddings(file, ["new", "fine"]).weights[2:].tolist() == [[3, 4], [3, 4]]


def test_a_packed_file_and_a_word_in_place_of_words(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "vectors.txt.gz", "wt") as file:
        file.write("film 1 2\n")
    with pytest.raises(FileFormatError, match="is a gzip archive: unpack it first"):
        read_embeddings(tmp_path / "vectors.txt.gz", ["film"])
    with pytest.raises(ArgumentTypeError, match="give the words of a dictionary as a list"):
        read_embeddings(tmp_path / "vectors.txt", "film")


def test_a_file_that_is_not_there_or_of_other_words(tmp_path: Path) -> None:
    with pytest.raises(FileAccessError, match=r"nowhere\.txt"):
        read_embeddings(tmp_path / "nowhere.txt", ["a"])
    file = tmp_path / "vectors.txt"
    file.write_text("film 1 2\n")
    with pytest.raises(DataError, match="none of the 1 words"):
        read_embeddings(file, ["plot"])


def test_components_are_those_of_the_written_out_matrix() -> None:
    counts = near_one_another(TEXTS, WORDS).toarray()
    np.testing.assert_array_equal(counts, counts.T)
    made = cooccurrence_embeddings(TEXTS, WORDS, dimension=2)
    pca = PCA(2).fit(np.log1p(counts))
    theirs = pca.transform(np.log1p(counts)) / np.sqrt(pca.singular_values_)
    ours = made.weights[2:]
    np.testing.assert_allclose(np.abs(ours / ours[0, 0]), np.abs(theirs / theirs[0, 0]), rtol=1e-3, atol=1e-4)
    with pytest.raises(DataError, match="at most 5"):
        cooccurrence_embeddings(TEXTS, WORDS, dimension=6)


def test_words_that_never_meet_and_settings_that_mean_nothing() -> None:
    for texts in (["film", "plot"], ["", "fine"], []):
        with pytest.raises(DataError, match="no two of the 6 words stand within 5 places"):
            cooccurrence_embeddings(texts, WORDS, dimension=2)
    for setting in ({"dimension": 2.5}, {"dimension": 0}, {"window": 0}, {"window": "a"}):
        with pytest.raises(SpecificationError, match=f"{next(iter(setting))} must be a whole number"):
            cooccurrence_embeddings(TEXTS, WORDS, **{"dimension": 2, **setting})


def test_frozen_vectors_stay_as_they_are() -> None:
    made = cooccurrence_embeddings(TEXTS, WORDS, dimension=3)
    labels = ["good", "bad", "good", "bad"] * 5
    model = TextClassifier(
        [Embedding(3, 8, trainable=False), LSTM(2)],
        weights={"embedding_1/weights": made.weights},
        epochs=2,
        random_state=0,
    ).fit(TEXTS, labels)
    np.testing.assert_array_equal(model.parameters_["embedding_1"]["weights"], made.weights)
