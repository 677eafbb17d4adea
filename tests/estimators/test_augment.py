"""The parameter ``augment``: training sees variants, everything else sees the images themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from lamina import NeuralClassifier, NeuralRegressor, load
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.estimators import EarlyStopping
from lamina.layers import (
    BatchNorm,
    Conv2D,
    Crop,
    Dense,
    Flatten,
    GaussianNoise,
    HorizontalFlip,
    Rotate,
    Shift,
    Warp,
)
from lamina.networks import body_factors, freeze
from lamina.training.optimizers import SGD

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (60, 6, 6, 1), dtype=np.uint8)
Y = np.repeat([0, 1, 2], 20)
VARIED = [HorizontalFlip(), Shift(0.2), Rotate(20)]
SETTINGS: dict[str, Any] = {"epochs": 3, "batch_size": 20, "random_state": 0}


def classifier(augment: Any = None, **settings: Any) -> NeuralClassifier:
    return NeuralClassifier([Flatten(), Dense(4, "relu")], augment=augment, **{**SETTINGS, **settings})


def bits(model: Any) -> list[np.ndarray]:
    return [array for layer in model.parameters_.values() for array in layer.values()]


def same(first: Any, second: Any) -> bool:
    return all((a == b).all() for a, b in zip(bits(first), bits(second), strict=True))


FITTED = classifier(VARIED).fit(X, Y)


def test_the_same_seed_gives_the_same_bits_and_augmentation_changes_the_fit() -> None:
    assert same(FITTED, classifier(VARIED).fit(X, Y))
    assert not same(FITTED, classifier().fit(X, Y))
    assert not same(FITTED, classifier(VARIED, random_state=1).fit(X, Y))


def test_neighbouring_affine_layers_are_one_and_names_of_parameters_stay() -> None:
    assert FITTED.network_.layers[:2] == (HorizontalFlip(), Warp([Shift(0.2), Rotate(20)]))
    assert set(FITTED.parameters_) == {"dense_1", "dense_2"}


def test_no_strength_changes_no_bit_of_the_fit() -> None:
    still = [HorizontalFlip(0.0), Shift(0.0)]
    assert same(classifier(still).fit(X, Y), classifier().fit(X, Y))


def test_prediction_sees_the_images_themselves() -> None:
    plain = classifier().fit(X, Y)
    weights = FITTED.parameters_
    hidden = np.maximum(
        X.reshape(60, -1) / 255 @ weights["dense_1"]["weights"] + weights["dense_1"]["bias"], 0
    )
    z = hidden @ weights["dense_2"]["weights"] + weights["dense_2"]["bias"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(FITTED.predict_proba(X), p, atol=1e-5)
    assert plain.predict_proba(X).shape == p.shape


def test_watched_rows_are_not_varied() -> None:
    # With no learning every epoch's loss on the same images is the same.
    stopping = EarlyStopping(patience=None)
    model = classifier([Shift(0.5), Rotate(180)], early_stopping=stopping, optimizer=SGD(0.0)).fit(X, Y)
    assert len(set(model.history_.validation_loss)) == 1
    assert len(set(model.history_.loss)) == 3


def test_rows_of_weight_zero_change_nothing() -> None:
    weights = np.where(np.arange(60) % 20 < 15, 1.0, 0.0)
    kept = weights > 0
    with_them = classifier(VARIED, batch_size=None).fit(X, Y, sample_weight=weights)
    without = classifier(VARIED, batch_size=None).fit(X[kept], Y[kept])
    for a, b in zip(bits(with_them), bits(without), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_images_of_floats_keep_their_precision(dtype: Any) -> None:
    model = classifier(VARIED).fit((X / 255).astype(dtype), Y)
    assert bits(model)[0].dtype == dtype
    for a, b in zip(bits(model), bits(FITTED), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_single_channel_images_without_an_axis_and_regression() -> None:
    y = X.mean(axis=(1, 2, 3))
    model = NeuralRegressor([Flatten(), Dense(4, "relu")], augment=[Crop(1)], **SETTINGS).fit(X[..., 0], y)
    assert model.predict(X[..., 0]).shape == (60,)


def test_nested_names_reach_inside() -> None:
    model = classifier(VARIED)
    assert model.get_params()["augment__shift_1__height"] == 0.2
    changed = clone(model).set_params(augment__rotate_1__degrees=5.0)
    assert changed.augment == [HorizontalFlip(), Shift(0.2), Rotate(5.0)]
    assert model.augment == VARIED
    with pytest.raises(SpecificationError, match=r"augment has no layer 'rotate_2'.*rotate_1"):
        model.set_params(augment__rotate_2__degrees=5.0)


def test_a_saved_model_is_the_same_again(tmp_path: Path) -> None:
    FITTED.save(tmp_path / "m.lamina")
    again = load(tmp_path / "m.lamina")
    assert again.augment == VARIED
    assert again.network_ == FITTED.network_
    np.testing.assert_array_equal(again.predict_proba(X), FITTED.predict_proba(X))


def test_going_on_takes_a_new_strength_and_refuses_another_layer() -> None:
    model = classifier(VARIED, warm_start=True).fit(X, Y)
    model.set_params(augment__rotate_1__degrees=5.0).fit(X, Y)
    assert model.n_iter_ == 6
    assert model.network_.layers[1] == Warp([Shift(0.2), Rotate(5.0)])
    with pytest.raises(SpecificationError, match="layers, augment or precision changed"):
        model.set_params(augment=[HorizontalFlip()]).fit(X, Y)


HIDDEN = [Conv2D(3, 3, "relu"), BatchNorm(), GaussianNoise(0.01), Flatten(), Dense(4, "relu")]
BODY = ("conv2d_1", "batch_norm_1", "dense_1")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[NeuralClassifier, Path]:
    """A network that was fitted with an augmentation of its own, and its file."""
    model = NeuralClassifier(HIDDEN, augment=[GaussianNoise(0.1)], **SETTINGS).fit(X, Y)
    path = tmp_path_factory.mktemp("first") / "first.lamina"
    model.save(path)
    return model, path


def test_weights_land_in_their_layers_behind_the_augmentation(first: tuple[NeuralClassifier, Path]) -> None:
    model, path = first
    begun = NeuralClassifier(
        HIDDEN, augment=VARIED, weights=path, optimizer=SGD(0.0), epochs=1, random_state=5
    )
    begun.fit(X, Y % 2)
    frozen = NeuralClassifier(freeze(HIDDEN), augment=VARIED, weights=path, **SETTINGS).fit(X, Y % 2)
    for name in BODY:
        for key, wanted in model.parameters_[name].items():
            np.testing.assert_array_equal(begun.parameters_[name][key], wanted)
            np.testing.assert_array_equal(frozen.parameters_[name][key], wanted)
    statistics, kept = model.fitted_.state["batch_norm_1"], frozen.fitted_.state["batch_norm_1"]
    np.testing.assert_array_equal(kept["mean"], statistics["mean"])
    np.testing.assert_array_equal(kept["variance"], statistics["variance"])


def test_the_body_moves_more_slowly_behind_the_augmentation(first: tuple[NeuralClassifier, Path]) -> None:
    model, path = first
    moves = []
    for factors in ({}, body_factors(HIDDEN, 0.1)):
        optimizer = SGD(0.1, factors=factors)
        one = NeuralClassifier(
            HIDDEN, augment=VARIED, weights=path, optimizer=optimizer, epochs=1, batch_size=60, random_state=0
        )
        one.fit(X, Y)
        moves.append(one.parameters_["conv2d_1"]["weights"] - model.parameters_["conv2d_1"]["weights"])
    assert np.abs(moves[0]).max() > 1e-4
    np.testing.assert_allclose(moves[1], 0.1 * moves[0], rtol=1e-2, atol=1e-7)


def test_what_does_not_vary_images_is_refused() -> None:
    with pytest.raises(DataError, match=r"varies images.*X has 2 dimensions"):
        classifier(VARIED).fit(X.reshape(60, -1), Y)
    with pytest.raises(
        ArgumentTypeError, match=r"layers that act in training alone and was given Dense\(3\)"
    ):
        classifier([Dense(3)]).fit(X, Y)
    with pytest.raises(ArgumentTypeError, match=r"did you mean HorizontalFlip\(0.5\)"):
        classifier([HorizontalFlip]).fit(X, Y)
    assert classifier([GaussianNoise(0.1)]).fit(X, Y).n_iter_ == 3
    with pytest.raises(SpecificationError, match="horizontal_flip_1 is random"):
        classifier(VARIED, optimizer="lbfgs").fit(X, Y)
