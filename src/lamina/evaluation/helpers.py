"""Other processes that fit simple models from the first on, while this one fits networks and then the last simple models.

They start when the fits have taken ``PATIENCE`` seconds, so that a short comparison never waits for them, and are kept for
the next comparison, or for the learning curve of the same, which they join sooner. Each of them has splits of its own, whose
rows it encodes once for all models. What they find is, to the bit, what this process would have found: each fit depends on
its rows and its seed alone, and runs in one thread.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lamina.evaluation.contenders import Contender
from lamina.evaluation.fits import Problem
from lamina.evaluation.nesting import Nest
from lamina.evaluation.single_fits import SplitResult, fit_split

PATIENCE, PATIENCE_ONCE_STARTED = 3.0, 0.3
MOST_PROCESSES = 8
IDLE_SECONDS = 30
IN_FLIGHT = 2
"""Fits that a process has at a time: one, and the next. The others can still be taken back."""
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
    given: list[Place] = field(default_factory=list)
    waiting: dict[Place, Any] = field(default_factory=dict)
    shares: list[deque[Place]] = field(default_factory=list)
    start: float = field(default_factory=time.perf_counter)
    asked: bool = False
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    def run(self, contender: int, tell: Callable[[], None]) -> None:
        """Fit a contender on the splits that no other process was given."""
        for split in range(len(self.problem.splits)):
            if not self.asked and time.perf_counter() - self.start > _patience():
                self.ask(contender, split)
            if (contender, split) not in self.given:
                self._fit((contender, split))
                tell()

    def ask(self, contender: int, split: int) -> None:
        """Give the other processes all that comes after a contender and split; `gather` takes back what they do not begin."""
        self.asked = True
        try:
            # Here and now: what another thread would write out could change under its hands.
            shared = _written(_plain(self.problem, self.contenders, self.nests))
        except Exception:  # a model that cannot be sent is fitted here, and all the others with it
            return
        processes = _processes()
        places = [
            (place, number)
            for place in range(len(self.contenders))
            for number in range(len(self.problem.splits))
        ]
        left = [place for place in places if place > (contender, split)]
        self.shares = [
            deque(place for place in left if place[1] % len(processes) == number)
            for number in range(len(processes))
        ]
        self.given = [place for share in self.shares for place in share]
        for process, share in zip(processes, self.shares, strict=True):
            process.submit(_load, self.token, shared)
            for _ in range(IN_FLIGHT):
                self._feed(process, share)

    def gather(self, tell: Callable[[int], None]) -> None:
        """Fit what the other processes have not begun, the last first, and wait for what they have."""
        for share in self.shares:
            while (place := _pop(share)) is not None:
                self._fit(place)
                tell(place[0])
        for place in self.given:
            if place not in self.done:
                self._await(place)
                tell(place[0])

    def stop(self) -> None:
        """Keep what the other processes have finished, and end them."""
        for share in self.shares:
            share.clear()
        for place, future in list(self.waiting.items()):
            if future.done() and not future.cancelled() and future.exception() is None:
                self.done[place] = future.result()
        if self.given:
            _end()

    def _feed(self, process: Any, share: deque[Place]) -> None:
        """Give a process its next fit; it asks for another when it has done one."""
        try:
            place = share.popleft()
        except IndexError:
            return
        try:
            self.waiting[place] = future = process.submit(_fit_there, self.token, place)
        except Exception:  # the process is gone
            share.append(place)
            return
        future.add_done_callback(lambda _: self._feed(process, share))

    def _await(self, place: Place) -> None:
        """The result of a fit that another process was given."""
        while place not in self.waiting:
            if any(place in share for share in self.shares):
                self._fit(place)
                return
            time.sleep(0.001)  # it is being handed out
        try:
            self.done[place] = self.waiting[place].result()
        except Exception:  # what cannot be sent to another process, or one that was killed: no model failed
            self._fit(place)

    def of(self, contender: int) -> dict[int, SplitResult] | None:
        """The results of a contender by split, if there is one for each."""
        found = {split: result for (place, split), result in self.done.items() if place == contender}
        return found if len(found) == len(self.problem.splits) else None

    def _fit(self, place: Place) -> None:
        contender, split = place
        self.done[place] = fit_split(self.problem, self.contenders[contender], split, self.nests[contender])


Shared = tuple[Problem, tuple[Contender, ...], tuple[Nest | None, ...]]
_started: list[Any] = []
_problem: dict[str, Shared] = {}
"""In another process: the comparison at hand, by its token."""


def _pop(share: deque[Place]) -> Place | None:
    try:
        return share.pop()
    except IndexError:
        return None


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


def _patience() -> float:
    return PATIENCE_ONCE_STARTED if _started else PATIENCE


def _end() -> None:
    for process in _started:
        process.shutdown(wait=True, kill_workers=True)
    _started.clear()


def _plain(problem: Problem, contenders: Sequence[Contender], nests: Sequence[Nest | None]) -> Shared:
    """What the other processes must know, without what this one has already encoded."""
    bare = replace(problem, kept={})
    plain = {
        id(nest): nest and replace(nest, outer=bare, inner=replace(nest.inner, kept={})) for nest in nests
    }
    return bare, tuple(contenders), tuple(plain[id(nest)] for nest in nests)


def _ignore_interrupts() -> None:
    """Ctrl-C is for the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _written(shared: Shared) -> bytes:
    from joblib.externals.loky.backend.reduction import dumps  # type: ignore[import-untyped]

    return bytes(dumps(shared))


def _load(token: str, shared: bytes) -> None:
    """Take up a comparison in another process; whatever becomes of it, the one before is forgotten."""
    _problem.clear()
    _problem[token] = pickle.loads(shared)


def _fit_there(token: str, place: Place) -> SplitResult:
    """A fit in another process.

    Raises
    ------
    KeyError
        If this process holds another comparison, or none: the one that asked then fits itself.
    """
    problem, contenders, nests = _problem[token]
    contender, split = place
    return fit_split(problem, contenders[contender], split, nests[contender])
