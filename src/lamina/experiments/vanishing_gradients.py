"""Vanishing and exploding gradients: what arrives at the first layer of a deep network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.experiments.vanishing_gradients_networks import HELPS, STARTS, Deep

TITLE = "what arrives at the first layer of a deep network"
SOURCE = (
    "Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010; He, Zhang, Ren and Sun, "
    "Delving deep into rectifiers, 2015, and Deep residual learning for image recognition, 2016; Ioffe and Szegedy, Batch "
    "normalization, 2015."
)
DEPTHS, SHOWN, ROWS, SEEDS, EPOCHS = (5, 10, 20, 40), 20, 256, 5, 20
FACTORS = {
    ("sigmoid", "xavier"): 0.25,
    ("sigmoid", "he"): 0.354,
    ("relu", "xavier"): 0.707,
    ("relu", "he"): 1.0,
}
"""What the theory says that a layer multiplies errors by: the slope's root mean square times that of a sum of weights."""

REMARKS = (
    "The 8 × 8 digits of scikit-learn, standardised; hidden layers of 64 units, a softmax of 10. The error at a layer is the "
    "derivative of the mean loss by its output (root mean square over rows and units), at the initial weights, in a pass of "
    "training.",
    "Theory: of weights with mean zero and variance v each layer multiplies the variance of errors by 64 v E g'(z)². Xavier has "
    "64 v = 1, He 2; a ReLU's slope is one in half of the places, a sigmoid's nearly a quarter everywhere near zero. For tanh "
    "the slope depends on how far z has wandered, and no single factor holds.",
    "A residual connection adds its input, so that an error is never multiplied by less than about one; without a normalisation "
    "it grows with depth instead.",
    "Accuracy: Adam at 0.001 with batches of 64, on a third of the digits that was held out; the network learns or it does not.",
)
Found = Mapping[tuple[str, str, str, int], Sequence[NDArray[np.float64]]]


def run(quick: bool, progress: bool) -> Findings:
    """Measure every network, and train those of the middle depth."""
    if quick:
        return study((3, 6), 6, 2, 1, (("sigmoid", "xavier"), ("relu", "he")), progress)
    return study(DEPTHS, SHOWN, SEEDS, EPOCHS, STARTS, progress)


def study(
    depths: Sequence[int],
    shown: int,
    seeds: int,
    epochs: int,
    starts: Sequence[tuple[str, str]],
    progress: bool,
) -> Findings:
    """The findings for these depths; helps and accuracies at the depth that is ``shown``."""
    x, y = digits()
    places = [(*start, "plain", depth) for start in starts for depth in depths]
    places += [(*start, how, shown) for start in starts for how in HELPS[1:]]
    found: dict[tuple[str, str, str, int], list[NDArray[np.float64]]] = {}
    for place in tracked(places, "networks", progress):
        found[place] = [Deep(*place).errors(x[:ROWS], y[:ROWS], seed) for seed in range(seeds)]
    trained = [(*start, how, shown) for start in starts for how in HELPS]
    right = {place: accuracy(Deep(*place), x, y, epochs) for place in tracked(trained, "fits", progress)}
    head = f"{counted(seeds, 'seed')}"
    tables = (
        _table(
            found,
            starts,
            [("plain", depth) for depth in depths],
            f"Error at the first over that at the last hidden layer, by depth, plain; {head}",
        ),
        _table(
            found,
            starts,
            [(how, shown) for how in HELPS],
            f"The same with {shown} layers, by what helps; {head}",
            by_help=True,
        ),
        CrossTable(
            f"Right, %, after {counted(epochs, 'epoch')} with {shown} layers",
            HELPS,
            tuple(
                (named(*start), tuple(Estimate(right[*start, how, shown]) for how in HELPS))
                for start in starts
            ),
            ".1f",
        ),
    )
    rows = tuple(_rows(found, starts, shown))
    return Findings(rows, REMARKS, tables=tables, picture=partial(_picture, found, tuple(starts), shown))


def digits() -> tuple[NDArray[np.float64], NDArray[np.int_]]:
    """Standardised pixels (1797, 64) in an order of their own, and the digits."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    return (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9), y


def accuracy(network: Deep, x: NDArray[Any], y: NDArray[Any], epochs: int) -> float:
    """In % on the last third, trained on the rest."""
    from lamina.estimators import NeuralClassifier

    learnt = 2 * len(x) // 3
    model = NeuralClassifier(
        network.hidden(),
        optimizer="adam",
        epochs=epochs,
        batch_size=64,
        scale=False,
        random_state=0,
        verbose=False,
    )
    model.fit(x[:learnt].astype(np.float32), y[:learnt])
    return 100 * float(model.score(x[learnt:].astype(np.float32), y[learnt:]))


def named(activation: str, start: str) -> str:
    """How a row is called.

    >>> named("relu", "he"), named("tanh", "xavier")
    ('relu, He', 'tanh, Xavier')
    """
    return f"{activation}, {'He' if start == 'he' else 'Xavier'}"


def ratio(errors: NDArray[np.float64]) -> float:
    """The error at the first over that at the last hidden layer."""
    return float(max(errors[0], 1e-300) / max(errors[-1], 1e-300))


def _table(
    found: Found,
    starts: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, int]],
    title: str,
    *,
    by_help: bool = False,
) -> CrossTable:
    """Geometric means over seeds, since ratios differ by powers of ten."""
    lines = [
        (
            named(*start),
            tuple(
                Estimate(float(np.exp(np.mean(np.log([ratio(e) for e in found[*start, *column]])))))
                for column in columns
            ),
        )
        for start in starts
    ]
    headings = tuple(how if by_help else str(depth) for how, depth in columns)
    return CrossTable(title, headings, tuple(lines), ".1e")


def _rows(found: Found, starts: Sequence[tuple[str, str]], shown: int) -> Iterator[Row]:
    section = f"Factor of the error a layer, plain network of {shown} layers"
    for start in starts:
        values = tuple(ratio(errors) ** (1 / (len(errors) - 1)) for errors in found[*start, "plain", shown])
        yield Row(section, named(*start), values, FACTORS.get(start), form=".3f")


def _picture(found: Found, starts: Sequence[tuple[str, str]], shown: int, path: str | Path) -> None:
    from lamina.experiments.vanishing_gradients_picture import draw

    draw(path, found, starts, shown)
