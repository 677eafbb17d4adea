"""Comparisons on images: who takes part, on which splits, what each is given, and that nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from lamina import NeuralClassifier, compare
from lamina.data.images import read_images
from lamina.errors import DataError, SpecificationError
from lamina.estimators import image_recipe
from lamina.evaluation.contenders import choose_contenders
from lamina.evaluation.images import is_images, read_pictures
from lamina.evaluation.running import competing
from lamina.evaluation.simple.pixels import FlatPixels
from lamina.evaluation.splits import Sample, make_splits
from lamina.layers import Conv2D, Dense, Flatten, GlobalAveragePool

NAMES = ["majority", "pixels_logistic", "pixels_lda", "mlp", "cnn", "resnet"]
SIMPLE = ["majority", "pixels_logistic"]
rng = np.random.default_rng(0)


def bright_quadrants(n: int, seed: int = 0) -> tuple[Any, Any]:
    """Noise with one bright quadrant, whose place is the class."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 100, size=(n, 8, 8), dtype=np.uint8)
    quadrant = np.arange(n) % 4
    for image, place in zip(images, quadrant, strict=True):
        row, column = 4 * (place // 2), 4 * (place % 2)
        image[row : row + 4, column : column + 4] += 100
    return images, np.array(["north-west", "north-east", "south-west", "south-east"])[quadrant]


X, Y = bright_quadrants(80)


@pytest.fixture(scope="module")
def everything() -> Iterator[Any]:
    patch = pytest.MonkeyPatch()
    patch.setattr(image_recipe, "MOST_EPOCHS", 10)
    yield compare(X, Y, cv=2, dataset="quadrants")
    patch.undo()


def test_the_rows_of_the_table_of_a_classification(everything: Any) -> None:
    assert list(everything.table.index) == NAMES
    assert everything.networks == ("mlp", "cnn", "resnet")
    assert everything.failures == {}
    assert everything.scores.loc["pixels_logistic"].max() < 0.1
    assert everything.scores.loc["majority"].min() > 0.7


def test_the_cnn_stands_for_the_networks_and_inner_errors_choose_the_reference(everything: Any) -> None:
    verdict = everything.verdict
    assert verdict.network == "cnn"
    assert verdict.network_shares == {"cnn": 2}
    inner = everything.table["inner_error"]
    assert inner[["majority", "pixels_logistic", "pixels_lda"]].notna().all()
    assert inner[["mlp", "cnn", "resnet"]].isna().all()
    assert verdict.reference in ("pixels_logistic", "pixels_lda")


def test_the_heading_counts_images(everything: Any) -> None:
    first = str(everything).splitlines()[0]
    assert first == "quadrants: outcome (classification of 4 classes, 80 images of 8 × 8 × 1)"
    assert everything.to_dict()["image_shape"] == [8, 8, 1]


def test_columns_cannot_be_left_out_of_images(everything: Any) -> None:
    with pytest.raises(SpecificationError, match="images have none"):
        everything.without()


def test_a_regression_on_images() -> None:
    y = X.reshape(len(X), -1)[:, :8].mean(axis=1)
    tiny = NeuralClassifier([GlobalAveragePool(), Dense(2)])
    found = compare(X, y, cv=2, include=["mean", "pixels_ridge"])
    assert found.task == "regression"
    assert found.scores.loc["pixels_ridge"].mean() < 0.7 * found.scores.loc["mean"].mean()
    names = [each.name for each in choose_contenders("regression", images=True)]
    assert names == ["mean", "pixels_ridge", "mlp", "cnn", "resnet"]
    with pytest.raises(SpecificationError, match="is for classification"):
        compare(X, y, models={"tiny": tiny})


def test_labels_that_mean_nothing_are_not_learnt() -> None:
    """With shuffled labels every honest error is that of guessing; had a test row been seen, some would be lower."""
    shuffled = np.random.default_rng(1).permutation(np.repeat([0, 1], 60))
    images = np.random.default_rng(2).integers(0, 255, size=(120, 6, 6), dtype=np.uint8)
    near = {"near": KNeighborsClassifier(1)}
    found = compare(images, shuffled, include=["pixels_logistic", "pixels_lda"], cv=3, models=near)
    assert found.table["error_mean"].min() > 0.35


class Remembers(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Says what it was given, by the number that stands in the first pixel of every image."""

    asked: list[tuple[set[int], set[int]]] = []  # noqa: RUF012

    def fit(self, X: Any, y: Any) -> Remembers:
        self.classes_ = np.unique(y)
        self.learnt_ = {round(255 * number) for number in X[:, 0]}
        self.shape_ = X.shape[1:]
        return self

    def predict(self, X: Any) -> Any:
        type(self).asked.append((self.learnt_, {round(255 * number) for number in X[:, 0]}))
        assert X.shape[1:] == self.shape_ == (64,)
        assert X.min() >= 0
        assert X.max() <= 1
        return np.repeat(self.classes_[:1], len(X))


def test_other_estimators_are_given_flat_pixels_of_the_fold_alone() -> None:
    images = X.copy()
    images[:, 0, 0] = np.arange(len(X))
    Remembers.asked.clear()
    groups = np.arange(len(X)) // 8
    compare(images, Y, include=["majority"], models={"spy": Remembers()}, cv=4, groups=groups)
    assert len(Remembers.asked) >= 4
    for learnt, asked in Remembers.asked:
        assert not learnt & asked
        assert not {number // 8 for number in learnt} & {number // 8 for number in asked}


def test_pipelines_and_networks_are_given_images_as_they_are() -> None:
    network = NeuralClassifier([Conv2D(4, 3, "relu"), Flatten()], epochs=3, random_state=0)
    pipeline = make_pipeline(FlatPixels(), LogisticRegression())
    found = compare(X, Y, include=["majority"], models={"own": network, "piped": pipeline}, cv=0.25)
    assert found.failures == {}
    assert found.verdict.network == "own"
    assert found.table.loc["own", "parameters"] == 4 * 9 + 4 + (144 + 1) * 4
    assert found.scores.loc["piped"].max() < 0.1


def test_networks_compete_by_inner_errors_where_the_cnn_is_left_out() -> None:
    named = [each.name for each in competing(choose_contenders("classification", NAMES, images=True))]
    assert named == ["majority", "pixels_logistic", "pixels_lda"]
    without = [name for name in NAMES if name != "cnn"]
    named = [each.name for each in competing(choose_contenders("classification", without, images=True))]
    assert named == without


def test_folds_follow_the_number_of_images() -> None:
    few = Sample(np.zeros((200, 1, 1)), np.arange(200) % 2, classification=True)
    many = Sample(np.zeros((10_000, 1, 1)), np.arange(10_000) % 2, classification=True)
    assert make_splits(few).description == "5-fold cross-validation"
    assert make_splits(many).description == "one hold-out of 2,000 rows"


def test_options_of_a_comparison_work_on_images() -> None:
    found = compare(
        X, Y, include=["majority", "pixels_logistic", "pixels_lda"], cv=0.25, metric="log_loss", margin="5%"
    )
    assert found.metric.name == "log_loss"
    assert found.splits == "one hold-out of 20 rows"
    curve = compare(X, Y, include=SIMPLE, cv=3).learning_curve(SIMPLE, shares=[0.5])
    assert curve.sizes.tolist() == pytest.approx([26.7, 53.3], abs=0.5)


def test_float_images_are_taken_as_they_are_and_nothing_is_changed() -> None:
    numbers = X.astype(np.float64) / 255
    before = numbers.copy()
    by_bytes, by_numbers = (compare(images, Y, include=SIMPLE, cv=2) for images in (X, numbers))
    np.testing.assert_array_equal(by_bytes.scores, by_numbers.scores)
    np.testing.assert_array_equal(numbers, before)


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for number, (pixels, label) in enumerate(zip(X, Y, strict=True)):
        (tmp_path / str(label)).mkdir(exist_ok=True)
        image.fromarray(pixels).save(tmp_path / str(label) / f"{number:03}.png")
    found = compare(tmp_path, include=SIMPLE, cv=2)
    assert found.classes == 4
    assert found.image_shape == (8, 8, 1)
    assert found.scores.loc["pixels_logistic"].max() < 0.1
    again = compare(read_images(tmp_path, stream=True), include=SIMPLE, cv=2)
    np.testing.assert_array_equal(again.scores, found.scores)


def with_gap() -> Any:
    images = X.astype(np.float32)
    images[3, 0, 0] = np.nan
    return images


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (X, Y[:-1], "80 rows but y has 79"),
        (X, np.repeat("one", 80), "one class only"),
        (X, None, "y is None"),
        (with_gap(), Y, r"1 of 80 images have missing or infinite pixels \(the first is image 3\)"),
        (np.zeros((80, 2, 2)), Y, "too small for filters of 3 × 3"),
        (np.zeros((80, 3, 32, 32), np.uint8), Y, "channels come last"),
        (np.zeros((80, 4, 8, 8, 3)), Y, r"takes \(height, width\)"),
        (np.array([["a"] * 8] * 640).reshape(80, 8, 8), Y, "images of type"),
    ],
)
def test_bad_input(images: Any, labels: Any, message: str) -> None:
    with pytest.raises((DataError, SpecificationError, TypeError), match=message):
        compare(images, labels, include=SIMPLE)


def test_a_class_with_fewer_images_than_folds_is_said() -> None:
    labels = Y.copy()
    labels[:3] = "rare"
    found = compare(X, labels, include=SIMPLE, cv=5)
    assert any("the rarest, rare, has 3 rows" in text for text in found.warnings)


def test_names_of_tables_are_refused_for_images() -> None:
    with pytest.raises(
        SpecificationError, match="'gam', which is no built-in model for classification of images"
    ):
        compare(X, Y, include=["gam"])


def test_arrays_of_two_dimensions_stay_tables() -> None:
    table, _ = read_pictures(X.reshape(80, -1), Y)
    assert not is_images(table)
    nested, _ = read_pictures([[1.0, 2.0], [3.0, 4.0]], [0, 1])
    assert nested == [[1.0, 2.0], [3.0, 4.0]]
