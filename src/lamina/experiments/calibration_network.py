"""The network of the calibration study: all splits of many draws are one population."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DivergenceWarning
from lamina.experiments.calibration_draws import Batch, Design, Predictions

Single = NDArray[np.float32]


@dataclass(frozen=True)
class Training:
    """How long the network is trained, and in what portions.

    Attributes
    ----------
    batch
        Rows a step.
    steps
        Steps, about: whole epochs.
    decay
        Weight decay.
    """

    batch: int
    steps: int
    decay: float


UNITS = (32, 32)
RATE = 0.01
TRAINING = {
    100: Training(32, 200, 2.5),
    300: Training(64, 240, 2.5),
    1_000: Training(128, 300, 2.5),
    5_000: Training(256, 500, 1.0),
}
"""By the number of rows of a draw."""


def network(batch: Batch, design: Design) -> Predictions:
    """Two hidden layers of 32 rectified linear units by AdamW with weight decay, along a cosine to rate zero."""
    from lamina.layers import Dense
    from lamina.networks import with_output
    from lamina.training import AdamW, DataSet, Member, Settings, SquaredError, fit_population, pad_rows
    from lamina.training.schedules import Cosine

    n, m = batch.cell.n, design.train.shape[1]
    plan = TRAINING[n]
    settings = Settings(
        AdamW(Cosine(RATE), weight_decay=plan.decay),
        epochs=max(1, round(plan.steps * plan.batch / m)),
        batch_size=plan.batch,
        whole_batches=True,
    )
    structure = with_output([Dense(units, "relu") for units in UNITS], 1, "linear")
    data = [DataSet(pad_rows(x, y, None), None, queries) for x, y, queries in _parts(batch, design)]
    members = [
        Member(structure, SquaredError(), settings, seed=place, data=place) for place in range(len(data))
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)
        outcomes = fit_population(members, data, keep_parameters=False)
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
        if outcome.fitted is None:
            raise KeyboardInterrupt
    scale, level = _scales(batch, design)
    test, fresh = (
        np.stack([outcome.answers[which][:, 0] for outcome in outcomes]).reshape(*scale.shape, -1)
        for which in range(2)
    )
    return Predictions(*(each * scale[..., None] + level[..., None] for each in (test, fresh)))


def _scales(batch: Batch, design: Design) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard deviation and mean of the outcome in the training rows of each draw and split."""
    y = batch.y[:, design.train]
    return y.std(axis=2), y.mean(axis=2)


def _parts(batch: Batch, design: Design) -> Iterator[tuple[Single, Single, tuple[Single, Single]]]:
    """Training rows and outcomes, test and fresh rows of each draw and split; outcomes standardised by the training rows."""
    scale, level = _scales(batch, design)
    for draw in range(len(batch)):
        x, fresh = batch.x[draw].astype(np.float32), batch.fresh[draw].astype(np.float32)
        for split, rows in enumerate(design.train):
            y = (batch.y[draw][rows] - level[draw, split]) / scale[draw, split]
            yield x[rows], y[:, None].astype(np.float32), (x[design.test[split]], fresh)
