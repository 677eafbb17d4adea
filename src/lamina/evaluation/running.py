"""Fit every contender on every split and measure it: what one model gives never depends on the others.

A model that fails is set down as failed with its reason; warnings are collected instead of repeated; Ctrl-C keeps
the models that were finished. Lamina's networks are fitted on all splits at a time, the others one after the other, in
several processes where it takes long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.contenders import NAMED_BEFOREHAND, Contender
from lamina.evaluation.fits import ModelResult, Problem, Progress
from lamina.evaluation.hearing import Hearing
from lamina.evaluation.helpers import Helpers
from lamina.evaluation.images import cells, is_images
from lamina.evaluation.nesting import Nest
from lamina.evaluation.populations import NetworkRun, joins
from lamina.evaluation.single_fits import gathered

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
    """Fit and measure all contenders: the networks together, after the others have begun.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C before the first model is finished.
    """
    together = [contender for contender in contenders if joins(contender, problem)]
    networks = NetworkRun(problem, together, progress)
    compete = competing(contenders)
    nest = Nest.of(problem) if compete else None
    alone = Alone(problem, [each for each in contenders if each not in together], compete, nest, progress)
    hearing = Hearing()
    interrupt: KeyboardInterrupt | None = None
    inside: dict[str, NDArray[np.float64]] = {}
    with _few_threads(problem):
        try:
            for contender in alone.contenders:
                alone.run(contender)
            if together:  # other processes go on with the simple models meanwhile
                networks.run(hearing)
                rivals = [each for each in together if each in compete]
                inside = network_inner_errors(nest, rivals, hearing) if nest and rivals else {}
            alone.finish()
        except KeyboardInterrupt as stop:
            interrupt = stop
            alone.stop()
    found = {model.name: model for model in alone.finished(hearing)}
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

    The user's own networks stand for all, as that is what was asked; else the one named beforehand does.

    >>> from lamina.evaluation.contenders import choose_contenders
    >>> [each.name for each in competing(choose_contenders("regression", ["mean", "linear", "mlp"]))]
    ['mean', 'linear']
    """
    simple = [each for each in contenders if not each.network]
    networks = [each for each in contenders if each.network]
    own = [each for each in networks if not each.built_in]
    if own:
        networks = own
    elif any(each.name in NAMED_BEFOREHAND for each in networks):
        networks = []
    return [each for kind in (simple, networks) if len(kind) > 1 for each in kind]


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


@dataclass(eq=False)
class Alone:
    """The models that are fitted one by one, on their way; the built-in ones of small tables in several processes.

    Those of the user stay in this process, where they may do what they like.
    """

    problem: Problem
    contenders: Sequence[Contender]
    compete: Sequence[Contender]
    nest: Nest | None
    progress: Progress

    def __post_init__(self) -> None:
        shared = [each for each in self.contenders if each.built_in and _is_small(self.problem)]
        own = [each for each in self.contenders if each not in shared]
        self._teams = [self._team(shared, True), self._team(own, False)]
        self._told = dict.fromkeys(self.contenders, 0)

    def run(self, contender: Contender) -> None:
        """Fit a contender on every split, or leave some splits to other processes."""
        for team in self._teams:
            if contender in team.contenders:
                team.run(list(team.contenders).index(contender), lambda: self._tell(contender))

    def finish(self) -> None:
        """Wait for what other processes have begun."""
        for team in self._teams:
            team.gather(lambda place, team=team: self._tell(team.contenders[place]))  # type: ignore[misc]

    def stop(self) -> None:
        """Keep what is finished."""
        for team in self._teams:
            team.stop()

    def finished(self, hearing: Hearing) -> list[ModelResult]:
        """The models that have been fitted on all splits, or failed there."""
        found = []
        for team in self._teams:
            for place, contender in enumerate(team.contenders):
                results = team.of(place)
                if results is None:
                    continue
                for result in results.values():
                    hearing.note(contender.name, result.warnings)
                found.append(gathered(self.problem, contender, results, contender in self.compete))
        return found

    def _team(self, contenders: Sequence[Contender], shared: bool) -> Helpers:
        nests = [self.nest if each in self.compete else None for each in contenders]
        return Helpers(self.problem, contenders, nests, asked=not shared)

    def _tell(self, contender: Contender) -> None:
        self._told[contender] += 1
        self.progress(contender.name, self._told[contender], len(self.problem.splits))


@contextmanager
def _few_threads(problem: Problem) -> Iterator[None]:
    """One thread for small tables, and for images, whose few components are all that linear models work on: handing out the work
    would take longer than doing it."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1 if is_images(problem.table) or _is_small(problem) else None):
        yield


def _is_small(problem: Problem) -> bool:
    return cells(problem.table) < SMALL_TABLE
