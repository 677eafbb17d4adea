"""Vectors are those of the parameters; their picture is scikit-learn's principal components."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from lamina import NeuralClassifier, NeuralRegressor, TextClassifier
from lamina.errors import DataError, SpecificationError
from lamina.explain import embedding_vectors, plot_embedding
from lamina.layers import Dense, Embedding, GlobalAveragePool

TEXTS = ["good film", "a bad long film", "good good", "bad"] * 5


@pytest.fixture(scope="module")
def text() -> TextClassifier:
    layers = [Embedding(5), GlobalAveragePool()]
    return TextClassifier(layers, epochs=3, random_state=0).fit(TEXTS, ["+", "-", "+", "-"] * 5)


def test_words_have_the_rows_of_the_table(text: TextClassifier) -> None:
    vectors = embedding_vectors(text)
    assert sorted(vectors) == ["a", "bad", "film", "good", "long"]
    codes = text._features(["long"], reset=False)[0]
    np.testing.assert_array_equal(
        vectors["long"], text.parameters_["embedding_1"]["weights"][codes[-1]].astype(float)
    )


def test_the_picture_is_of_the_principal_components_with_the_words(text: TextClassifier) -> None:
    words = ["good", "bad", "film", "long"]
    ax = plot_embedding(text, words, names={"film": "FILM"})
    vectors = np.stack([embedding_vectors(text)[word] for word in words])
    pca = PCA(2).fit(vectors)
    drawn = np.asarray(ax.collections[0].get_offsets())
    np.testing.assert_allclose(np.abs(drawn), np.abs(pca.transform(vectors)), atol=1e-8)
    assert [each.get_text() for each in ax.texts] == ["good", "bad", "FILM", "long"]
    assert ax.get_xlabel() == f"first component, {pca.explained_variance_ratio_[0]:.0%} of the variance"


def test_categories_of_a_table_have_vectors_too() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": rng.normal(size=200), "town": rng.choice([f"town {k}" for k in range(40)], 200)}
    )
    model = NeuralRegressor([Dense(4)], epochs=1, random_state=0).fit(frame, frame["a"])
    vectors = embedding_vectors(model)
    assert set(vectors) == set(frame["town"])
    assert len(plot_embedding(model, most=10).texts) == 10
    with pytest.raises(SpecificationError, match="no vectors of a column 'a'"):
        embedding_vectors(model, column="a")


def test_codes_without_a_dictionary_are_numbers() -> None:
    codes = np.random.default_rng(0).integers(0, 6, (20, 4))
    model = NeuralClassifier([Embedding(1, 6), GlobalAveragePool()], epochs=1, random_state=0).fit(
        codes, [0, 1] * 10
    )
    ax = plot_embedding(model)
    assert [each.get_text() for each in ax.texts] == ["1", "2", "3", "4", "5"]
    assert np.asarray(ax.collections[0].get_offsets())[:, 1].max() == 0


def test_what_has_no_vectors_is_refused(text: TextClassifier) -> None:
    with pytest.raises(DataError, match="1 of 2 words have no vector, the first 'plot'"):
        plot_embedding(text, ["film", "plot"])
    with pytest.raises(DataError, match="name two"):
        plot_embedding(text, ["film"])
    with pytest.raises(SpecificationError, match="and no embedding: take 'embedding_1'"):
        embedding_vectors(text, "dense_1")
    x = np.zeros((4, 2))
    with pytest.raises(SpecificationError, match="has no Embedding"):
        plot_embedding(NeuralRegressor([], epochs=1).fit(x, [0.0, 1.0, 0.0, 1.0]))
