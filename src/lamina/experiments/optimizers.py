"""Seven optimizers on the MNIST network and in Rosenbrock's valley, each at the rate that serves it best elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.deep_digits import CLASSES, Digits, Trained, Trial, best, train
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.explain import ROSENBROCK, DescentPath, descend
from lamina.layers import Dense
from lamina.networks import with_output
from lamina.training import OPTIMIZERS
from lamina.training.optimizers import Optimizer

TITLE = "seven optimizers on handwritten digits and in Rosenbrock's valley"
SOURCE = (
    "A lecture's table of optimizers; Kingma and Ba 2015; Wilson, Roelofs, Stern, Srebro and Recht 2017; Choi, Shallue, Nado, "
    "Lee, Maddison and Dahl 2019; Rosenbrock 1960."
)
NAMES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
NETWORK = with_output([Dense(256, "relu"), Dense(128, "relu")], CLASSES, "softmax")
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BATCH = 128
VALLEY_RATES = tuple(float(f"{rate:.0e}") for rate in np.geomspace(1e-4, 1, 9))
PILOTS = ((-1.0, -0.5), (0.0, 2.0), (1.8, -0.8))
"""Starts in the valley at which rates are chosen."""
NEAR = 0.1
"""Distance from (1, 1) that counts as having arrived."""

REMARKS = (
    "The seven are SGD, momentum 0.9, Nesterov's momentum 0.9, AdaGrad, RMSProp, Adam and AdamW (decay 0.01): those of "
    "lamina.training that differ; AdaDelta and Nadam, which other tables have, are not among them (Optax(optax.adadelta) and "
    "Optax(optax.nadam) run them).",
    "Digits: the network 784-256-128-10 without dropout or penalty, on the first training images, in batches of 128. The rate of "
    "each optimizer is the one of eight with the smallest error on 5,000 images that are neither learnt from nor reported; the "
    "test images are met once, by the fits at that rate.",
    "What is published has no such table, but three claims. Kingma and Ba: on MNIST Adam's training loss falls fastest. Wilson "
    "et al.: adaptive methods fit the training rows faster and predict new rows worse than SGD with momentum. Choi et al.: a "
    "method that contains another as a special case is no worse when its numbers are tuned; so momentum is to be at least as "
    "good as SGD. Here only the rate is tuned.",
    "The valley: 1,000 steps from (-1.2, 1), at the rate with the smallest mean logarithm of the value in the end over three "
    "other starts. Without mini-batches SGD is gradient descent. Newton-Raphson needs no rate.",
)


@dataclass(frozen=True)
class Plan:
    """What is run."""

    rows: int
    held: int
    epochs: int
    seeds: int
    rates: tuple[float, ...]
    steps: int


FULL = Plan(rows=20_000, held=5_000, epochs=5, seeds=3, rates=RATES, steps=1000)
QUICK = Plan(rows=2_000, held=1_000, epochs=1, seeds=1, rates=(0.001, 0.03), steps=200)


@dataclass(frozen=True, eq=False)
class Learnt:
    """What came of one optimizer on the digits: error by rate on the rows to choose by, and the fits at the best rate."""

    held_errors: tuple[float, ...]
    rate: float
    fits: tuple[Trained, ...]


def run(quick: bool, progress: bool) -> Findings:
    """Choose rates, fit, and descend."""
    plan = QUICK if quick else FULL
    digits = Digits.load(plan.rows, plan.held)
    learnt = {name: learn(digits, name, plan) for name in tracked(NAMES, "optimizers on digits", progress)}
    valley = {
        name: in_valley(name, plan.steps) for name in tracked(NAMES, "optimizers in the valley", progress)
    }
    newton = descend(ROSENBROCK, optimizer="newton", steps=plan.steps)
    rows = (*_digit_rows(learnt, plan), *_valley_rows(valley, newton, plan.steps))
    remarks = (*REMARKS, _rates_remark(learnt, valley))
    return Findings(
        rows,
        remarks,
        tables=(_rate_table(learnt, plan),),
        picture=partial(_picture, learnt, plan, valley, newton),
    )


def learn(digits: Digits, name: str, plan: Plan) -> Learnt:
    """The best rate by the rows to choose by, and the fits at that rate."""
    tried = train(digits, [Trial(NETWORK, with_rate(name, rate)) for rate in plan.rates], plan.epochs, BATCH)
    place = best(tried)
    rate = plan.rates[place]
    others = [Trial(NETWORK, with_rate(name, rate), seed) for seed in range(1, plan.seeds)]
    fits = (tried[place], *(train(digits, others, plan.epochs, BATCH) if others else ()))
    return Learnt(tuple(each.held_error for each in tried), rate, fits)


def in_valley(name: str, steps: int) -> tuple[float, DescentPath]:
    """The best rate at the pilot starts, and the path from the classical start."""

    def ends(rate: float) -> float:
        paths = [descend(ROSENBROCK, start, with_rate(name, rate), steps) for start in PILOTS]
        return float(np.mean([np.inf if path.lost else np.log(path.values[-1] + 1e-30) for path in paths]))

    rate = min(VALLEY_RATES, key=ends)
    return rate, descend(ROSENBROCK, optimizer=with_rate(name, rate), steps=steps)


def with_rate(name: str, rate: float) -> Optimizer:
    """An optimizer of the table at a learning rate.

    >>> with_rate("adam", 0.01)
    Adam(0.01)
    """
    return type(OPTIMIZERS[name])(rate)  # type: ignore[call-arg,arg-type,return-value]


def arrival(path: DescentPath) -> int | None:
    """The first step from which on the path stays near the minimum, if it does."""
    far = np.flatnonzero(np.linalg.norm(path.theta - 1.0, axis=1) > NEAR)
    first = int(far[-1]) + 1 if len(far) else 0
    return first if first <= path.steps and not path.lost else None


def _digit_rows(learnt: dict[str, Learnt], plan: Plan) -> Iterator[Row]:
    what = f"{plan.rows:,} images, {counted(plan.epochs, 'epoch')}, {counted(plan.seeds, 'seed')}"
    for name, each in learnt.items():
        errors = tuple(fit.test_error for fit in each.fits)
        yield Row(f"Digits: test error in %; {what}", name, errors, form=".2f", note=f"rate {each.rate:g}")
    for name, each in learnt.items():
        loss = tuple(float(fit.loss[-1]) for fit in each.fits)
        yield Row("Digits: mean training loss in the last epoch", name, loss, form=".4f")
    section = "Digits: mean training loss in the first epoch"
    for name, each in learnt.items():
        yield Row(section, name, tuple(float(fit.loss[0]) for fit in each.fits), form=".3f")


def _valley_rows(
    valley: dict[str, tuple[float, DescentPath]], newton: DescentPath, steps: int
) -> Iterator[Row]:
    section = f"Rosenbrock's valley from (-1.2, 1): value after {steps:,} steps"
    for name, (rate, path) in (*valley.items(), ("newton", (None, newton))):
        arrived = arrival(path)
        near = (
            "not within 0.1 of (1, 1)" if arrived is None else f"within 0.1 of (1, 1) after {arrived} steps"
        )
        note = near if rate is None else f"rate {rate:g}, {near}"
        yield Row(section, name, (float(path.values[-1]),), form=".2g", note=note)


def _rate_table(learnt: dict[str, Learnt], plan: Plan) -> CrossTable:
    return CrossTable(
        f"Error in % on {plan.held:,} images to choose by, by learning rate, first seed (90: no longer finite, or a guess)",
        tuple(f"{rate:g}" for rate in plan.rates),
        tuple((name, tuple(map(Estimate, each.held_errors))) for name, each in learnt.items()),
        ".1f",
    )


def _rates_remark(learnt: dict[str, Learnt], valley: dict[str, tuple[float, DescentPath]]) -> str:
    digits = {name: float(np.mean([fit.test_error for fit in each.fits])) for name, each in learnt.items()}
    first = {name: float(np.mean([fit.loss[0] for fit in each.fits])) for name, each in learnt.items()}
    ends = {name: float(path.values[-1]) for name, (_, path) in valley.items()}
    return (
        f"Found: the smallest test error is that of {_least(digits)}, the smallest loss in the first epoch that of "
        f"{_least(first)}, and in the valley {_least(ends)} comes lowest of the seven. Momentum's test error minus that of SGD: "
        f"{digits['momentum'] - digits['sgd']:+.2f} points."
    )


def _least(values: dict[str, float]) -> str:
    return min(values, key=values.__getitem__)


def _picture(
    learnt: dict[str, Learnt],
    plan: Plan,
    valley: dict[str, tuple[float, DescentPath]],
    newton: DescentPath,
    path: object,
) -> None:
    from lamina.experiments.optimizers_picture import draw

    draw(path, learnt, plan.rates, {**{name: each for name, (_, each) in valley.items()}, "newton": newton})
