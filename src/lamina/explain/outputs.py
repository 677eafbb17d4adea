"""Every layer's output for some images, and layers found by their path."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.data.images import is_image_source
from lamina.errors import ArgumentTypeError, DataError, SpecificationError, nearest_name
from lamina.estimators.base import NeuralEstimator
from lamina.estimators.features import in_precision
from lamina.layers.base import (
    Context,
    Layer,
    Parameters,
    Shape,
    State,
    children,
    join,
    template,
    traced_values,
)
from lamina.networks.summary import rows_at_a_time
from lamina.numerics.pixels import as_numbers
from lamina.training.cache import keep_few_programs
from lamina.training.padding import pad_block
from lamina.training.precision import precision

BLOCK = 256


def outputs_of(model: Any, images: Any, paths: tuple[str, ...] | None = None) -> dict[str, np.ndarray]:
    """Outputs (n, ...) of the layers at ``paths``, or of all, by path in the order in which they are computed.

    Raises
    ------
    ArgumentTypeError
        If the model is no network.
    NotFittedError, DataError
        If it is not fitted; if the images are not like those of the fit.
    SpecificationError
        If there is no layer at a path.
    """
    blocks = list(output_blocks(model, images_for(model, images), paths))
    return {path: np.concatenate([block[path] for block in blocks]) for path in blocks[0]}


def output_blocks(
    model: NeuralEstimator, x: np.ndarray, paths: tuple[str, ...] | None
) -> Iterator[dict[str, np.ndarray]]:
    """The same, some images at a time, so that not all outputs need be in memory at once."""
    network, fitted = model.network_, model.fitted_
    for path in paths or ():
        layer_at(network, path)
    dtype = model._precision()
    numbers = {name: np.asarray(value, dtype) for name, value in traced_values(network).items()}
    most = rows_at_a_time(network, x.shape[1:], BLOCK)
    keep_few_programs(_recorded)
    with precision(dtype):
        for first in range(0, len(x), most):
            block = x[first : first + most]
            arguments = fitted.parameters, fitted.state, pad_block(block), numbers
            found = _recorded(template(network), paths, *arguments)
            order = [path for path in paths_of(network) if path in found]
            yield {path: np.asarray(found[path])[: len(block)] for path in order}


@functools.partial(jax.jit, static_argnums=(0, 1))
def _recorded(
    network: Layer,
    paths: tuple[str, ...] | None,
    parameters: Parameters,
    state: State,
    x: Any,
    hyperparameters: Any,
) -> dict[str, Any]:
    record: dict[str, Any] = {}
    context = Context(hyperparameters=hyperparameters, record=record)
    network.apply(parameters, state, as_numbers(x, parameters), context)
    return record if paths is None else {path: record[path] for path in paths}


def images_for(model: Any, images: Any) -> np.ndarray:
    """Images as the network takes them; one image is a batch of one."""
    network_of(model)
    if len(model.input_shape_) not in (2, 3):
        raise DataError(
            f"the model was fitted on rows of shape {model.input_shape_}, and pictures are of networks for images."
        )
    if not is_image_source(images) and not hasattr(images, "pixels"):
        images = np.asarray(images)
        if images.dtype.kind in "uifb":
            images = _batch(images, tuple(model.input_shape_))
    x = model.features_.finish(model._features(images, reset=False))
    return np.asarray(in_precision(x, model._precision()))


def _batch(images: np.ndarray, shape: Shape) -> np.ndarray:
    """Images (n, ...) from several or one, of that shape each."""
    if images.shape == shape:
        return images[None]
    if images.shape[1:] != shape:
        raise DataError(
            f"the images have shape {images.shape} and the model was fitted on images of shape {shape}: give one of that shape, "
            f"or several, (n, {', '.join(map(str, shape))})."
        )
    return images


def network_of(model: Any) -> Layer:
    """The fitted network; anything else raises."""
    if not isinstance(model, NeuralEstimator):
        raise ArgumentTypeError(
            f"a fitted NeuralClassifier or NeuralRegressor is needed and {type(model).__name__} was given: of a pipeline or a "
            "search take the network itself, such as search.best_estimator_."
        )
    check_is_fitted(model)
    return model.network_


def layer_at(network: Layer, path: str) -> Layer:
    """The layer at a path such as "residual_1/conv2d_2".

    Raises
    ------
    SpecificationError
        If there is none; the nearest name is told.
    """
    known = dict(walk(network))
    if path not in known:
        raise SpecificationError(f"the network has no layer {path!r}: {nearest_name(path, known)}.")
    return known[path]


def walk(layer: Layer, path: str = "") -> Iterator[tuple[str, Layer]]:
    """Every layer below a network with its path, those inside another before it.

    >>> from lamina.layers import Dense, Residual, Sequential
    >>> [path for path, _ in walk(Sequential([Residual([Dense(2), Dense(2)]), Dense(1)]))]
    ['residual_1/dense_1', 'residual_1/dense_2', 'residual_1', 'dense_1']
    """
    for name, inner in children(layer):
        own = join(path, name)
        if not inner.draws:  # what stands in a Warp has no output of its own
            yield from walk(inner, own)
        yield own, inner


def paths_of(network: Layer) -> list[str]:
    """Paths of every layer, in the order in which outputs are computed."""
    return [path for path, _ in walk(network)]
