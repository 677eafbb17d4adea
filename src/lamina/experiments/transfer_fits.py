"""A network of the first half's classes, its features, and what is fitted to them and to the images of the second half."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.estimators import NeuralClassifier
from lamina.experiments.cifar100_variants import FLIPS_AND_CROPS, with_batch_norm
from lamina.experiments.kept import Kept, finished
from lamina.experiments.measures import accuracy_percent
from lamina.experiments.transfer_data import Half
from lamina.layers import Dense, Dropout
from lamina.layers.containers import Sequential
from lamina.networks import cifar_network
from lamina.training import EarlyStopping, RMSProp, predict
from lamina.training.schedules import Cosine

Features = NDArray[np.float32]
BATCH, RATE = 64, 0.001
PENALTIES, FOLDS = (1e-4, 1e-3, 1e-2), 3
"""C of the linear models, in scikit-learn's sense, and the folds that choose it."""
HEAD_EPOCHS = 100
BODY = with_batch_norm(cifar_network())


def convolutional(epochs: int, seed: int, stopping: EarlyStopping | None = None) -> NeuralClassifier:
    """The book's network with batch normalisation, flips and crops, the rate falling along a cosine."""
    return NeuralClassifier(
        list(BODY),
        optimizer=RMSProp(Cosine(RATE)),
        epochs=epochs,
        batch_size=BATCH,
        early_stopping=stopping,
        augment=list(FLIPS_AND_CROPS),
        random_state=seed,
        verbose=False,
    )


def fit_source(source: Half, epochs: int) -> NeuralClassifier:
    """The network whose features are used: trained on nine tenths of the first half, its best epoch on the rest kept."""
    held = source.held()
    model = convolutional(epochs, 0, EarlyStopping(patience=None))
    model.fit(source.x[~held], source.y[~held], X_val=source.x[held], y_val=source.y[held])
    return finished(model)  # type: ignore[no-any-return]


def features_of(model: NeuralClassifier, x: NDArray[np.uint8]) -> Features:
    """What the output layer of a fitted network is given."""
    body = Sequential(model.network_.layers[:-1])
    return predict(body, model.fitted_.parameters, model.fitted_.state, x).astype(np.float32)


def logistic(x: Features, y: NDArray[Any], seed: int) -> Any:
    """Multinomial logistic regression on standardised features."""
    from sklearn.linear_model import LogisticRegression

    return _chosen(LogisticRegression(max_iter=1_000), x, y)


def svm(x: Features, y: NDArray[Any], seed: int) -> Any:
    """One linear support vector machine a class, on standardised features."""
    from sklearn.svm import LinearSVC

    return _chosen(LinearSVC(random_state=seed, max_iter=5_000), x, y)


def head(x: Features, y: NDArray[Any], seed: int) -> Any:
    """A network of one hidden layer, on standardised features."""
    model = NeuralClassifier(
        [Dropout(0.5), Dense(256, "relu"), Dropout(0.5)],
        optimizer="adam",
        epochs=HEAD_EPOCHS,
        batch_size=BATCH,
        random_state=seed,
        verbose=False,
    )
    return finished(model.fit(x, y))


def _chosen(model: Any, x: Features, y: NDArray[Any]) -> Any:
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(StandardScaler(), model)
    name = f"{pipeline.steps[-1][0]}__C"
    return GridSearchCV(pipeline, {name: list(PENALTIES)}, cv=FOLDS).fit(x, y)


ON_FEATURES: Mapping[str, Callable[[Features, NDArray[Any], int], Any]] = MappingProxyType(
    {
        "features, logistic regression": logistic,
        "features, linear SVM": svm,
        "features, network of 256 units": head,
    }
)
SCRATCH = "the same network from scratch"


def accuracies(
    target: Half, features: tuple[Features, Features], each: int, seed: int, epochs: int, kept: Kept
) -> tuple[dict[str, float], dict[str, float]]:
    """Accuracy on the test images in per cent, and seconds, of every way to learn from ``each`` images a class.

    ``features`` are those of the training and of the test images; ``epochs`` is how long the network from scratch is trained.
    """
    arrays = kept.piece(f"{each}-{seed}-{epochs}", lambda: _compared(target, features, each, seed, epochs))
    names = (*ON_FEATURES, SCRATCH)
    accuracy, seconds = (
        dict(zip(names, map(float, arrays[part]), strict=True)) for part in ("accuracy", "seconds")
    )
    return accuracy, seconds


def _compared(
    target: Half, features: tuple[Features, Features], each: int, seed: int, epochs: int
) -> dict[str, NDArray[Any]]:
    rows = target.draw(each, seed)
    found = []
    for fit in ON_FEATURES.values():
        clock = time.perf_counter()
        model = fit(features[0][rows], target.y[rows], seed)
        found.append(
            (accuracy_percent(target.y_test, model.predict(features[1])), time.perf_counter() - clock)
        )
    clock = time.perf_counter()
    scratch = finished(convolutional(epochs, seed).fit(target.x[rows], target.y[rows]))
    accuracy = accuracy_percent(target.y_test, scratch.predict(target.x_test))
    found.append((accuracy, time.perf_counter() - clock))
    return {"accuracy": np.array([a for a, _ in found]), "seconds": np.array([s for _, s in found])}
