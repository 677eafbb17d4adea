"""What a command makes of the problem it was given: the kind of outcome, and the columns that stay."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from lamina.cli.tables import Problem
from lamina.errors import DataError, DataWarning, nearest_name

if TYPE_CHECKING:
    from lamina.data.validation import Task


def settled_task(problem: Problem) -> Task:
    """The task that was asked for, else the one told from the outcome.

    Warns
    -----
    DataWarning
        If whole numbers, more than two different ones, are taken as classes: they may be counts.
    """
    from lamina.data import infer_task

    if problem.task is not None:
        return problem.task
    task = infer_task(problem.outcome)
    different = problem.outcome.nunique()
    if task == "classification" and problem.outcome.dtype.kind in "iu" and different > 2:
        warnings.warn(
            f"{problem.target} has {different} different whole numbers and is taken as classes; for a count or a "
            "measurement add --task regression",
            DataWarning,
            stacklevel=2,
        )
    return task


def without_columns(problem: Problem, names: Iterable[str]) -> Problem:
    """The problem without these predictors.

    Raises
    ------
    DataError
        If a name is no predictor's, or no predictor would be left.
    """
    left_out = list(dict.fromkeys(names))
    known = [str(name) for name in problem.predictors.columns]
    for name in left_out:
        if name == problem.target:
            raise DataError(f"--drop names {name!r}, which is the column to predict")
        if name not in known:
            raise DataError(f"{problem.name} has no predictor {name!r} (--drop): {nearest_name(name, known)}")
    if len(left_out) == len(known):
        raise DataError("--drop names every predictor: at least one must be left")
    return replace(problem, predictors=problem.predictors.drop(columns=left_out))
