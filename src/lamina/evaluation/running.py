"""Fit every contender on every split and measure it: what one model gives never depends on the others.

A model that fails is set down as failed with its reason; warnings are collected instead of repeated; Ctrl-C keeps
the models that were finished. Lamina's networks are fitted on all splits at a time, the others one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lamina.evaluation.contenders import Contender, core
from lamina.evaluation.fits import FoldResult, ModelResult, Problem, Progress, failed, measure
from lamina.evaluation.hearing import Hearing
from lamina.evaluation.populations import NetworkRun, joins

SMALL_TABLE = 200_000


@dataclass(frozen=True)
class Run:
    """What a comparison found: the finished models, each different warning once, and who was left unfinished."""

    models: tuple[ModelResult, ...]
    warnings: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()


def run(problem: Problem, contenders: tuple[Contender, ...], progress: Progress) -> Run:
    """Fit and measure all contenders: the networks together, when the first of them has its turn.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C before the first model is finished.
    """
    together = [contender for contender in contenders if joins(contender, problem)]
    networks = NetworkRun(problem, together, progress)
    alone: list[ModelResult] = []
    hearing = Hearing()
    interrupt: KeyboardInterrupt | None = None
    with _few_threads(problem):
        try:
            for contender in contenders:
                if contender not in together:
                    alone.append(run_model(problem, contender, progress, hearing))
                elif contender is together[0]:
                    networks.run(hearing)
        except KeyboardInterrupt as stop:
            interrupt = stop
    found = {model.name: model for model in [*alone, *networks.finished()]}
    if interrupt is not None and not found:
        raise interrupt
    completed = [name for name, model in found.items() if model.failure is None]
    return Run(
        tuple(found[contender.name] for contender in contenders if contender.name in found),
        hearing.told(completed, len(problem.splits)),
        tuple(contender.name for contender in contenders if contender.name not in found),
    )


def run_model(problem: Problem, contender: Contender, progress: Progress, hearing: Hearing) -> ModelResult:
    """Fit and measure one contender on every split; an exception is its failure, not the comparison's."""
    folds = []
    for number in range(len(problem.splits)):
        try:
            with hearing.of(contender.name), _known_numbers(contender):
                folds.append(run_fold(problem, contender, number))
        except Exception as error:
            return failed(problem, contender, number, error)
        progress(contender.name, number + 1, len(problem.splits))
    return ModelResult(contender.name, contender.network, tuple(folds))


def run_fold(problem: Problem, contender: Contender, number: int) -> FoldResult:
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
    return measure(problem, contender, model, number, table, seconds)


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
