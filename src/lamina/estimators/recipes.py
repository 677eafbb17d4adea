"""What ``layers=None`` and ``optimizer=None`` stand for, for the columns of a table, for sparse rows and for images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lamina.estimators import image_recipe, recipe, sparse_recipe
from lamina.layers.base import Layer, Shape
from lamina.layers.containers import Sequential
from lamina.networks.default import default_hidden_layers
from lamina.networks.default_images import default_image_layers
from lamina.networks.default_sparse import default_sparse_layers
from lamina.training import Adam, EarlyStopping


@dataclass(frozen=True)
class Recipe:
    """A default network and how it is trained.

    Attributes
    ----------
    layers
        Hidden layers for a number of rows of a shape.
    optimizer
        For a network and the shape of its input.
    epochs
        For a number of rows and of steps an epoch.
    batch
        Rows of a step.
    best_epoch
        How rows are held back to find the best epoch, given ``least_rows``.
    penalty
        Ridge coefficient of all weights.
    output_init
        How the weights of the output layer begin.
    """

    layers: Callable[[int, Shape], list[Layer]]
    optimizer: Callable[[Sequential, Shape], Adam]
    epochs: Callable[[int, int], int]
    batch: Callable[[int], int]
    best_epoch: EarlyStopping
    least_rows: int
    penalty: float | None = None
    output_init: str | None = None


TABLES = Recipe(
    layers=lambda n_rows, shape: default_hidden_layers(n_rows),
    optimizer=recipe.recipe_optimizer,
    epochs=lambda n_rows, steps: recipe.recipe_epochs(steps),
    batch=recipe.recipe_batch,
    best_epoch=recipe.BEST_EPOCH,
    least_rows=recipe.LEAST_ROWS,
    penalty=recipe.PENALTY,
    output_init="zeros",  # the first prediction is the mean
)
IMAGES = Recipe(
    layers=default_image_layers,
    optimizer=image_recipe.image_optimizer,
    epochs=image_recipe.image_epochs,
    batch=image_recipe.image_batch,
    best_epoch=image_recipe.BEST_IMAGE_EPOCH,
    least_rows=image_recipe.LEAST_IMAGES,
)


SPARSE = Recipe(
    layers=default_sparse_layers,
    optimizer=sparse_recipe.sparse_optimizer,
    epochs=lambda n_rows, steps: sparse_recipe.sparse_epochs(steps),
    batch=sparse_recipe.sparse_batch,
    best_epoch=sparse_recipe.BEST_SPARSE_EPOCH,
    least_rows=sparse_recipe.LEAST_ROWS,
    penalty=sparse_recipe.PENALTY,
)


def recipe_for(shape: Shape, *, sparse: bool = False) -> Recipe:
    """The recipe for rows of this shape, sparse ones perhaps.

    >>> recipe_for((19,)) is TABLES, recipe_for((28, 28)) is IMAGES
    (True, True)
    """
    if sparse:
        return SPARSE
    return TABLES if len(shape) < 2 else IMAGES
