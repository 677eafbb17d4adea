"""Recurrent layers by hand and by law: the book's counts, what padding must not change, both directions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    GlobalAveragePool,
    GlobalMaxPool,
    Orthogonal,
    Sequential,
    SimpleRNN,
)
from lamina.layers.base import Context, Layer
from lamina.layers.recurrent import Recurrent
from lamina.networks.summary import count_parameters, multiplications
from lamina.training import Adam, DataSet, Member, Settings, SquaredError, fit, fit_population, pad_rows

RNG = np.random.default_rng(0)
LAYERS: list[Recurrent] = [SimpleRNN(3), LSTM(3), GRU(3)]


def drawn(layer: Layer, shape: tuple[int, ...]) -> dict:
    return jax.tree.map(
        lambda leaf: np.asarray(leaf, np.float32), layer.init(np.random.default_rng(1), shape)[0]
    )


def test_the_book_s_network_for_nyse_has_205_parameters() -> None:
    assert count_parameters(Sequential([SimpleRNN(12), Dense(1)]), (5, 3)) == 205


@pytest.mark.parametrize(
    ("layer", "count"), [(LSTM(32), 8320), (GRU(32), 6272), (Bidirectional(LSTM(32)), 16640)]
)
def test_counts_are_those_of_the_arrays(layer: Layer, count: int) -> None:
    arrays = jax.tree.leaves(layer.init(RNG, (500, 32))[0])
    assert sum(array.size for array in arrays) == layer.count((500, 32)) == count


def test_two_steps_by_hand() -> None:
    layer = SimpleRNN(2, "relu", return_sequences=True)
    parameters = {
        "weights": jnp.array([[1.0, -1.0]]),
        "recurrent_weights": jnp.array([[0.0, 1.0], [2.0, 0.0]]),
        "bias": jnp.array([0.5, 0.0]),
    }
    outputs = layer.apply(parameters, {}, jnp.array([[[1.0], [-3.0]]]), Context())[0]
    # A_1 = (1.5, 0); A_2 = relu((-3 + 0.5 + 2·0, 3 + 1.5)).
    assert outputs.tolist() == [[[1.5, 0.0], [0.0, 4.5]]]


def test_an_lstm_whose_gates_are_open_adds_up() -> None:
    """With i = f = o = 1 the memory is the sum of the candidates."""
    bias = np.array([50.0, 50.0, 0.0, 50.0], np.float32)
    parameters = {
        "weights": np.array([[0.0, 0.0, 1.0, 0.0]], np.float32),
        "recurrent_weights": np.zeros((1, 4), np.float32),
        "bias": bias,
    }
    x = np.array([[0.1, -0.3, 0.2]], np.float32)
    outputs = LSTM(1, return_sequences=True).apply(parameters, {}, x, Context())[0]
    np.testing.assert_allclose(outputs.ravel(), np.tanh(np.cumsum(np.tanh(x))), rtol=1e-5)


@pytest.mark.parametrize("layer", LAYERS)
def test_padding_changes_nothing_on_either_side(layer: Recurrent) -> None:
    network = Sequential([Embedding(4, 9), layer])
    parameters = drawn(network, (5,))
    bare = network.apply(parameters, {}, np.array([[3, 8, 2]]), Context())[0]
    for padded in ([0, 0, 3, 8, 2], [3, 8, 2, 0, 0], [3, 0, 8, 0, 2]):
        found = network.apply(parameters, {}, np.array([padded]), Context())[0]
        np.testing.assert_allclose(found, bare, rtol=1e-6, atol=1e-7)
    nothing = network.apply(parameters, {}, np.zeros((1, 5), int), Context())[0]
    assert not nothing.any()


@pytest.mark.parametrize("layer", LAYERS)
def test_the_last_of_all_outputs_is_the_output(layer: Recurrent) -> None:
    import dataclasses

    x = RNG.normal(size=(4, 6, 2)).astype(np.float32)
    parameters = drawn(layer, (6, 2))
    every = dataclasses.replace(layer, return_sequences=True).apply(parameters, {}, x, Context())[0]
    assert every.shape == (4, 6, 3)
    np.testing.assert_array_equal(every[:, -1], layer.apply(parameters, {}, x, Context())[0])


@pytest.mark.parametrize("layer", LAYERS)
def test_reading_from_the_end_is_reading_the_turned_sequence(layer: Recurrent) -> None:
    import dataclasses

    x = RNG.normal(size=(4, 6, 2)).astype(np.float32)
    parameters = drawn(layer, (6, 2))
    forward = dataclasses.replace(layer, return_sequences=True)
    backward = dataclasses.replace(forward, reverse=True)
    turned = forward.apply(parameters, {}, x[:, ::-1], Context())[0]
    np.testing.assert_array_equal(backward.apply(parameters, {}, x, Context())[0], turned[:, ::-1])


def test_both_directions_stand_side_by_side() -> None:
    layer = Bidirectional(GRU(3))
    x = RNG.normal(size=(2, 5, 2)).astype(np.float32)
    parameters = drawn(layer, (5, 2))
    both = layer.apply(parameters, {}, x, Context())[0]
    np.testing.assert_array_equal(both[:, :3], GRU(3).apply(parameters["forward"], {}, x, Context())[0])
    turned = GRU(3).apply(parameters["backward"], {}, x[:, ::-1], Context())[0]
    np.testing.assert_array_equal(both[:, 3:], turned)


def test_the_mask_goes_through_a_stack_and_ends_where_places_end() -> None:
    """What follows a layer that gives every output still skips padding; pooling leaves it out."""
    for last in (LSTM(3), GlobalAveragePool(), GlobalMaxPool()):
        network = Sequential([Embedding(4, 9), GRU(5, return_sequences=True), last])
        parameters = drawn(network, (4,))
        bare = network.apply(parameters, {}, np.array([[3, 8]]), Context())[0]
        padded = network.apply(parameters, {}, np.array([[3, 8, 0, 0]]), Context())[0]
        np.testing.assert_allclose(padded, bare, rtol=1e-6, atol=1e-7)


def test_pooling_over_nothing_is_zero() -> None:
    x, mask = jnp.ones((1, 3, 2)), jnp.zeros((1, 3), bool)
    for layer in (GlobalAveragePool(), GlobalMaxPool()):
        assert not layer.apply({}, {}, x, Context(mask=mask))[0].any()


def test_an_orthogonal_matrix_keeps_lengths_whatever_its_shape() -> None:
    for shape in ((4, 4), (6, 3), (3, 6)):
        w = Orthogonal().draw(RNG, shape, *map(float, shape))
        least = w if shape[0] >= shape[1] else w.T
        np.testing.assert_allclose(least.T @ least, np.eye(min(shape)), atol=1e-12)


def test_weights_are_counted_once_and_multiplied_at_every_step() -> None:
    network = Sequential([SimpleRNN(12, use_bias=False), Dense(1, use_bias=False)])
    assert multiplications(network, (5, 3)) == 5 * 12 * 15 + 12


def test_words_decide_about_classes() -> None:
    codes = RNG.integers(1, 30, (300, 8))
    codes[:, :3] = 0
    y = (codes == 7).any(axis=1).astype(int)
    model = NeuralClassifier([Embedding(8, 30), LSTM(8)], epochs=60, random_state=0).fit(codes, y)
    assert model.score(codes, y) > 0.9
    assert model.features_.standardizer is None
    np.testing.assert_array_equal(model.predict(codes.astype(float)), model.predict(codes))


def test_members_of_a_population_equal_lone_fits() -> None:
    x = RNG.normal(size=(64, 5, 3)).astype(np.float32)
    y = (x[:, -1, 0] + x[:, 0, 1])[:, None]
    network, rows = Sequential([SimpleRNN(4), Dense(1)]), pad_rows(x, y, None)
    settings = Settings(epochs=5)
    members = [Member(network, SquaredError(), settings, seed=seed) for seed in range(3)]
    for seed, outcome in enumerate(fit_population(members, [DataSet(rows)])):
        member = outcome.fitted
        assert member is not None
        alone = fit(network, SquaredError(), rows, settings, seed)
        for a, b in zip(jax.tree.leaves(member.parameters), jax.tree.leaves(alone.parameters), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_penalties_cover_both_directions_and_recurrent_weights() -> None:
    x, y = RNG.normal(size=(40, 5, 2)).astype(np.float32), RNG.normal(size=40)
    for layer, penalty in (
        (Bidirectional(SimpleRNN(3, penalty=100.0)), None),
        (Bidirectional(SimpleRNN(3)), 100.0),
    ):
        model = NeuralRegressor(
            [layer], penalty=penalty, optimizer=Adam(0.02), epochs=150, random_state=0
        ).fit(x, y)
        for way in ("forward", "backward"):
            for name in ("weights", "recurrent_weights"):
                assert np.abs(model.parameters_["bidirectional_1"][way][name]).max() < 0.05


def test_a_frozen_layer_is_frozen_in_both_directions() -> None:
    assert not Bidirectional(LSTM(2, trainable=False)).trainable


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (np.full((4, 3), 50), "the code 50"),
        (np.full((4, 3), -1), "the code -1"),
        (np.full((4, 3), 0.5), r"X\[0, 0\] is 0.5"),
        (np.ones((4, 3, 2)), r"shape \(4, 3, 2\)"),
    ],
)
def test_what_is_no_code_is_refused(codes: np.ndarray, said: str) -> None:
    with pytest.raises(DataError, match=said):
        NeuralClassifier([Embedding(4, 50), LSTM(2)]).fit(codes, [0, 1, 0, 1])


def test_what_is_no_sequence_is_refused() -> None:
    with pytest.raises(SpecificationError, match="takes sequences"):
        LSTM(3).output_shape((4, 3, 2))
    with pytest.raises(SpecificationError, match="no step"):
        LSTM(3).output_shape((0, 3))
    with pytest.raises(SpecificationError, match="does not know its vocabulary"):
        NeuralClassifier([Embedding(4), LSTM(2)]).fit(np.ones((4, 3)), [0, 1, 0, 1])
    with pytest.raises(ArgumentTypeError, match=r"Bidirectional\(LSTM"):
        Bidirectional(Dense(3))  # type: ignore[arg-type]


def test_an_lstm_remembers_by_its_forget_bias() -> None:
    """With all weights zero the memory is multiplied by σ(b) at each step: i g adds σ(0) tanh(0) = 0."""
    layer = LSTM(1, forget_bias=3.0)
    parameters, _ = layer.init(np.random.default_rng(0), (5, 1))
    assert parameters["bias"].tolist() == [0.0, 3.0, 0.0, 0.0]
    still = {name: np.zeros_like(value, np.float32) for name, value in parameters.items()}
    still["bias"] = np.asarray(parameters["bias"], np.float32)
    start = (jnp.zeros((1, 1)), jnp.ones((1, 1)))
    last = layer.run(still, jnp.zeros((1, 5, 1)), Context(), start).last
    assert float(last[1][0, 0]) == pytest.approx((1 / (1 + np.exp(-3.0))) ** 5, rel=1e-5)


@pytest.mark.parametrize("given", [float("inf"), "one"])
def test_a_forget_bias_is_a_number(given: object) -> None:
    with pytest.raises(SpecificationError, match="log T for a gap"):
        LSTM(2, forget_bias=given)  # type: ignore[arg-type]


@pytest.mark.parametrize("first", [LSTM(3), Bidirectional(GRU(3))])
def test_units_of_one_layer_are_no_steps_of_the_next(first: Layer) -> None:
    for between in ([], [Dropout(0.2)]):
        with pytest.raises(SpecificationError, match=r"put return_sequences=True into"):
            Sequential([first, *between, SimpleRNN(2), Dense(1)])
    Sequential([LSTM(3, return_sequences=True), SimpleRNN(2), Dense(1)])
