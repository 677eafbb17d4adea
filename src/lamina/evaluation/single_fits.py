"""One model on one split: fitted, measured, and measured inside its training rows."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.evaluation.contenders import Contender, core
from lamina.evaluation.fits import FoldResult, ModelResult, Problem, failure_text, measure, reason_of
from lamina.evaluation.hearing import Hearing
from lamina.evaluation.nesting import Nest


@dataclass(frozen=True)
class SplitResult:
    """What came of a model on a split: its fit or why there is none, the inner error, and the warnings."""

    fold: FoldResult | None
    inner: float
    failure: str | None
    warnings: tuple[str, ...]


def fit_split(problem: Problem, contender: Contender, number: int, nest: Nest | None) -> SplitResult:
    """Fit and measure a contender on a split (from 0), and inside it, if there is a nest; an exception is its failure."""
    hearing, fold, inner, failure = Hearing(), None, float("nan"), None
    try:
        with hearing.of(contender.name), _known_numbers(contender):
            model, fold = run_fold(problem, contender, number)
            if nest is not None:
                inner = _inner_error(nest, contender, model, number)
    except Exception as error:
        failure = reason_of(error)
    return SplitResult(fold, inner, failure, tuple(heard.text for heard in hearing.heard.values()))


def gathered(
    problem: Problem, contender: Contender, results: Mapping[int, SplitResult], nested: bool
) -> ModelResult:
    """A model on all splits, from its result on each."""
    ordered = [results[number] for number in range(len(problem.splits))]
    reasons = {number: each.failure for number, each in enumerate(ordered) if each.failure is not None}
    return ModelResult(
        contender.name,
        contender.network,
        tuple(each.fold for each in ordered),
        failure_text(reasons, problem.splits) if reasons else None,
        np.array([each.inner for each in ordered]) if nested else None,
    )


def run_fold(problem: Problem, contender: Contender, number: int) -> tuple[Any, FoldResult]:
    """Fit on the training rows of a split, predict its test rows; ``seconds`` is the time of the fit.

    The time includes that of encoding the table, even where another model had it done.
    """
    training, table = problem.shared_rows(number) if contender.built_in else problem.rows(number)
    model = contender.make(training, problem.seed)
    encodings = training.encodings
    spared = 0 if encodings is None else encodings.spared
    start = time.perf_counter()
    model.fit(training.table, training.y)
    seconds = time.perf_counter() - start
    if encodings is not None:
        seconds += encodings.seconds * (encodings.spared - spared)
    if getattr(core(model), "interrupted_", False):
        raise KeyboardInterrupt  # the network kept what it had, but it is no fit to compare
    return model, measure(problem, contender, model, number, table, seconds)


def _inner_error(nest: Nest, contender: Contender, model: Any, number: int) -> float:
    """The inner error, or NaN where a model cannot be fitted to so few rows: then it is no reference."""
    try:
        return nest.error_of(contender, model, number)
    except Exception as error:
        warnings.warn(f"no inner error, so no reference: {reason_of(error)}", UserWarning, stacklevel=2)
        return float("nan")


@contextmanager
def _known_numbers(contender: Contender) -> Iterator[None]:
    """Spare the simple models scikit-learn's checks of numbers that the encoder made: a quarter of the lasso's time."""
    from sklearn import config_context

    if not contender.built_in or contender.network:
        yield
        return
    with config_context(assume_finite=True, skip_parameter_validation=True):
        yield
