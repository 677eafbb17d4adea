"""How each layer moves the plane of two inputs: a grid and the rows, carried through the network."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.errors import SpecificationError, nearest_name
from lamina.explain.learnt.layer_values import hidden_layers, layer_values
from lamina.explain.learnt.slices import Slice, slice_of
from lamina.layers.base import check_positive_integer

LINES_OF_GRID, POINTS_OF_LINE = 13, 97


@dataclass(frozen=True, eq=False)
class Stage:
    """The plane after a layer, or on the way to it.

    Attributes
    ----------
    name
        Of the layer; "input" before the first.
    points
        The rows, (n, 2).
    grid
        The lines of the grid, (lines, points of a line, 2): first those along the first input, then those along the second.
    values
        All units of the rows, (n, units), from which ``points`` are made.
    share
        Of the variance that the two axes show: 1 of a layer of two units, less of a wider one.
    """

    name: str
    points: np.ndarray
    grid: np.ndarray
    values: np.ndarray
    share: float = 1.0


def hidden_geometry(
    model: Any,
    X: Any,
    *,
    features: Any = None,
    layers: Any = None,
    lines: int = LINES_OF_GRID,
    steps: int = 1,
) -> list[Stage]:
    """Rows and the lines of a grid over them, before and after each hidden layer.

    Layers of two units are shown as they are. Of a wider one the first two principal components of the rows are, and of a single
    unit its value, at height zero.

    Parameters
    ----------
    model, X, features, layers
        As in :func:`plot_hidden_geometry`.
    lines
        Of the grid, in either direction.
    steps
        Pictures from a layer to the next: between them every point goes along a straight line. 1 gives the layers alone.

    Returns
    -------
    The input, and ``steps`` stages for each layer.

    Errors as in :func:`plot_hidden_geometry`.

    >>> from lamina.explain import product_network
    >>> [stage.name for stage in hidden_geometry(product_network(), [[-1.0, -1.0], [1.0, 1.0]])]
    ['input', 'dense_1']
    """
    check_positive_integer("hidden_geometry", "lines", lines, LINES_OF_GRID)
    check_positive_integer("hidden_geometry", "steps", steps, 20)
    found = slice_of(X, features, (2,))
    # All columns of the rows are at their own values; the lines of the grid hold those that are not drawn.
    values = layer_values(model, found.table if found.framed else found.table.to_numpy())
    start = grid_lines(found, lines)
    grid = layer_values(model, found.rows(start.reshape(-1, 2)))
    stages = [Stage("input", found.values, start, found.values)]
    for name in _chosen(model, values, layers):
        points, moved, share = _in_plane(name, values[name], grid[name])
        stages.append(Stage(name, points, moved.reshape(start.shape), values[name], share))
    return _between(stages, steps)


def grid_lines(found: Slice, lines: int) -> np.ndarray:
    """Lines along the first input and then along the second, (2 lines, points of a line, 2)."""
    fine = [found.axis(place, POINTS_OF_LINE) for place in (0, 1)]
    coarse = [found.axis(place, lines) for place in (0, 1)]
    along = np.stack(np.broadcast_arrays(fine[0][None], coarse[1][:, None]), axis=-1)
    up = np.stack(np.broadcast_arrays(coarse[0][:, None], fine[1][None]), axis=-1)
    return np.concatenate([along, up])


def _chosen(model: Any, values: dict[str, np.ndarray], layers: Any) -> list[str]:
    if layers is None:
        return [name for name in hidden_layers(model, values) if values[name].ndim == 2] or list(values)[-1:]
    names = [layers] if isinstance(layers, str) else list(layers)
    for name in names:
        if name not in values:
            raise SpecificationError(f"the network has no layer {name!r}: {nearest_name(name, values)}.")
    return names


def _in_plane(name: str, values: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Points and grid in two dimensions, and the share of the points' variance that is seen there."""
    if values.ndim != 2:
        raise SpecificationError(
            f"layer {name!r} gives an array of shape {values.shape[1:]} for each row, and a plane is of rows of numbers: take a "
            "layer of units, such as a Dense."
        )
    values, grid = values.astype(float), grid.astype(float)
    if values.shape[1] == 1:
        return *(np.hstack([each, np.zeros_like(each)]) for each in (values, grid)), 1.0  # type: ignore[return-value]
    if values.shape[1] == 2:
        return values, grid, 1.0
    centre = values.mean(axis=0)
    _, sizes, axes = np.linalg.svd(values - centre, full_matrices=False)
    axes = (
        axes if len(axes) > 1 else np.eye(2, values.shape[1])
    )  # one row varies in no direction: any two will do
    share = float(np.square(sizes[:2]).sum() / (np.square(sizes).sum() or 1.0))
    return (values - centre) @ axes[:2].T, (grid - centre) @ axes[:2].T, share


def _between(stages: list[Stage], steps: int) -> list[Stage]:
    """Stages with straight ways between them."""
    every = stages[:1]
    for before, after in itertools.pairwise(stages):
        for part in np.arange(1, steps) / steps:
            points = (1 - part) * before.points + part * after.points
            grid = (1 - part) * before.grid + part * after.grid
            every.append(Stage(f"{before.name} → {after.name}", points, grid, before.values, after.share))
        every.append(after)
    return every
