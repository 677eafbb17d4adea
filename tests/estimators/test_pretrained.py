"""A pretrained network as a transformer: scikit-learn's conventions, images of any size, ImageNet's classes."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from PIL import Image
from published import random_tensors
from safetensors.numpy import save_file
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from lamina import NeuralClassifier, Pretrained
from lamina.errors import ArgumentTypeError, DataError, FileFormatError, SpecificationError
from lamina.layers import Conv2D, Dense, Flatten, Sequential
from lamina.networks import resnet18, with_output
from lamina.networks.pretrained import imagenet_classes, place_published, pretrained_layers
from lamina.training import predict

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
WIDE = RNG.integers(0, 256, (2, 40, 60, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return random_tensors(with_output(resnet18(), 1000, "softmax"))


@pytest.fixture(scope="module")
def weights(tensors: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("weights") / "resnet18.safetensors"
    save_file(tensors, path)
    return path


@pytest.fixture(scope="module")
def features(weights: Path) -> Pretrained:
    return Pretrained("resnet18", weights=weights, size=32).fit()


def test_features_are_the_last_hidden_layer(features: Pretrained, tensors: dict[str, np.ndarray]) -> None:
    body = Sequential(pretrained_layers("resnet18"))
    drawn = jax.tree.map(np.float32, body.init(np.random.default_rng(1), (32, 32, 3)))
    wanted = predict(body, *place_published(body, drawn, tensors, "file"), IMAGES)
    found = features.transform(IMAGES)
    assert found.shape == (5, features.n_features_out_) == (5, 512)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    assert list(features.get_feature_names_out()[:2]) == ["resnet18_0", "resnet18_1"]


def test_numbers_grey_images_and_several_sizes(features: Pretrained) -> None:
    whole = features.transform(IMAGES)
    np.testing.assert_allclose(features.transform(IMAGES / 255), whole, rtol=1e-3, atol=1e-4)
    grey = features.transform(IMAGES[..., 0])
    np.testing.assert_array_equal(grey, features.transform(np.repeat(IMAGES[..., :1], 3, axis=-1)))
    wide = features.transform(WIDE)
    both = features.transform([*IMAGES, *WIDE])
    np.testing.assert_allclose(both, np.vstack([whole, wide]), rtol=1e-4, atol=1e-5)


def test_files_give_what_their_pixels_give(features: Pretrained, tmp_path: Path) -> None:
    for place, image in enumerate(WIDE):
        Image.fromarray(image).save(tmp_path / f"{place}.png")
    wanted = features.transform(WIDE)
    found = features.transform(tmp_path)
    np.testing.assert_array_equal(found, wanted)
    guesses = features.classify([tmp_path / "1.png"], top=2)
    assert list(guesses["image"]) == [str(tmp_path / "1.png")] * 2


def test_damaged_pictures_are_named(features: Pretrained, tmp_path: Path) -> None:
    for name in ("a.png", "c.png"):
        (tmp_path / name).write_bytes(b"no picture")
    Image.fromarray(WIDE[0]).save(tmp_path / "b.png")
    with pytest.raises(
        FileFormatError, match=r"2 of 3 pictures cannot be read: .*a\.png \(no picture.*c\.png"
    ):
        features.transform(tmp_path)
    with pytest.raises(SpecificationError, match=r"top must be a whole number, 1 or more, for example 5"):
        features.classify(tmp_path, top=0)


def test_classify_gives_names_and_probabilities_in_order(weights: Path, features: Pretrained) -> None:
    guesses = Pretrained("resnet18", weights=weights, size=32).classify(IMAGES, top=3)  # needs no fit
    assert list(guesses.columns) == ["image", "rank", "class", "probability"]
    assert list(guesses["image"]) == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    p = predict(features.network_, features.parameters_, features.state_, IMAGES)
    np.testing.assert_allclose(guesses["probability"][:3], np.sort(p[0])[::-1][:3], rtol=1e-5)
    assert guesses["class"][0] == imagenet_classes()[p[0].argmax()]


def test_a_file_without_an_output_layer_gives_features_alone(
    tensors: dict[str, np.ndarray], features: Pretrained, tmp_path: Path
) -> None:
    save_file({name: tensor for name, tensor in tensors.items() if "fc." not in name}, tmp_path / "body")
    body = Pretrained("resnet18", weights=tmp_path / "body", size=32)
    np.testing.assert_array_equal(body.fit_transform(IMAGES), features.transform(IMAGES))
    with pytest.raises(SpecificationError, match="no output layer"):
        body.classify(IMAGES)
    save_file({name: tensor for name, tensor in tensors.items() if name != "fc.bias"}, tmp_path / "half")
    with pytest.raises(FileFormatError, match=r"missing: fc\.bias"):
        Pretrained("resnet18", weights=tmp_path / "half", size=32).classify(IMAGES)


def test_it_stands_in_pipelines_and_cross_validation(weights: Path) -> None:
    labels = np.arange(20) % 2
    images = (RNG.integers(0, 120, (20, 32, 32, 3)) + 120 * labels[:, None, None, None]).astype(np.uint8)
    model = make_pipeline(Pretrained("resnet18", weights=weights, size=32), LogisticRegression(max_iter=500))
    assert cross_val_score(model, images, labels, cv=2).mean() > 0.8


def test_the_conventions(features: Pretrained, weights: Path) -> None:
    copy = clone(features)
    assert copy.get_params() == features.get_params()
    with pytest.raises(NotFittedError):
        copy.transform(IMAGES)
    assert copy.set_params(size=48, network="resnet34").get_params()["size"] == 48
    again = pickle.loads(pickle.dumps(features))
    np.testing.assert_array_equal(again.transform(IMAGES), features.transform(IMAGES))
    framed = clone(features).set_output(transform="pandas").fit_transform(IMAGES)
    assert list(framed.columns[:1]) == ["resnet18_0"]


def test_random_weights_follow_the_seed_and_have_no_classes() -> None:
    model = Pretrained("resnet18", size=32, random_state=3)
    first = model.fit_transform(IMAGES)
    np.testing.assert_array_equal(clone(model).fit_transform(IMAGES), first)
    assert not np.allclose(clone(model).set_params(random_state=4).fit_transform(IMAGES), first)
    with pytest.raises(SpecificationError, match="no output layer"):
        model.classify(IMAGES)


def test_the_hidden_layers_of_a_saved_model(tmp_path: Path) -> None:
    small = IMAGES[:, :8, :8]
    model = NeuralClassifier([Conv2D(2, 3, "relu"), Flatten(), Dense(4, "relu")], epochs=1, random_state=0)
    model.fit(small, np.arange(5) % 2).save(tmp_path / "own.lamina")
    features = Pretrained(None, weights=tmp_path / "own.lamina").fit()
    head = model.parameters_["dense_2"]
    found = features.transform(small)
    np.testing.assert_allclose(
        (found @ head["weights"] + head["bias"])[:, 0], model.decision_function(small), rtol=1e-5
    )
    assert features.transform(IMAGES).shape == (5, 4)  # scaled to what it was fitted on
    with pytest.raises(SpecificationError, match=r"lamina\.load\(path\)\.predict"):
        features.classify(small)
    with pytest.raises(SpecificationError, match="give network=None"):
        Pretrained("resnet18", weights=tmp_path / "own.lamina").fit()


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"network": "resnet19"}, SpecificationError, "did you mean 'resnet18'"),
        (
            {"trainable": True},
            SpecificationError,
            r"NeuralClassifier\(pretrained_layers\('resnet18'\), weights=",
        ),
        ({"size": 0}, SpecificationError, "size must be a whole number"),
        ({"network": None}, ArgumentTypeError, r"give weights=path"),
    ],
    ids=str,
)
def test_settings_that_mean_nothing_are_told(
    changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Pretrained(**{"network": "resnet18"} | changes).fit()


def test_the_weights_of_another_network_are_told(weights: Path) -> None:
    with pytest.raises(FileFormatError, match=r"resnet18\.safetensors does not fit.*tensors of a resnet18"):
        Pretrained("resnet34", weights=weights, size=32).fit()


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((2, 3, 32, 32), np.uint8), r"transpose\(0, 2, 3, 1\)"),
        (np.zeros((2, 32, 32, 4), np.uint8), r"transparency: images\[\.\.\., :3\]"),
        (np.full((2, 32, 32, 3), 200.0), "divided by 255"),
        (np.full((2, 32, 32, 3), np.nan), "finite"),
        (np.zeros((0, 32, 32, 3), np.uint8), "takes images"),
        (np.zeros((4, 10)), "takes images"),
        (np.zeros((32, 32, 3), np.uint8), r"one image: give X\[None\]"),
        (np.zeros((32, 32, 1), np.uint8), r"one image: give X\[None\]"),
    ],
    ids=["channels first", "alpha", "not scaled", "nan", "none", "table", "one", "one grey"],
)
def test_images_that_cannot_be_used_are_told(features: Pretrained, images: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        features.transform(images)
