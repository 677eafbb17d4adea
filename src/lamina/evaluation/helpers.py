"""Other processes that fit the simple models of some splits while this one fits those of the others.

They start when the fits have taken ``PATIENCE`` seconds, so that a short comparison never waits for them, and are kept for
the next comparison. A split is always one process's, which encodes its rows once for all models. What they find is, to the
bit, what this process would have found: each fit depends on its rows and its seed alone, and runs in one thread.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lamina.evaluation.contenders import Contender
from lamina.evaluation.fits import Problem
from lamina.evaluation.nesting import Nest
from lamina.evaluation.single_fits import SplitResult, fit_split

PATIENCE = 5.0
MOST_PROCESSES = 8
IDLE_SECONDS = 30
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
"""Of the other processes' libraries, said before they are loaded."""

Place = tuple[int, int]
"""A contender and a split, by number."""


@dataclass(eq=False)
class Helpers:
    """The fits of some contenders on all splits, shared among processes once they take long.

    ``nests`` says for each contender whether, and where, its inner errors are measured.
    """

    problem: Problem
    contenders: Sequence[Contender]
    nests: Sequence[Nest | None]
    done: dict[Place, SplitResult] = field(default_factory=dict)
    waiting: dict[Place, Any] = field(default_factory=dict)
    start: float = field(default_factory=time.perf_counter)
    asked: bool = False

    def run(self, contender: int, tell: Callable[[], None]) -> None:
        """Fit a contender on the splits that no other process has taken."""
        for split in range(len(self.problem.splits)):
            if not self.asked and time.perf_counter() - self.start > PATIENCE:
                self.ask(contender, split)
            if (contender, split) not in self.waiting:
                self._fit((contender, split))
                tell()

    def ask(self, contender: int, split: int) -> None:
        """Give the other processes their share of what this one has not begun."""
        self.asked = True
        processes = _processes()
        for process in processes:
            process.submit(_load, *_plain(self.problem, self.contenders, self.nests))
        for place in range(contender, len(self.contenders)):
            for number in range(split + 1 if place == contender else 0, len(self.problem.splits)):
                share = number % (len(processes) + 1)
                if share and (place, number) not in self.done:
                    self.waiting[place, number] = processes[share - 1].submit(_fit_there, (place, number))

    def gather(self, tell: Callable[[int], None]) -> None:
        """Wait for the other processes, and fit meanwhile what they have not begun, the last first."""
        for place in reversed(list(self.waiting)):
            if self.waiting[place].cancel():
                del self.waiting[place]
                self._fit(place)
                tell(place[0])
        for place, future in list(self.waiting.items()):
            try:
                self.done[place] = future.result()
            except (
                Exception
            ):  # what cannot be sent to another process, or one that was killed: no model failed
                self._fit(place)
            del self.waiting[place]
            tell(place[0])

    def stop(self) -> None:
        """Keep what the other processes have finished, and end them."""
        for place, future in self.waiting.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self.done[place] = future.result()
        if self.waiting:
            _end()

    def of(self, contender: int) -> dict[int, SplitResult] | None:
        """The results of a contender by split, if there is one for each."""
        found = {split: result for (place, split), result in self.done.items() if place == contender}
        return found if len(found) == len(self.problem.splits) else None

    def _fit(self, place: Place) -> None:
        contender, split = place
        self.done[place] = fit_split(self.problem, self.contenders[contender], split, self.nests[contender])


Shared = tuple[Problem, tuple[Contender, ...], tuple[Nest | None, ...]]
_started: list[Any] = []
_problem: list[Shared] = []


def _processes() -> list[Any]:
    """One executor a process, so that a split can be kept to one of them; none inside another's process."""
    from joblib import cpu_count  # type: ignore[import-untyped]
    from joblib.externals.loky import ProcessPoolExecutor  # type: ignore[import-untyped]

    if multiprocessing.parent_process() is not None:
        return []
    for _ in range(len(_started), min(cpu_count(), MOST_PROCESSES) - 1):
        _started.append(
            ProcessPoolExecutor(1, timeout=IDLE_SECONDS, initializer=_ignore_interrupts, env=ONE_THREAD)
        )
    return _started


def _end() -> None:
    for process in _started:
        process.shutdown(wait=True, kill_workers=True)
    _started.clear()


def _plain(problem: Problem, contenders: Sequence[Contender], nests: Sequence[Nest | None]) -> Shared:
    """What the other processes must know, without what this one has already encoded."""
    plain = {id(nest): nest and replace(nest, inner=replace(nest.inner, kept={})) for nest in nests}
    return replace(problem, kept={}), tuple(contenders), tuple(plain[id(nest)] for nest in nests)


def _ignore_interrupts() -> None:
    """Ctrl-C is for the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _load(*shared: Any) -> None:
    _problem[:] = [shared]


def _fit_there(place: Place) -> SplitResult:
    """A fit in another process."""
    problem, contenders, nests = _problem[0]
    contender, split = place
    return fit_split(problem, contenders[contender], split, nests[contender])
