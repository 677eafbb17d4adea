"""Predictions are the network's arithmetic, row by row, however many rows come at once."""

import numpy as np
import pytest
from small_fits import linear_data

from lamina.layers import Conv2D, Dense, Dropout, Flatten, Sequential
from lamina.training import prediction
from lamina.training.precision import precision

NETWORK = Sequential([Dense(4, "tanh"), Dropout(0.5), Dense(2)])
PARAMETERS = NETWORK.init(np.random.default_rng(0), (3,))[0]


def by_hand(x: np.ndarray) -> np.ndarray:
    first, last = PARAMETERS["dense_1"], PARAMETERS["dense_2"]
    hidden: np.ndarray = np.tanh(x @ first["weights"] + first["bias"])
    return np.asarray(hidden @ last["weights"] + last["bias"])


@pytest.mark.parametrize("n", [1, 7, 8, 9, 100])
def test_equals_numpy(n: int) -> None:
    X = linear_data(n)[0]
    np.testing.assert_allclose(
        prediction.predict(NETWORK, PARAMETERS, {}, X), by_hand(X), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("n", [16, 100, 129])
def test_images_off_the_cpu_go_in_few_large_blocks_and_come_back_in_order(
    monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    network = Sequential([Conv2D(4, 3, "relu"), Flatten(), Dense(2)])
    parameters, state = network.init(np.random.default_rng(0), (6, 6, 1))
    x = np.random.default_rng(1).integers(0, 256, (n, 6, 6, 1), dtype=np.uint8)
    whole = prediction.predict(network, parameters, state, x)
    monkeypatch.setattr(prediction, "on_cpu", lambda: False)
    monkeypatch.setattr(prediction, "BLOCK", 16)
    np.testing.assert_allclose(prediction.predict(network, parameters, state, x), whole, rtol=1e-5, atol=1e-6)


def test_blocks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    X = linear_data(45)[0]
    monkeypatch.setattr(prediction, "BLOCK", 16)
    np.testing.assert_allclose(
        prediction.predict(NETWORK, PARAMETERS, {}, X), by_hand(X), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_keeps_the_precision_of_the_rows(dtype: str) -> None:
    X = linear_data(5)[0].astype(dtype)
    assert prediction.predict(NETWORK, PARAMETERS, {}, X).dtype == np.dtype(dtype)


def test_precision_is_set_for_a_while_only() -> None:
    import jax.numpy as jnp

    with precision(np.float64):
        assert jnp.zeros(1).dtype == np.float64
        with precision(np.float32):
            assert jnp.asarray(np.zeros(1)).dtype == np.float32
        assert jnp.zeros(1).dtype == np.float64
    assert jnp.zeros(1).dtype == np.float32
