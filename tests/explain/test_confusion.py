"""Confusions are counted as scikit-learn counts them, and many classes are drawn so that they can be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import confusion_matrix
from tests.explain.conftest import Fitted

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import ArgumentTypeError, DataError
from lamina.explain import confusion_of, plot_confusion
from lamina.layers import Flatten

MANY = np.random.default_rng(0).integers(0, 256, (300, 4, 4), dtype=np.uint8)
LABELS = np.repeat(np.arange(30), 10)
NAMES = [f"class {number}" for number in range(30)]
GROUPS = [f"group {number // 10}" for number in range(30)]


@pytest.fixture(scope="module")
def many() -> NeuralClassifier:
    return NeuralClassifier([Flatten()], epochs=2, random_state=0).fit(MANY, LABELS)


def test_counts_are_those_of_scikit_learn(fitted: Fitted) -> None:
    found = confusion_of(fitted.model, fitted.images, fitted.y)
    predicted = fitted.model.predict(fitted.images)
    np.testing.assert_array_equal(found.counts, confusion_matrix(fitted.y, predicted))
    assert found.classes == ("left", "middle", "right")
    assert found.accuracy == np.mean(predicted == fitted.y)
    wrong = found.errors()
    assert set(wrong) == set(np.flatnonzero(predicted != fitted.y))
    assert (np.diff(found.confidence[wrong]) <= 0).all()


def test_a_folder_of_one_class_is_enough(fitted: Fitted, tmp_path: Path) -> None:
    (tmp_path / "right").mkdir()
    for place in range(60, 65):
        Image.fromarray(fitted.images[place, ..., 0]).save(tmp_path / "right" / f"{place}.png")
    found = confusion_of(fitted.model, tmp_path)
    assert found.counts.sum() == found.counts[2].sum() == 5
    with pytest.raises(DataError, match="5 pictures and no folders, so that their classes are not known"):
        confusion_of(fitted.model, tmp_path / "right")


def test_pairs_come_from_most_to_least_and_groups_add_up(many: NeuralClassifier) -> None:
    found = confusion_of(many, MANY, LABELS, NAMES)
    pairs = found.pairs(1000)
    assert sum(count for _, _, count in pairs) == len(found.errors())
    assert all(found.counts[true, predicted] == count for true, predicted, count in pairs)
    assert [count for *_, count in pairs] == sorted((count for *_, count in pairs), reverse=True)
    grouped = found.grouped(GROUPS)
    assert grouped.classes == ("group 0", "group 1", "group 2")
    np.testing.assert_array_equal(grouped.counts, found.counts.reshape(3, 10, 3, 10).sum(axis=(1, 3)))


def test_the_matrix_and_the_errors_are_drawn(fitted: Fitted, tmp_path: Path) -> None:
    found = confusion_of(fitted.model, fitted.images, fitted.y)
    figure = plot_confusion(fitted.model, fitted.images, fitted.y, examples=5, path=tmp_path / "c.png")
    matrix, *errors = [axes for axes in figure.axes if axes.images]
    off = found.counts * ~np.eye(3, dtype=bool)
    np.testing.assert_array_equal(matrix.images[0].get_array(), off)
    assert {text.get_text() for text in matrix.texts} == {str(n) for n in found.counts.flat if n}
    assert len(errors) == min(5, len(found.errors()))
    surest = found.errors()[0]
    np.testing.assert_allclose(errors[0].images[0].get_array(), fitted.images[surest, ..., 0] / 255)
    assert (tmp_path / "c.png").exists()


def test_many_classes_are_drawn_by_group_or_by_pair(many: NeuralClassifier) -> None:
    by_group = plot_confusion(many, MANY, LABELS, names=NAMES, groups=GROUPS)
    assert [label.get_text() for label in by_group.axes[0].get_yticklabels()] == [
        "group 0",
        "group 1",
        "group 2",
    ]
    by_pair = plot_confusion(many, MANY, LABELS, names=NAMES)
    true, predicted, count = confusion_of(many, MANY, LABELS).pairs()[0]
    assert by_pair.axes[0].get_yticklabels()[0].get_text() == f"class {true} → class {predicted}"
    assert by_pair.axes[0].patches[0].get_width() == count


def test_without_errors_the_matrix_stands_alone() -> None:
    images = np.repeat([0.0, 1.0], 10)[:, None, None] * np.ones((20, 4, 4))
    model = NeuralClassifier([Flatten()], epochs=200, random_state=0).fit(images, np.repeat([0, 1], 10))
    figure = plot_confusion(model, images, np.repeat([0, 1], 10))
    assert len(figure.axes) == 1
    assert figure.axes[0].get_title() == "100.0% of 20 images are right"


def test_what_has_no_confusions_is_refused(fitted: Fitted) -> None:
    model, images, y = fitted
    regressor = NeuralRegressor([Flatten()], epochs=1).fit(images, np.arange(90.0))
    with pytest.raises(ArgumentTypeError, match="is of classes, one an image"):
        plot_confusion(regressor, images, y)
    with pytest.raises(DataError, match="give the true class"):
        plot_confusion(model, images)
    with pytest.raises(DataError, match="give one class an image"):
        plot_confusion(model, images, y[:5])
    with pytest.raises(DataError, match="the class 'top' that the model does not know"):
        plot_confusion(model, images, np.full(90, "top"))
    with pytest.raises(DataError, match="names has 2 entries and the model 3 classes"):
        plot_confusion(model, images, y, names=["a", "b"])
    with pytest.raises(DataError, match="groups has 1 entries"):
        plot_confusion(model, images, y, groups=["a"])
