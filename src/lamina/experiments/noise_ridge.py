"""Gaussian noise on the inputs of a linear model is ridge regression: Bishop, 1995."""

from __future__ import annotations

from lamina.experiments.equivalence import Rows, fit_disturbed
from lamina.experiments.equivalence_report import Comparison
from lamina.experiments.progress import counted_up
from lamina.experiments.report import Findings
from lamina.layers import GaussianNoise

TITLE = "noise on the inputs of a linear network, beside ridge regression"
SOURCE = (
    "Bishop (1995), Training with noise is equivalent to Tikhonov regularization, Neural Computation 7; James, Witten, Hastie, "
    "Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.7.2, on data augmentation as a penalty."
)
SDS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)

REMARKS = (
    "With independent noise E of standard deviation s, the mean of ||y - (X + E) w||² is ||y - Xw||² + n s² ||w||²: ridge "
    "regression with coefficient n s². The published value is this theory's, s².",
    "Hitters, 19 predictors and the salary, standardised. A network of one linear unit behind GaussianNoise(s): full batches "
    "with new noise each step, momentum 0.9, rate 0.01 falling to zero along a cosine. All sizes of noise and seeds are one "
    "population; a seed's noise is the same random numbers at every size.",
    "For a quadratic loss the mean of the weights over the noise obeys the recursion of ridge regression itself, so that only "
    "the noise, and what a finite number of steps leaves, stands between the two.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Fit every size of noise from every seed."""
    sds = (0.5, 1.0, 2.0) if quick else SDS
    seeds, epochs = (3, 300) if quick else (20, 6000)
    rows = Rows.hitters()
    with counted_up(seeds * len(sds), "linear networks", progress) as advance:
        fitted = fit_disturbed(
            rows,
            [GaussianNoise(sd) for sd in sds],
            [len(rows.y) * sd**2 for sd in sds],
            seeds,
            epochs,
            advance,
        )
    found = Comparison(rows, fitted, "sd", sds)
    return Findings(
        tuple(found.strength_rows()), (*REMARKS, found.verdict()), tables=(found.table(),), picture=found.draw
    )
