"""What ``lamina compare`` is given where it compares pictures: a folder with a folder for each class, MNIST or CIFAR-100."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lamina.cli.pictures import is_picture_folder, sides_in
from lamina.errors import DataError, SpecificationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

TARGET = "class"
FEWEST = 4


@dataclass(frozen=True)
class Pictures:
    """Images of shape (n, h, w) or (n, h, w, c), the class of each, and what to call them in the heading."""

    name: str
    pixels: NDArray[Any]
    labels: NDArray[Any]
    target: str = TARGET


def is_pictures(name: str) -> bool:
    """Whether a command's argument is a folder, or a data set of images.

    >>> is_pictures("mnist"), is_pictures("hitters"), is_pictures(".")
    (True, False, True)
    """
    return name in _DATA_SETS or is_picture_folder(name)


def open_pictures(name: str, size: str | None, rows: int | None, seed: int, *, skips: bool) -> Pictures:
    """The pictures of a folder, or the training images of a data set, or a sample of them with every class in its share.

    Raises
    ------
    DataError
        If there are no pictures, one class only, or too few for the sample that was asked for.
    SpecificationError
        If a size is given for a data set, whose images have theirs.
    """
    sides = sides_in(size)
    if name in _DATA_SETS:
        if sides or skips:
            raise SpecificationError(
                f"--size and --skip-unreadable are for a folder, and {name} is a data set: leave them out"
            )
        found = _DATA_SETS[name]()
    else:
        found = _folder(name, sides, skips=skips)
    return found if rows is None else _sampled(found, rows, seed)


def _folder(name: str, sides: tuple[int, int] | None, *, skips: bool) -> Pictures:
    from lamina.data.images import read_images

    images = read_images(name, sides, labelled=True, on_error="skip" if skips else "raise")
    assert images.labels is not None
    return Pictures(Path(name).resolve().name, images.pixels, images.labels)


def _mnist() -> Pictures:
    from lamina.data.datasets import load_mnist

    (pixels, digits), _ = load_mnist()
    return Pictures("mnist", pixels, digits, "digit")


def _cifar100() -> Pictures:
    import numpy as np

    from lamina.data.datasets import load_cifar100

    data = load_cifar100()
    return Pictures("cifar100", data.x_train, np.asarray(data.fine_names)[data.fine_train], "fine_label")


_DATA_SETS = {"mnist": _mnist, "cifar100": _cifar100}


def _sampled(pictures: Pictures, rows: int, seed: int) -> Pictures:
    """So many of them, drawn by the seed, every class with its share."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    classes = len(np.unique(pictures.labels))
    if rows < max(FEWEST, classes):
        raise DataError(f"--rows {rows}: at least {max(FEWEST, classes)} are needed for {classes} classes")
    if rows >= len(pictures.labels):
        return pictures
    everything = np.arange(len(pictures.labels))
    try:
        chosen, _ = train_test_split(everything, train_size=rows, stratify=pictures.labels, random_state=seed)
    except (
        ValueError
    ):  # a class of one picture, or as few left over as there are classes: then without shares
        chosen = np.random.default_rng(seed).permutation(everything)[:rows]
    chosen = np.sort(chosen)
    return Pictures(pictures.name, pictures.pixels[chosen], pictures.labels[chosen], pictures.target)
