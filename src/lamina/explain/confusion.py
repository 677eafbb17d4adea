"""Which classes a model mistakes for which, with the images that it gets wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import ArgumentTypeError, DataError
from lamina.explain.confusion_drawing import draw_matrix, draw_pairs
from lamina.explain.drawing import finish, new_figure, show, tiles
from lamina.explain.outputs import images_for, network_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_CLASSES = 25
"""Classes whose matrix can be read."""
MOST_PAIRS = 20
COLUMNS = 6


@dataclass(frozen=True, eq=False)
class Confusions:
    """True against predicted classes.

    Attributes
    ----------
    classes
        Names, in the order of rows and columns.
    counts
        Images of class i that the model takes for class j, shape (classes, classes).
    true, predicted
        Place of each image's class and of the prediction among the classes, shape (n,).
    confidence
        Probability of the predicted class, (n,).
    """

    classes: tuple[str, ...]
    counts: np.ndarray
    true: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray

    @property
    def accuracy(self) -> float:
        """Share of the images that are right."""
        return float(np.trace(self.counts) / self.counts.sum())

    def errors(self) -> np.ndarray:
        """Indices of the images that are wrong, the surest first."""
        wrong = np.flatnonzero(self.true != self.predicted)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")]

    def pairs(self, most: int = MOST_PAIRS) -> list[tuple[int, int, int]]:
        """The most confused pairs: true class, predicted class, and how many images."""
        off = np.where(np.eye(len(self.counts), dtype=bool), 0, self.counts)
        order = np.argsort(-off, axis=None, kind="stable")[:most]
        found = [(*map(int, np.unravel_index(place, off.shape)), int(off.flat[place])) for place in order]
        return [(true, predicted, count) for true, predicted, count in found if count]

    def grouped(self, groups: Sequence[str]) -> Confusions:
        """The same for groups of classes, such as the 20 superclasses of CIFAR-100."""
        names, place = np.unique(np.asarray(groups, str), return_inverse=True)
        true, predicted = place[self.true], place[self.predicted]
        return Confusions(
            tuple(map(str, names)), _counts(true, predicted, len(names)), true, predicted, self.confidence
        )


def confusion_of(model: Any, images: Any, y: Any = None, names: Sequence[str] | None = None) -> Confusions:
    """Confusions of a classifier on labelled images.

    Parameters
    ----------
    model
        A fitted :class:`lamina.NeuralClassifier` of images.
    images, y
        As in its ``fit``: an array and the class of each image, or a folder of folders, be it of one class.
    names
        Names of the classes in the order of ``model.classes_``; None: the labels themselves.

    Raises
    ------
    NotFittedError, ArgumentTypeError
        If the model is not fitted, or no classifier of one label an image.
    DataError
        If images and labels do not go together, or a label is not among the classes of the model.

    >>> from lamina import NeuralClassifier
    >>> from lamina.layers import Flatten
    >>> images = np.repeat([0.0, 1.0], 10)[:, None, None] * np.ones((20, 4, 4))
    >>> y = ["dark"] * 10 + ["light"] * 10
    >>> model = NeuralClassifier([Flatten()], epochs=100, random_state=0).fit(images, y)
    >>> confusion_of(model, images, y).counts.tolist()
    [[10, 0], [0, 10]]
    """
    return _confusions(model, *_pictures(model, images, y), names)


def plot_confusion(
    model: Any,
    images: Any,
    y: Any = None,
    *,
    names: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    examples: int = 12,
    path: str | Path | None = None,
) -> Figure:
    """The confusion matrix, and images that the model gets wrong, the surest errors first.

    Errors are red, the more the darker; what is right is on the diagonal. Of more than 25 classes the matrix is that of their
    groups, if ``groups`` are given, else the most confused pairs stand in its place.

    Parameters
    ----------
    model, images, y, names
        As in :func:`confusion_of`.
    groups
        The group of each class, in the order of ``model.classes_``.
    examples
        How many images; of each pair of classes one is shown before a second.

    Raises
    ------
    DataError
        As :func:`confusion_of`; also if there are not as many names or groups as classes.
    """
    x, labels = _pictures(model, images, y)
    found = _confusions(model, x, labels, names)
    if groups is not None:
        _check_length("groups", groups, len(found.classes))
    whole = found.grouped(groups) if groups is not None and len(found.classes) > MOST_CLASSES else found
    chosen = _one_a_pair(found, examples)
    rows = math.ceil(len(chosen) / COLUMNS)
    readable = len(whole.classes) <= MOST_CLASSES
    side = _side(len(whole.classes)) if readable else 5.2
    width = max(side, 1.25 * COLUMNS if rows else 0.0)
    figure = new_figure(width, side + 1.5 * rows + 0.3)
    parts: Any = figure.subfigures(2, 1, height_ratios=[side, 1.5 * rows + 0.3]) if rows else [figure]
    title = f"{found.accuracy:.1%} of {len(found.true)} images are right"
    if whole is not found:
        title += f", {whole.accuracy:.1%} in the right group"
    if readable:
        draw_matrix(
            parts[0], whole.classes, whole.counts, title + (", by group" if whole is not found else "")
        )
    else:
        draw_pairs(parts[0], [(found.classes[i], found.classes[j], n) for i, j, n in found.pairs()], title)
    if rows:
        _show_errors(parts[1], x, found, chosen, rows)
    return finish(figure, path)


def _pictures(model: Any, images: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Images as the network takes them, and their labels."""
    from lamina.estimators.pictures import watched_pictures

    network_of(model)
    if not hasattr(model, "classes_") or model.multilabel_:
        raise ArgumentTypeError(
            f"a confusion matrix is of classes, one an image, and {model!r} predicts something else."
        )
    images, y = watched_pictures(images, y, model.features_.shape, classifies=True)
    if y is None:
        raise DataError("y is None: give the true class of each image.")
    x, labels = images_for(model, images), np.asarray(y)
    if labels.shape != (len(x),):
        raise DataError(f"y has shape {labels.shape} and there are {len(x)} images: give one class an image.")
    return x, labels


def _confusions(model: Any, x: np.ndarray, labels: np.ndarray, names: Sequence[str] | None) -> Confusions:
    shown = [str(label) for label in model.classes_] if names is None else [str(name) for name in names]
    _check_length("names", shown, len(model.classes_))
    true = np.asarray(model._codes(labels))
    predicted = np.searchsorted(model.classes_, model.predict(x))
    sure = model.predict_proba(x) if hasattr(model, "predict_proba") else model.decision_function(x)
    confidence = np.abs(sure) if sure.ndim == 1 else sure.max(axis=1)
    return Confusions(tuple(shown), _counts(true, predicted, len(shown)), true, predicted, confidence)


def _counts(true: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    counts: np.ndarray = np.bincount(true * classes + predicted, minlength=classes**2)
    return counts.reshape(classes, classes)


def _check_length(name: str, given: Sequence[str], wanted: int) -> None:
    if len(given) != wanted:
        raise DataError(
            f"{name} has {len(given)} entries and the model {wanted} classes: give one a class, in the order of model.classes_."
        )


def _one_a_pair(found: Confusions, examples: int) -> list[int]:
    """Errors to show: the surest of each pair of classes, then the second of each."""
    seen: dict[tuple[int, int], int] = {}
    ranked: list[tuple[int, int, int]] = []
    for index in map(int, found.errors()):
        pair = int(found.true[index]), int(found.predicted[index])
        ranked.append((seen.get(pair, 0), len(ranked), index))
        seen[pair] = seen.get(pair, 0) + 1
    return [index for _, _, index in sorted(ranked)[:examples]]


def _side(classes: int) -> float:
    """Inches of a matrix."""
    return 2.2 + 0.26 * classes


def _show_errors(part: Any, x: np.ndarray, found: Confusions, chosen: list[int], rows: int) -> None:
    part.suptitle("errors, the surest first: true → predicted", fontsize=9)
    for axes, index in zip(tiles(part, rows, COLUMNS).flat, chosen, strict=False):
        true, predicted = found.classes[found.true[index]], found.classes[found.predicted[index]]
        show(
            axes,
            x[index],
            f"{_short(true)} →\n{_short(predicted)}"
            if len(true + predicted) > 12
            else f"{true} → {predicted}",
        )


def _short(name: str) -> str:
    return name if len(name) <= 18 else name[:17] + "…"
