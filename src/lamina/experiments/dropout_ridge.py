"""Dropout on the inputs of a linear model is ridge regression: ISLP, section 10.7.3."""

from __future__ import annotations

import numpy as np

from lamina.experiments.equivalence import Rows, fit_disturbed
from lamina.experiments.equivalence_report import Comparison
from lamina.experiments.progress import counted_up
from lamina.experiments.report import Findings
from lamina.layers import Dropout

TITLE = "dropout on the inputs of a linear network, beside ridge regression"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.7.3; Srivastava et al. "
    "(2014), Dropout, section 9.1; Wager, Wang and Liang (2013), Dropout training as adaptive regularization."
)
RATES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

REMARKS = (
    "With masks m of mean 1 - r, the mean over masks of ||y - (X m / (1 - r)) w||² is ||y - Xw||² + r / (1 - r) times the sum of "
    "(X'X)_jj w_j². The published value is this theory's: r / (1 - r), which times n = 263 is the ridge coefficient, as the "
    "predictors are standardised and (X'X)_jj = n.",
    "Hitters, 19 predictors and the salary, standardised. A network of one linear unit behind Dropout(r): full batches with new "
    "masks each step, momentum 0.9, rate 0.01 falling to zero along a cosine. All rates and seeds are one population; a seed's "
    "masks are the same random numbers at every rate.",
    "For a quadratic loss the mean of the weights over masks obeys the recursion of ridge regression itself, so that only the "
    "noise of the masks, and what a finite number of steps leaves, stands between the two.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Fit every rate from every seed."""
    rates = (0.2, 0.5, 0.8) if quick else RATES
    seeds, epochs = (3, 300) if quick else (20, 6000)
    rows = Rows.hitters()
    columns = np.diag(rows.x.T @ rows.x)
    with counted_up(seeds * len(rates), "linear networks", progress) as advance:
        fitted = fit_disturbed(
            rows,
            [Dropout(rate) for rate in rates],
            [rate / (1 - rate) * columns for rate in rates],
            seeds,
            epochs,
            advance,
        )
    found = Comparison(rows, fitted, "rate", rates)
    return Findings(
        tuple(found.strength_rows()), (*REMARKS, found.verdict()), tables=(found.table(),), picture=found.draw
    )
