"""Products of 16-bit numbers inside a network whose parameters, statistics and last layer stay as wide as the data."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import SpecificationError
from lamina.files.values import decode, encode
from lamina.layers import (
    BatchNorm,
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    LayerNorm,
    MaxPool2D,
    Residual,
    Sequential,
)
from lamina.layers.base import Context

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(16, 8, 8, 3)).astype(np.float32)
BODIES: dict[str, list[Layer]] = {
    "winograd": [Conv2D(8, 3, "relu", padding="same"), Conv2D(8, 3, "relu", padding="same"), Flatten()],
    "pooled": [
        Conv2D(8, 3, "relu", padding="same"),
        Conv2D(8, 3, "relu", padding="same"),
        MaxPool2D(2),
        Flatten(),
    ],
    "patches": [Conv2D(8, 5, "tanh", stride=2), GlobalAveragePool()],
    "transposed": [Conv2DTranspose(4, 3, stride=2), Conv2D(4, 3), GlobalAveragePool()],
    "batch norm": [Conv2D(8, 3), BatchNorm(), GlobalAveragePool()],
    "layer norm": [Conv2D(8, 3), LayerNorm(), GlobalAveragePool()],
    "residual": [
        Conv2D(8, 3),
        Residual([Conv2D(8, 3, padding="same"), BatchNorm()], activation="relu"),
        Flatten(),
    ],
}


def both(body: list[Layer]) -> tuple[Sequential, Sequential]:
    layers = [*body, Dense(5)]
    return Sequential(layers), Sequential(layers, precision="bfloat16")


def loss_and_gradient(network: Sequential) -> tuple[jax.Array, dict, dict]:
    parameters, state = jax.tree.map(
        lambda leaf: np.asarray(leaf, np.float32), network.init(np.random.default_rng(1), (8, 8, 3))
    )

    def loss(parameters: dict) -> tuple[jax.Array, dict]:
        z, after = network.apply(parameters, state, IMAGES, Context(training=True))
        return jnp.mean(jnp.square(z)), after

    (value, after), gradient = jax.jit(jax.value_and_grad(loss, has_aux=True))(parameters)
    return value, gradient, after


@pytest.mark.parametrize("name", BODIES)
def test_loss_gradient_and_statistics_are_those_of_the_wide_network_within_eight_bits(name: str) -> None:
    wide, narrow = map(loss_and_gradient, both(BODIES[name]))
    assert {leaf.dtype.name for leaf in jax.tree.leaves(narrow)} == {"float32"}
    for a, b in zip(wide, narrow, strict=True):
        a, b = (
            np.concatenate([np.ravel(leaf) for leaf in [np.zeros(0), *jax.tree.leaves(x)]]) for x in (a, b)
        )
        assert np.linalg.norm(a - b) <= 0.1 * np.linalg.norm(a)


def test_it_is_narrow_inside_and_wide_at_the_end() -> None:
    _, network = both([Conv2D(8, 3), BatchNorm(), Dropout(0.5), Flatten(), Dense(7, "relu")])
    parameters, state = network.init(np.random.default_rng(1), (8, 8, 3))
    record: dict[str, jax.Array] = {}
    network.apply(parameters, state, IMAGES, Context(training=True, root=jax.random.key(0), record=record))
    found = {name: value.dtype.name for name, value in record.items()}
    assert set(found.values()) - {found.pop("dense_2")} == {"bfloat16"}
    assert record["dense_2"].dtype == np.float32


def test_a_sequence_is_convolved_narrowly_too() -> None:
    network = Sequential([Conv1D(4, 3), Flatten(), Dense(1)], precision="bfloat16")
    x = RNG.normal(size=(4, 10, 2)).astype(np.float32)
    parameters, state = network.init(np.random.default_rng(1), (10, 2))
    exact = Sequential(network.layers).apply(parameters, state, x, Context())[0]
    z = network.apply(parameters, state, x, Context())[0]
    assert not np.array_equal(z, exact)
    np.testing.assert_allclose(z, exact, atol=0.05)


def test_codes_of_categories_are_not_rounded() -> None:
    """An embedding's input holds whole numbers that 16 bits could not tell apart."""
    from lamina.layers.embedding import CategoryEmbedding

    network = Sequential([CategoryEmbedding((600,)), Dense(1)], precision="bfloat16")
    parameters, state = network.init(np.random.default_rng(1), (1,))
    x = np.arange(600, dtype=np.float32)[:, None]
    assert len(np.unique(network.apply(parameters, state, x, Context())[0])) > 500


def test_an_estimator_learns_and_predicts_with_it_and_says_so_in_its_file() -> None:
    y = (np.arange(16) % 3 == 0).astype(int)
    images = IMAGES + y[:, None, None, None]
    layers = [Conv2D(8, 3, "relu"), BatchNorm(), MaxPool2D(2), Flatten()]
    model = NeuralClassifier(layers, precision="bfloat16", epochs=60, random_state=0).fit(images, y)
    assert model.network_.precision == "bfloat16"
    assert model.score(images, y) > 0.9
    np.testing.assert_allclose(model.predict_proba(images).sum(axis=1), 1, rtol=1e-5)
    assert decode(encode(model.network_, "network"), "network") == model.network_


def test_a_table_with_it_learns_as_well() -> None:
    x = RNG.normal(size=(200, 3))
    model = NeuralRegressor([Dense(32, "relu")], precision="bfloat16", random_state=0).fit(x, x[:, 0])
    assert model.score(x, x[:, 0]) > 0.9


@pytest.mark.parametrize("given", ["float16", 16, True])
def test_another_precision_is_refused(given: object) -> None:
    with pytest.raises(SpecificationError, match="'bfloat16'"):
        Sequential([Dense(1)], precision=given)  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match=r"NeuralRegressor\(precision="):
        NeuralRegressor([Dense(2)], precision=given).fit(np.ones((5, 1)), np.arange(5.0))


def test_line_searches_are_refused() -> None:
    with pytest.raises(SpecificationError, match="L-BFGS"):
        NeuralRegressor([Dense(2)], optimizer="lbfgs", precision="bfloat16").fit(
            np.ones((5, 1)), np.arange(5.0)
        )
