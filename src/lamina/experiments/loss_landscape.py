"""The loss around plain and residual networks of growing depth, on filter-normalised random directions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from lamina.errors import DivergenceError
from lamina.estimators import NeuralClassifier
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.deep_digits import Digits
from lamina.experiments.kept import finished
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.explain import Landscape, loss_landscape
from lamina.layers import Activation, BatchNorm, Dense, Residual
from lamina.layers.base import Layer
from lamina.training import Momentum
from lamina.training.schedules import Cosine

TITLE = "the loss around plain and residual networks, by depth"
SOURCE = (
    "Li, Xu, Taylor, Studer and Goldstein 2018, Visualizing the loss landscape of neural nets, section 5: without shortcuts deep "
    "networks' losses are chaotic and their minima sharp, with them smooth and flat."
)
WIDTH, BATCH = 32, 64
RATES = (0.003, 0.01, 0.03, 0.1)
NEAR, REACH = 0.25, 0.5
ROWS_SEEN = 1_000
KINDS = ("plain", "residual")

REMARKS = (
    f"Networks of dense layers of {WIDTH} relu units, each with batch normalisation, on standardised grey values: one to begin "
    "with, then pairs, which a residual network adds to its input and a plain one does not, then one; both have the same "
    "parameters. Momentum 0.9 in batches of 64 along a cosine, at the one of four rates with the smallest error on rows that are "
    "neither learnt from nor reported; no penalty. The paper's are convolutional networks on CIFAR-10: what can be compared is "
    "the order of the numbers, not their size.",
    "Each direction is normal, each unit's weights in it as long as the unit's own; all else stays. The loss is that of "
    f"{ROWS_SEEN:,} training rows. Rise: how much it grows at a quarter of the units' lengths from the trained weights, on "
    "average over a circle; nonconvex: share of the square within half a length in which the surface curves downward in some "
    "direction, by second differences. ± is a standard error over pairs of directions, and over them alone: one network each.",
)


@dataclass(frozen=True)
class Plan:
    """What is run."""

    depths: tuple[int, ...]
    rows: int
    held: int
    epochs: int
    rates: tuple[float, ...]
    pairs: int
    points: int


FULL = Plan((2, 10, 20, 40), 4_000, 2_000, 10, RATES, 5, 31)
QUICK = Plan((2, 4), 500, 200, 2, RATES[1:2], 2, 7)
Place = tuple[str, int]


@dataclass(frozen=True, eq=False)
class Seen:
    """A trained network: its rate, its errors in per cent, its training loss, and what is around it."""

    rate: float
    held_error: float
    test_error: float
    around: tuple[Landscape, ...]


def run(quick: bool, progress: bool) -> Findings:
    """Train both kinds at every depth, and look around."""
    plan = QUICK if quick else FULL
    digits = Digits.load(plan.rows, plan.held, standardised=True)
    places = list(product(KINDS, plan.depths))
    found = {place: seen(digits, *place, plan) for place in tracked(places, "networks", progress)}
    return Findings(
        tuple(_rows(found, plan)),
        REMARKS,
        tables=(_table(found, plan, "rise"), _table(found, plan, "nonconvex")),
        picture=partial(_picture, found, plan),
    )


def layers_of(kind: str, depth: int) -> list[Layer]:
    """So many dense layers, an even number: one, then pairs, then one.

    >>> [type(layer).__name__ for layer in layers_of("residual", 4)]
    ['Dense', 'BatchNorm', 'Activation', 'Residual', 'Dense', 'BatchNorm', 'Activation']
    """
    linear, relu = [Dense(WIDTH, use_bias=False), BatchNorm()], Activation("relu")
    pair = [*linear, relu, *linear]
    inside: list[Layer] = [Residual(pair, activation="relu")] if kind == "residual" else [*pair, relu]
    return [*linear, relu, *inside * ((depth - 2) // 2), *linear, relu]


def seen(digits: Digits, kind: str, depth: int, plan: Plan) -> Seen:
    """Train at every rate, keep the best on the rows to choose by, and take the loss around it."""
    tried = {rate: trained(digits, kind, depth, rate, plan.epochs) for rate in plan.rates}
    fits = {rate: model for rate, model in tried.items() if model is not None}
    if not fits:
        raise DivergenceError(f"no rate of {plan.rates} trains a {kind} network of {depth} layers.")
    errors = {rate: 100 * (1 - model.score(digits.x_held, digits.y_held)) for rate, model in fits.items()}
    chosen = min(errors, key=errors.__getitem__)
    model = fits[chosen]
    x, y = digits.x[:ROWS_SEEN], digits.y[:ROWS_SEEN]
    around = tuple(
        loss_landscape(model, x, y, points=plan.points, reach=REACH, random_state=pair)
        for pair in range(plan.pairs)
    )
    test = 100 * (1 - model.score(digits.x_test, digits.y_test))
    return Seen(chosen, errors[chosen], test, around)


def trained(digits: Digits, kind: str, depth: int, rate: float, epochs: int) -> NeuralClassifier | None:
    """One network, to the last epoch; None if it ceases to be finite."""
    model = NeuralClassifier(
        layers_of(kind, depth),
        optimizer=Momentum(Cosine(rate)),
        epochs=epochs,
        batch_size=BATCH,
        scale=False,
        random_state=0,
        verbose=False,
    )
    try:
        return finished(model.fit(digits.x, digits.y))  # type: ignore[no-any-return]
    except DivergenceError:
        return None


def measure(around: Landscape, what: str) -> float:
    """The rise near the centre, or the share of the square that is not convex."""
    return around.rise(NEAR) if what == "rise" else 100 * around.nonconvex


def _rows(found: dict[Place, Seen], plan: Plan) -> Iterator[Row]:
    section = f"Test error in %; {plan.rows:,} images, {counted(plan.epochs, 'epoch')}, 1 seed"
    for (kind, depth), each in found.items():
        note = f"training loss {each.around[0].centre:.2g}, rate {each.rate:g}"
        yield Row(section, f"{kind}, {depth} layers", (each.test_error,), note=note)
    deepest = plan.depths[-1]
    section = f"Plain over residual, {deepest} layers; published: above one"
    for what in ("rise", "nonconvex"):
        means = [np.mean([measure(around, what) for around in found[kind, deepest].around]) for kind in KINDS]
        yield Row(section, what, (float(means[0] / means[1]) if means[1] else float("inf"),), form=".2f")


def _table(found: dict[Place, Seen], plan: Plan, what: str) -> CrossTable:
    titles = {
        "rise": f"Rise of the training loss at {NEAR:g} lengths from the trained weights",
        "nonconvex": "Share of the square that is not convex, %",
    }
    lines = tuple(
        (
            kind,
            tuple(
                Estimate.of([measure(around, what) for around in found[kind, depth].around])
                for depth in plan.depths
            ),
        )
        for kind in KINDS
    )
    title = f"{titles[what]}, by hidden layers; {counted(plan.pairs, 'pair')} of directions ± standard error"
    return CrossTable(title, tuple(map(str, plan.depths)), lines, ".3g" if what == "rise" else ".1f")


def _picture(found: dict[Place, Seen], plan: Plan, path: object) -> None:
    from matplotlib.figure import Figure

    from lamina.explain import plot_loss_landscape
    from lamina.explain.drawing import SMALL

    figure = Figure(figsize=(4 * len(plan.depths), 8), layout="constrained")
    grid = figure.subplots(2, len(plan.depths), squeeze=False)
    for (kind, depth), axes in zip(found, grid.flat, strict=True):
        each = found[kind, depth]
        plot_loss_landscape(each.around[0], ax=axes)
        axes.set_title(f"{kind}, {depth} layers: test error {each.test_error:.1f} %", fontsize=SMALL + 2)
    figure.savefig(path, dpi=100)  # type: ignore[arg-type]
