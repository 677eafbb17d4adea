"""``--weights``: a fit of pictures that begins with weights from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from lamina.errors import SpecificationError

WeightsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Begin with the weights of a file: published ones (.safetensors) for resnet18, resnet34 or resnet50, or those of a "
        "saved model (.lamina) of the same network.",
    ),
]


@dataclass(frozen=True)
class Likes:
    """The pictures that weights were learnt from.

    Attributes
    ----------
    sides, channels
        Height and width, and 1 or 3; None where the pictures say.
    saved
        The model that was read, where the file is a ``.lamina`` one.
    """

    sides: tuple[int, int] | None = None
    channels: Literal[1, 3] | None = None
    saved: Any = None


def likes_of(name: str, weights: Path) -> Likes:
    """What pictures the weights of a file take, for a network called ``name``.

    The file is read here, so that a bad one is told of before the pictures are read.

    Raises
    ------
    FileAccessError, FileFormatError
        If it cannot be read.
    SpecificationError
        If it is for another network, or for tables.
    """
    from lamina.networks.pretrained import PRETRAINED, read_tensors
    from lamina.networks.pretrained.tensors import is_model_file

    if is_model_file(weights):
        return _likes_of_saved(weights)
    read_tensors(weights)
    if name not in PRETRAINED:
        raise SpecificationError(
            f"--weights {weights} holds published weights, which are for {', '.join(PRETRAINED)}, and --model is {name}: choose "
            "one of these, or give the .lamina file of a model of the same name"
        )
    return Likes(channels=3)


def _likes_of_saved(weights: Path) -> Likes:
    from lamina.files import load

    saved = load(weights)
    shape = getattr(saved, "input_shape_", ())
    if len(shape) not in (2, 3):
        raise SpecificationError(
            f"--weights {weights} holds a {type(saved).__name__} that takes no pictures: give a model that lamina fit made of a "
            "folder of pictures"
        )
    height, width, channels = (*shape, 1)[:3]
    return Likes((height, width), 1 if channels == 1 else 3, saved)


def begin_with(network: Any, name: str, weights: Path, likes: Likes) -> None:
    """Let the classifier ``network``, called ``name``, begin with the weights of a file, pixels standardised as it expects.

    ``likes`` is what :func:`likes_of` read of that file.
    """
    from lamina.layers import Standardize
    from lamina.networks.pretrained import pretrained_layers

    network.set_params(weights=weights)
    if likes.saved is None:
        network.set_params(layers=pretrained_layers(name))
        return
    scales = [layer for layer in likes.saved.network_.layers if isinstance(layer, Standardize)]
    if scales and network.layers is not None:
        network.set_params(layers=[scales[0], *network.layers])
