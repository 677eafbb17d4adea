"""Feature maps are what a hand computation gives, layer by layer; the most activating images really are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from tests.explain.conftest import Fitted

import lamina.explain
from lamina import NeuralClassifier
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import __all__ as NAMES
from lamina.explain import (
    apply_filter,
    feature_maps,
    most_activating,
    plot_feature_maps,
    plot_most_activating,
)


def convolved(x: np.ndarray, layer: dict[str, np.ndarray]) -> np.ndarray:
    """A 3 × 3 convolution with zeros around the image, filter by filter."""
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    maps = [apply_filter(padded, layer["weights"][..., k]) for k in range(layer["weights"].shape[3])]
    return np.stack(maps, axis=-1) + layer["bias"]


def test_every_layer_is_the_hand_computation(fitted: Fitted) -> None:
    model, image = fitted.model, fitted.images[7]
    found = feature_maps(model, image)
    assert list(found) == [
        "warp_1", "conv2d_1", "max_pool2d_1", "residual_1/conv2d_1", "residual_1/batch_norm_1", "residual_1",
        "dropout_1", "flatten_1", "dense_1", "dense_2",
    ]  # fmt: skip
    x = image / 255
    np.testing.assert_allclose(found["warp_1"], x, atol=1e-6)
    first = np.maximum(convolved(x, model.parameters_["conv2d_1"]), 0)
    np.testing.assert_allclose(found["conv2d_1"], first, atol=1e-5)
    pooled = first[:, :8].reshape(5, 2, 4, 2, 4).max(axis=(1, 3))
    np.testing.assert_allclose(found["max_pool2d_1"], pooled, atol=1e-5)
    inside = model.parameters_["residual_1"]
    second = convolved(pooled, inside["conv2d_1"])
    np.testing.assert_allclose(found["residual_1/conv2d_1"], second, atol=1e-5)
    norm, state = inside["batch_norm_1"], model.fitted_.state["residual_1"]["batch_norm_1"]
    standard = (second - state["mean"]) / np.sqrt(state["variance"] + 1e-5) * norm["factors"] + norm["bias"]
    np.testing.assert_allclose(found["residual_1/batch_norm_1"], standard, atol=1e-4)
    np.testing.assert_allclose(found["residual_1"], np.maximum(pooled + standard, 0), atol=1e-4)
    np.testing.assert_allclose(found["dropout_1"].ravel(), found["flatten_1"])
    np.testing.assert_allclose(found["dense_2"], model.predict_proba(image[None])[0], atol=1e-5)


def test_feature_maps_are_drawn_a_row_a_layer(fitted: Fitted, tmp_path: Path) -> None:
    found = feature_maps(fitted.model, fitted.images[0])
    figure = plot_feature_maps(fitted.model, fitted.images[0], path=tmp_path / "maps.png")
    labels = [axes.get_ylabel().split("\n")[0] for axes in figure.axes if axes.get_ylabel()]
    assert labels == ["conv2d_1", "max_pool2d_1", "residual_1"]
    shown = [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]
    assert len(shown) == 1 + 3 * 4
    np.testing.assert_allclose(shown[1], found["conv2d_1"][..., 0])
    assert imread(tmp_path / "maps.png").shape[0] > 100
    one = plot_feature_maps(fitted.model, fitted.images[0], ["residual_1/conv2d_1"], channels=2)
    assert len([axes for axes in one.axes if axes.images]) == 3


def test_a_picture_is_named_by_its_path(fitted: Fitted, tmp_path: Path) -> None:
    for place in range(2):
        Image.fromarray(fitted.images[place, ..., 0]).save(tmp_path / f"{place}.png")
    wanted = feature_maps(fitted.model, fitted.images[1])
    for source in (tmp_path / "1.png", str(tmp_path / "1.png"), [tmp_path / "1.png"]):
        found = feature_maps(fitted.model, source)
        np.testing.assert_array_equal(found["conv2d_1"], wanted["conv2d_1"])
    figure = plot_feature_maps(fitted.model, tmp_path / "1.png", ["conv2d_1"])
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), fitted.images[1, ..., 0] / 255)
    with pytest.raises(SpecificationError, match="one image is needed and 2 were given"):
        feature_maps(fitted.model, tmp_path)


@pytest.mark.parametrize("layer", ["conv2d_1", "residual_1", "dense_1"])
def test_the_most_activating_really_are(fitted: Fitted, layer: str) -> None:
    model, images = fitted.model, fitted.images
    found = most_activating(model, images, layer, k=5)
    by_hand = np.array(
        [
            feature_maps(model, image)[layer].reshape(-1, found.indices.shape[0]).max(axis=0)
            for image in images[:40]
        ]
    )
    few = most_activating(model, images[:40], layer, k=5)
    np.testing.assert_allclose(few.values, -np.sort(-by_hand, axis=0)[:5].T, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        np.take_along_axis(by_hand.T, few.indices, axis=1), few.values, rtol=1e-4, atol=1e-5
    )
    assert (np.diff(found.values, axis=1) <= 0).all()
    assert (found.values[:, 0] >= few.values[:, 0] - 1e-6).all()


def test_the_most_activating_are_drawn(fitted: Fitted, tmp_path: Path) -> None:
    found = most_activating(fitted.model, fitted.images, "conv2d_1", k=3)
    figure = plot_most_activating(
        fitted.model, fitted.images, "conv2d_1", k=3, channels=[2], path=tmp_path / "most.png"
    )
    shown = [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]
    assert len(shown) == 3
    np.testing.assert_allclose(shown[0], fitted.images[found.indices[2, 0], ..., 0] / 255)
    assert (tmp_path / "most.png").exists()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m, x: most_activating(m, x, "conv2d_2"), SpecificationError, "did you mean 'conv2d_1'"),
        (lambda m, x: most_activating(m, x, "conv2d_1", k=1000), SpecificationError, "take a smaller k"),
        (
            lambda m, x: plot_most_activating(m, x, "conv2d_1", channels=[4]),
            SpecificationError,
            "it has 4, 0 to 3",
        ),
        (
            lambda m, x: plot_feature_maps(m, x[0], ["dense_1"]),
            SpecificationError,
            "gives 6 numbers and no map",
        ),
        (
            lambda m, x: plot_feature_maps(m, x[0], ["residual_1/conv2d_9"]),
            SpecificationError,
            "did you mean 'residual_1/",
        ),
        (
            lambda m, x: plot_feature_maps(m, x[0], channels=0),
            SpecificationError,
            "channels must be a whole number, 1 or more, for example 8",
        ),
        (lambda m, x: feature_maps(m, x[:2]), SpecificationError, "one image is needed and 2 were given"),
        (
            lambda m, x: feature_maps(m, x[0, :5]),
            DataError,
            r"shape \(5, 9, 1\) and the model .* \(10, 9, 1\)",
        ),
        (lambda m, x: feature_maps(LogisticRegression(), x[0]), ArgumentTypeError, "take the network itself"),
        (lambda m, x: feature_maps(NeuralClassifier(), x[0]), NotFittedError, "not fitted"),
    ],
)
def test_wrong_names_shapes_and_models_are_refused(
    fitted: Fitted, call: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call(fitted.model, fitted.images)


def test_a_network_of_tables_has_no_maps() -> None:
    model = NeuralClassifier([], epochs=1).fit(np.eye(4), [0, 1, 0, 1])
    with pytest.raises(DataError, match="pictures are of networks for images"):
        feature_maps(model, np.eye(4)[0])


@pytest.mark.parametrize("name", NAMES)
def test_public_names_resolve(name: str) -> None:
    found = getattr(lamina.explain, name)
    assert getattr(found, "__name__", name) == name
    with pytest.raises(AttributeError, match="no attribute 'plot_filtres'"):
        lamina.explain.plot_filtres  # noqa: B018
