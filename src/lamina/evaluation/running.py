"""Fit every contender on every split and measure it: what one model gives never depends on the others.

A model that fails is set down as failed with its reason; warnings are collected instead of repeated; Ctrl-C keeps
the models that were finished.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataError
from lamina.evaluation.contenders import Contender, core
from lamina.evaluation.metrics import Metric
from lamina.evaluation.outcome import Outcome, take_rows
from lamina.evaluation.splits import Rows, Sample, Splits

SMALL_TABLE = 200_000
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Problem:
    """All that the models of a comparison have in common."""

    table: Any
    outcome: Outcome
    groups: NDArray[np.int64] | None
    splits: Splits
    metric: Metric
    seed: int | None

    def sample(self, rows: Rows) -> Sample:
        """These rows, as inner folds need them."""
        groups = None if self.groups is None else self.groups[rows]
        table = take_rows(self.table, rows)
        return Sample(table, self.outcome.values[rows], groups, self.outcome.classification)


@dataclass(frozen=True)
class FoldResult:
    """One fit: the metric's input for the test rows, the predictions (classes as 0..C-1), and the costs."""

    output: NDArray[Any]
    prediction: NDArray[Any]
    error: float
    parameters: int | None
    seconds: float


@dataclass(frozen=True)
class ModelResult:
    """One model on every split; ``failure`` says why there are no folds."""

    name: str
    network: bool
    folds: tuple[FoldResult, ...]
    failure: str | None = None

    @property
    def errors(self) -> NDArray[np.float64]:
        """The error on each split, shape (J,)."""
        return np.asarray([fold.error for fold in self.folds])


@dataclass(frozen=True)
class Run:
    """What a comparison found: the finished models, each different warning once, and who was left unfinished."""

    models: tuple[ModelResult, ...]
    warnings: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()


def run(problem: Problem, contenders: tuple[Contender, ...], progress: Progress) -> Run:
    """Fit and measure all contenders, one after the other.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C before the first model is finished.
    """
    finished: list[ModelResult] = []
    heard: dict[str, Heard] = {}
    with _few_threads(problem):
        try:
            for contender in contenders:
                finished.append(run_model(problem, contender, progress, heard))
        except KeyboardInterrupt:
            if not finished:
                raise
    completed = [model.name for model in finished if model.failure is None]
    unfinished = tuple(contender.name for contender in contenders[len(finished) :])
    return Run(
        tuple(finished),
        tuple(said.told(completed, len(problem.splits)) for said in heard.values()),
        unfinished,
    )


def run_model(
    problem: Problem, contender: Contender, progress: Progress, heard: dict[str, Heard]
) -> ModelResult:
    """Fit and measure one contender on every split; an exception is its failure, not the comparison's."""
    folds = []
    for number, (train, test) in enumerate(problem.splits, start=1):
        try:
            with _listening(heard, contender.name):
                folds.append(run_fold(problem, contender, train, test))
        except Exception as error:
            where = f"split {number} of {len(problem.splits)}"
            return ModelResult(contender.name, contender.network, (), f"{_reason(error)} ({where})")
        progress(contender.name, number, len(problem.splits))
    return ModelResult(contender.name, contender.network, tuple(folds))


def run_fold(problem: Problem, contender: Contender, train: Rows, test: Rows) -> FoldResult:
    """Fit on the training rows, predict the test rows; ``seconds`` is the time of the fit."""
    training = problem.sample(train)
    model = contender.make(training, problem.seed)
    start = time.perf_counter()
    model.fit(training.table, training.y)
    seconds = time.perf_counter() - start
    if getattr(core(model), "interrupted_", False):
        raise KeyboardInterrupt  # the network kept what it had, but it is no fit to compare
    table = take_rows(problem.table, test)
    prediction = _predictions(model, table, problem.outcome)
    needs_probability = problem.metric.needs == "probability"
    output = _probabilities(model, table, problem) if needs_probability else prediction
    error = problem.metric.error(problem.outcome.truth[test], output)
    return FoldResult(output, prediction, error, contender.count(model), seconds)


def _predictions(model: Any, table: Any, outcome: Outcome) -> NDArray[Any]:
    found = np.asarray(model.predict(table))
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.shape != (len(table),):
        raise DataError(f"predictions of shape {found.shape} for {len(table)} rows")
    if outcome.classes is not None:
        return _class_numbers(found, outcome.classes)
    _refuse_not_finite(found, "predictions")
    return found.astype(np.float64)


def _class_numbers(labels: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.intp]:
    places = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
    strange = classes[places] != labels
    if np.any(strange):
        raise DataError(f"predicted the class {labels[strange].tolist()[0]!r}, which y does not have")
    return np.asarray(places)


def _probabilities(model: Any, table: Any, problem: Problem) -> NDArray[np.float64]:
    """Shape (n, C) in the order of all classes; a class not met in training has probability zero."""
    if not hasattr(model, "predict_proba"):
        raise DataError(
            f"metric={problem.metric.name!r} needs class probabilities, but it has no predict_proba"
        )
    assert problem.outcome.classes is not None
    found = np.asarray(model.predict_proba(table), dtype=np.float64)
    _refuse_not_finite(found, "probabilities")
    everything = np.zeros((len(found), problem.outcome.class_count))
    everything[:, _class_numbers(np.asarray(model.classes_), problem.outcome.classes)] = found
    return everything


def _refuse_not_finite(values: NDArray[Any], what: str) -> None:
    count = int(np.sum(~np.isfinite(values.astype(np.float64))))
    if count:
        raise DataError(f"{count} of {values.size} {what} are not finite")


def _reason(error: Exception) -> str:
    first_line = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__


@dataclass
class Heard:
    """A warning, and in how many fits each model gave it."""

    text: str
    times: dict[str, int]

    def told(self, models: list[str], fits: int) -> str:
        """The text, and who gave it how often, unless all models did in every fit.

        >>> Heard("slow", {"mean": 4, "mlp": 4}).told(["mean", "mlp"], 4)
        'slow'
        >>> Heard("slow", {"mlp": 3}).told(["mean", "mlp"], 4)
        'slow (mlp, in 3 of 4 fits)'
        """
        if all(self.times.get(name) == fits for name in models) and models:
            return self.text
        names: dict[int, list[str]] = {}
        for name, count in self.times.items():
            names.setdefault(count, []).append(name)
        groups = [", ".join(given) + _share(count, fits) for count, given in names.items()]
        return f"{self.text} ({'; '.join(groups)})"


def _share(count: int, fits: int) -> str:
    return "" if count == fits else f", in {count} of {fits} fits"


@contextmanager
def _listening(heard: dict[str, Heard], model: str) -> Iterator[None]:
    """Collect warnings; those that differ in their numbers only count as one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Indicators of all levels of a category always are; the singular values take care of it.
        warnings.filterwarnings("ignore", message="Variables are collinear")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        yield
    texts = (" ".join(str(warning.message).split()) for warning in caught)
    for alike, text in {re.sub(r"[-+.\de]*\d", "#", text): text for text in texts}.items():
        times = heard.setdefault(alike, Heard(text, {})).times
        times[model] = times.get(model, 0) + 1


@contextmanager
def _few_threads(problem: Problem) -> Iterator[None]:
    """One thread for small tables: handing out the work would take longer than doing it."""
    from threadpoolctl import threadpool_limits

    rows = len(problem.outcome.truth)
    small = rows * len(problem.table.columns) < SMALL_TABLE
    with threadpool_limits(limits=1 if small else None):
        yield
