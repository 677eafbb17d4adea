"""How each hidden layer moves the plane until a straight line parts two classes, and when two units cannot."""

from __future__ import annotations

from functools import partial

import numpy as np

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.hidden_geometry_fits import DATA, Fit, Plan, fit_all
from lamina.experiments.hidden_geometry_picture import draw
from lamina.experiments.report import Findings, Row

TITLE = "circles and spirals layer by layer: what a straight line can part"
SOURCE = (
    "Olah (2014), Neural networks, manifolds, and topology: layers of two units cannot part a disc from a ring around it, three "
    "can; spirals come apart in two. Lang and Witbrock (1988), Learning to tell two spirals apart."
)

FULL = Plan(widths=(2, 3, 8), depth=4, seeds=10, epochs=2000)
QUICK = Plan(widths=(2, 3), depth=2, seeds=2, epochs=100)

REMARKS = (
    "Circles: a disc and a ring around it with a gap between them, 200 points each. Spirals: two arms of one turn, "
    "200 points each, with noise of standard deviation 0.02. As many fresh points for the errors.",
    "Networks have four hidden layers of tanh and a sigmoid unit, fitted by Adam for 2,000 epochs in batches of 50, rate 0.02 "
    "falling to zero along a cosine, ridge penalty 0.0001. After each layer a logistic regression (C = 1,000) is fitted to "
    "what the training points have become, and its accuracy measured on the fresh ones: how far a straight line, or a plane, "
    "parts the classes there.",
    "A layer of two tanh units whose weights can be inverted bends the plane and does not tear it: the disc stays inside the "
    "ring, and no straight line parts the two sets. Of 200 points of a ring it may part all, by drawing the disc out between "
    "two neighbours. With three units the disc can be lifted out.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Fit every width on both sets from every seed."""
    plan = QUICK if quick else FULL
    fits = fit_all(plan, progress)
    tables = tuple(_table(plan, name, fits) for name in DATA)
    return Findings(tuple(_rows(plan, fits)), REMARKS, tables=tables, picture=partial(draw, fits))


def _rows(plan: Plan, fits: list[Fit]) -> list[Row]:
    rows = []
    for name in DATA:
        for width in plan.widths:
            some = [fit for fit in fits if (fit.data, fit.width) == (name, width)]
            section = f"{name.capitalize()}: the network's accuracy, %, over {plan.seeds} seeds"
            rows.append(
                Row(section, f"layers of {width} units: fresh points", tuple(fit.accuracy for fit in some))
            )
            rows.append(
                Row(section, f"layers of {width} units: training points", tuple(fit.training for fit in some))
            )
            whole = float(np.mean([fit.training == 100.0 for fit in some])) * 100
            rows.append(
                Row(
                    section,
                    f"layers of {width} units: seeds that part all, %",
                    (whole,),
                    form=".0f",
                )
            )
    return rows


def _table(plan: Plan, name: str, fits: list[Fit]) -> CrossTable:
    columns = ("input", *(f"layer {place + 1}" for place in range(plan.depth)))
    rows = []
    for width in plan.widths:
        some = np.array([fit.by_layer for fit in fits if (fit.data, fit.width) == (name, width)])
        rows.append((f"layers of {width} units", tuple(map(Estimate.of, some.T))))
    title = (
        f"{name.capitalize()}: % of fresh points right by a straight cut after each layer ± standard error"
    )
    return CrossTable(title, columns, tuple(rows), ".1f")
