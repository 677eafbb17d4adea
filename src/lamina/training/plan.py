"""What a fit needs before it runs: the shape of its program, its traced numbers, its first parameters."""

from __future__ import annotations

import zlib
from typing import Any

import jax
import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Layer, Parameters, State, children, join, template, traced_values
from lamina.layers.containers import Sequential
from lamina.networks.output import linear_predictor
from lamina.training.losses import Loss
from lamina.training.objective import Objective, PenaltyTerm
from lamina.training.optimizers import Optimizer
from lamina.training.program import Numbers, Program
from lamina.training.settings import Settings


def objective_of(network: Sequential, loss: Loss, penalties: tuple[PenaltyTerm, ...]) -> Objective:
    """The objective at its template values; the output activation belongs to the loss."""
    return Objective(template(linear_predictor(network)), template(loss), penalties)


def program_of(objective: Objective, settings: Settings, n_rows: int) -> Program:
    """The shape of a first-order fit of ``n_rows`` rows."""
    assert isinstance(settings.optimizer, Optimizer)
    _refuse_single_rows(objective.network, settings.rows_a_step(n_rows) or n_rows)
    return Program(
        objective,
        template(settings.optimizer),
        settings.rows_a_step(n_rows),
        clips=settings.clip_norm is not None,
        shuffles=settings.shuffle,
        whole_batches=settings.whole_batches,
        end_of_epoch=settings.end_of_epoch,
    )


def _refuse_single_rows(network: Layer, rows: int, path: str = "") -> None:
    """Raise where batches of one row meet a layer that learns from the batch's statistics."""
    if rows > 1:
        return
    for name, layer in children(network):
        if layer.learns_statistics and layer.trainable:
            raise SpecificationError(
                f"{join(path, name)} takes the mean and variance of each mini-batch, and a batch has one row, which has no "
                "variance: set batch_size to 2 or more (16 and more serve well), or use LayerNorm."
            )
        if layer.trainable:
            _refuse_single_rows(layer, rows, join(path, name))


def initial(
    network: Sequential, input_shape: tuple[int, ...], seed: int, dtype: Any
) -> tuple[Parameters, State]:
    """Initial parameters and state, cast to the precision of the data."""
    rng = np.random.default_rng(seed)
    drawn = network.init(rng, input_shape)
    cast: tuple[Parameters, State] = jax.tree.map(lambda leaf: np.asarray(leaf, dtype), drawn)
    return cast


def numbers_of(
    network: Sequential, loss: Loss, settings: Settings, seed: int, dtype: Any, done: int = 0
) -> Numbers:
    """Everything traced: the key, the hyperparameters by path, patience; ``done`` epochs were run before."""
    values = (
        traced_values(network)
        | traced_values(loss, "loss")
        | traced_values(settings.optimizer, "optimizer")
        | traced_values(settings.penalty, "penalty")
    )
    patience = np.iinfo(np.int32).max if settings.patience is None else settings.patience
    return Numbers(
        key=_key_data(seed),
        hyperparameters={name: np.asarray(value, dtype) for name, value in values.items()},
        epochs=np.int32(settings.horizon or settings.epochs + done),
        patience=np.int32(patience),
        min_improvement=np.asarray(settings.min_improvement, dtype),
        clip_norm=np.asarray(np.inf if settings.clip_norm is None else settings.clip_norm, dtype),
    )


def _key_data(seed: int) -> np.ndarray:
    return np.array([zlib.crc32(b"lamina"), seed & 0xFFFFFFFF], dtype=np.uint32)
