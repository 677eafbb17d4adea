"""``lamina compare`` on a folder of pictures, and what it refuses there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lamina.cli import compare_pictures
from lamina.cli.compare_pictures import Pictures, open_pictures
from lamina.errors import DataError

QUICK = ("--cv", "2", "--include", "majority,pixels_logistic,pixels_lda")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twenty dark nights and ten bright days of 6 × 6."""
    rng = np.random.default_rng(0)
    for name, grey, count in (("night", 40, 20), ("day", 200, 10)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(count):
            pixels = rng.normal(grey, 10, (6, 6, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path / "photos"


def test_a_folder_is_compared_and_written(run, photos: Path) -> None:
    words = ("--task", "classification", "--json", "all.json", "--plot", "errors.png", "--margin", "2 points")
    result = run("compare", "photos/", *QUICK, *words)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        "photos: class (classification of 2 classes, 30 images of 6 × 6 × 3)\n2-fold"
    )
    report = json.loads(Path("all.json").read_text())
    assert (report["target"], report["rows"], report["image_shape"]) == ("class", 30, [6, 6, 3])
    errors = {model["name"]: model["error_mean"] for model in report["models"]}
    assert errors["pixels_logistic"] == 0
    assert errors["majority"] == pytest.approx(1 / 3)
    assert Path("errors.png").read_bytes().startswith(b"\x89PNG")


def test_a_sample_keeps_the_shares_of_the_classes(run, photos: Path) -> None:
    found = open_pictures(str(photos), "8", 15, 0, skips=False)
    assert found.pixels.shape == (15, 8, 8, 3)
    assert np.unique(found.labels, return_counts=True)[1].tolist() == [5, 10]
    assert len(open_pictures(str(photos), None, 500, 0, skips=False).labels) == 30
    assert len(open_pictures(str(photos), None, 29, 0, skips=False).labels) == 29
    with pytest.raises(DataError, match="--rows 3: at least 4 are needed for 2 classes"):
        open_pictures(str(photos), None, 3, 0, skips=False)
    result = run("compare", "photos", *QUICK, "--rows", "24", "--size", "5x7")
    assert "24 images of 5 × 7 × 3" in result.stdout


def test_data_sets_of_images_are_compared_as_images(run, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    digits = Pictures("mnist", rng.integers(0, 255, (60, 8, 8), dtype=np.uint8), np.arange(60) % 3, "digit")
    monkeypatch.setitem(compare_pictures._DATA_SETS, "mnist", lambda: digits)
    result = run("compare", "mnist", *QUICK, "--rows", "30")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("mnist: digit (classification of 3 classes, 30 images of 8 × 8 × 1)")
    refused = run("compare", "mnist", "--size", "9")
    assert refused.exit_code == 2
    assert "--size and --skip-unreadable are for a folder" in refused.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--target", "class"), "--target means nothing for a folder of pictures"),
        (("--groups", "town"), "--groups means nothing"),
        (("--drop", "a,b"), "--drop means nothing"),
        (("--drop-missing-target",), "--drop-missing-target means nothing"),
        (("--task", "regression"), "pictures come with classes"),
        (("--include", "boosting"), "'boosting', which is no built-in model for classification of images"),
        (("--size", "large"), "give the side of a square"),
        (("--size", "2"), "too small for filters of 3 × 3"),
    ],
)
def test_what_is_for_tables_is_refused(run, photos: Path, words: tuple[str, ...], message: str) -> None:
    result = run("compare", "photos", *words)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_what_is_for_pictures_is_refused_for_tables(run, sales: Path) -> None:
    for words in (("--rows", "20"), ("--size", "8"), ("--skip-unreadable",)):
        result = run("compare", sales, "--target", "revenue", *words)
        assert result.exit_code == 2
        assert f"{words[0]} means nothing for a table, and it is for pictures" in " ".join(
            result.output.split()
        )


def test_a_folder_of_one_class_and_a_broken_picture(run, photos: Path) -> None:
    (photos / "night" / "broken.png").touch()
    broken = run("compare", "photos", *QUICK)
    assert broken.exit_code == 2
    assert "broken.png" in broken.output
    skipped = run("compare", "photos", *QUICK, "--skip-unreadable")
    assert skipped.exit_code == 0
    assert "30 images" in skipped.stdout
    for path in (photos / "day").iterdir():
        path.unlink()
    (photos / "day").rmdir()
    alone = run("compare", "photos", *QUICK)
    assert alone.exit_code == 2
