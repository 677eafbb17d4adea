"""Weights from elsewhere put in the place of drawn ones: all fit, or an error names each that does not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from lamina.errors import FileFormatError, LaminaError, SpecificationError
from lamina.layers.base import Parameters, State, join
from lamina.layers.containers import Sequential
from lamina.networks.pretrained.naming import COUNTER, OUTPUT, published_places
from lamina.networks.pretrained.tensors import Tensors

Drawn = tuple[Parameters, State]
MOST = 12
"""Names of one kind of trouble that a message has."""


def flat_paths(tree: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Arrays by path from dictionaries inside dictionaries.

    >>> flat_paths({"dense_1": {"bias": 0.0}, "residual_1": {"conv2d_1": {"weights": 1.0}}})
    {'dense_1/bias': 0.0, 'residual_1/conv2d_1/weights': 1.0}
    """
    found: dict[str, Any] = {}
    for name, item in tree.items():
        inside = join(path, name)
        found |= flat_paths(item, inside) if isinstance(item, Mapping) else {inside: item}
    return found


def place_published(
    network: Sequential, drawn: Drawn, tensors: Tensors, source: str, *, output: bool = True
) -> Drawn:
    """Parameters and state with the published tensors in their places; layers that they do not have stay as drawn.

    Parameters
    ----------
    network, drawn
        What they are put into: its layers, and the parameters and state that it was given at first.
    tensors, source
        By their published names, and what to call where they came from.
    output
        Whether a dense layer at the end takes ``fc``; otherwise it stays as drawn, whatever the file has.

    Raises
    ------
    FileFormatError
        If a tensor is missing, of another shape, or known to no layer, or has numbers that are not finite; up to
        twelve of each are named.
    """
    places = published_places(network, output=output)
    spare = {OUTPUT} if not any(name.startswith(f"{OUTPUT}.") for name in places) else set()
    given = {
        name: tensor
        for name, tensor in tensors.items()
        if not name.endswith(COUNTER) and name.split(".")[0] not in spare
    }
    shapes = {path: np.shape(leaf) for part in drawn for path, leaf in flat_paths(part).items()}
    wanted = {name: place.theirs(shapes[place.path]) for name, place in places.items()}
    troubles = [
        _listed("missing", (name for name in wanted if name not in given)),
        _listed("known to no layer", (name for name in given if name not in wanted)),
        *_of_values(wanted, given),
    ]
    _refuse(troubles, source, FileFormatError, lambda told: _published(told, tensors, given, wanted))
    return _put(drawn, {place.path: place.ours(given[name]) for name, place in places.items()})


def place_weights(drawn: Drawn, weights: Mapping[str, Any], source: str) -> Drawn:
    """Parameters and state with the weights at their paths; what has no path among them stays as drawn.

    Raises
    ------
    SpecificationError
        If a path leads nowhere, or an array has another shape or numbers that are not finite; all are named.

    >>> drawn = {"dense_1": {"weights": np.zeros((2, 1)), "bias": np.zeros(1)}}, {}
    >>> place_weights(drawn, {"dense_1/bias": [3.0]}, "weights")[0]["dense_1"]["bias"].tolist()
    [3.0]
    """
    wanted = {path: np.shape(leaf) for part in drawn for path, leaf in flat_paths(part).items()}
    given = {path: np.asarray(array) for path, array in flat_paths(weights).items()}
    troubles = [
        _listed("not in this network", (path for path in given if path not in wanted)),
        *_of_values(wanted, given),
    ]
    _refuse(
        troubles, source, SpecificationError, lambda told: f"{told}. Paths are those that summary() shows."
    )
    return _put(drawn, given)


def _put(drawn: Drawn, arrays: Mapping[str, np.ndarray]) -> Drawn:
    """Copies of the trees with arrays in place of their leaves, in the precision of those."""

    def placed(tree: Mapping[str, Any], path: str) -> dict[str, Any]:
        return {
            name: placed(item, join(path, name))
            if isinstance(item, Mapping)
            else np.ascontiguousarray(arrays.get(join(path, name), item), item.dtype)
            for name, item in tree.items()
        }

    return placed(drawn[0], ""), placed(drawn[1], "")


def _of_values(wanted: Mapping[str, tuple[int, ...]], given: Mapping[str, np.ndarray]) -> list[str]:
    """What is wrong with tensors that are there and wanted."""
    both = [name for name in given if name in wanted]
    misshapen = [name for name in both if given[name].shape != wanted[name]]
    numbers = [name for name in both if given[name].dtype.kind in "fiu"]
    return [
        _listed(
            "of another shape",
            (f"{name} is {given[name].shape} and must be {wanted[name]}" for name in misshapen),
        ),
        _listed("no numbers", (name for name in both if name not in numbers)),
        _listed("not finite", (name for name in numbers if not np.isfinite(given[name]).all())),
    ]


def _listed(trouble: str, names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"{trouble}: {', '.join(itertools.islice(names, MOST))}{more}" if names else ""


def _refuse(
    troubles: Iterable[str], source: str, error: type[LaminaError], explained: Callable[[str], str]
) -> None:
    told = "; ".join(trouble for trouble in troubles if trouble)
    if told:
        raise error(f"{source} does not fit this network. {explained(told)}")


def _published(told: str, tensors: Tensors, given: Tensors, wanted: Mapping[str, tuple[int, ...]]) -> str:
    """What does not fit, and what to do; where the file is another network's, that first, as every name then follows."""
    from lamina.networks.pretrained.whole import whose

    owner = whose(tensors)
    if owner is not None and owner != whose(wanted):
        return f"These are the tensors of a {owner}: take that network, or a file of this one's. {told}."
    return f"{told}. {_hint(given, wanted)}"


def _hint(given: Tensors, wanted: Mapping[str, tuple[int, ...]]) -> str:
    stem = given.get("conv1.weight")
    needs = wanted.get("conv1.weight", ())
    if stem is not None and stem.ndim == len(needs) == 4 and stem.shape[1:] != needs[1:]:
        if stem.shape[1] == 3 and needs[1] == 1:
            return (
                "The weights are for three channels: give images as np.repeat(images[..., None], 3, axis=-1)."
            )
        if stem.shape[2:] != needs[2:]:
            return 'They begin with another stem: ImageNet\'s is 7 × 7, stem="imagenet".'
    return "Names and shapes are those that torchvision and timm publish for resnet18, resnet34 and resnet50."
