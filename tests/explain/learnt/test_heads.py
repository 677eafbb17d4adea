"""Attention maps are softmax(QK'/√d) by hand, padding left out; they are drawn with the words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.exceptions import NotFittedError

from lamina import NeuralClassifier, NeuralRegressor, TextClassifier
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import attention_maps, plot_attention_maps
from lamina.layers import (
    Dense,
    Embedding,
    GlobalAveragePool,
    MultiHeadAttention,
    TimeDistributed,
    TransformerBlock,
)

TEXTS = ["good film", "a bad long film", "good good", "bad"] * 5
INSIDE = "transformer_block_1/residual_1/multi_head_attention_1"


def fitted(*layers: Any) -> TextClassifier:
    chain = [Embedding(4), *layers, GlobalAveragePool()]
    return TextClassifier(chain, epochs=3, random_state=0).fit(TEXTS, ["+", "-", "+", "-"] * 5)


@pytest.fixture(scope="module")
def plain() -> TextClassifier:
    return fitted(MultiHeadAttention(2))


def by_hand(x: np.ndarray, own: dict[str, np.ndarray], there: np.ndarray, causal: bool = False) -> np.ndarray:
    """(heads, t, t) of one sequence (t, p)."""
    maps = []
    for head in range(2):
        part = slice(2 * head, 2 * head + 2)
        q, k = (x @ own[f"{name}_weights"] + own[f"{name}_bias"] for name in ("query", "key"))
        scores = q[:, part] @ k[:, part].T / np.sqrt(2)
        scores[:, ~there] = -np.inf
        if causal:
            scores[np.triu_indices(len(x), 1)] = -np.inf
        maps.append(softmax(scores, axis=1))
    return np.array(maps)


def test_the_maps_are_computed_by_hand_and_padding_gets_nothing(plain: TextClassifier) -> None:
    text: Any = plain.features_.text
    codes = text.transform(["a bad film"])[0]
    assert codes[0] == 0
    x = plain.parameters_["embedding_1"]["weights"][codes]
    expected = by_hand(x, plain.parameters_["multi_head_attention_1"], codes != 0)
    found = attention_maps(plain, ["a bad film", "good"])
    assert found.shape == (2, 2, 4, 4)
    np.testing.assert_allclose(found[0], expected, atol=1e-6)
    assert found[0, :, :, 0].max() == 0


def test_inside_a_transformer_block_the_normalised_places_are_looked_at() -> None:
    model = fitted(TransformerBlock(2, causal=True))
    text: Any = model.features_.text
    codes = text.transform(["a bad long film"])[0]
    x = model.parameters_["embedding_1"]["weights"][codes]
    own = model.parameters_["transformer_block_1"]["residual_1"]
    norm = own["layer_norm_1"]
    x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    x = x * next(norm[name] for name in norm if name != "bias") + norm["bias"]
    expected = by_hand(x, own["multi_head_attention_1"], codes != 0, causal=True)
    np.testing.assert_allclose(attention_maps(model, ["a bad long film"], INSIDE)[0], expected, atol=1e-3)


def test_words_stand_beside_the_places_and_padding_is_left_out(plain: TextClassifier) -> None:
    ax = plot_attention_maps(plain, "a bad unheard film")
    maps = attention_maps(plain, ["a bad unheard film"])[0]
    assert [inset.get_title() for inset in ax.child_axes] == ["head 1", "head 2"]
    np.testing.assert_allclose(ax.child_axes[1].images[0].get_array(), maps[1])
    assert [each.get_text() for each in ax.child_axes[0].get_yticklabels()] == ["a", "bad", "?", "film"]
    short = plot_attention_maps(plain, "good film", tokens=["GOOD", "FILM"])
    assert [each.get_text() for each in short.child_axes[0].get_xticklabels()] == ["GOOD", "FILM"]
    with pytest.raises(DataError, match="tokens has 3 names and the sequence 2 places"):
        plot_attention_maps(plain, "good film", tokens=["a", "b", "c"])
    with pytest.raises(DataError, match="padding alone"):
        plot_attention_maps(plain, "")


def test_sequences_of_numbers_have_their_places_numbered() -> None:
    x = np.random.default_rng(0).normal(size=(12, 3, 4))
    model = NeuralRegressor([MultiHeadAttention(2), GlobalAveragePool()], epochs=1, random_state=0).fit(
        x, x[:, 0, 0]
    )
    expected = by_hand(x[0], model.parameters_["multi_head_attention_1"], np.ones(3, bool))
    np.testing.assert_allclose(attention_maps(model, x)[0], expected, atol=1e-5)
    ax = plot_attention_maps(model, x[0])
    assert [each.get_text() for each in ax.child_axes[0].get_xticklabels()] == ["1", "2", "3"]


def test_what_has_no_maps_is_refused(plain: TextClassifier) -> None:
    x = np.random.default_rng(0).normal(size=(12, 2))
    dense = NeuralClassifier([Dense(2)], epochs=1).fit(x, [0, 1] * 6)
    with pytest.raises(SpecificationError, match="has no MultiHeadAttention"):
        attention_maps(dense, x)
    with pytest.raises(SpecificationError, match="and no attention: take 'multi_head_attention_1'"):
        attention_maps(plain, TEXTS, "embedding_1")
    with pytest.raises(SpecificationError, match="did you mean"):
        attention_maps(plain, TEXTS, "multi_head_attention_2")
    with pytest.raises(NotFittedError):
        attention_maps(TextClassifier([Embedding(4), MultiHeadAttention(2)]), TEXTS)
    with pytest.raises(ArgumentTypeError):
        attention_maps(object(), TEXTS)
    inside = NeuralRegressor(
        [TimeDistributed([MultiHeadAttention(1), GlobalAveragePool()]), GlobalAveragePool()], epochs=1
    )
    steps = np.zeros((4, 2, 3, 2))
    with pytest.raises(SpecificationError, match="which is not seen into"):
        attention_maps(inside.fit(steps, [0.0, 1.0, 0.0, 1.0]), steps)
