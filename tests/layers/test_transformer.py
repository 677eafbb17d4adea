"""A Transformer's block: parts that are known, gradients, masks, and fits."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from small_fits import apply_layer, assert_gradient

from lamina import NeuralClassifier
from lamina.errors import SpecificationError
from lamina.layers import (
    Context,
    Dense,
    Embedding,
    FeedForward,
    GlobalAveragePool,
    LayerNorm,
    LearnedPositions,
    MultiHeadAttention,
    PositionalEncoding,
    Sequential,
    TransformerBlock,
)
from lamina.networks.summary import count_parameters, multiplications
from lamina.training import DataSet, Member, Settings, SquaredError, fit, fit_population, pad_rows

RNG = np.random.default_rng(0)


def test_the_small_network_is_two_dense_layers_at_every_place() -> None:
    layer, x = FeedForward(6, "relu"), RNG.normal(size=(2, 3, 4))
    p = layer.init(RNG, (3, 4))[0]
    by_place = Sequential([Dense(6, "relu"), Dense(4)])
    dense = {
        "dense_1": {"weights": p["weights"], "bias": p["bias"]},
        "dense_2": {"weights": p["output_weights"], "bias": p["output_bias"]},
    }
    y = apply_layer(layer, x, p)
    for place in range(3):
        np.testing.assert_allclose(y[:, place], apply_layer(by_place, x[:, place], dense), rtol=1e-12)


def test_a_block_is_its_parts() -> None:
    block, x = TransformerBlock(2), RNG.normal(size=(2, 3, 4))
    p = block.init(RNG, (3, 4))[0]
    first, second = p["residual_1"], p["residual_2"]
    normal = apply_layer(LayerNorm(), x, first["layer_norm_1"])
    a = x + apply_layer(MultiHeadAttention(2), normal, first["multi_head_attention_1"])
    normal = apply_layer(LayerNorm(), a, second["layer_norm_1"])
    np.testing.assert_allclose(
        apply_layer(block, x, p), a + apply_layer(FeedForward(), normal, second["feed_forward_1"])
    )


def test_gradients_of_a_decoder_s_block() -> None:
    block = TransformerBlock(2, 5, causal=True, cross=True)
    memory = RNG.normal(size=(2, 4, 4))
    at = block.init(RNG, (3, 4))[0], RNG.normal(size=(2, 3, 4))
    assert_gradient(lambda at: block.apply(at[0], {}, at[1], Context(memory=memory))[0], at, rtol=1e-5)


def test_a_causal_chain_does_not_know_the_future() -> None:
    chain = Sequential(
        [PositionalEncoding(), TransformerBlock(2, causal=True), TransformerBlock(2, causal=True)]
    )
    x = RNG.normal(size=(2, 6, 4))
    changed = x.copy()
    changed[:, 4:] += 1
    np.testing.assert_array_equal(apply_layer(chain, x)[:, :4], apply_layer(chain, changed)[:, :4])


@pytest.mark.parametrize("positions", [PositionalEncoding(), LearnedPositions()])
def test_padding_changes_nothing_in_a_whole_network(positions: PositionalEncoding | LearnedPositions) -> None:
    network = Sequential([Embedding(4, 9), positions, TransformerBlock(2), GlobalAveragePool()])
    parameters = network.init(RNG, (5,))[0]
    bare = apply_layer(network, np.array([[3, 8, 2]]), parameters)
    for padded in ([0, 0, 3, 8, 2], [3, 8, 2, 0, 0]):
        np.testing.assert_allclose(apply_layer(network, np.array([padded]), parameters), bare)


def test_counts() -> None:
    block = TransformerBlock(4)
    arrays = jax.tree.leaves(block.init(RNG, (128, 64))[0])
    assert sum(array.size for array in arrays) == count_parameters(block, (128, 64)) == 49_984
    products = 128 * (4 * 64 * 64 + 8 * 64 * 64) + 2 * 128 * 128 * 64
    assert (
        products < multiplications(block, (128, 64)) < 1.05 * products
    )  # biases and factors are counted as well


def test_dropout_acts_in_training_alone() -> None:
    block, x = TransformerBlock(2, dropout=0.5), RNG.normal(size=(2, 3, 4))
    training = {"training": True, "root": jax.random.key(0)}
    assert not np.allclose(apply_layer(block, x, **training), apply_layer(block, x))
    np.testing.assert_allclose(
        apply_layer(TransformerBlock(2, dropout=0.0), x, **training), apply_layer(block, x)
    )


def test_words_that_stand_together_decide_about_classes() -> None:
    """Whether 7 stands directly before 8: no bag of words could tell."""
    codes = RNG.integers(1, 7, (400, 8))
    codes[:, :2] = 0
    place = RNG.integers(2, 7, 400)
    y = RNG.integers(0, 2, 400)
    codes[np.arange(400), place] = np.where(y, 7, 8)
    codes[np.arange(400), place + 1] = np.where(y, 8, 7)
    layers = [
        Embedding(16, 10),
        PositionalEncoding(),
        TransformerBlock(2, 32, dropout=0.0),
        GlobalAveragePool(),
    ]
    model = NeuralClassifier(layers, epochs=25, random_state=0).fit(codes[:300], y[:300])
    assert model.score(codes[300:], y[300:]) > 0.9


def test_members_of_a_population_equal_lone_fits_whatever_their_dropout() -> None:
    x = RNG.normal(size=(64, 5, 4)).astype(np.float32)
    rows, settings = pad_rows(x, x[:, 0, :1], None), Settings(epochs=2)
    members = [
        Member(
            Sequential([TransformerBlock(2, 8, rate), GlobalAveragePool(), Dense(1)]),
            SquaredError(),
            settings,
            seed=0,
        )
        for rate in (0.0, 0.3)
    ]
    for member, outcome in zip(members, fit_population(members, [DataSet(rows)]), strict=True):
        alone = fit(member.network, SquaredError(), rows, settings, 0)
        assert outcome.fitted is not None
        np.testing.assert_allclose(outcome.fitted.history.loss, alone.history.loss, rtol=1e-4)


def test_bad_values_are_refused() -> None:
    with pytest.raises(SpecificationError, match=r"dropout must be a number in \[0, 1\)"):
        TransformerBlock(2, dropout=1.0)
    with pytest.raises(SpecificationError, match="divides 5"):
        TransformerBlock(2).output_shape((3, 5))
