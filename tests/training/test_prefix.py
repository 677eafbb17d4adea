"""Frozen layers at the beginning are computed once, and the fit is the one that computes them at each step."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from lamina import NeuralClassifier
from lamina.data.streaming import StoredRows
from lamina.layers import (
    L2,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    GlobalAveragePool,
    Layer,
    Sequential,
)
from lamina.networks import freeze
from lamina.training import Adam, engine
from lamina.training.losses import SquaredError
from lamina.training.objective import Objective
from lamina.training.prefix import Behind, computed_once
from lamina.training.program import Rows

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (30, 12, 12, 3), dtype=np.uint8)
LABELS = np.arange(30) % 3
BODY = [
    Conv2D(6, 3, "relu", stride=2),
    BatchNorm(),
    Conv2D(8, 3, "relu", stride=2),
    BatchNorm(),
    GlobalAveragePool(),
]


def fitted(layers: list[Layer], **changes: Any) -> NeuralClassifier:
    settings = {"epochs": 3, "batch_size": 8, "optimizer": Adam(0.05), "random_state": 0} | changes
    return NeuralClassifier(layers, **settings).fit(IMAGES, LABELS)


@pytest.mark.parametrize(
    ("layers", "changes"),
    [
        ([*freeze(BODY), Dropout(0.3), Dense(5, "relu")], {"penalty": L2(0.01), "early_stopping": True}),
        ([*freeze(BODY, "conv2d_1", "batch_norm_1"), Dense(5, "relu")], {"batch_size": 30}),
    ],
    ids=["whole body", "first layers"],
)
def test_the_fit_is_the_same(
    layers: list[Layer], changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    once = fitted(layers, **changes)
    monkeypatch.setattr(
        engine, "computed_once", lambda objective, p, s, rows, watched: (objective, rows, watched)
    )
    each = fitted(layers, **changes)
    np.testing.assert_allclose(once.loss_curve_, each.loss_curve_, rtol=1e-4)
    np.testing.assert_allclose(once.predict_proba(IMAGES), each.predict_proba(IMAGES), atol=1e-4)
    assert jax.tree.structure(once.fitted_.state) == jax.tree.structure(each.fitted_.state)
    jax.tree.map(np.testing.assert_array_equal, once.parameters_["conv2d_1"], each.parameters_["conv2d_1"])


def test_a_fit_goes_on_from_one() -> None:
    layers = [*freeze(BODY), Dense(5, "relu")]
    halves = NeuralClassifier(layers, epochs=2, batch_size=8, random_state=0, warm_start=True).fit(
        IMAGES, LABELS
    )
    halves.fit(IMAGES, LABELS)
    whole = NeuralClassifier(layers, epochs=4, batch_size=8, random_state=0).fit(IMAGES, LABELS)
    np.testing.assert_allclose(halves.predict_proba(IMAGES), whole.predict_proba(IMAGES), atol=1e-5)


def test_features_of_rows_on_the_disk_are_held_in_memory() -> None:
    layers = [*freeze(BODY), Dense(5, "relu")]
    settings = {"epochs": 3, "batch_size": 8, "random_state": 0, "early_stopping": True}
    stored = NeuralClassifier(layers, **settings).fit(StoredRows(IMAGES), LABELS)
    held = NeuralClassifier(layers, **settings).fit(IMAGES, LABELS)
    np.testing.assert_allclose(stored.loss_curve_, held.loss_curve_, rtol=1e-5)
    np.testing.assert_allclose(stored.predict_proba(IMAGES), held.predict_proba(IMAGES), atol=1e-5)


def skipped(layers: list[Layer], x: Any = IMAGES) -> int:
    """Layers that the rows go through beforehand."""
    network = Sequential([*layers, Dense(1)])
    parameters, state = jax.tree.map(np.float32, network.init(np.random.default_rng(0), x.shape[1:]))
    rows = Rows(x, np.zeros((len(x), 1)), np.ones(len(x), np.float32), np.int32(len(x)))
    objective, through, _ = computed_once(
        Objective(network, SquaredError(), ()), parameters, state, rows, None
    )
    if not isinstance(objective.network, Behind):
        assert through is rows
        return 0
    behind = Sequential(network.layers[: objective.network.begins_at]).output_shape(x.shape[1:])
    assert through.x.shape[1:] == behind
    assert objective.network.output_shape(behind) == network.output_shape(x.shape[1:])
    return objective.network.begins_at


@pytest.mark.parametrize(
    ("layers", "depth"),
    [
        (freeze(BODY), 5),
        ([*freeze(BODY), Flatten(), Dense(4)], 6),
        ([*freeze(BODY), Dense(4, trainable=False)], 6),
        ([GaussianNoise(0.1), *freeze(BODY)], 0),
        (BODY, 0),
        (freeze(BODY, "conv2d_2"), 0),
        ([Conv2D(16, 3, padding="same", trainable=False), Flatten()], 0),  # more numbers than the images
        ([Sequential(freeze(BODY[:4])), GlobalAveragePool()], 2),
        ([Flatten(), Dense(4, trainable=False)], 0),  # no convolution: nothing to save
    ],
    ids=["body", "flattened", "dense", "noise", "trainable", "later", "large", "inside", "table"],
)
def test_how_far_rows_go_beforehand(layers: list[Layer], depth: int) -> None:
    assert skipped(layers) == depth


def test_lbfgs_takes_frozen_statistics() -> None:
    model = NeuralClassifier([*freeze(BODY), Dense(4, "tanh")], optimizer="lbfgs", epochs=3, random_state=0)
    assert model.fit(IMAGES, LABELS).loss_curve_[-1] < model.loss_curve_[0]
    with pytest.raises(ValueError, match="learns running statistics"):
        NeuralClassifier(BODY, optimizer="lbfgs", epochs=3).fit(IMAGES, LABELS)
