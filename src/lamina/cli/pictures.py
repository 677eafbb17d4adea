"""What commands do with pictures: a folder with a folder for each class is fitted, new pictures are predicted."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lamina.cli.outputs import require_writable
from lamina.cli.weights import Likes, begin_with, likes_of
from lamina.errors import DataError, FileAccessError, SpecificationError, nearest_name

if TYPE_CHECKING:
    from lamina.data.images import Images
    from lamina.layers.base import Layer

COMPARED = ("mlp", "cnn", "resnet")
"""The networks of a comparison of pictures; the first is one for tables too."""
SizeOption = Annotated[
    str | None,
    typer.Option(
        metavar="SIDE",
        help="Pictures become squares of this side, or HEIGHTxWIDTH. Chosen from the pictures if left out.",
    ),
]
SkipOption = Annotated[
    bool,
    typer.Option("--skip-unreadable", help="Leave out pictures that cannot be read, instead of ending."),
]


def is_picture_folder(name: str) -> bool:
    """Whether a command's argument is a folder, and not the name of a data set.

    >>> is_picture_folder("hitters"), is_picture_folder(".")
    (False, True)
    """
    from lamina.data.datasets.registry import REGISTRY

    return name not in REGISTRY and Path(name).is_dir()


def require_pictures(name: str, *, certain: bool = False) -> None:
    """Raise where what a command is given can only be a folder of pictures, and is none: it is not there, or is one picture.

    Parameters
    ----------
    name
        The command's argument.
    certain
        Whether other options say that it is pictures; else a name without an ending may be that of a data set.
    """
    from lamina.data.datasets.registry import REGISTRY
    from lamina.data.images.sources import ENDINGS

    if name in REGISTRY:
        return
    path = Path(name)
    if path.suffix.lower() in ENDINGS and not path.is_dir():
        raise DataError(f"{name} is a picture: name a folder that holds a folder of pictures for each class")
    if not path.exists() and (name.endswith(("/", os.sep)) or (certain and not path.suffix)):
        raise FileAccessError(
            f"there is no folder {name}: check its name, and from which folder it is looked for"
        )


def names_pictures(path: Path) -> bool:
    """Whether new rows are pictures: a folder, or a file with the ending of one.

    >>> names_pictures(Path("new.csv")), names_pictures(Path("cat.JPG"))
    (False, True)
    """
    from lamina.data.images.sources import ENDINGS

    return path.is_dir() or path.suffix.lower() in ENDINGS


def refuse_for_pictures(**options: Any) -> None:
    """Raise where options were given that mean something for tables alone."""
    _refuse(options, "a folder of pictures, whose classes are the names of its folders")


def refuse_for_tables(**options: Any) -> None:
    """Raise where options were given that mean something for pictures alone."""
    _refuse(options, "a table, and it is for pictures")


def _refuse(options: dict[str, Any], what: str) -> None:
    for name, value in options.items():
        if value:
            raise SpecificationError(f"--{name.replace('_', '-')} means nothing for {what}: leave it out")


def fit_pictures(
    folder: Path,
    out: Path,
    model: str,
    epochs: int | None,
    seed: int,
    size: str | None,
    *,
    skips: bool,
    weights: Path | None = None,
) -> None:
    """Fit a network to the pictures of a folder and save it."""
    sides = sides_in(size)
    check_model(model)
    require_writable(out)
    likes = Likes() if weights is None else likes_of(model, weights)

    from lamina.data.images import read_images

    on_error: Literal["raise", "skip"] = "skip" if skips else "raise"
    images = read_images(folder, sides or likes.sides, likes.channels, labelled=True, on_error=on_error)
    network = network_for(model, images.shape)
    network.set_params(random_state=seed, **({} if epochs is None else {"epochs": epochs}))
    if weights is not None:
        begin_with(network, model, weights, likes)
    start = time.perf_counter()
    network.fit(images)
    seconds = time.perf_counter() - start
    network.save(out)
    n, *sizes = images.shape
    typer.echo(
        f"{model} of {folder}: {network.n_parameters_:,} parameters fitted to {n:,} pictures of "
        f"{' × '.join(map(str, sizes))} in {len(images.class_names)} classes in {seconds:.1f} s, saved in {out}"
    )


def check_model(name: str) -> None:
    """Raise where no network for pictures has that name; the message has all of them."""
    from lamina.networks.named import NETWORKS

    known = (*COMPARED, *NETWORKS)
    if name not in known:
        raise SpecificationError(f"--model {name!r} is not known: {nearest_name(name, known)}")


def is_for_pictures(model: str | None) -> bool:
    """Whether a model is one for pictures alone.

    >>> is_for_pictures("resnet18"), is_for_pictures("mlp"), is_for_pictures(None)
    (True, False, False)
    """
    from lamina.networks.named import NETWORKS

    return model in NETWORKS or model in COMPARED[1:]


def network_for(model: str, shape: tuple[int, ...]) -> Any:
    """The classifier of a name for pictures (n, h, w, channels), trained by the rules of the default network of images.

    mlp, cnn and resnet are those of a comparison: their layers follow from the number of the pictures and their size.
    """
    from lamina.estimators import NeuralClassifier
    from lamina.estimators.image_recipe import image_settings
    from lamina.networks.image_rivals import pixel_layers, residual_layers
    from lamina.networks.named import network_named

    if model == "cnn":
        return NeuralClassifier()
    n, *size = shape
    layers: list[Layer]
    if model == "mlp":
        layers = pixel_layers(tuple(size))
    else:
        layers = residual_layers(n, tuple(size)) if model == "resnet" else network_named(model)
    return NeuralClassifier(layers, **image_settings(n))


def sides_in(size: str | None) -> tuple[int, int] | None:
    """Height and width from an option like ``64`` or ``48x64``.

    >>> sides_in("64"), sides_in("48x64"), sides_in(None)
    ((64, 64), (48, 64), None)
    """
    if size is None:
        return None
    found = re.fullmatch(r"([1-9]\d*)(?:[x×]([1-9]\d*))?", size.strip())
    if found is None:
        raise SpecificationError(
            f"--size {size!r}: give the side of a square, for example 64, or HEIGHTxWIDTH"
        )
    height = int(found[1])
    return height, int(found[2] or height)


def read_new_pictures(model: Any, new: Path, *, skips: bool) -> tuple[Images, Any]:
    """Pictures as the model was fitted on: with their paths, and as its estimator takes them."""
    from lamina.estimators.pictures import as_learnt, read_like

    features = getattr(model, "features_", None)
    if features is None:
        raise DataError(f"{type(model).__name__} takes no pictures: give a table")
    images = read_like(new, features.shape, labelled=False, on_error="skip" if skips else "raise")
    return images, as_learnt(images, features.shape)


def path_as_text(path: Path) -> str:
    """A path that can be written, whatever bytes the disk has for it."""
    return os.fsencode(path).decode("utf-8", "replace")
