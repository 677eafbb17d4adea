"""Normalisation: batches by their statistics, rows by their own, and running statistics that follow."""

import jax.numpy as jnp
import numpy as np
import pytest
from small_fits import apply_layer, assert_gradient

from lamina.errors import SpecificationError
from lamina.layers import (
    BatchNorm,
    Context,
    Dense,
    GlobalAveragePool,
    LayerNorm,
    Residual,
    Sequential,
    UpSample,
)
from lamina.training.precision import precision

RNG = np.random.default_rng(0)


def normed(
    x: np.ndarray, state: dict | None = None, layer: BatchNorm | None = None, **context: object
) -> tuple:
    layer = layer or BatchNorm()
    parameters, fresh = layer.init(RNG, x.shape[1:])
    with precision(np.float64):
        y, after = layer.apply(parameters, state or fresh, jnp.asarray(x), Context(training=True, **context))
        return np.asarray(y), {name: np.asarray(value) for name, value in after.items()}


def test_a_batch_is_standardised_by_channel() -> None:
    x = RNG.normal(3.0, 2.0, size=(6, 5, 4, 3))
    y, after = normed(x)
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 1, 2)), 1, rtol=1e-4)
    np.testing.assert_allclose(after["mean"], 0.1 * x.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(after["variance"], 0.9 + 0.1 * x.reshape(-1, 3).var(axis=0, ddof=1))


def test_rows_of_weight_zero_change_nothing() -> None:
    x = RNG.normal(size=(4, 3))
    filled = np.vstack([x, np.full((4, 3), 99.0)])
    weights = np.array([1.0] * 4 + [0.0] * 4)
    y, _ = normed(x)
    with_filling, after = normed(filled, weights=weights)
    np.testing.assert_allclose(with_filling[:4], y)
    # Half of the batch is there: half as much of it enters the running mean.
    np.testing.assert_allclose(after["mean"], 0.05 * x.mean(axis=0))


def test_one_number_a_channel_leaves_the_statistics_as_they_are() -> None:
    x = RNG.normal(size=(4, 3))
    y, after = normed(x, weights=np.array([1.0, 0.0, 0.0, 0.0]))
    np.testing.assert_allclose(y[0], 0, atol=1e-12)
    assert (after["mean"].tolist(), after["variance"].tolist()) == ([0] * 3, [1] * 3)
    image = RNG.normal(size=(1, 5, 4, 3))  # whose places have a variance
    np.testing.assert_allclose(normed(image)[1]["mean"], 0.1 * image.mean(axis=(0, 1, 2)))


def test_a_weight_of_two_is_the_row_twice() -> None:
    x = RNG.normal(size=(3, 2))
    doubled, _ = normed(np.vstack([x, x[:1]]))
    weighted, _ = normed(x, weights=np.array([2.0, 1.0, 1.0]))
    np.testing.assert_allclose(weighted, doubled[:3])


def test_prediction_uses_the_running_statistics() -> None:
    state = {"mean": np.array([1.0, 2.0]), "variance": np.array([4.0, 9.0])}
    layer = BatchNorm(epsilon=0.0)
    parameters = {"factors": np.array([1.0, 3.0]), "bias": np.array([0.0, 1.0])}
    with precision(np.float64):
        y, after = layer.apply(parameters, state, jnp.array([[3.0, 5.0]]), Context())
    np.testing.assert_allclose(y, [[1.0, 4.0]])
    assert after is state


def test_a_frozen_one_keeps_its_statistics_in_training() -> None:
    network = Sequential([BatchNorm(trainable=False)])
    parameters, state = network.init(RNG, (2,))
    with precision(np.float64):
        x = jnp.asarray(RNG.normal(5.0, 1.0, size=(8, 2)))
        y, after = network.apply(parameters, state, x, Context(training=True))
        np.testing.assert_allclose(y, np.asarray(x) / np.sqrt(1 + 1e-5))
    np.testing.assert_array_equal(after["batch_norm_1"]["mean"], [0, 0])


def test_gradients_are_finite_differences() -> None:
    x = RNG.normal(size=(5, 2, 2, 3))
    weights = np.array([1.0, 2.0, 0.5, 1.0, 0.0])
    for layer in (BatchNorm(), LayerNorm()):
        parameters, state = layer.init(RNG, x.shape[1:])
        context = Context(training=True, weights=weights)
        assert_gradient(
            lambda at, layer=layer, state=state, context=context: layer.apply(at[0], state, at[1], context)[
                0
            ],
            (parameters, x),
        )


def test_layer_norm_by_hand() -> None:
    y = apply_layer(LayerNorm(epsilon=0.0), np.array([[1.0, 2.0, 6.0]]))
    np.testing.assert_allclose(y, np.array([[-2.0, -1.0, 3.0]]) / np.sqrt(14 / 3))


def test_a_network_with_running_statistics_learns_and_predicts() -> None:
    from lamina import NeuralRegressor

    X = RNG.normal(4.0, 3.0, size=(300, 2))
    y = X[:, 0] - X[:, 1]
    model = NeuralRegressor(
        [Dense(8), BatchNorm(momentum=0.8)], epochs=150, batch_size=50, scale=False, random_state=0
    ).fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.fitted_.state["batch_norm_1"]["mean"].any()


@pytest.mark.parametrize(
    ("layers", "path"),
    [([Dense(3), BatchNorm()], ""), ([Residual([Dense(2), BatchNorm()])], "residual_1/")],
    ids=["plain", "inside"],
)
def test_batches_of_one_row_are_refused(layers: list, path: str) -> None:
    from lamina import NeuralRegressor

    X = RNG.normal(size=(12, 2))
    with pytest.raises(
        SpecificationError, match=rf"^{path}batch_norm_1 takes .* a batch has one row.*batch_size to 2"
    ):
        NeuralRegressor(layers, batch_size=1, epochs=1).fit(X, X[:, 0])
    NeuralRegressor(layers, batch_size=11, epochs=1).fit(X, X[:, 0])  # a last batch of one row is fine


def test_pooling_everything_and_making_larger() -> None:
    x = np.arange(8.0).reshape(1, 2, 2, 2)
    np.testing.assert_array_equal(apply_layer(GlobalAveragePool(), x), [[3.0, 4.0]])
    large = apply_layer(UpSample((2, 3)), x)
    assert large.shape == (1, 4, 6, 2)
    np.testing.assert_array_equal(large[0, ::2, ::3], x[0])
    line = apply_layer(UpSample((1, 2), "linear"), np.array([0.0, 4.0]).reshape(1, 1, 2, 1))
    np.testing.assert_array_equal(line.ravel(), [0.0, 1.0, 3.0, 4.0])
