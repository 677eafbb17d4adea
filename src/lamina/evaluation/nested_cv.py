"""Nested cross-validation: an interval of the error that allows for the dependence of the folds, by refitting.

Every repetition has K folds. A fit without fold k is tested on fold k: losses e_out(k), whose mean estimates the same error
as those losses e_in(k) that come from fits without folds i and k, tested on folds i ≠ k. Over all repetitions and folds

    MSE = mean of (mean e_in(k) - mean e_out(k))² - var(e_out(k))/n_k,
    se  = s/√n · √MSE / (s/√n'),  between s/√n and √K s/√n,      s² = var(e_in), n' = n (K - 1)/K,
    error = mean e_in - bias,     bias = (1 + ((K - 2)/K)^1.5) (mean e_in - mean e_out).

References
----------
Bates, Hastie, Tibshirani (2023), *Cross-validation: what does it estimate and how well does it do it?*, Journal of the
American Statistical Association 119, algorithm 1 and sections 4.3 and 4.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.designs import Design, repetitions
from lamina.evaluation.estimate import Estimate
from lamina.evaluation.fits import ModelResult, Problem
from lamina.evaluation.intervals import row_losses
from lamina.evaluation.splits import Pair, Splits

Losses = NDArray[np.float64]


def nested_cv_estimate(
    outer: Sequence[Sequence[Losses]], inner: Sequence[Mapping[tuple[int, int], Losses]]
) -> Estimate:
    """The mean loss, corrected for the smaller training sets, with the standard error of nested cross-validation.

    Losses may be those of one model, or differences of two.

    Parameters
    ----------
    outer
        By repetition and fold k: the losses of fold k's rows from the fit without fold k.
    inner
        By repetition and pair (i, k), i ≠ k: the losses of fold i's rows from the fit without folds i and k.

    >>> rng = np.random.default_rng(0)
    >>> outer = [[rng.normal(size=20) for _ in range(5)]]
    >>> inner = [{(i, k): outer[0][i] for i in range(5) for k in range(5) if i != k}]
    >>> estimate = nested_cv_estimate(outer, inner)
    >>> bool(np.isclose(estimate.mean, np.mean(outer))), estimate.freedom
    (True, 99)
    """
    folds, rows = len(outer[0]), sum(len(losses) for losses in outer[0])
    gaps, insides = [], []
    for fits, pairs in zip(outer, inner, strict=True):
        for k, losses in enumerate(fits):
            inside = np.concatenate([pairs[i, k] for i in range(folds) if i != k])
            gaps.append((inside.mean() - losses.mean()) ** 2 - losses.var(ddof=1) / len(losses))
            insides.append(inside)
    within = np.concatenate(insides)
    without = np.concatenate([losses for fits in outer for losses in fits])
    spread = float(within.std(ddof=1))
    usual = spread / np.sqrt(rows * (folds - 1) / folds)
    ratio = float(np.sqrt(max(0.0, float(np.mean(gaps))))) / usual if usual > 0 else 1.0
    inflation = min(max(1.0, ratio), float(np.sqrt(folds)))
    bias = (1 + ((folds - 2) / folds) ** 1.5) * (within.mean() - without.mean())
    times = f", {len(outer)} times" if len(outer) > 1 else ""
    return Estimate(
        float(within.mean() - bias),
        spread / float(np.sqrt(rows)) * inflation,
        rows - 1,
        f"nested cross-validation of {folds} folds{times}",
    )


def leave_two_out(problem: Problem) -> Problem:
    """The problem whose splits leave out every two folds of each repetition, testing both."""
    pairs: list[Pair] = []
    for repetition in repetitions(problem.splits):
        tests = [problem.splits.pairs[number][1] for number in repetition]
        rows = np.sort(np.concatenate(tests))
        for i, k in combinations(range(len(tests)), 2):
            test = np.concatenate([tests[i], tests[k]])
            pairs.append((np.setdiff1d(rows, test), test))
    return replace(problem, splits=Splits(tuple(pairs), "pairs of folds"), kept={}, design=Design())


def nested_estimate(
    problem: Problem,
    refitted: Problem,
    model: tuple[ModelResult, ModelResult],
    other: tuple[ModelResult, ModelResult] | None = None,
) -> Estimate:
    """The estimate for a model, or its difference to another, from its fits on a problem and on `leave_two_out` of it."""
    outer, pairs = (
        _minus(row_losses(of, fits), None if other is None else row_losses(of, rival))
        for of, fits, rival in zip((problem, refitted), model, other or model, strict=True)
    )
    waiting = iter(pairs)
    outside, inside = [], []
    for repetition in repetitions(problem.splits):
        folds = [outer[number] for number in repetition]
        both: dict[tuple[int, int], Losses] = {}
        for i, k in combinations(range(len(folds)), 2):
            losses = next(waiting)
            both[i, k], both[k, i] = losses[: len(folds[i])], losses[len(folds[i]) :]
        outside.append(folds)
        inside.append(both)
    return nested_cv_estimate(outside, inside)


def _minus(losses: list[Losses], other: list[Losses] | None) -> list[Losses]:
    return losses if other is None else [a - b for a, b in zip(losses, other, strict=True)]
