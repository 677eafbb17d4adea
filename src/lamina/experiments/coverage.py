"""Do 90 % intervals hold 90 % of new outcomes? Conformal methods on simulated data, and the spreads that are no intervals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from lamina.estimators.calibration import Calibration, Recipe, calibrate
from lamina.estimators.intervals import interval_at, set_at
from lamina.estimators.many import Source, Task, fit_many
from lamina.estimators.remembered import TrainingRows
from lamina.experiments.coverage_data import (
    CLASSES,
    KINDS,
    Array,
    Draw,
    classifier,
    clouds,
    numbers,
    regressor,
)
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted

TITLE = "how often intervals and sets hold the outcome"
SOURCE = (
    "Barber, Candès, Ramdas, Tibshirani (2021): CV+; Romano, Patterson, Candès (2019): conformalized quantile regression "
    "(CQR); Romano, Sesia, Candès (2020): adaptive prediction sets."
)

COVERAGE, NORMAL_QUANTILE = 0.9, 1.645
SEEDS, MASKS = 10, 200

REMARKS = (
    "Each draw has 150 training and 400 test rows. x is uniform on [-2, 2] and y = sin(2x) + sd(x) e with e standard normal; sd "
    "is 0.3, or 0.1 + 0.3 |x|. Classes: three normal clouds in the plane that overlap. A network of 8 tanh units.",
    "On average over draws, a split covers 0.9 at least, here 69 / 76 = 0.908, as 75 rows are scored. CV+ with ten folds "
    "promises 0.8, less the square root of 2 / n; what is measured is little above 0.9, and it learns from more rows.",
    "Coverage is that of all rows together. Where the noise differs, intervals from residuals, of nearly one width, hold too few "
    "outcomes where it is large; CQR, from two quantiles, holds more of them there. It needs more training than a mean does.",
    "The spread of an ensemble, or over the masks of dropout, says how far networks differ from each other. It leaves out the "
    "noise of the outcome: mean ± 1.645 of it is no 90 % interval.",
    "Sets that are not random hold the likeliest class always. Here it is right less often than 0.9, so that they need no chance "
    "to cover as they should, and are smaller.",
)


@dataclass(frozen=True)
class Measured:
    """One method on one draw: how often the outcome is held, how large intervals or sets are, coverage where it is hardest."""

    coverage: float
    size: float
    hardest: float


Found = dict[str, list[Measured]]

INTERVALS = {
    "CV+": Recipe(cv=10),
    "split": Recipe(holdout=0.5),
    "CQR": Recipe.of("cqr", 10, 0.5, COVERAGE),
}
SETS = {"CV+": Recipe(cv=10), "split": Recipe(holdout=0.5)}


def conformal_intervals(draws: Sequence[Draw], recipe: Recipe, epochs: int) -> list[Measured]:
    """Intervals of every draw by one method."""
    made = calibrate([(regressor(seed, epochs), _rows(draw)) for seed, draw in enumerate(draws)], recipe)
    return [
        of_interval(draw, interval_at(calibration, draw.x_test, COVERAGE)[:, 0])
        for draw, calibration in zip(draws, made, strict=True)
    ]


def ensemble_spread(draws: Sequence[Draw], epochs: int) -> list[Measured]:
    """Mean plus and minus 1.645 standard deviations of networks that differ in their seed."""
    tasks = []
    for draw in draws:
        source = Source(draw.x, draw.y, queries=(draw.x_test,))
        tasks += [Task(regressor(seed, epochs), source) for seed in range(SEEDS)]
    fit_many(tasks)
    predicted = np.stack([task.estimator.predict(task.source.queries[0]) for task in tasks])
    by_draw = predicted.reshape(len(draws), SEEDS, -1)
    return [
        of_spread(draw, each.mean(axis=0), each.std(axis=0, ddof=1))
        for draw, each in zip(draws, by_draw, strict=True)
    ]


def dropout_spread(draws: Sequence[Draw], epochs: int) -> list[Measured]:
    """Mean plus and minus 1.645 standard deviations over the masks of dropout."""
    tasks = [
        Task(regressor(seed, epochs, dropout=True), Source(draw.x, draw.y)) for seed, draw in enumerate(draws)
    ]
    fit_many(tasks)
    return [
        of_spread(draw, *task.estimator.predict(draw.x_test, dropout_samples=MASKS))
        for draw, task in zip(draws, tasks, strict=True)
    ]


METHODS: dict[str, Callable[[Sequence[Draw], int], list[Measured]]] = {
    **{
        name: partial(lambda draws, epochs, recipe: conformal_intervals(draws, recipe, epochs), recipe=recipe)
        for name, recipe in INTERVALS.items()
    },
    "ensemble's spread": ensemble_spread,
    "dropout's spread": dropout_spread,
}
FITS = {"CV+": 10, "split": 1, "CQR": 10, "ensemble's spread": SEEDS, "dropout's spread": 1}
"""Networks a draw."""


def prediction_sets(draws: Sequence[Draw], epochs: int) -> Found:
    """Adaptive sets of every draw, random and not, by every method."""
    models = [classifier(seed, epochs, draw) for seed, draw in enumerate(draws)]
    found: Found = {}
    for name, recipe in SETS.items():
        made = calibrate([(model, _rows(draw)) for model, draw in zip(models, draws, strict=True)], recipe)
        for words, random in (("", False), (", random", True)):
            found[f"{name}{words}"] = [
                of_set(draw, calibration, seed if random else None)
                for seed, (draw, calibration) in enumerate(zip(draws, made, strict=True))
            ]
    return found


def run(quick: bool, progress: bool) -> Findings:
    """Simulate every kind of data, and measure every method on it."""
    number, epochs = (20, 60) if quick else (300, 300)
    rows, tables, measured = [], [], {}
    for kind in KINDS:
        draws = [numbers(np.random.default_rng([seed, 1]), kind) for seed in range(number)]
        found: Found = {}
        for name, measure in tracked(list(METHODS.items()), f"intervals, {kind}", progress):
            start = time.perf_counter()
            found[name] = measure(draws, epochs)
            rows.append(_timed(f"{kind}: {name}", FITS[name] * number, start))
        measured[kind] = found
        tables.append(_table(f"A curve, {kind}, {counted(number, 'draw')}", "width", "|x| > 1.5", found))
    start = time.perf_counter()
    draws = [clouds(np.random.default_rng([seed, 2])) for seed in range(number)]
    sets = prediction_sets(draws, epochs)
    rows.append(_timed("classes: CV+ and split", 11 * number, start))
    tables.append(
        _table(f"Three classes, {counted(number, 'draw')}", "classes in a set", "rarest class", sets)
    )

    def picture(path: object) -> None:
        from lamina.experiments.coverage_picture import save_picture

        save_picture(measured, sets, epochs, path)

    return Findings(tuple(rows), REMARKS, tables=tuple(tables), picture=picture)


def _rows(draw: Draw) -> TrainingRows:
    return TrainingRows(draw.x, draw.y, {}, {})


def of_interval(draw: Draw, bounds: Array) -> Measured:
    """How often and how wide lower and upper bounds are right; the hardest rows are the outer quarter."""
    low, high = bounds.T
    held = (low <= draw.y_test) & (draw.y_test <= high)
    outer = np.abs(draw.x_test[:, 0]) > 1.5
    return Measured(float(held.mean()), float((high - low).mean()), float(held[outer].mean()))


def of_spread(draw: Draw, mean: Array, sd: Array) -> Measured:
    """As if the spread were that of a normal outcome."""
    half = NORMAL_QUANTILE * sd
    return of_interval(draw, np.column_stack([mean - half, mean + half]))


def of_set(draw: Draw, calibration: Calibration, seed: int | None) -> Measured:
    """How often sets are right, and how many classes they have; random with a seed."""
    sets = set_at(calibration, draw.x_test, COVERAGE, CLASSES, seed)
    held = sets[np.arange(len(sets)), draw.y_test]
    return Measured(
        float(held.mean()), float(sets.sum(axis=1).mean()), float(held[draw.y_test == CLASSES[-1]].mean())
    )


def _timed(what: str, fits: int, start: float) -> Row:
    seconds = time.perf_counter() - start
    return Row("Seconds, with compilation", what, (seconds,), form=".1f", note=f"{fits:,} networks")


def _table(title: str, size: str, hardest: str, found: Found) -> CrossTable:
    def lines() -> Iterator[tuple[str, tuple[Estimate, ...]]]:
        for name, measured in found.items():
            columns = zip(*((each.coverage, each.size, each.hardest) for each in measured), strict=True)
            yield name, tuple(Estimate.of(column) for column in columns)

    columns = ("coverage", size, f"coverage, {hardest}")
    return CrossTable(f"{title}; coverage {COVERAGE} asked for; ± standard error", columns, tuple(lines()))
