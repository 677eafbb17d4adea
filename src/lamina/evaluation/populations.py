"""Lamina's networks on all splits of a comparison, fitted as one population."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lamina.evaluation.averages import Average
from lamina.evaluation.contenders import Contender
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
from lamina.evaluation.images import cells

PREPARED_CELLS = 50_000_000
"""Cells of the tables that are prepared at a time; where there are more, the next splits wait for another population."""


def joins(contender: Contender, problem: Problem) -> bool:
    """Whether a contender is one of Lamina's networks, a pipeline that ends in one, or an ensemble whose seeds alone differ."""
    from lamina.model_selection.candidates import joins_population

    if not contender.network:
        return False
    try:
        model = contender.make(problem.shared_rows(0)[0], problem.seed)
        return all(joins_population(member) for member in _members(model))
    except Exception:  # fitted by itself, it is set down with its reason
        return False


@dataclass(eq=False)
class _Fit:
    """One network on one split, or the members of an ensemble: what is fitted, the rows to predict, what became of it."""

    contender: Contender
    split: int
    tasks: Sequence[Any] = ()
    table: Any = None
    preparing: float = 0.0
    members: dict[int, Any] = field(default_factory=dict)
    seconds: float = 0.0
    result: FoldResult | None = None
    error: Exception | None = None

    def take(self, member: int, result: Any) -> bool:
        """Hold a fitted member; whether it was the last."""
        self.members[member] = result.estimator
        self.seconds += result.seconds
        return len(self.members) == len(self.tasks)

    @property
    def model(self) -> Any:
        """The fitted network, or the mean of the members."""
        found = [self.members[member] for member in sorted(self.members)]
        return found[0] if len(found) == 1 else Average(found)


@dataclass(eq=False)
class NetworkRun:
    """The networks of a comparison on their way; `finished` says at any time what there is."""

    problem: Problem
    contenders: Sequence[Contender]
    progress: Progress
    fits: list[_Fit] = field(default_factory=list)

    def run(self, hearing: Hearing) -> None:
        """Fit and measure all networks on all splits.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C; what was finished is kept.
        """
        names = [contender.name for contender in self.contenders]
        count = len(self.problem.splits)
        together = max(1, PREPARED_CELLS // max(1, cells(self.problem.table)))
        with hearing.of_all(names, count):
            for first in range(0, count, together):
                self._run_splits(range(first, min(first + together, count)))

    def finished(self) -> list[ModelResult]:
        """The networks of which it is known on every split what became of them."""
        found = []
        for contender in self.contenders:
            fits = sorted(self._of(contender), key=lambda fit: fit.split)
            known = [fit for fit in fits if fit.result is not None or fit.error is not None]
            if len(known) < len(self.problem.splits):
                continue
            errors = {fit.split: reason_of(fit.error) for fit in known if fit.error is not None}
            folds = tuple(None if fit.error is not None else fit.result for fit in known)
            failure = failure_text(errors, self.problem.splits) if errors else None
            found.append(ModelResult(contender.name, contender.network, folds, failure))
        return found

    def _of(self, contender: Contender) -> list[_Fit]:
        return [fit for fit in self.fits if fit.contender is contender]

    def _run_splits(self, splits: Sequence[int]) -> None:
        from lamina.estimators.many import fit_many

        sources: dict[int, Any] = {}
        ready = []
        for contender in self.contenders:
            for split in splits:
                fit = _Fit(contender, split)
                self.fits.append(fit)
                try:
                    self._prepare(fit, sources)
                    ready.append(fit)
                except Exception as error:
                    fit.error = error
        places = [(fit, member) for fit in ready for member in range(len(fit.tasks))]
        start = time.perf_counter()
        try:
            results = fit_many(
                [fit.tasks[member] for fit, member in places],
                keep_parameters=False,
                on_done=lambda done: self._note(places, done),
            )
        except Exception as error:  # of none in particular, such as too little memory
            for fit in ready:
                fit.error = fit.error or (None if fit.result else error)
            return
        finally:
            _share_time(ready, time.perf_counter() - start)
        for (fit, _), result in zip(places, results, strict=True):
            fit.error = fit.error or result.error
        if any(fit.result is None and fit.error is None for fit in ready):
            raise KeyboardInterrupt

    def _prepare(self, fit: _Fit, sources: dict[int, Any]) -> None:
        """Give a fit its rows: those of the split, prepared once for all networks, or what a pipeline makes of them."""
        from lamina.estimators.many import Source, Task

        problem, split = self.problem, fit.split
        if split not in sources:
            training, table = problem.shared_rows(split)
            sources[split] = Source(training.table, training.y, queries=(table,))
        training, _ = problem.shared_rows(split) if fit.contender.built_in else problem.rows(split)
        model, source = fit.contender.make(training, problem.seed), sources[split]
        if hasattr(model, "steps"):
            start = time.perf_counter()
            source = self._through(model.steps[:-1] and model[:-1], split)
            fit.preparing = time.perf_counter() - start
            model = model.steps[-1][1]
        fit.tasks, fit.table = [Task(member, source) for member in _members(model)], source.queries[0]

    def _through(self, steps: Any, split: int) -> Any:
        """The rows of a split as the steps before a network make them; a user's step may change the table it is given."""
        from lamina.estimators.many import Source

        training, table = self.problem.rows(split)
        if not steps:
            return Source(training.table, training.y, queries=(table,))
        return Source(
            steps.fit_transform(training.table, training.y), training.y, queries=(steps.transform(table),)
        )

    def _note(self, places: Sequence[tuple[_Fit, int]], done: Sequence[tuple[int, Any]]) -> None:
        """Measure the networks that are fitted, and tell."""
        count = len(self.problem.splits)
        for place, result in done:
            fit, member = places[place]
            if result.estimator is None or not fit.take(member, result):
                continue
            try:
                fit.result = measure(
                    self.problem, fit.contender, fit.model, fit.split, fit.table, fit.seconds
                )
            except Exception as error:
                fit.error = error
                continue
            so_far = sum(other.result is not None for other in self._of(fit.contender))
            self.progress(fit.contender.name, so_far, count)


def _members(model: Any) -> list[Any]:
    """The networks that a model is fitted as: itself, or the members of an ensemble."""
    from lamina.model_selection.ensemble_base import Ensemble

    return model.seeded_members() if isinstance(model, Ensemble) else [model]


def _share_time(fits: Sequence[_Fit], seconds: float) -> None:
    """Share the time that a population took among its members, in proportion to what each took of its cores."""
    measured = [(fit, fit.result) for fit in fits if fit.result is not None]
    total = sum(result.seconds for _, result in measured)
    for fit, result in measured:
        share = result.seconds / total if total > 0 else 1 / len(measured)
        fit.result = replace(result, seconds=seconds * share + fit.preparing)
