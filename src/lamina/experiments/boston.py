"""House values in Boston's suburbs by five hidden units: BFGS, as R's ``nnet`` has it, and Adam."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lamina.data.datasets import load_dataset
from lamina.estimators import NeuralRegressor
from lamina.experiments.measures import absolute_error, interval_text, squared_error
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.experiments.splits import Split, random_splits
from lamina.layers import Dense
from lamina.training import LBFGS, Adam, Optimizer

TITLE = "house values by five hidden units"
SOURCE = (
    "A lecture's example of R's nnet (Venables and Ripley, Modern Applied Statistics with S, chapter 8): one hidden layer "
    "of 5 units by BFGS, test errors on one split."
)

Array = NDArray[np.float64]
HIDDEN = (Dense(5, "sigmoid"),)
ITERATIONS = 100
LINEAR, BFGS, ADAM = "linear model", "network, BFGS", "network, Adam"
NETWORKS = (BFGS, ADAM)
PUBLISHED_SQUARED, PUBLISHED_ABSOLUTE = 31.06, 2.757

REMARKS = (
    "The lecture's copy of the data has a thirteenth predictor, which ours, like the second edition of An Introduction to "
    "Statistical Learning, leaves out. Its split, seed and scaling are not known either: the published values stand here "
    "for their size, and cannot be met to the digit.",
    "Ours: a third of the 506 rows to test on, predictors and outcome standardised from the training rows, sigmoid units, no "
    "penalty. BFGS takes nnet's 100 iterations, with a memory of 100 steps, so that nothing is forgotten; Adam takes 200 "
    "epochs of batches of 32 at the rate 0.01. Neither was chosen on test rows.",
    "BFGS follows 71 weights down to a deep minimum of 338 rows, and on some splits and seeds the test rows pay for it: its "
    "squared error has a long tail, in which a few houses weigh most, where the absolute error hardly moves. Adam stops "
    "before. A difference is that to the linear model on the same split, below zero where the network is better.",
)


@dataclass(frozen=True)
class Outcome:
    """Errors on the test rows of one split."""

    squared: float
    absolute: float


def fit_linear(x: Array, y: Array, split: Split, _: int) -> Outcome:
    """Least squares."""
    from sklearn.linear_model import LinearRegression

    return _outcome(LinearRegression().fit(x[split.train], y[split.train]), x, y, split)


def fit_network(
    x: Array, y: Array, split: Split, seed: int, *, optimizer: Optimizer | LBFGS, epochs: int
) -> Outcome:
    """Five sigmoid units."""
    model = NeuralRegressor(
        list(HIDDEN), optimizer=optimizer, epochs=epochs, batch_size=32, random_state=seed, verbose=False
    )
    return _outcome(model.fit(x[split.train], y[split.train]), x, y, split)


MODELS: dict[str, Callable[[Array, Array, Split, int], Outcome]] = {
    LINEAR: fit_linear,
    BFGS: partial(fit_network, optimizer=LBFGS(memory=ITERATIONS), epochs=ITERATIONS),
    ADAM: partial(fit_network, optimizer=Adam(0.01), epochs=200),
}


def run(quick: bool, progress: bool) -> Findings:
    """Fit every model on every split, the networks from several seeds."""
    frame = load_dataset("boston").frame
    y = frame.pop("medv").to_numpy(np.float64)
    x = frame.to_numpy(np.float64)
    seeds = range(1 if quick else 5)
    splits = random_splits(len(y), len(y) // 3, 3 if quick else 50)
    outcomes: dict[str, list[list[Outcome]]] = {name: [] for name in MODELS}
    for split in tracked(splits, "random splits", progress):
        for name, fit in MODELS.items():
            tried = seeds if name in NETWORKS else seeds[:1]
            outcomes[name].append([fit(x, y, split, seed) for seed in tried])
    rows = (*_rows(outcomes, len(splits), len(seeds)), *_differences(outcomes, splits))
    return Findings(rows, (*REMARKS, _rank(outcomes)))


def _outcome(model: object, x: Array, y: Array, split: Split) -> Outcome:
    predicted = model.predict(x[split.test])  # type: ignore[attr-defined]
    return Outcome(squared_error(y[split.test], predicted), absolute_error(y[split.test], predicted))


def _rows(outcomes: dict[str, list[list[Outcome]]], splits: int, seeds: int) -> Iterator[Row]:
    section = f"{splits} random splits, 338 training and 168 test rows; networks from {counted(seeds, 'seed')} on each"
    for name, found in outcomes.items():
        every = tuple(outcome.squared for split in found for outcome in split)
        published = PUBLISHED_SQUARED if name == BFGS else None
        yield Row(
            section, f"{name}: mean squared error", every, published, ".2f", f"median {np.median(every):.2f}"
        )
    for name, found in outcomes.items():
        every = tuple(outcome.absolute for split in found for outcome in split)
        published = PUBLISHED_ABSOLUTE if name == BFGS else None
        yield Row(
            section, f"{name}: mean absolute error", every, published, ".3f", f"median {np.median(every):.3f}"
        )


def _differences(outcomes: dict[str, list[list[Outcome]]], splits: Sequence[Split]) -> Iterator[Row]:
    section = "Mean absolute error of the network, mean over its seeds, minus that of the linear model"
    linear = _split_means(outcomes[LINEAR])
    for name in NETWORKS:
        values = tuple(map(float, _split_means(outcomes[name]) - linear))
        yield Row(
            section, f"{name}, minus linear model", values, form="+.3f", note=interval_text(values, splits, 2)
        )


def _split_means(found: list[list[Outcome]]) -> Array:
    return np.array([np.mean([outcome.absolute for outcome in split]) for split in found])


def _rank(outcomes: dict[str, list[list[Outcome]]]) -> str:
    """Where the published errors lie among ours."""
    every = [outcome for split in outcomes[BFGS] for outcome in split]
    squared = np.mean([outcome.squared >= PUBLISHED_SQUARED for outcome in every])
    absolute = np.mean([outcome.absolute >= PUBLISHED_ABSOLUTE for outcome in every])
    return (
        f"Of our {len(every)} fits by BFGS, {squared:.0%} have a squared error as large as the published {PUBLISHED_SQUARED} or "
        f"larger, and {absolute:.0%} an absolute error as large as {PUBLISHED_ABSOLUTE} or larger."
    )
