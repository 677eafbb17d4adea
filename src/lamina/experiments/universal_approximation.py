"""How well networks of many widths and depths follow one function, beside bumps of sigmoids that nobody trained."""

from __future__ import annotations

from functools import partial

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.report import Findings, Row
from lamina.experiments.universal_approximation_fits import (
    CONSTRUCTIONS,
    OPTIMIZERS,
    Found,
    Plan,
    fit_networks,
    measure_bumps,
)
from lamina.experiments.universal_approximation_picture import draw

TITLE = "one function by networks of all widths and depths, trained and constructed"
SOURCE = (
    "Cybenko (1989), Approximation by superpositions of a sigmoidal function, and Hornik, Stinchcombe and White (1989): one "
    "hidden layer suffices. Function and construction: Nielsen, Neural Networks and Deep Learning (2015), chapter 4."
)

FULL = Plan(widths=(4, 8, 16, 32, 64, 128), depths=(1, 2, 3), seeds=10, epochs=2000, iterations=1000)
QUICK = Plan(widths=(4, 16), depths=(1, 2), seeds=2, epochs=100, iterations=50)

REMARKS = (
    "f(x) = 0.2 + 0.4 x² + 0.3 x sin(15 x) + 0.05 cos(50 x) on [0, 1], learnt from 500 equidistant points without noise; "
    "errors at 1,000 points between them. Its standard deviation on the interval is 0.20.",
    "Networks have hidden layers of tanh, all of one width. Adam: batches of 100, rate 0.01 falling to zero along a cosine, "
    "2,000 epochs; L-BFGS: at most 1,000 iterations over all points. Nothing was tuned; all in double precision.",
    "Bumps are written down from the function's values at the middles of m = units / 2 pieces, two sigmoids a bump: steep "
    "ones, which are steps, and gentle ones (steepness 4), which melt into a curve. The published slope is that of steps on a "
    "smooth function, whose error is in proportion to the width of a piece.",
    "The theorem says that some network of one hidden layer comes as near as one likes, not that training finds it.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Fit every width and depth from every seed, and build the bumps."""
    plan = QUICK if quick else FULL
    found = Found(plan, fit_networks(plan, progress), measure_bumps(plan))
    tables = tuple(_table(found, optimizer) for optimizer in OPTIMIZERS)
    return Findings(_rows(found), REMARKS, tables=tables, picture=partial(draw, found))


def _table(found: Found, optimizer: str) -> CrossTable:
    plan = found.plan
    rows: list[tuple[str, tuple[Estimate | None, ...]]] = [
        (
            f"{depth} hidden layer{'s' * (depth > 1)}",
            tuple(Estimate.of(1000 * found.trained[optimizer, depth, width][:, 0]) for width in plan.widths),
        )
        for depth in plan.depths
    ]
    rows += [
        (f"bumps, {name}", tuple(Estimate(1000 * found.built[name, width][0]) for width in plan.widths))
        for name in CONSTRUCTIONS
    ]
    return CrossTable(
        f"Root mean squared error in thousandths by units of a layer, {optimizer}: mean over {plan.seeds} seeds ± standard error",
        tuple(map(str, plan.widths)),
        tuple(rows),
        ".1f",
    )


def _rows(found: Found) -> tuple[Row, ...]:
    widest = max(found.plan.widths)
    largest = f"Largest error on the interval, one hidden layer of {widest} units"
    rows = [
        Row(largest, optimizer, tuple(found.trained[optimizer, 1, widest][:, 1]), form=".4f")
        for optimizer in OPTIMIZERS
    ]
    rows += [
        Row(largest, f"bumps, {name}", (found.built[name, widest][1],), form=".4f") for name in CONSTRUCTIONS
    ]
    slopes = "Slope of the logarithm of the root mean squared error by that of the units, one hidden layer"
    rows += [
        Row(slopes, f"bumps, {name}", (found.slope_of_bumps(name),), PUBLISHED.get(name), ".2f")
        for name in CONSTRUCTIONS
    ]
    rows += [Row(slopes, optimizer, tuple(found.slopes(optimizer)), form=".2f") for optimizer in OPTIMIZERS]
    return tuple(rows)


PUBLISHED = {"steep": -1.0}
"""Slopes that theory gives."""
