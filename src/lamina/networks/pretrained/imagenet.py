"""ImageNet's classes and pixels: what the published weights were learnt on."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from lamina.errors import DataError
from lamina.layers.base import check_positive_integer
from lamina.layers.standardize import Standardize

IMAGENET_PIXELS = Standardize(mean=(0.485, 0.456, 0.406), sd=(0.229, 0.224, 0.225))
"""The mean and standard deviation of red, green and blue, in [0, 1], that published weights expect to be taken out."""


@functools.cache
def imagenet_classes() -> tuple[str, ...]:
    """Names of the 1,000 classes of ImageNet, in the order of the published output layers.

    Source: Russakovsky et al., "ImageNet large scale visual recognition challenge", 2015; the words are torchvision's (see
    NOTICE).

    >>> len(imagenet_classes()), imagenet_classes()[130]
    (1000, 'flamingo')
    """
    text = files("lamina.networks.pretrained").joinpath("imagenet_classes.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


def top_classes(probabilities: np.ndarray, names: Sequence[str], k: int = 5) -> list[list[tuple[str, float]]]:
    """The k likeliest classes of each row with their probabilities, the likeliest first.

    Raises
    ------
    DataError
        If there are not as many names as columns.

    >>> top_classes(np.array([[0.1, 0.7, 0.2]]), ["owl", "hawk", "kite"], k=2)
    [[('hawk', 0.7), ('kite', 0.2)]]
    """
    check_positive_integer("top_classes", "k", k, 5)
    if probabilities.ndim != 2 or probabilities.shape[1] != len(names):
        raise DataError(
            f"top_classes is given {len(names)} names and probabilities of shape {probabilities.shape}: give a column a name."
        )
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return [
        [(names[place], float(row[place])) for place in places]
        for row, places in zip(probabilities, order, strict=True)
    ]
