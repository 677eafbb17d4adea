"""Networks for CIFAR-100, each trained for the epochs that are asked for or as long as its minutes allow."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.estimators import NeuralClassifier
from lamina.experiments.cifar100_data import Data, Labels, Part
from lamina.experiments.cifar100_variants import Variant
from lamina.experiments.kept import Kept, finished
from lamina.experiments.measures import accuracy_percent
from lamina.training import EarlyStopping

BATCH = 128
PROBE_BATCHES, PROBE_EPOCHS = 10, 2


@dataclass(frozen=True, eq=False)
class Trained:
    """How a fit went, and the classes that it predicts for the test images."""

    variant: Variant
    loss: NDArray[np.float64]
    held_loss: NDArray[np.float64]
    best_epoch: int
    seconds: float
    parameters: int
    predicted: Labels

    def accuracy(self, test: Part) -> float:
        """On the classes that it was trained on, in per cent."""
        return accuracy_percent(labels(test, self.variant.coarse), self.predicted)

    def coarse_accuracy(self, data: Data) -> float:
        """On the superclasses, those of the predicted classes where it was trained on classes."""
        mapped = self.predicted if self.variant.coarse else data.superclass_of()[self.predicted]
        return accuracy_percent(data.test.coarse, mapped)


def labels(part: Part, coarse: bool) -> Labels:
    """The classes, or the superclasses."""
    return part.coarse if coarse else part.fine


def train(data: Data, variant: Variant, budget: float, most: int, kept: Kept) -> Trained:
    """Fit a variant, or read its fit where it is kept.

    Parameters
    ----------
    data, variant
        What is fitted to what.
    budget
        Seconds of a variant that has no number of epochs of its own.
    most
        Epochs at most.
    kept
        Where fits are kept.
    """
    arrays = kept.piece(f"{variant.key}-{budget:g}-{most}", lambda: _fitted(data, variant, budget, most))
    return Trained(
        variant,
        arrays["loss"],
        arrays["held_loss"],
        int(arrays["best_epoch"]),
        float(arrays["seconds"]),
        int(arrays["parameters"]),
        arrays["predicted"],
    )


def _fitted(data: Data, variant: Variant, budget: float, most: int) -> dict[str, NDArray[Any]]:
    asked = variant.epochs or epochs_within(budget, seconds_an_epoch(data, variant))
    model = model_of(variant, min(asked, most))
    clock = time.perf_counter()
    history = _fit(model, data, variant.coarse).history_
    seconds = time.perf_counter() - clock
    return {
        "loss": np.array(history.loss),
        "held_loss": np.array(history.validation_loss),
        "best_epoch": np.array(history.best_epoch),
        "seconds": np.array(seconds),
        "parameters": np.array(model.n_parameters_),
        "predicted": model.predict(data.test.x),
    }


def model_of(variant: Variant, epochs: int) -> NeuralClassifier:
    """The classifier before its fit."""
    return NeuralClassifier(
        list(variant.hidden),
        optimizer=variant.optimizer,
        epochs=epochs,
        batch_size=BATCH,
        early_stopping=EarlyStopping(variant.patience),
        augment=list(variant.augment) or None,
        random_state=0,
        verbose=False,
    )


def epochs_within(budget: float, seconds: float) -> int:
    """Whole epochs that fit into a budget, one at least.

    >>> epochs_within(60, 25), epochs_within(60, 100)
    (2, 1)
    """
    return max(1, int(budget / seconds))


def seconds_an_epoch(data: Data, variant: Variant) -> float:
    """How long an epoch will take, from a few batches and their share of the watched images, the first time to compile."""
    share = min(1.0, PROBE_BATCHES * BATCH / len(data.train))
    some = Data(_share(data.train, share), _share(data.held, share), data.test)
    for _ in range(2):
        model = model_of(variant, PROBE_EPOCHS)
        clock = time.perf_counter()
        _fit(model, some, variant.coarse)
        seconds = time.perf_counter() - clock
    return seconds / PROBE_EPOCHS * len(data.train) / len(some.train)


def _share(part: Part, share: float) -> Part:
    return part.rows(slice(max(1, round(share * len(part)))))


def _fit(model: NeuralClassifier, data: Data, coarse: bool) -> NeuralClassifier:
    model.fit(data.train.x, labels(data.train, coarse), X_val=data.held.x, y_val=labels(data.held, coarse))
    return finished(model)  # type: ignore[no-any-return]
