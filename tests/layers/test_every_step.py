"""Layers at every step: many inputs to many outputs, trained and seen."""

import numpy as np
import pytest
from small_fits import apply_layer, assert_gradient

from lamina.errors import SpecificationError
from lamina.layers import BatchNorm, Context, Dense, Flatten, Sequential, SimpleRNN, TimeDistributed
from lamina.networks.summary import count_parameters, largest_activation, multiplications
from lamina.training import Adam, Fitted, Settings, SquaredError, fit, pad_rows

RNG = np.random.default_rng(0)


def test_each_step_goes_through_the_same_layers() -> None:
    layer, x = TimeDistributed([Dense(3, "tanh"), Dense(2)]), RNG.normal(size=(4, 5, 2))
    p = layer.init(RNG, (5, 2))[0]
    y = apply_layer(layer, x, p)
    for step in range(5):
        np.testing.assert_allclose(
            y[:, step], apply_layer(Sequential(layer.layers), x[:, step], p), rtol=1e-12
        )
    assert_gradient(lambda p: layer.apply(p, {}, x, Context())[0], p)


def test_every_output_of_the_book_s_network() -> None:
    """All O_l have the 13 parameters of one: what they cost is multiplications."""
    network = Sequential([SimpleRNN(12, return_sequences=True), TimeDistributed(Dense(1)), Flatten()])
    assert network.output_shape((5, 3)) == (5,)
    assert count_parameters(network, (5, 3)) == 205
    assert multiplications(network, (5, 3)) == 5 * 205
    assert largest_activation(Sequential([TimeDistributed([Dense(40), Dense(1)])]), (5, 3)) == 200


def test_running_sums_are_learnt_at_every_step() -> None:
    x = RNG.normal(size=(256, 4, 1)).astype(np.float32)
    network = Sequential(
        [SimpleRNN(4, "linear", return_sequences=True), TimeDistributed(Dense(1)), Flatten()]
    )
    sums = np.cumsum(x[:, :, 0], axis=1)
    loss = fit_one(network, x, sums, epochs=100, optimizer=Adam(0.02)).history.loss
    assert loss[-1] < 1e-3


def test_steps_that_are_padding_enter_no_statistics() -> None:
    layer, x = TimeDistributed(BatchNorm()), RNG.normal(size=(2, 3, 1))
    mask = np.array([[True, True, False], [True, False, False]])
    y = apply_layer_in_training(layer, x, mask)
    np.testing.assert_allclose(y[mask].mean(), 0, atol=1e-6)


def fit_one(network: Sequential, x: np.ndarray, y: np.ndarray, **settings: object) -> Fitted:
    return fit(network, SquaredError(), pad_rows(x, y, None), Settings(**settings), 0)  # type: ignore[arg-type]


def apply_layer_in_training(layer: TimeDistributed, x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    parameters, state = layer.init(RNG, (3, 1))
    y, _ = layer.apply(parameters, state, x.astype(np.float32), Context(mask=mask, training=True))
    return np.asarray(y)


def test_rows_without_steps_are_refused() -> None:
    with pytest.raises(SpecificationError, match="return_sequences=True"):
        TimeDistributed(Dense(1)).output_shape((12,))
