"""Published weights: each tensor in its place, the same output as an independent forward pass, and every misfit named."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from published import CLASSES, random_tensors, small_forward, small_layers, small_tensors
from safetensors.numpy import save_file

from lamina.errors import ArgumentTypeError, DataError, FileAccessError, FileFormatError, SpecificationError
from lamina.layers import Sequential
from lamina.networks import lenet, resnet18, resnet34, resnet50, with_output
from lamina.networks.pretrained import (
    IMAGENET_PIXELS,
    imagenet_classes,
    place_published,
    place_weights,
    pretrained_layers,
    pretrained_network,
    published_places,
    read_tensors,
    top_classes,
)
from lamina.training import predict

SHAPE = (22, 19, 3)
IMAGES = np.random.default_rng(3).uniform(size=(3, *SHAPE)).astype(np.float32)
WHOLE = with_output(small_layers(), CLASSES, "softmax")


def drawn(network: Sequential, shape: tuple[int, ...] = SHAPE) -> tuple[dict, dict]:
    return network.init(np.random.default_rng(0), shape)


def test_the_output_is_that_of_an_independent_forward_pass(tmp_path: Path) -> None:
    save_file(small_tensors(), tmp_path / "small.safetensors")
    tensors = read_tensors(tmp_path / "small.safetensors")
    parameters, state = place_published(WHOLE, drawn(WHOLE), tensors, "small.safetensors")
    features, probabilities = small_forward(small_tensors(), IMAGES)
    np.testing.assert_allclose(predict(WHOLE, parameters, state, IMAGES), probabilities, atol=1e-5)
    body = Sequential(small_layers())
    without = place_published(body, drawn(body), tensors, "small.safetensors")
    np.testing.assert_allclose(predict(body, *without, IMAGES), features, atol=1e-5)


def test_pixels_of_imagenet_are_standardised_inside_the_network() -> None:
    network = Sequential([IMAGENET_PIXELS, *small_layers()])
    eight_bit = np.random.default_rng(0).integers(0, 256, (2, *SHAPE), dtype=np.uint8)
    placed = place_published(network, drawn(network), small_tensors(), "small")
    by_hand = (eight_bit / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(
        predict(network, *placed, eight_bit), small_forward(small_tensors(), by_hand)[0], atol=1e-4
    )


@pytest.mark.parametrize(
    ("layers", "tensors", "last", "bias"),
    [
        (resnet18(), 102, "layer4.1.conv2.weight", "residual_8/conv2d_2/weights"),
        (resnet34(), 182, "layer4.2.conv2.weight", "residual_16/conv2d_2/weights"),
        (resnet50(), 267, "layer4.2.conv3.weight", "residual_16/conv2d_3/weights"),
    ],
    ids=["resnet18", "resnet34", "resnet50"],
)
def test_each_parameter_has_one_place(layers: list, tensors: int, last: str, bias: str) -> None:
    network = with_output(layers, 1000, "softmax")
    places = published_places(network)
    assert len(places) == tensors  # as torchvision's state_dict without its counters
    assert places[last].path == bias
    assert len({place.path for place in places.values()}) == tensors
    assert not any(name.startswith("fc.") for name in published_places(network, output=False))


def test_half_precisions_are_widened(tmp_path: Path) -> None:
    import ml_dtypes

    kinds = {"half": np.float16, "brain": ml_dtypes.bfloat16, "double": np.float64, "whole": np.int64}
    save_file(
        {name: np.array([1.5, 2], kind) for name, kind in kinds.items()}, tmp_path / "kinds.safetensors"
    )
    read = read_tensors(tmp_path / "kinds.safetensors")
    assert {name: tensor.dtype.name for name, tensor in read.items()} == {
        "half": "float32", "brain": "float32", "double": "float64", "whole": "int64",
    }  # fmt: skip
    assert read["brain"].tolist() == [1.5, 2]


def test_missing_extra_and_misshapen_tensors_are_each_named_in_one_error() -> None:
    tensors = small_tensors()
    del tensors["layer1.0.bn2.running_var"]
    tensors["layer3.0.conv1.weight"] = np.zeros((2, 2, 3, 3))
    tensors["bn1.bias"] = np.zeros(9)
    tensors["fc.bias"] = np.full(CLASSES, np.nan)
    with pytest.raises(FileFormatError) as caught:
        place_published(WHOLE, drawn(WHOLE), tensors, "small.safetensors")
    message = str(caught.value)
    assert message.startswith("small.safetensors does not fit")
    assert "missing: layer1.0.bn2.running_var;" in message
    assert "known to no layer: layer3.0.conv1.weight;" in message
    assert "of another shape: bn1.bias is (9,) and must be (4,)" in message
    assert "not finite: fc.bias" in message


def test_the_weights_of_another_network_are_recognised() -> None:
    tensors = {name: np.zeros(1) for name in published_places(Sequential(resnet18()))}
    network = Sequential(resnet34())
    empty = network.init(np.random.default_rng(0), (32, 32, 3))
    with pytest.raises(
        FileFormatError,
        match=r"network\. These are the tensors of a resnet18: take that network.*and \d+ more",
    ):
        place_published(network, empty, tensors, "r18.safetensors")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fc.bias": None}, r"network\. missing: fc\.bias\. Names"),
        ({"fc.weight": None}, r"network\. missing: fc\.weight\. Names"),
        ({"fc.bias": np.zeros(7)}, r"network\. of another shape: fc\.bias is \(7,\) and must be \(5,\)"),
        (
            {"fc.weight": np.zeros(5)},
            r"network\. of another shape: fc\.weight is \(5,\) and must be \(5, 512\)",
        ),
    ],
    ids=["no biases", "no matrix", "other biases", "no matrix but a vector"],
)
def test_half_an_output_layer_is_refused(changes: dict[str, np.ndarray | None], words: str) -> None:
    body = Sequential(pretrained_layers("resnet18"))
    tensors = random_tensors(body) | {"fc.weight": np.zeros((5, 512)), "fc.bias": np.zeros(5)} | changes
    given = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    with pytest.raises(FileFormatError, match=words):
        pretrained_network("resnet18", given, (32, 32, 3), np.random.default_rng(0), "r18")


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        (small_layers(), (22, 19), r"three channels: give images as np\.repeat"),
        (lenet(), (28, 28), "missing: conv1.bias"),
    ],
)
def test_other_inputs_and_networks_are_told(layers: list, shape: tuple[int, ...], words: str) -> None:
    network = Sequential(layers)
    with pytest.raises(FileFormatError, match=words):
        place_published(network, drawn(network, shape), small_tensors(), "small", output=False)


def test_weights_by_path_stay_in_their_precision_and_copy() -> None:
    start = drawn(WHOLE)
    mine = {"conv2d_1/weights": np.ones((7, 7, 3, 4), np.float32), "batch_norm_1/mean": np.arange(4)}
    parameters, state = place_weights(start, mine, "weights")
    assert parameters["conv2d_1"]["weights"].dtype == np.float64
    assert (parameters["conv2d_1"]["weights"] == 1).all()
    assert state["batch_norm_1"]["mean"].tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(parameters["dense_1"]["weights"], start[0]["dense_1"]["weights"])
    with pytest.raises(
        SpecificationError, match=r"not in this network: conv9/weights.*dense_1/bias is \(2,\)"
    ):
        place_weights(start, {"conv9": {"weights": [1.0]}, "dense_1/bias": [0.0, 1.0]}, "weights")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x89HDF\r\n\x1a\nrest", "no safetensors file"),
        (pickle.dumps({"conv1.weight": 1}), r"is a pickle.*can run code.*convert it once.*save_file"),
    ],
    ids=["empty", "hdf5", "pickle"],
)
def test_foreign_files_are_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=words):
        read_tensors(path)


def test_a_zip_with_a_pickle_and_a_file_cut_short_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "weights.pt", "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    with pytest.raises(FileFormatError, match=r"torch\.load\('weights\.pt', weights_only=True\)"):
        read_tensors(tmp_path / "weights.pt")
    whole = tmp_path / "whole.safetensors"
    save_file(small_tensors(), whole)
    whole.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(FileFormatError, match="damaged"):
        read_tensors(whole)
    with pytest.raises(FileAccessError, match="it is a folder"):
        read_tensors(tmp_path)
    with pytest.raises(ArgumentTypeError, match="give the name of a file"):
        read_tensors(3)  # type: ignore[arg-type]


def test_the_classes_of_imagenet() -> None:
    names = imagenet_classes()
    assert len(set(names)) == 1000
    # Places that are much quoted: tench, hen, tabby and its neighbours, the last.
    assert (names[0], names[8], names[281], names[999]) == ("tench", "hen", "tabby", "toilet tissue")


def test_top_classes() -> None:
    assert top_classes(np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]), "abc", k=2) == [
        [("b", 0.5), ("c", 0.3)],
        [("a", 0.6), ("c", 0.3)],
    ]
    with pytest.raises(DataError, match="give a column a name"):
        top_classes(np.ones((1, 3)), "ab")


def test_only_known_networks_have_published_weights() -> None:
    with pytest.raises(SpecificationError, match="did you mean 'resnet50'"):
        pretrained_layers("resnet51")
