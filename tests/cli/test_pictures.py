"""``lamina fit`` and ``lamina predict`` on folders of pictures."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from published import small_layers, small_tensors
from safetensors.numpy import save_file

from lamina import NeuralClassifier, load
from lamina.cli import pictures as pictures_module
from lamina.cli.pictures import COMPARED, network_for, sides_in
from lamina.errors import SpecificationError
from lamina.estimators.image_recipe import image_settings
from lamina.evaluation.image_contenders import image_contenders
from lamina.evaluation.splits import Sample
from lamina.layers import Conv2D, Dense, Flatten
from lamina.networks.named import NETWORKS
from lamina.networks.pretrained import IMAGENET_PIXELS, PRETRAINED

FIT = ("--model", "mlp", "--epochs", "200", "--out", "m.lamina")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Dark nights and bright days, of 6 × 6, and a folder of new ones."""
    rng = np.random.default_rng(0)
    for name, grey in (("night", 40), ("day", 200)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(10):
            pixels = rng.normal(grey, 10, (6, 6, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    (tmp_path / "new" / "deeper").mkdir(parents=True)
    Image.new("RGB", (30, 20), (210, 200, 190)).save(tmp_path / "new" / "noon.jpg")
    Image.new("RGB", (6, 6), (30, 40, 50)).save(tmp_path / "new" / "deeper" / "moon, full.png")
    return tmp_path / "photos"


def test_from_a_folder_to_a_file_of_classes(run, photos: Path) -> None:
    result = run("fit", "photos", *FIT)
    assert result.exit_code == 0, result.output
    assert "mlp of photos: " in result.output
    assert "fitted to 20 pictures of 6 × 6 × 3 in 2 classes" in result.output
    result = run("predict", "m.lamina", "new", "--out", "p.csv")
    assert result.exit_code == 0, result.output
    assert "Predicted 2 pictures" in result.output
    found = pd.read_csv("p.csv")
    assert list(found) == ["path", "prediction", "probability_day", "probability_night"]
    assert [Path(path) for path in found["path"]] == [Path("new/noon.jpg"), Path("new/deeper/moon, full.png")]
    assert found["prediction"].tolist() == ["day", "night"]
    np.testing.assert_allclose(found.filter(like="probability").sum(axis=1), 1, atol=1e-5)
    one = run("predict", "m.lamina", "new/noon.jpg")
    assert one.stdout.splitlines()[1].startswith("new/noon.jpg,day,")

    # What cannot be read is named, and left out on request.
    (photos.parent / "new" / "broken.png").touch()
    broken = run("predict", "m.lamina", "new")
    assert broken.exit_code == 2
    assert "1 of 3 pictures cannot be read: new/broken.png (the file is empty)" in broken.output
    skipped = run("predict", "m.lamina", "new", "--skip-unreadable", "--out", "q.csv")
    assert skipped.exit_code == 0
    assert "left out" in skipped.output
    pd.testing.assert_frame_equal(pd.read_csv("q.csv"), found)


def test_size_and_unreadable_pictures(run, photos: Path) -> None:
    (photos / "day" / "broken.png").touch()
    refused = run("fit", "photos", *FIT)
    assert refused.exit_code == 2
    assert "leave them out: --skip-unreadable." in refused.output
    result = run("fit", "photos", "--epochs", "1", "--skip-unreadable", "--size", "8x9", "--out", "m.lamina")
    assert result.exit_code == 0, result.output
    assert "cnn of photos" in result.output
    assert "20 pictures of 8 × 9 × 3" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("fit", "photos", "--model", "resnet19", "--out", "m.lamina"), "did you mean 'resnet"),
        (
            ("fit", "photos", "--target", "x", "--out", "m.lamina"),
            "--target means nothing for a folder of pictures",
        ),
        (("fit", "photos", "--drop", "x", "--out", "m.lamina"), "--drop means nothing"),
        (("fit", "photos/day", "--out", "m.lamina"), "10 pictures and no folders"),
        (("fit", "photos", "--size", "big", "--out", "m.lamina"), "--size 'big'"),
        (("fit", "iris", "--size", "8", "--out", "m.lamina"), "--size means nothing for a table"),
        (("fit", "photos", "--model", "mlp", "--out", "nowhere/m.lamina"), "nowhere"),
        (("fit", "nothere/", "--out", "m.lamina"), "no folder nothere/: check its name"),
        (("fit", "nothere", "--model", "resnet18", "--out", "m.lamina"), "no folder nothere: check its name"),
        (("fit", "nothere/", "--model", "resnet18", "--out", "m.lamina"), "no folder nothere/"),
        (("fit", "photos/day/1.png", "--out", "m.lamina"), "is a picture: name a folder that holds a folder"),
        (("predict", "m.lamina", "nothere/"), "no file and no folder nothere"),
        (("compare", "nothere/"), "no folder nothere/"),
        (("compare", "nothere", "--size", "8"), "no folder nothere"),
        (("compare", "photos/day/1.png"), "is a picture: name a folder that holds a folder"),
        (("compare", "nothere"), "no file, no folder and no data set"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_work(
    run, photos: Path, words: tuple[str, ...], message: str
) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert re.search(message, result.output), result.output


def test_a_model_of_a_table_takes_no_pictures(run, photos: Path) -> None:
    assert run("fit", "iris", "--epochs", "1", "--out", "t.lamina").exit_code == 0
    result = run("predict", "t.lamina", "new")
    assert result.exit_code == 2
    assert "fitted on a table" in result.output


def test_weights_of_a_saved_model_are_where_the_fit_begins(run, photos: Path) -> None:
    first = run("fit", "photos", "--model", "mlp", "--epochs", "1", "--size", "5", "--out", "first.lamina")
    assert first.exit_code == 0, first.output
    words = ("fit", "photos", "--model", "mlp", "--epochs", "1", "--seed", "1")
    for out, more in (("drawn.lamina", ()), ("begun.lamina", ("--weights", "first.lamina"))):
        result = run(*words, *more, "--out", out)
        assert result.exit_code == 0, result.output
    assert "20 pictures of 5 × 5 × 3" in result.output
    begun, origin, drawn = (load(f"{name}.lamina").parameters_ for name in ("begun", "first", "drawn"))
    # An epoch of one step of Adam at a rate of 0.001 moves no weight by more.
    for layer in ("dense_1", "dense_2"):
        assert np.abs(begun[layer]["weights"] - origin[layer]["weights"]).max() < 0.0011
    assert np.abs(drawn["dense_2"]["weights"] - origin["dense_2"]["weights"]).max() > 0.05
    assert run("predict", "begun.lamina", "new").exit_code == 0


def test_published_weights_stand_behind_the_pixels_of_imagenet(
    run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for networks in (NETWORKS, PRETRAINED):
        monkeypatch.setitem(networks, "resnet18", small_layers)
    save_file(small_tensors(), tmp_path / "small.safetensors")
    for folder in (photos / "night", photos / "day"):  # grey pictures take three channels
        for path in folder.iterdir():
            Image.open(path).convert("L").save(path)
    words = ("fit", "photos", "--model", "resnet18", "--epochs", "1", "--weights", "small.safetensors")
    result = run(*words, "--out", "m.lamina")
    assert result.exit_code == 0, result.output
    assert "20 pictures of 6 × 6 × 3" in result.output
    model = load(tmp_path / "m.lamina")
    assert model.network_.layers[0] == IMAGENET_PIXELS
    filters = small_tensors()["conv1.weight"].transpose(2, 3, 1, 0)
    assert np.abs(model.parameters_["conv2d_1"]["weights"] - filters).max() < 0.0011
    further = run(*words[:-1], "m.lamina", "--out", "further.lamina")
    assert further.exit_code == 0, further.output
    assert load("further.lamina").network_.layers[0] == IMAGENET_PIXELS


@pytest.mark.parametrize(
    ("model", "file", "message"),
    [
        ("resnet18", "nowhere.safetensors", "there is no file nowhere.safetensors with weights"),
        ("resnet18", "pickle.pth", "pickle.pth is a pickle"),
        ("resnet18", "damaged.safetensors", "is no safetensors file, or it is damaged"),
        ("resnet18", "other.safetensors", "does not fit this network. missing: conv1.weight"),
        ("mlp", "other.safetensors", "are for resnet18, resnet34, resnet50, and --model is mlp"),
        ("mlp", "table.lamina", "holds a NeuralClassifier that takes no pictures"),
        ("mlp", "lenet.lamina", "not in this network: conv2d_1/weights"),
    ],
)
def test_weights_that_cannot_be_used_are_told(
    run, photos: Path, tmp_path: Path, model: str, file: str, message: str
) -> None:
    match file:
        case "pickle.pth":
            (tmp_path / file).write_bytes(pickle.dumps({}))
        case "damaged.safetensors":
            (tmp_path / file).write_bytes(b"{" * 40)
        case "other.safetensors":
            save_file({"weights": np.ones(3, np.float32)}, tmp_path / file)
        case "table.lamina":
            NeuralClassifier([Dense(2)], epochs=1).fit(np.eye(6), [0, 1] * 3).save(tmp_path / file)
        case "lenet.lamina":
            layers = [Conv2D(2, 3), Flatten()]
            images = np.zeros((6, 6, 6, 3), np.uint8)
            NeuralClassifier(layers, epochs=1).fit(images, [0, 1] * 3).save(tmp_path / file)
    result = run("fit", "photos", "--model", model, "--weights", file, "--out", "m.lamina")
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
    assert not Path("m.lamina").exists()


def test_weights_mean_nothing_for_a_table(run) -> None:
    result = run("fit", "iris", "--weights", "first.lamina", "--out", "m.lamina")
    assert result.exit_code == 2
    assert "--weights means nothing for a table" in result.output


def test_sizes() -> None:
    assert sides_in("64") == (64, 64)
    assert sides_in("48×64") == (48, 64)
    for text in ("0", "-1", "4x", "x", "4x5x6", "4.5"):
        with pytest.raises(SpecificationError, match="--size"):
            sides_in(text)


def test_every_name_makes_a_network_trained_as_the_default_one() -> None:
    for name in ("cnn", "mlp", "resnet", "lenet", "resnet18", "resnet50"):
        pictures_module.check_model(name)
        network = network_for(name, (300, 32, 32, 3))
        if name != "cnn":  # which is trained so by itself
            assert {key: getattr(network, key) for key in image_settings(300)} == image_settings(300)


def test_the_networks_of_a_comparison_are_fitted_by_their_names() -> None:
    sample = Sample(np.zeros((300, 32, 80, 3), np.uint8), np.arange(300) % 3)
    contenders = image_contenders("classification")
    for name in COMPARED:
        compared = contenders[name].make(sample, None)
        assert repr(network_for(name, (300, 32, 80, 3)).get_params()) == repr(compared.get_params())


def test_a_comparison_s_residual_network_of_a_folder(run, photos: Path) -> None:
    result = run("fit", "photos", "--model", "resnet", "--epochs", "1", "--out", "m.lamina")
    assert result.exit_code == 0, result.output
    assert "resnet of photos: " in result.output
    assert "20 pictures of 6 × 6 × 3 in 2 classes" in result.output
