"""Every candidate on every fold as one population of networks."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.pipeline import Pipeline

from lamina.estimators.base import NeuralEstimator
from lamina.estimators.many import Result, Task, fit_many
from lamina.layers.convolution import convolves
from lamina.model_selection.candidates import Candidate
from lamina.model_selection.folds import Fold, Preparation, Rows


@dataclass(eq=False)
class Fit:
    """One candidate on one fold.

    Attributes
    ----------
    place
        Candidates before folds: all folds of the first candidate come first.
    network
        Fitted; it answers the queries of its rows at no cost. None if the fit failed.
    rows
        None where the steps before the network failed.
    seconds
        Its share of the time.
    """

    place: int
    candidate: Candidate
    fold: Fold
    network: NeuralEstimator | None = None
    rows: Rows | None = None
    error: Exception | None = None
    seconds: float = 0.0

    def model(self) -> Any:
        """The fitted model that the user would have: the network, or the pipeline that ends in it."""
        pipeline, network = self.candidate.pipeline, self.network
        assert network is not None
        if pipeline is None:
            return network
        whole: Pipeline = copy.copy(pipeline)
        steps = self.rows.steps if self.rows is not None else []
        whole.steps = [*steps, (pipeline.steps[-1][0], network)]
        return whole


Receive = Callable[[Sequence[Fit]], None]


def fit_networks(
    candidates: Sequence[Candidate],
    folds: Sequence[Fold],
    receive: Receive,
    *,
    train_scores: bool = False,
    keep_models: bool = False,
    memory: int | None = None,
    stop: Callable[[], bool] | None = None,
) -> None:
    """Fit each candidate that is a network on each fold, in one population.

    Parameters
    ----------
    receive
        Given the fits as they finish or fail, several at a time, in no order; those that an interrupt or ``stop`` cut short
        never arrive.
    train_scores
        Whether predictions of the training rows are wanted too.
    keep_models
        Whether whole models are wanted, not predictions alone.
    """
    preparation = Preparation(candidates, train_scores)
    fits = list(_fits(candidates, folds))
    tasks, waiting = [], []
    for fit in fits:
        if fit.error is None and (task := _task(fit, preparation)) is not None:
            tasks.append(task)
            waiting.append(fit)
    receive([fit for fit in fits if fit.error is not None])
    keep_models = keep_models or any(fit.rows is not None and not fit.rows.answered for fit in waiting)
    pending = set(range(len(tasks)))

    def done(results: Sequence[tuple[int, Result]]) -> None:
        pending.difference_update(place for place, _ in results)
        receive([_finished(waiting[place], result) for place, result in results])

    results = fit_many(tasks, memory=memory, keep_parameters=keep_models, on_done=done, stop=stop)
    refused = [(place, results[place]) for place in sorted(pending) if results[place].error is not None]
    if refused:
        done(refused)


def _fits(candidates: Sequence[Candidate], folds: Sequence[Fold]) -> Iterator[Fit]:
    for candidate in candidates:
        for fold in folds:
            yield Fit(candidate.place * len(folds) + fold.place, candidate, fold, error=candidate.error)


def _task(fit: Fit, preparation: Preparation) -> Task | None:
    """The task of a fit; None where the steps before its network fail, which must not end the others."""
    clock = time.perf_counter()
    rows = preparation.rows(fit.candidate, fit.fold)
    if isinstance(rows, Exception):
        fit.error, fit.seconds = rows, time.perf_counter() - clock
        return None
    fit.rows = rows
    assert fit.candidate.network is not None
    return Task(copy.copy(fit.candidate.network), rows.source)


def _finished(fit: Fit, result: Result) -> Fit:
    fit.network, fit.error = result.estimator, result.error
    if fit.network is not None:
        fit.candidate.convolves = convolves(fit.network.network_)
    fit.seconds = result.seconds + (fit.rows.seconds if fit.rows is not None else 0.0)
    return fit
