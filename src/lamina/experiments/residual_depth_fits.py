"""One network: its gradients at the start, its training, its training error, its gradients in the end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.kept import Kept
from lamina.experiments.measures import error_percent
from lamina.experiments.residual_depth_data import CLASSES, Sample
from lamina.experiments.residual_depth_networks import Kind, gradient_norms, network_of
from lamina.layers.containers import Sequential
from lamina.networks import count_parameters
from lamina.training import CategoricalCrossEntropy, Fitted, Momentum, Settings, fit, pad_rows, predict
from lamina.training.plan import initial
from lamina.training.schedules import Cosine

BATCH, RATE = 64, 0.05


@dataclass(frozen=True, eq=False)
class Measured:
    """What is known of a network.

    Attributes
    ----------
    before, after
        Norms of the gradient by the weights of each layer; ``after`` is empty where the network was not trained.
    loss
        Mean training loss of each epoch.
    error
        In per cent of the training images; None where the network was not trained.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    loss: NDArray[np.float64]
    error: float | None
    parameters: int
    seconds: float


def measured(sample: Sample, kind: Kind, depth: int, epochs: int, seed: int, kept: Kept) -> Measured:
    """Measure a network, or read what was measured where it is kept."""
    name = f"{kind.name.lower()}-{depth}-{len(sample.y)}-{epochs}-{seed}"
    arrays = kept.piece(name, lambda: _measured(sample, kind, depth, epochs, seed))
    error = float(arrays["error"])
    return Measured(
        arrays["before"],
        arrays["after"],
        arrays["loss"],
        None if np.isnan(error) else error,
        int(arrays["parameters"]),
        float(arrays["seconds"]),
    )


def _measured(sample: Sample, kind: Kind, depth: int, epochs: int, seed: int) -> dict[str, NDArray[Any]]:
    network, shape = network_of(kind, depth, CLASSES), sample.x.shape[1:]
    parameters, state = initial(network, shape, seed, np.float32)
    some = slice(BATCH)
    clock = time.perf_counter()
    before = gradient_norms(network, parameters, state, sample.x[some], sample.y[some])
    after, loss, error = np.empty(0), np.empty(0), np.nan
    if kind.normalised:
        fitted = trained(network, sample, epochs, seed)
        after = gradient_norms(network, fitted.parameters, fitted.state, sample.x[some], sample.y[some])
        loss = np.array(fitted.history.loss)
        z = predict(network, fitted.parameters, fitted.state, sample.x)
        error = error_percent(sample.y, z.argmax(axis=1))
    seconds = time.perf_counter() - clock
    return {
        "before": before,
        "after": after,
        "loss": loss,
        "error": np.array(error),
        "parameters": np.array(count_parameters(network, shape)),
        "seconds": np.array(seconds),
    }


def trained(network: Sequential, sample: Sample, epochs: int, seed: int) -> Fitted:
    """Train from the same start as :func:`lamina.training.plan.initial` gives."""
    settings = Settings(optimizer=Momentum(Cosine(RATE)), epochs=epochs, batch_size=BATCH)
    rows = pad_rows(sample.x, sample.y[:, None].astype(np.int32), None)
    fitted = fit(network, CategoricalCrossEntropy(), rows, settings, seed)
    if fitted.interrupted:
        raise KeyboardInterrupt
    return fitted
