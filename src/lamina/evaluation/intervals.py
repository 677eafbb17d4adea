"""How certain a mean error is: standard errors that respect how the values came about.

Over several splits it is the corrected resampled t of `lamina.evaluation.estimate`. On a single hold-out the interval
comes from the test rows instead, which leaves out how the result depends on the training rows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.estimate import LEVEL, Estimate, corrected_estimate
from lamina.evaluation.fits import ModelResult, Problem
from lamina.evaluation.paired_tests import diebold_mariano_estimate, mcnemar_estimate

__all__ = [
    "LEVEL",
    "Estimate",
    "corrected_estimate",
    "difference_estimate",
    "error_estimate",
    "jackknife_estimate",
    "paired_rows_estimate",
    "row_losses",
]

MOST_BLOCKS = 50


def jackknife_estimate(
    measure: Callable[[NDArray[np.int64]], float], rows: int, groups: NDArray[np.int64] | None = None
) -> Estimate:
    """A measure of n test rows, with its standard error from leaving out one block of them after the other.

    Blocks are the groups; without them up to 50 blocks, or for n ≤ 50 single rows. For a mean of single rows this is
    the usual s/√n. ``measure`` takes the numbers of the rows that stay.

    References
    ----------
    Efron, Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 11.

    >>> values = np.array([1.0, 2.0, 4.0, 9.0])
    >>> estimate = jackknife_estimate(lambda rows: values[rows].mean(), 4)
    >>> estimate.mean, bool(np.isclose(estimate.se, values.std(ddof=1) / 2))
    (4.0, True)
    """
    everything = np.arange(rows)
    block = everything % MOST_BLOCKS if groups is None else groups
    names = np.unique(block)
    what = f"jackknife over {len(names)} {'blocks of test rows' if groups is None else 'groups of test rows'}"
    if len(names) < 2:
        return Estimate(float(measure(everything)), float("nan"), 0, what)
    without = np.asarray([measure(everything[block != name]) for name in names])
    se = float(np.sqrt((len(names) - 1) * np.mean(np.square(without - without.mean()))))
    return Estimate(float(measure(everything)), se, len(names) - 1, what)


def paired_rows_estimate(losses: NDArray[np.float64]) -> Estimate:
    """The mean of one value a test row, shape (n,), with s/√n."""
    count = len(losses)
    se = float(np.std(losses, ddof=1) / np.sqrt(count)) if count > 1 else float("nan")
    return Estimate(float(np.mean(losses)), se, count - 1, f"paired t over {count:,} test rows")


def error_estimate(problem: Problem, model: ModelResult) -> Estimate:
    """A model's mean error, with its standard error."""
    return difference_estimate(problem, model, None)


def difference_estimate(problem: Problem, model: ModelResult, other: ModelResult | None) -> Estimate:
    """A model's mean error minus another's on the same test rows (minus nothing, if there is no other).

    Two models are compared by the test of the problem's design.
    """
    pair = [model] if other is None else [model, other]
    if other is not None and problem.design.test in PAIRED:
        return PAIRED[problem.design.test](problem, model, other)
    if len(problem.splits) > 1:
        return corrected_estimate(_minus([each.errors for each in pair]), problem.splits.test_to_train)
    test = problem.splits.pairs[0][1]
    truth = problem.outcome.truth[test]
    outputs = [each.finished[0].output for each in pair]
    metric = problem.metric
    if metric.losses is not None and problem.groups is None:
        return paired_rows_estimate(_minus([metric.losses(truth, output) for output in outputs]))

    def measure(kept: NDArray[np.int64]) -> float:
        return float(_minus([np.asarray(metric.error(truth[kept], output[kept])) for output in outputs]))

    groups = None if problem.groups is None else problem.groups[test]
    return jackknife_estimate(measure, len(test), groups)


def row_losses(problem: Problem, model: ModelResult) -> list[NDArray[np.float64]]:
    """The loss of every test row, one array a split."""
    losses = problem.metric.losses
    assert losses is not None
    return [
        losses(problem.outcome.truth[test], fold.output)
        for (_, test), fold in zip(problem.splits, model.finished, strict=True)
    ]


def _forecasts(problem: Problem, model: ModelResult, other: ModelResult) -> Estimate:
    losses = [np.concatenate(row_losses(problem, each)) for each in (model, other)]
    order = np.argsort(np.concatenate([test for _, test in problem.splits]), kind="stable")
    return diebold_mariano_estimate((losses[0] - losses[1])[order], problem.design.horizon)


def _one_test_set(problem: Problem, model: ModelResult, other: ModelResult) -> Estimate:
    (wrong,), (other_wrong,) = (row_losses(problem, each) for each in (model, other))
    return mcnemar_estimate(wrong > 0, other_wrong > 0)


PAIRED: dict[str, Callable[[Problem, ModelResult, ModelResult], Estimate]] = {
    "diebold_mariano": _forecasts,
    "mcnemar": _one_test_set,
}
"""Tests that look at two models row by row."""


def _minus(values: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return values[0] if len(values) == 1 else values[0] - values[1]
