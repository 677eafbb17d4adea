"""Fits that begin with weights from elsewhere; what is frozen stays bit for bit, in a lone fit and in a population."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from published import CLASSES, small_forward, small_layers, small_tensors
from safetensors.numpy import save_file
from sklearn.base import clone

from lamina import NeuralClassifier, NeuralRegressor, load
from lamina.errors import ArgumentTypeError, FileAccessError, FileFormatError, SpecificationError
from lamina.layers import L1, L2, BatchNorm, Conv2D, Dense, Dropout, Flatten
from lamina.model_selection import GridSearchCV
from lamina.networks import body_factors, freeze
from lamina.training import (
    SGD,
    Adam,
    AdamW,
    DataSet,
    Member,
    Settings,
    SquaredError,
    fit_population,
    pad_rows,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = X[:, 0] - X[:, 1] ** 2 + 0.1 * RNG.normal(size=40)
HIDDEN = [Dense(5, "tanh"), BatchNorm(), Dropout(0.2), Dense(4, "tanh")]
FIRST = {
    "dense_1/weights": RNG.normal(size=(3, 5)),
    "dense_1/bias": RNG.normal(size=5),
    "batch_norm_1/factors": RNG.uniform(0.5, 2, 5),
    "batch_norm_1/bias": RNG.normal(size=5),
    "batch_norm_1/mean": RNG.normal(size=5),
    "batch_norm_1/variance": RNG.uniform(0.5, 2, 5),
}
IMAGES = RNG.integers(0, 256, (12, 22, 19, 3), dtype=np.uint8)
LABELS = np.arange(12) % 3


def equal(found: Any, wanted: Any) -> bool:
    return bool(np.array_equal(found, wanted))


def body(model: Any) -> dict[str, np.ndarray]:
    """The first two layers of a fitted model by path."""
    parameters, state = model.fitted_.parameters, model.fitted_.state
    return {
        path: (state if path.endswith(("mean", "variance")) else parameters)[path.split("/")[0]][
            path.split("/")[1]
        ]
        for path in FIRST
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": Adam(0.05)},
        {"optimizer": AdamW(0.05, weight_decay=0.1), "early_stopping": True},
        {"optimizer": Adam(0.05, factors={"dense_2": 0.5}), "penalty": L1(0.5) + L2(0.5), "clip_norm": 0.1},
        {"optimizer": "adam", "epochs": 0},
    ],
    ids=["adam", "decay", "penalty", "partial"],
)
def test_what_is_frozen_stays_bit_for_bit(changes: dict[str, Any]) -> None:
    layers = freeze(HIDDEN, "dense_1", "batch_norm_1")
    settings = {"epochs": 4, "batch_size": 16, "random_state": 0} | changes
    if settings["epochs"]:
        model = NeuralRegressor(layers, weights=FIRST, **settings).fit(X, Y)
    else:
        model = (
            NeuralRegressor(layers, weights=FIRST, **settings | {"epochs": 4})
            .partial_fit(X, Y)
            .partial_fit(X, Y)
        )
    assert all(equal(found, FIRST[path]) for path, found in body(model).items())
    drawn = NeuralRegressor(layers, weights=FIRST, epochs=1, random_state=0)
    assert not equal(
        model.parameters_["dense_2"]["weights"], drawn.fit(X, Y).parameters_["dense_2"]["weights"]
    )


def test_without_freezing_the_fit_begins_there() -> None:
    slow = NeuralRegressor(
        HIDDEN, weights=FIRST, optimizer=SGD(1e-9), epochs=1, batch_size=None, random_state=0
    )
    for path, found in body(slow.fit(X, Y)).items():
        np.testing.assert_allclose(
            found, FIRST[path], atol=1e-6 if not path.endswith(("mean", "variance")) else 1
        )
    assert not all(equal(found, FIRST[path]) for path, found in body(slow).items())


def test_frozen_layers_have_no_penalty() -> None:
    output = {"dense_2/weights": RNG.normal(size=(5, 1)), "dense_2/bias": np.zeros(1)}
    model = NeuralRegressor(
        [Dense(5, "tanh", trainable=False)],
        weights={path: FIRST[path] for path in ("dense_1/weights", "dense_1/bias")} | output,
        penalty=L2(0.3), optimizer=SGD(1e-9), epochs=1, batch_size=40,
    ).fit(X, Y)  # fmt: skip
    np.testing.assert_allclose(
        model.history_.penalty, 0.3 * np.sum(output["dense_2/weights"] ** 2), rtol=1e-5
    )


def test_lbfgs_leaves_what_is_frozen() -> None:
    layers = freeze([Dense(5, "tanh"), Dense(4, "tanh")], "dense_1")
    weights = {path: FIRST[path] for path in ("dense_1/weights", "dense_1/bias")}
    model = NeuralRegressor(layers, weights=weights, optimizer="lbfgs", penalty=0.1, epochs=5).fit(X, Y)
    assert all(
        equal(model.parameters_["dense_1"][name.split("/")[1]], item) for name, item in weights.items()
    )


def test_members_of_a_population_begin_and_stay_there_too() -> None:
    weights = {path: FIRST[path] for path in ("dense_1/weights", "dense_1/bias")}
    layers = [[Dense(5, "tanh", trainable=False), Dense(units, "tanh")] for units in (3, 4)]
    model = NeuralRegressor(layers[0], weights=weights, optimizer=Adam(0.01), epochs=3, random_state=0)
    search = GridSearchCV(model, {"layers": layers, "optimizer__learning_rate": [0.01, 0.1]}, cv=3).fit(X, Y)
    best = search.best_estimator_
    assert equal(best.parameters_["dense_1"]["weights"], weights["dense_1/weights"])
    alone = clone(best).set_params(random_state=best.random_state).fit(X, Y)
    np.testing.assert_allclose(alone.predict(X), best.predict(X), rtol=1e-6)


def test_a_population_of_several_widths_leaves_frozen_layers() -> None:
    rows = pad_rows(X, Y[:, None], None)
    networks = [
        NeuralRegressor(
            [Dense(5, "tanh", trainable=False), Dense(units, "tanh")], epochs=1, random_state=0
        ).fit(X, Y)
        for units in (3, 4, 6)
    ]
    members = [
        Member(
            each.network_, SquaredError(), Settings(Adam(0.1), epochs=5, batch_size=16), seed,
            start=(each.fitted_.parameters, each.fitted_.state),
        )
        for seed in range(3)
        for each in networks
    ]  # fmt: skip
    outcomes = fit_population(members, [DataSet(rows)])
    for member, outcome in zip(members, outcomes, strict=True):
        assert member.start is not None
        assert outcome.fitted is not None
        jax.tree.map(
            np.testing.assert_array_equal, outcome.fitted.parameters["dense_1"], member.start[0]["dense_1"]
        )
        assert not equal(
            outcome.fitted.parameters["dense_2"]["weights"], member.start[0]["dense_2"]["weights"]
        )


def test_the_body_moves_more_slowly_by_its_factor() -> None:
    layers, start = [Dense(5, "tanh")], {"dense_1/weights": FIRST["dense_1/weights"]}
    moves = []
    for factors in ({}, body_factors(layers, 0.1)):
        model = NeuralRegressor(
            layers,
            weights=start,
            optimizer=SGD(0.1, factors=factors),
            epochs=1,
            batch_size=40,
            random_state=0,
        ).fit(X, Y)
        moves.append(model.parameters_["dense_1"]["weights"] - start["dense_1/weights"])
    np.testing.assert_allclose(moves[1], 0.1 * moves[0], rtol=1e-5, atol=1e-12)


def test_published_weights_frozen_and_a_new_output(tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    save_file(small_tensors(), path)
    model = NeuralClassifier(freeze(small_layers()), weights=path, epochs=3, batch_size=4, random_state=0)
    model.fit(IMAGES, LABELS)
    features, _ = small_forward(small_tensors(), IMAGES / 255)
    head = model.parameters_["dense_1"]
    assert head["weights"].shape == (6, 3)  # the file's output is for five classes, and is not asked
    np.testing.assert_allclose(
        model.decision_function(IMAGES), features @ head["weights"] + head["bias"], atol=1e-4
    )
    assert equal(
        model.fitted_.state["residual_1"]["batch_norm_2"]["mean"],
        small_tensors()["layer1.0.bn2.running_mean"],
    )
    assert clone(model).get_params()["weights"] == path
    model.save(tmp_path / "model.lamina")
    again = load(tmp_path / "model.lamina")
    assert again.weights == str(path)
    assert equal(again.predict_proba(IMAGES), model.predict_proba(IMAGES))


def test_a_saved_model_gives_its_hidden_layers(tmp_path: Path) -> None:
    hidden = [Conv2D(3, 3, "relu"), BatchNorm(), Flatten(), Dense(4, "relu")]
    small = IMAGES[:, :6, :6]
    first = NeuralClassifier(hidden, epochs=2, batch_size=4, random_state=0).fit(small, LABELS)
    first.save(tmp_path / "first.lamina")
    second = NeuralClassifier(
        freeze(hidden), weights=str(tmp_path / "first.lamina"), epochs=2, batch_size=4, random_state=1
    )
    second.fit(small, np.arange(12) % 4)
    for name in ("conv2d_1", "batch_norm_1", "dense_1"):
        jax.tree.map(np.testing.assert_array_equal, second.parameters_[name], first.parameters_[name])
    jax.tree.map(np.testing.assert_array_equal, second.fitted_.state, first.fitted_.state)
    assert second.parameters_["dense_2"]["weights"].shape == (4, 4)
    third = NeuralClassifier(hidden[:3], weights=tmp_path / "first.lamina", epochs=1)
    with pytest.raises(SpecificationError, match="not in this network: dense_1/weights, dense_1/bias"):
        third.fit(small, LABELS)


def test_arrays_by_path_are_cloned_pickled_and_not_saved(tmp_path: Path) -> None:
    model = NeuralRegressor(HIDDEN, weights=FIRST, epochs=1, random_state=0).fit(X, Y)
    assert clone(model).get_params()["weights"].keys() == FIRST.keys()
    assert equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    model.save(tmp_path / "model.lamina")
    again = load(tmp_path / "model.lamina")
    assert again.weights is None
    assert equal(again.predict(X), model.predict(X))


@pytest.mark.parametrize(
    ("weights", "error", "words"),
    [
        ("nowhere.safetensors", FileAccessError, "there is no file nowhere.safetensors with weights"),
        (3.5, ArgumentTypeError, r"weights=float: give the path"),
        ({"dense_9/weights": np.ones(2)}, SpecificationError, "not in this network: dense_9/weights"),
        (
            {"dense_1/weights": np.ones((4, 5))},
            SpecificationError,
            r"dense_1/weights is \(4, 5\) and must be \(3, 5\)",
        ),
    ],
)
def test_what_cannot_be_used_is_told(weights: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        NeuralRegressor(HIDDEN, weights=weights, epochs=1).fit(X, Y)


def test_grey_images_and_pickles_are_told(tmp_path: Path) -> None:
    save_file(small_tensors(), tmp_path / "small.safetensors")
    with pytest.raises(FileFormatError, match=r"three channels: give images as np\.repeat"):
        NeuralClassifier(small_layers(), weights=tmp_path / "small.safetensors", epochs=1).fit(
            IMAGES[..., 0], LABELS
        )
    (tmp_path / "small.pth").write_bytes(pickle.dumps({}))
    with pytest.raises(FileFormatError, match="can run code"):
        NeuralClassifier(small_layers(), weights=tmp_path / "small.pth", epochs=1).fit(IMAGES, LABELS)


def test_five_classes_of_the_file_are_not_five_classes_of_the_data(tmp_path: Path) -> None:
    save_file(small_tensors(), tmp_path / "small.safetensors")
    model = NeuralClassifier(
        small_layers(), weights=tmp_path / "small.safetensors", optimizer=SGD(1e-9), epochs=1, random_state=0
    ).fit(IMAGES, np.arange(12) % CLASSES)
    assert not np.allclose(model.parameters_["dense_1"]["weights"], small_tensors()["fc.weight"].T, atol=0.01)
