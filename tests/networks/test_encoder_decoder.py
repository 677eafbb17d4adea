"""Encoders and decoders: what teacher forcing may know, what padding must not change, and that steps are the whole."""

from __future__ import annotations

import dataclasses
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_fits import assert_gradient

from lamina.data.symbols import BEGIN, END
from lamina.errors import SpecificationError
from lamina.layers import Context, Sequential
from lamina.networks.decoding import looked_at, search
from lamina.networks.encoder_decoder import EncoderDecoder, RecurrentEncoderDecoder
from lamina.networks.summary import count_parameters, multiplications
from lamina.networks.transformer import TransformerEncoderDecoder

SOURCE, STEPS, VOCABULARY = 5, 4, 7
NETWORKS: list[EncoderDecoder] = [
    RecurrentEncoderDecoder(SOURCE, 9, VOCABULARY, 3, 4),
    RecurrentEncoderDecoder(SOURCE, 9, VOCABULARY, 3, 4, "lstm", attention=False),
    TransformerEncoderDecoder(SOURCE, 9, VOCABULARY, 4, heads=2, depth=2),
]
ALL = pytest.mark.parametrize("network", NETWORKS, ids=["gru with attention", "lstm without", "transformer"])
SOURCES = np.array([[4, 5, 6, 0, 0], [8, 7, 4, 4, 5]], np.int32)
GIVEN = np.array([[BEGIN, 4, 6, 5], [BEGIN, 5, 0, 0]], np.int32)


def drawn(network: EncoderDecoder, dtype: type = np.float32) -> dict:
    parameters = network.init(np.random.default_rng(1), (SOURCE + STEPS,))[0]
    return jax.tree.map(lambda leaf: np.asarray(leaf, dtype) * 2, parameters)


def logits(network: EncoderDecoder, source: np.ndarray, given: np.ndarray) -> np.ndarray:
    parameters = drawn(network)
    network = dataclasses.replace(network, source_length=source.shape[1])
    rows = np.concatenate([source, given], axis=1)
    return np.asarray(network.apply(parameters, {}, rows, Context())[0])


@ALL
def test_padding_of_the_source_changes_nothing(network: EncoderDecoder) -> None:
    bare = logits(network, SOURCES[:1, :3], GIVEN[:1])
    np.testing.assert_allclose(logits(network, SOURCES[:1], GIVEN[:1]), bare, rtol=1e-4, atol=1e-5)


@ALL
def test_a_step_knows_the_codes_before_it_alone(network: EncoderDecoder) -> None:
    other = GIVEN.copy()
    other[:, 2:] = 4
    before, after = logits(network, SOURCES, GIVEN), logits(network, SOURCES, other)
    np.testing.assert_allclose(before[:, :2], after[:, :2], rtol=1e-5, atol=1e-6)


@ALL
def test_steps_one_by_one_are_all_steps_at_once(network: EncoderDecoder) -> None:
    parameters = drawn(network)
    memory = network.encode(parameters, SOURCES, Context())
    at_once = network.decode(parameters, jnp.asarray(GIVEN), memory, Context())[0]
    carried = network.begin(memory, STEPS)
    for place in range(STEPS):
        found, carried = network.step(
            parameters, jnp.asarray(GIVEN[:, place]), jnp.int32(place), carried, memory
        )
        there = (
            slice(None) if place < 2 else slice(1)
        )  # what follows the end of the second target means nothing
        np.testing.assert_allclose(found[there], at_once[there, place], rtol=1e-4, atol=1e-5)


@ALL
def test_gradients(network: EncoderDecoder) -> None:
    rows = np.concatenate([SOURCES, GIVEN], axis=1)
    parameters = network.init(np.random.default_rng(1), (SOURCE + STEPS,))[0]
    assert_gradient(lambda p: network.apply(p, {}, rows, Context())[0], parameters, rtol=1e-5)


@ALL
def test_work_is_at_least_one_pass_of_the_weights_that_steps_share(network: EncoderDecoder) -> None:
    shape = (SOURCE + STEPS,)
    whole = Sequential([network])
    looked_up = (9 + VOCABULARY) * 4
    assert multiplications(whole, shape) > STEPS * (count_parameters(whole, shape) - looked_up) / 2


def probability(network: EncoderDecoder, source: np.ndarray, target: tuple[int, ...]) -> float:
    """Logarithm of the probability of a target that may hold the end and the codes after it alone."""
    given = np.array([[BEGIN, *target[:-1]]], np.int32)
    z = logits(network, source, np.pad(given, ((0, 0), (0, STEPS - given.shape[1]))))[0].astype(float)
    z = z[:, END:]
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return float(sum(log_p[place, code - END] for place, code in enumerate(target)))


@ALL
def test_one_beam_takes_the_most_probable_code_at_each_step(network: EncoderDecoder) -> None:
    codes, scores = search(network, drawn(network), SOURCES, STEPS, 1)
    target: tuple[int, ...] = ()
    while len(target) < STEPS and END not in target:
        target += (
            max(range(END, VOCABULARY), key=lambda code: probability(network, SOURCES[1:], (*target, code))),
        )
    assert np.asarray(codes)[1, : len(target)].tolist() == list(target)
    assert float(scores[1]) == pytest.approx(probability(network, SOURCES[1:], target), rel=1e-3)


def test_enough_beams_find_the_most_probable_of_all_targets() -> None:
    network, steps = NETWORKS[0], 3
    every = [
        (*start, END) if len(start) < steps else start
        for length in range(steps + 1)
        for start in itertools.product(range(END + 1, VOCABULARY), repeat=length)
    ]
    best = max(every, key=lambda target: probability(network, SOURCES[1:], target))
    codes, scores = search(network, drawn(network), SOURCES, steps, VOCABULARY**2)
    found = np.asarray(codes)[1]
    assert found[: len(best)].tolist() == list(best)
    assert not found[len(best) :].any()
    assert float(scores[1]) == pytest.approx(probability(network, SOURCES[1:], best), rel=1e-3)


def test_what_was_looked_at_is_shares_of_what_is_there() -> None:
    for network in (NETWORKS[0], NETWORKS[2]):
        weights = np.asarray(looked_at(network, drawn(network), SOURCES, GIVEN))
        assert weights.shape == (2, STEPS, SOURCE)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
        assert not weights[0, :, 3:].any()


def test_bad_sizes_are_refused() -> None:
    with pytest.raises(SpecificationError, match="at least one of the target"):
        NETWORKS[0].output_shape((SOURCE,))
    with pytest.raises(SpecificationError, match="number of heads that divides"):
        TransformerEncoderDecoder(5, 9, 7, units=6, heads=4).output_shape((9,))
    with pytest.raises(SpecificationError, match="'gru' or 'lstm'"):
        RecurrentEncoderDecoder(5, 9, 7, cell="rnn")
