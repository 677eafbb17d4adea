"""Fit every contender on every split and measure it: what one model gives never depends on the others.

A model that fails is set down as failed with its reason; warnings are collected instead of repeated; Ctrl-C keeps
the models that were finished. Lamina's networks are fitted on all splits at a time, the others one after the other.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.contenders import ENSEMBLE, Contender, core
from lamina.evaluation.fits import (
    FoldResult,
    ModelResult,
    Problem,
    Progress,
    failure_text,
    measure,
    reason_of,
)
from lamina.evaluation.hearing import Hearing
from lamina.evaluation.nesting import Nest
from lamina.evaluation.populations import NetworkRun, joins

SMALL_TABLE = 200_000


@dataclass(frozen=True)
class Run:
    """What a comparison found: the finished models, each different warning once, and who was left unfinished."""

    models: tuple[ModelResult, ...]
    warnings: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    contenders: tuple[Contender, ...] = ()
    without_two: Refits | None = None


@dataclass(frozen=True)
class Refits:
    """The same models with every two folds left out, for the intervals of nested cross-validation."""

    problem: Problem
    run: Run


def run(problem: Problem, contenders: tuple[Contender, ...], progress: Progress) -> Run:
    """Fit and measure all contenders: the networks together, when the first of them has its turn.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C before the first model is finished.
    """
    together = [contender for contender in contenders if joins(contender, problem)]
    networks = NetworkRun(problem, together, progress)
    compete = competing(contenders)
    nest = Nest.of(problem) if compete else None
    alone: list[ModelResult] = []
    hearing = Hearing()
    interrupt: KeyboardInterrupt | None = None
    inside: dict[str, NDArray[np.float64]] = {}
    with _few_threads(problem):
        try:
            for contender in contenders:
                if contender not in together:
                    within = nest if contender in compete else None
                    alone.append(run_model(problem, contender, progress, hearing, within))
                elif contender is together[0]:
                    networks.run(hearing)
                    rivals = [each for each in together if each in compete]
                    inside = network_inner_errors(nest, rivals, hearing) if nest and rivals else {}
        except KeyboardInterrupt as stop:
            interrupt = stop
    found = {model.name: model for model in alone}
    found |= {model.name: replace(model, inner=inside.get(model.name)) for model in networks.finished()}
    if interrupt is not None and not found:
        raise interrupt
    completed = [name for name, model in found.items() if model.failure is None]
    return Run(
        tuple(found[contender.name] for contender in contenders if contender.name in found),
        hearing.told(completed, len(problem.splits)),
        tuple(contender.name for contender in contenders if contender.name not in found),
        contenders,
    )


def with_refits(found: Run, problem: Problem, progress: Progress) -> Run:
    """A run, and the same models on a problem that leaves out two folds at a time; Ctrl-C leaves that away."""
    try:
        again = run(problem, found.contenders, progress)
    except KeyboardInterrupt:
        return found
    warned = tuple(text for text in again.warnings if text not in found.warnings)
    return replace(found, warnings=found.warnings + warned, without_two=Refits(problem, again))


def competing(contenders: Sequence[Contender]) -> list[Contender]:
    """Those among whom inner errors choose: simple models, if there are several, and networks, if none stands for all.

    >>> from lamina.evaluation.contenders import choose_contenders
    >>> [each.name for each in competing(choose_contenders("regression", ["mean", "linear", "mlp"]))]
    ['mean', 'linear']
    """
    simple = [each for each in contenders if not each.network]
    networks = [each for each in contenders if each.network]
    if any(each.name == ENSEMBLE for each in networks):
        networks = []
    return [each for kind in (simple, networks) if len(kind) > 1 for each in kind]


def run_model(
    problem: Problem, contender: Contender, progress: Progress, hearing: Hearing, nest: Nest | None = None
) -> ModelResult:
    """Fit and measure one contender on every split, and inside each, if there is a nest.

    An exception is the failure of a model on a split, neither of the comparison nor of the other splits.
    """
    count = len(problem.splits)
    folds: list[FoldResult | None] = []
    inner = np.full(count, np.nan)
    errors: dict[int, Exception] = {}
    for number in range(count):
        fold = None
        try:
            with hearing.of(contender.name), _known_numbers(contender):
                model, fold = run_fold(problem, contender, number)
                if nest is not None:
                    inner[number] = _inner_error(nest, contender, model, number)
        except Exception as error:
            errors[number], fold = error, None
        folds.append(fold)
        progress(contender.name, number + 1, count)
    failure = failure_text(errors, problem.splits) if errors else None
    return ModelResult(
        contender.name, contender.network, tuple(folds), failure, None if nest is None else inner
    )


def _inner_error(nest: Nest, contender: Contender, model: Any, number: int) -> float:
    """The inner error, or NaN where a model cannot be fitted to so few rows: then it is no reference."""
    try:
        return nest.error_of(contender, model, number)
    except Exception as error:
        warnings.warn(f"no inner error, so no reference: {reason_of(error)}", UserWarning, stacklevel=2)
        return float("nan")


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


def network_inner_errors(
    nest: Nest, networks: Sequence[Contender], hearing: Hearing
) -> dict[str, NDArray[np.float64]]:
    """The inner errors of Lamina's networks by name, shape (J,): all inner folds of all of them in one population."""
    population = NetworkRun(nest.inner, networks, lambda name, fold, folds: None)
    population.run(hearing)
    return {
        model.name: np.asarray(
            [
                nest.error(number, [fold.output for fold in model.finished[places.start : places.stop]])
                for number, places in enumerate(nest.places)
            ]
        )
        for model in population.finished()
        if model.failure is None
    }


@contextmanager
def _known_numbers(contender: Contender) -> Iterator[None]:
    """Spare the simple models scikit-learn's checks of numbers that the encoder made: a quarter of the lasso's time."""
    from sklearn import config_context

    if not contender.built_in or contender.network:
        yield
        return
    with config_context(assume_finite=True, skip_parameter_validation=True):
        yield


@contextmanager
def _few_threads(problem: Problem) -> Iterator[None]:
    """One thread for small tables: handing out the work would take longer than doing it."""
    from threadpoolctl import threadpool_limits

    rows = len(problem.outcome.truth)
    small = rows * len(problem.table.columns) < SMALL_TABLE
    with threadpool_limits(limits=1 if small else None):
        yield
