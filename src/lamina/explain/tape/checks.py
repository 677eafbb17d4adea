"""What a network of given layers is asked about, checked at the edge: numbers, outcomes, codes, parameters."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from lamina.errors import DataError, SpecificationError
from lamina.layers.base import Parameters, Shape
from lamina.layers.containers import Sequential
from lamina.layers.embedding import Embedding
from lamina.training import Loss
from lamina.training.losses import (
    CategoricalCrossEntropy,
    FunctionLoss,
    Hinge,
    Quantile,
    SequenceCrossEntropy,
)

RANGES = {
    "fraction": (0.0, 1.0, "0, 1 or a fraction between them"),
    "count": (0.0, np.inf, "counts, zero or more"),
    "positive": (np.nextafter(0.0, 1.0), np.inf, "positive numbers"),
}
"""Least and largest outcome of a loss, by what it takes, and that in words."""


def as_numbers(values: Any, name: str) -> np.ndarray:
    try:
        found = np.asarray(values)
        found = found if found.dtype.kind in "fiu" else found.astype(float)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} must hold numbers ({error}).") from None
    if not found.size:
        raise DataError(f"{name} is empty, shape {found.shape}: give one row at least.")
    if not np.isfinite(found).all():
        raise DataError(f"{name} has NaN or infinite values: there is no gradient there.")
    return found if found.dtype.kind == "f" or name == "y" or found.dtype == np.uint8 else found.astype(float)


def outcome_for(y: Any, n: int, loss: Loss, output: Shape, dtype: Any) -> np.ndarray:
    """The outcome as the loss takes it, (n, outputs)."""
    values = as_numbers(y, "y")
    values = values.reshape(1, -1) if values.ndim == 0 or (values.ndim == 1 and n == 1) else values
    values = values[:, None] if values.ndim == 1 else values
    if len(values) != n:
        raise DataError(f"y has {len(values)} values and X {n} rows: they must agree.")
    if isinstance(loss, CategoricalCrossEntropy | Hinge) and output != (1,):
        return _classes(values, output)
    if values.shape[1:] != output and not isinstance(loss, FunctionLoss | SequenceCrossEntropy | Quantile):
        raise DataError(
            f"y has rows of shape {values.shape[1:]} and the network gives {output}: they must agree, or the network needs an "
            f"output layer such as Dense({values.shape[1]})."
        )
    _check_range(values, loss)
    return values.astype(np.int32 if loss.outcome == "class" and output != (1,) else dtype)


def _check_range(values: np.ndarray, loss: Loss) -> None:
    """Outcomes for which the loss is none, such as a probability of 3."""
    low, high, words = RANGES.get(loss.outcome, (-np.inf, np.inf, ""))
    if values.min() < low or values.max() > high:
        raise DataError(
            f"y has values from {values.min():g} to {values.max():g}, and {type(loss).__name__} takes {words}: give others, or "
            "another loss."
        )


def check_codes(network: Sequential, x: np.ndarray) -> None:
    """Codes that the embedding in front has no vector for; compiled programs would take its last one."""
    first = network.layers[0]
    known = first.vocabulary if isinstance(first, Embedding) else None
    if known is None:
        return
    if x.min() < 0 or x.max() >= known or (x != np.floor(x)).any():
        raise DataError(
            f"X has values from {x.min():g} to {x.max():g}, and {first!r} takes whole numbers from 0 to {known - 1}."
        )


def _classes(values: np.ndarray, output: Shape) -> np.ndarray:
    """Numbers of classes, (n, 1)."""
    right = values.shape[1:] == (1,) and (values == np.floor(values)).all()
    if not right or values.min() < 0 or values.max() >= output[-1]:
        raise DataError(
            f"y must hold the number of each row's class, 0 to {output[-1] - 1} for a network with {output[-1]} outputs, and has "
            f"shape {values.shape} and values from {values.min():g} to {values.max():g}."
        )
    return values.astype(np.int32)


def checked_parameters(given: Any, drawn: Parameters) -> Parameters:
    """Parameters of the network's names and shapes, in its precision; else SpecificationError."""
    try:
        cast = jax.tree.map(lambda own, other: np.asarray(other, own.dtype), drawn, given)
    except (TypeError, ValueError) as error:
        raise SpecificationError(
            f"parameters do not fit the network ({str(error).splitlines()[0]}): it has {_shapes(drawn)}."
        ) from None
    same = jax.tree.map(lambda own, other: own.shape == other.shape, drawn, cast)
    if not all(jax.tree.leaves(same)):
        raise SpecificationError(
            f"parameters of the shapes {_shapes(cast)} were given, and the network has {_shapes(drawn)}."
        )
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(cast)):
        raise SpecificationError("parameters has NaN or infinite values: there is no gradient there.")
    return cast  # type: ignore[no-any-return]


def _shapes(parameters: Parameters) -> str:
    leaves = jax.tree_util.tree_flatten_with_path(parameters)[0]
    return ", ".join(f"{'/'.join(str(k.key) for k in path)} {np.shape(leaf)}" for path, leaf in leaves)
