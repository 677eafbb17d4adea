"""Who takes part in a comparison on images: linear models of their pixels, and three kinds of networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from lamina.data.validation import Task
from lamina.evaluation.contenders import CNN, Contender, core, count_parameters
from lamina.evaluation.simple import counting, models
from lamina.evaluation.simple.pixels import make_shrunken_lda
from lamina.evaluation.splits import Sample

Make = Callable[[Sample, int | None], Any]


def image_contenders(task: Task) -> dict[str, Contender]:
    """The built-in models of images for a task by name, from the simplest on, the networks last.

    >>> list(image_contenders("classification"))
    ['majority', 'pixels_logistic', 'pixels_lda', 'mlp', 'cnn', 'resnet']
    >>> list(image_contenders("regression"))
    ['mean', 'pixels_ridge', 'mlp', 'cnn', 'resnet']
    """
    networks = [("mlp", _mlp), (CNN, _cnn), ("resnet", _resnet)]
    return {each.name: each for each in _SIMPLE[task]} | {
        name: Contender(name, True, partial(make, task), count_parameters, built_in=True)
        for name, make in networks
    }


def _simple(name: str, make: Make, count: Callable[[Any], int], on_pixels: bool = True) -> Contender:
    return Contender(
        name,
        False,
        partial(_on_components, make) if on_pixels else make,
        lambda fitted: count(core(fitted)),
        built_in=True,
    )


def _on_components(make: Make, training: Sample, seed: int | None) -> Any:
    from sklearn.pipeline import Pipeline

    from lamina.evaluation.encodings import SharedEncoder
    from lamina.evaluation.simple.pixels import PixelComponents

    pixels = PixelComponents() if training.encodings is None else SharedEncoder(training.encodings)
    return Pipeline([("pixels", pixels), ("model", make(training, seed))])


_SIMPLE: dict[Task, tuple[Contender, ...]] = {
    "regression": (
        _simple("mean", models.make_mean, counting.one_mean, on_pixels=False),
        _simple("pixels_ridge", models.make_ridge, counting.coefficients_and_intercept),
    ),
    "classification": (
        _simple("majority", models.make_majority, counting.free_shares, on_pixels=False),
        _simple("pixels_logistic", models.make_ridge_logistic, counting.discriminant_coefficients),
        _simple("pixels_lda", make_shrunken_lda, counting.discriminant_coefficients),
    ),
}


def _cnn(task: Task, _: Sample, seed: int | None) -> Any:
    """The default network of images."""
    return _network(task)(random_state=seed)


def _mlp(task: Task, training: Sample, seed: int | None) -> Any:
    """The book's dense network for MNIST, without knowledge of which pixels are neighbours."""
    from lamina.networks.image_rivals import pixel_layers

    return _trained_alike(task, pixel_layers(training.table.shape[1:]), training, seed)


def _resnet(task: Task, training: Sample, seed: int | None) -> Any:
    """A small residual network with batch normalisation."""
    from lamina.networks.image_rivals import residual_layers

    layers = residual_layers(len(training.y), training.table.shape[1:])
    return _trained_alike(task, layers, training, seed)


def _trained_alike(task: Task, layers: Any, training: Sample, seed: int | None) -> Any:
    """A network trained as the default one of images is."""
    from lamina.estimators.image_recipe import image_settings

    return _network(task)(layers, random_state=seed, **image_settings(len(training.y)))


def _network(task: Task) -> Any:
    from lamina.estimators import NeuralClassifier, NeuralRegressor

    return NeuralRegressor if task == "regression" else NeuralClassifier
