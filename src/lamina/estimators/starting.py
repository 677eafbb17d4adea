"""Where a fit begins that has weights from elsewhere: a published file, a model file, or arrays by path."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers.base import Parameters, Shape, State, children
from lamina.layers.containers import Sequential
from lamina.networks.pretrained import flat_paths, place_published, place_weights, read_tensors
from lamina.networks.pretrained.tensors import is_model_file
from lamina.training.plan import initial

Start = tuple[Parameters, State]


def starting_point(
    weights: Any, network: Sequential, input_shape: Shape, seed: int, dtype: Any
) -> Start | None:
    """Parameters and state to begin with, None where all are drawn.

    Layers that the weights do not have are drawn from the seed, and so is the output layer, unless a dictionary names it: that of
    a file is for other classes.

    Parameters
    ----------
    weights
        None; the path of safetensors in the naming of torchvision and timm, or of a ``.lamina`` file; or a dictionary from paths
        such as "conv2d_1/weights" (or "batch_norm_1/mean", of the state) to arrays.

    Raises
    ------
    FileAccessError, FileFormatError
        If a file cannot be read, or its tensors do not fit; all that do not are named.
    SpecificationError
        If a path leads nowhere or an array has another shape.
    """
    if weights is None:
        return None
    if not isinstance(weights, (str, os.PathLike, Mapping)):
        raise ArgumentTypeError(
            f"weights={type(weights).__name__}: give the path of a .safetensors or .lamina file, or a dictionary from paths "
            'such as "conv2d_1/weights" to arrays.'
        )
    drawn = initial(network, input_shape, seed, dtype)
    if isinstance(weights, Mapping):
        return place_weights(drawn, weights, "weights")
    if is_model_file(weights):
        return _from_model(weights, network, drawn)
    return place_published(network, drawn, read_tensors(weights), os.fspath(weights), output=False)


def _from_model(path: str | os.PathLike[str], network: Sequential, drawn: Start) -> Start:
    """The hidden layers of a saved model, by their paths."""
    from lamina.files import load

    model = load(path)
    fitted = getattr(model, "fitted_", None)
    if fitted is None:
        raise SpecificationError(
            f"weights={os.fspath(path)!r} holds a {type(model).__name__}: give the file of a NeuralClassifier or NeuralRegressor."
        )
    theirs, own = _output(model.network_), _output(network)
    given = {
        name: item
        for part in (fitted.parameters, fitted.state)
        for name, item in flat_paths(part).items()
        if name.split("/")[0] != theirs
    }
    hidden = tuple({name: item for name, item in part.items() if name != own} for part in drawn)
    placed = place_weights((hidden[0], hidden[1]), given, os.fspath(path))
    return drawn[0] | placed[0], drawn[1] | placed[1]


def _output(network: Sequential) -> str:
    """Name of the output layer."""
    return children(network)[-1][0]
