"""Attention by hand and by law: what it sees, what padding must not change, and that nothing overflows."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_fits import apply_layer, assert_gradient

from lamina.errors import SpecificationError
from lamina.layers import Context, Embedding, MultiHeadAttention, Sequential
from lamina.networks.summary import largest_activation, multiplications
from lamina.numerics.attention import attend, attention_weights

RNG = np.random.default_rng(0)
HAND = {
    "query_weights": np.array([[1.0, 0.0], [0.0, 1.0]]),
    "key_weights": np.array([[1.0, 0.0], [0.0, 2.0]]),
    "value_weights": np.array([[0.0, 1.0], [1.0, 0.0]]),
    "output_weights": np.eye(2),
}


def test_two_places_by_hand() -> None:
    """With one number a head the scores are products of single numbers."""
    x = np.array([[[1.0, 1.0], [2.0, 0.0]]])
    y = apply_layer(MultiHeadAttention(2, use_bias=False), x, HAND)
    e = np.exp
    # Head 1: queries 1, 2, keys 1, 2, values 1, 0. Head 2: queries 1, 0, keys 2, 0, values 1, 2.
    first = [e(1) / (e(1) + e(2)), e(2) / (e(2) + e(4))]
    second = [(e(2) + 2) / (e(2) + 1), 1.5]
    np.testing.assert_allclose(y[0], np.transpose([first, second]), rtol=1e-12)


def test_scores_are_divided_by_the_root_of_a_head_s_size() -> None:
    q = np.ones((1, 1, 1, 4))
    k = np.stack([np.ones(4), np.zeros(4)])[None, None]
    w = attention_weights(jnp.asarray(q), jnp.asarray(k), None)
    np.testing.assert_allclose(w.ravel(), np.exp([2, 0]) / np.exp([2, 0]).sum(), rtol=1e-6)


@pytest.mark.parametrize("layer", [MultiHeadAttention(2), MultiHeadAttention(3, 2, causal=True)])
def test_count_is_that_of_the_arrays(layer: MultiHeadAttention) -> None:
    arrays = jax.tree.leaves(layer.init(RNG, (5, 4))[0])
    assert sum(array.size for array in arrays) == layer.count((5, 4))


@pytest.mark.parametrize("layer", [MultiHeadAttention(2), MultiHeadAttention(2, 3, causal=True)])
@pytest.mark.parametrize("mask", [None, np.array([[0, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]], bool)])
def test_gradients(layer: MultiHeadAttention, mask: np.ndarray | None) -> None:
    both = layer.init(RNG, (4, 4))[0], RNG.normal(size=(3, 4, 4))
    assert_gradient(lambda at: layer.apply(at[0], {}, at[1], Context(mask=mask))[0], both)


def test_gradient_by_the_memory() -> None:
    layer = MultiHeadAttention(2, cross=True)
    at = layer.init(RNG, (4, 4))[0], RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 4))
    there = np.array([[1, 1, 0, 0, 0], [1, 1, 1, 1, 1]], bool)

    def found(at: tuple) -> jax.Array:
        return layer.apply(at[0], {}, at[1], Context(memory=at[2], memory_mask=there))[0]

    assert_gradient(found, at)


def test_padding_changes_nothing_wherever_it_stands() -> None:
    network = Sequential([Embedding(4, 9), MultiHeadAttention(2)])
    parameters = network.init(RNG, (3,))[0]
    bare = apply_layer(network, np.array([[3, 8, 2]]), parameters)[0]
    for codes in ([0, 0, 3, 8, 2], [3, 8, 2, 0, 0], [3, 0, 8, 0, 2]):
        places = [place for place, code in enumerate(codes) if code]
        np.testing.assert_allclose(apply_layer(network, np.array([codes]), parameters)[0][places], bare)


def test_a_causal_layer_does_not_know_the_future() -> None:
    layer, x = MultiHeadAttention(2, causal=True), RNG.normal(size=(2, 6, 4))
    changed = x.copy()
    changed[:, 4:] += 1
    before, after = apply_layer(layer, x), apply_layer(layer, changed)
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert not np.allclose(before[:, 4:], after[:, 4:])


def test_without_places_there_is_no_order() -> None:
    """Attention treats a sequence as a set: turned around, it gives the same turned around."""
    layer, x = MultiHeadAttention(2), RNG.normal(size=(2, 6, 4))
    np.testing.assert_allclose(apply_layer(layer, x[:, ::-1]), apply_layer(layer, x)[:, ::-1], rtol=1e-10)


def test_the_memory_is_looked_at_and_its_padding_is_not() -> None:
    layer, x, memory = (
        MultiHeadAttention(2, cross=True),
        RNG.normal(size=(1, 3, 4)),
        RNG.normal(size=(1, 5, 4)),
    )
    there = np.array([[True, True, False, False, False]])
    y = apply_layer(layer, x, memory=memory, memory_mask=there)
    np.testing.assert_allclose(y, apply_layer(layer, x, memory=memory[:, :2]))
    with pytest.raises(SpecificationError, match="there is none"):
        apply_layer(layer, x)


def test_weights_are_shares_and_give_the_output() -> None:
    layer, x = MultiHeadAttention(2, causal=True), RNG.normal(size=(2, 4, 4)).astype(np.float32)
    parameters = layer.init(np.random.default_rng(0), (4, 4))[0]
    w = layer.weights(parameters, x, Context())
    assert w.shape == (2, 2, 4, 4)
    np.testing.assert_allclose(w.sum(axis=-1), 1, rtol=1e-5)
    assert not np.triu(w, 1).any()


def test_extreme_scores_stay_finite() -> None:
    q = jnp.array([[[[1e3, -1e3]]]], jnp.float32)
    k = jnp.array([[[[1e3, 0.0], [-1e3, 0.0], [0.0, 1e3]]]], jnp.float32)
    found = attend(q, k, jnp.array([[[[1.0], [2.0], [3.0]]]], jnp.float32))
    assert found.ravel().tolist() == [1.0]
    slope = jax.grad(lambda q: attend(q, k, k, jnp.array([False, False, False])).sum())(q)
    assert not slope.any()


def test_work_and_memory_are_counted() -> None:
    layer = MultiHeadAttention(4)
    assert multiplications(layer, (128, 64)) == 4 * 128 * 64 * 64 + 2 * 128 * 128 * 64
    assert largest_activation(Sequential([layer]), (128, 64)) == 4 * 128 * 128


def test_an_uneven_width_is_refused() -> None:
    with pytest.raises(SpecificationError, match="divides 10"):
        MultiHeadAttention(4).output_shape((5, 10))
    assert dataclasses.replace(MultiHeadAttention(4), dimension=3).output_shape((5, 10)) == (5, 10)
    with pytest.raises(SpecificationError, match="takes sequences"):
        MultiHeadAttention(4).output_shape((8,))
