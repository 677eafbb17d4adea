"""Swish beside relu and others: on tables, and on digits by depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lamina.estimators import NeuralClassifier, NeuralRegressor
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.deep_digits import CLASSES, Digits, Trained, Trial, train
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.layers import Dense
from lamina.layers.containers import Sequential
from lamina.networks import with_output
from lamina.training import Adam, Momentum
from lamina.training.schedules import Cosine

if TYPE_CHECKING:
    from lamina.experiments.default_tables_data import Table

TITLE = "swish beside relu and others, on tables and on digits by depth"
SOURCE = "Ramachandran, Zoph and Le 2017, Searching for activation functions, sections 4 and 5, Table 3."
ACTIVATIONS = ("relu", "swish", "leaky_relu", "elu", "gelu", "tanh")
DEEP = ("relu", "swish", "tanh")
TABLES = ("diabetes", "auto", "carseats", "friedman1", "moons", "anes96")
WIDTH, BATCH = 64, 64
RATES = (0.003, 0.01, 0.03)
FOLDS = 10

REMARKS = (
    "swish(z) = z sigmoid(z), beta fixed at 1 (Swish-1, also SiLU).",
    "Tables: two hidden layers of 32 units, Adam from the rate 0.01 along a cosine, 100 epochs in batches of 32, the same for "
    "all: nothing is tuned. An error is the root mean squared error, or the mean log loss, of a fold; the ratio to relu's is on "
    "the same fold and seed. Ratios below one favour the activation; the interval of each holds the folds' spread, not that of "
    "tables. Folds share rows, so that the standard errors are too small.",
    f"Digits: hidden layers of {WIDTH} units without shortcuts or normalisation, He's weights (Xavier's for tanh), momentum 0.9, "
    "at the one of three rates with the smallest mean error on rows that are neither learnt from nor reported.",
    "Published: on nine models of vision and translation Swish is better than relu on nine, level on none, worse on none (their "
    "Table 3); in dense networks on MNIST the two are level up to 40 layers, and swish is better by a large margin between 40 "
    "and 50, where optimisation becomes difficult (the paper's first version). Ours are small networks and few epochs: a "
    "difference of that size would be seen, one of tenths of a per cent would not.",
)


@dataclass(frozen=True)
class Plan:
    """What is run."""

    tables: tuple[str, ...]
    activations: tuple[str, ...]
    folds: int
    epochs: int
    depths: tuple[int, ...]
    rows: int
    held: int
    digit_epochs: int
    seeds: int


FULL = Plan(TABLES, ACTIVATIONS, FOLDS, 100, (2, 10, 30), 4_000, 2_000, 4, 3)
QUICK = Plan(TABLES[:1], ("relu", "swish"), 3, 5, (2,), 500, 200, 1, 1)
Errors = dict[tuple[str, str], NDArray[np.float64]]
Fits = dict[tuple[str, int], tuple[float, tuple[Trained, ...]]]


def run(quick: bool, progress: bool) -> Findings:
    """Tables, then digits."""
    from lamina.experiments.default_tables_data import reported_tables

    plan = QUICK if quick else FULL
    tables = reported_tables(plan.tables)
    errors = {
        (table.name, activation): errors_on(table, activation, plan)
        for table, activation in tracked(list(product(tables, plan.activations)), "tables", progress)
    }
    digits = Digits.load(plan.rows, plan.held, standardised=True)
    deep = [name for name in DEEP if name in plan.activations]
    fits = {
        place: on_digits(digits, *place, plan)
        for place in tracked(list(product(deep, plan.depths)), "digits", progress)
    }
    names = [table.name for table in tables]
    rows = (*_win_rows(errors, names, plan), *_digit_rows(fits, plan))
    return Findings(
        rows,
        REMARKS,
        tables=(_ratio_table(errors, names, plan),),
        picture=partial(_picture, errors, names, fits, plan),
    )


def errors_on(table: Table, activation: str, plan: Plan) -> NDArray[np.float64]:
    """Errors of the folds, one population."""
    from sklearn.model_selection import KFold, StratifiedKFold

    from lamina.model_selection import cross_validate

    classifies = table.task == "classification"
    kind = NeuralClassifier if classifies else NeuralRegressor
    model = kind(
        [Dense(32, activation)] * 2,
        optimizer=Adam(Cosine(0.01)),
        epochs=plan.epochs,
        batch_size=32,
        random_state=0,
        verbose=False,
    )
    folds = (StratifiedKFold if classifies else KFold)(plan.folds, shuffle=True, random_state=0)
    scoring = "neg_log_loss" if classifies else "neg_root_mean_squared_error"
    return -np.asarray(cross_validate(model, table.X, table.y, cv=folds, scoring=scoring)["test_score"])


def network_of(activation: str, depth: int) -> Sequential:
    """So many hidden layers and softmax."""
    return with_output([Dense(WIDTH, activation)] * depth, CLASSES, "softmax")


def on_digits(digits: Digits, activation: str, depth: int, plan: Plan) -> tuple[float, tuple[Trained, ...]]:
    """The best rate, and the fits at that rate, one a seed."""
    network, seeds = network_of(activation, depth), range(plan.seeds)
    trials = [Trial(network, Momentum(rate), seed) for rate in RATES for seed in seeds]
    fits = iter(train(digits, trials, plan.digit_epochs, BATCH))
    by_rate = {rate: tuple(next(fits) for _ in seeds) for rate in RATES}
    rate = min(RATES, key=lambda each: np.mean([fit.held_error for fit in by_rate[each]]))
    return rate, by_rate[rate]


def ratios(errors: Errors, table: str, activation: str) -> NDArray[np.float64]:
    """Error of each fold over that of relu."""
    return errors[table, activation] / errors[table, "relu"]


def _win_rows(errors: Errors, names: list[str], plan: Plan) -> Iterator[Row]:
    section = f"Tables on which the mean error is below relu's, of {len(names)}; published: 9 models of 9"
    for activation in plan.activations[1:]:
        wins = sum(errors[name, activation].mean() < errors[name, "relu"].mean() for name in names)
        logs = [float(np.log(ratios(errors, name, activation)).mean()) for name in names]
        note = f"geometric mean of the ratios {np.exp(np.mean(logs)):.3f}"
        yield Row(section, activation, (float(wins),), form=".0f", note=note)


def _digit_rows(fits: Fits, plan: Plan) -> Iterator[Row]:
    what = f"{plan.rows:,} images, {counted(plan.digit_epochs, 'epoch')}, {counted(plan.seeds, 'seed')}"
    section = f"Digits: test error in % by hidden layers; {what}"
    for (activation, depth), (rate, each) in fits.items():
        note = f"rate {rate:g}"
        yield Row(section, f"{activation}, {depth} layers", tuple(fit.test_error for fit in each), note=note)


def _ratio_table(errors: Errors, names: list[str], plan: Plan) -> CrossTable:
    title = f"Error over relu's on the same fold, mean of {counted(plan.folds, 'fold')} ± standard error"
    lines = tuple(
        (activation, tuple(Estimate.of(ratios(errors, name, activation)) for name in names))
        for activation in plan.activations[1:]
    )
    return CrossTable(title, tuple(names), lines, ".3f")


def _picture(errors: Errors, names: list[str], fits: Fits, plan: Plan, path: object) -> None:
    from lamina.experiments.swish_picture import draw

    draw(path, errors, names, fits, plan)
