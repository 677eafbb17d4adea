"""One piece of a population: members that one call carries through their epochs."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import numpy as np

from lamina.layers.base import template
from lamina.networks.output import linear_predictor
from lamina.training.cache import keep_few_programs
from lamina.training.fitted import Fitted
from lamina.training.grouping import Cohort, Job
from lamina.training.history import History
from lamina.training.members import (
    Sharing,
    advance_members,
    advance_members_hastily,
    apply_members,
    select_members,
    stacked_values,
    start_members,
)
from lamina.training.padding import padded_size
from lamina.training.plan import numbers_of
from lamina.training.precision import precision
from lamina.training.program import HISTORY, Carry, Numbers, Program, Rows

CHUNK_SECONDS = 0.2
"""How long a worker is away before it heeds Ctrl-C."""
WORTH_COMPILING = 1.5
"""Seconds of work that compaction must save before another program is compiled for it."""
QUERY_ENTRIES = 1 << 16
"""Rows times members that answer queries at a time."""


@dataclass
class Outcome:
    """What became of a member.

    Attributes
    ----------
    fitted
        None where there is an error, or where the fit was cut short.
    answers
        Outputs at the queries of its data set before the output activation, each (n, outputs).
    error
        Why there is no fit.
    seconds
        Its share of the time.
    """

    fitted: Fitted | None = None
    answers: tuple[np.ndarray, ...] = ()
    error: Exception | None = None
    seconds: float = 0.0


@dataclass
class Once:
    """Lets one thread compile what several are about to run."""

    _locks: defaultdict[Hashable, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _done: set[Hashable] = field(default_factory=set)

    def __call__(self, key: Hashable, compile_it: Callable[[], object]) -> None:
        """Call ``compile_it`` unless it was called for ``key``; other threads with that key wait."""
        with self._locks[key]:
            if key not in self._done:
                compile_it()
                self._done.add(key)

    def knows(self, key: Hashable) -> bool:
        """Whether what ``key`` names is compiled."""
        return key in self._done


class Seen(NamedTuple):
    """What the host reads of the members after each chunk, in one transfer."""

    stopped: np.ndarray
    diverged: np.ndarray
    best_epoch: np.ndarray
    wait: np.ndarray
    losses: np.ndarray
    penalties: np.ndarray
    validation_losses: np.ndarray


@dataclass
class Under:
    """The arrays of members under way; places beyond the jobs repeat the first and are never read."""

    jobs: list[Job]
    rows: Rows
    validation: Rows | None
    numbers: Numbers
    picks: Any
    ends: np.ndarray
    carry: Carry


@dataclass
class Piece:
    """Members of one cohort, how many places their call has, and whether its program is compiled in haste.

    After :meth:`run`, ``outcomes`` holds what became of each finished job by its place; a job that diverged or was cut short
    is missing, and stands in ``diverged`` in the first case.
    """

    cohort: Cohort
    jobs: list[Job]
    size: int
    keep_parameters: bool = True
    hasty: bool = False
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    diverged: list[Job] = field(default_factory=list)
    histories: dict[int, History] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        return self.cohort.program

    @property
    def sharing(self) -> Sharing:
        return self.cohort.sharing

    def run(self, once: Once, stop: Callable[[], bool]) -> Piece:
        """Fit the members and answer their queries, unless ``stop`` says to end between two chunks."""
        clock = time.perf_counter()
        with precision(self.jobs[0].dtype):
            self._advance(self._begin(once), once, stop)
        for outcome in self.outcomes.values():
            outcome.seconds = (time.perf_counter() - clock) / len(self.jobs)
        return self

    def compile(self, once: Once) -> None:
        """Compile what the members need, and run nothing."""
        with precision(self.jobs[0].dtype):
            self._compile(self._begin(once), once)

    def _begin(self, once: Once) -> Under:
        """The members before their first step."""
        keep_few_programs(
            start_members, advance_members, advance_members_hastily, apply_members, select_members
        )
        jobs = self.jobs + [self.jobs[0]] * (self.size - len(self.jobs))
        first, sharing = jobs[0], self.sharing
        rows, validation = _rows(jobs, sharing)
        numbers = _numbers(jobs, sharing)
        stacked = [(job.parameters, job.state) for job in (jobs[:1] if sharing.start else jobs)]
        parameters, state = stacked[0] if sharing.start else _stack(stacked)
        self.histories = {job.place: History() for job in self.jobs}
        kind = self.program.optimizer, self.program.keeps_best

        def begin() -> Carry:
            started: Carry = start_members(*kind, sharing, self.size, parameters, state, numbers)
            return started

        shapes = tuple(leaf.shape for leaf in jax.tree.leaves(parameters))
        once(("start", kind, sharing, self.size, shapes, first.dtype), begin)
        return Under(
            list(self.jobs),
            jax.device_put(rows),
            None if validation is None else jax.device_put(validation),
            numbers,
            _picks(jobs) if sharing.picks else None,
            np.array([job.member.settings.epochs for job in jobs], np.int32),
            begin(),
        )

    def _advance(self, under: Under, once: Once, stop: Callable[[], bool]) -> None:
        done, chunk, pace = 0, _first_chunk(self), 0.0
        while True:
            last = int(under.ends[: len(under.jobs)].max())
            until = min(done + chunk, last, done + HISTORY)
            self._compile(under, once)
            clock = time.perf_counter()
            under.carry = self._call(under, until)
            seen = Seen(*jax.device_get([getattr(under.carry, name) for name in Seen._fields]))
            seconds = time.perf_counter() - clock
            running = self._collect(under, seen, done, until)
            pace, done = seconds / (until - done), until
            chunk = int(np.clip(CHUNK_SECONDS / max(pace, 1e-9), max(chunk // 4, 1), 4 * chunk))
            if not running or stop():
                ended = [place for place in range(len(under.jobs)) if place not in running]
                return self._harvest(under, ended, seen)
            smaller = 1 << (len(running) - 1).bit_length()
            if smaller <= len(under.ends) // 2 and self._pays(under, smaller, once, (last - done) * pace):
                ended = [place for place in range(len(under.jobs)) if place not in running]
                self._harvest(under, ended, seen)
                _compact(under, self.sharing, running, smaller)

    def _call(self, under: Under, until: int) -> Carry:
        advance = advance_members_hastily if self.hasty else advance_members
        advanced: Carry = advance(
            self.program,
            self.sharing,
            under.carry,
            under.rows,
            under.validation,
            under.numbers,
            under.picks,
            under.ends,
            np.int32(self.jobs[0].steps),
            np.int32(until),
        )
        return advanced

    def _compile(self, under: Under, once: Once) -> None:
        """Compile by running to epoch 0, which does nothing."""

        def compile_it() -> None:
            under.carry = self._call(under, 0)

        once(self._key(under, len(under.ends)), compile_it)

    def _key(self, under: Under, size: int) -> Hashable:
        shapes = tuple(leaf.shape for leaf in jax.tree.leaves((under.rows, under.validation, under.picks)))
        return "advance", self.program, self.sharing, size, shapes if self.sharing.rows else shapes[1:]

    def _pays(self, under: Under, smaller: int, once: Once, seconds_left: float) -> bool:
        saved = seconds_left * (1 - smaller / len(under.ends))
        return once.knows(self._key(under, smaller)) or saved > WORTH_COMPILING

    def _collect(self, under: Under, seen: Seen, first: int, until: int) -> list[int]:
        """Note the losses of each member's epochs; returns the places of those that go on."""
        running = []
        for place, job in enumerate(under.jobs):
            end = min(until, int(under.ends[place]))
            if seen.stopped[place]:
                end = min(end, int(seen.best_epoch[place] + seen.wait[place]))
            elif until < under.ends[place]:
                running.append(place)
            slots = np.arange(first, max(first, end)) % HISTORY
            history = self.histories[job.place]
            history.loss += seen.losses[place, slots].tolist()
            history.penalty += seen.penalties[place, slots].tolist()
            if under.validation is not None:
                history.validation_loss += seen.validation_losses[place, slots].tolist()
        return running

    def _harvest(self, under: Under, places: Sequence[int], seen: Seen) -> None:
        """Write down what became of the members at ``places``."""
        if seen.diverged[list(places)].all():  # also where there are none: there is nothing to ask them
            self.diverged += [under.jobs[place] for place in places]
            return
        carry = under.carry
        learnt = (carry.learner.parameters, carry.learner.state) if under.validation is None else carry.best
        answers = self._answers(under, learnt)
        host = jax.device_get(learnt) if self.keep_parameters else ({}, {})
        # The last step of all may have gone astray, which no further epoch shows.
        usable = ~seen.diverged & _finite(host[0] if self.keep_parameters else answers, len(under.ends))
        self.diverged += [under.jobs[place] for place in places if not usable[place]]
        for place in (place for place in places if usable[place]):
            job = under.jobs[place]
            history = self.histories[job.place]
            history.stopped = "patience" if seen.stopped[place] else "epochs"
            if under.validation is not None:
                history.best_epoch = int(seen.best_epoch[place])
            parameters, state = jax.tree.map(lambda leaf, place=place: leaf[place], host)
            if job.restore is not None and self.keep_parameters:
                parameters = job.restore(parameters)
            self.outcomes[job.place] = Outcome(
                Fitted(parameters, state, history, None, len(history)),
                tuple(answer[place, : len(x)] for answer, x in zip(answers, job.data.queries, strict=True)),
            )

    def _answers(self, under: Under, learnt: tuple[Any, Any]) -> list[np.ndarray]:
        """Outputs at each query, shape (places, padded rows, outputs)."""
        if not under.jobs[0].data.queries:
            return []
        jobs = under.jobs + [under.jobs[0]] * (len(under.ends) - len(under.jobs))
        networks = [linear_predictor(job.member.network) for job in jobs]
        network, hyperparameters = template(networks[0]), stacked_values(networks, jobs[0].dtype)
        shared = self.sharing.rows
        answers = []
        for number in range(len(jobs[0].data.queries)):
            x = _padded_query(jobs[:1] if shared else jobs, number)
            block = max(padded_size(1), QUERY_ENTRIES // len(jobs))
            parts = [
                apply_members(network, shared, *learnt, part[0] if shared else part, hyperparameters)
                for part in np.split(x, range(block, x.shape[1], block), axis=1)
            ]
            answers.append(np.concatenate(jax.device_get(parts), axis=1))
        return answers


def _finite(tree: Any, members: int) -> np.ndarray:
    """Whether all numbers of each member are finite, shape (members,)."""
    finite = np.ones(members, bool)
    for leaf in jax.tree.leaves(tree):
        finite &= np.isfinite(leaf).reshape(members, -1).all(axis=1)
    return finite


def _stack(trees: Sequence[Any]) -> Any:
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


def _rows(jobs: Sequence[Job], sharing: Sharing) -> tuple[Rows, Rows | None]:
    first = jobs[0]
    if not sharing.rows:
        validation = None if first.data.validation is None else _stack([job.data.validation for job in jobs])
        return _stack([job.data.rows for job in jobs]), validation
    rows = first.data.rows
    if not sharing.weights:
        weights = np.zeros((len(jobs), len(rows.weights)), rows.weights.dtype)
        for place, job in enumerate(jobs):
            given = job.member.weights
            own = rows.weights[: int(rows.n)] if given is None else given
            weights[place, : len(own)] = own
        rows = rows._replace(weights=weights)
    return rows._replace(n=np.int32(first.n)), first.data.validation


def _numbers(jobs: Sequence[Job], sharing: Sharing) -> Numbers:
    """Numbers of all members: one key if they share it, everything else with a member axis."""
    each = [
        numbers_of(m.network, m.loss, m.settings, m.seed, job.dtype) for job in jobs for m in [job.member]
    ]
    stacked: Numbers = _stack(each)
    return stacked._replace(key=each[0].key) if sharing.key else stacked


def _picks(jobs: Sequence[Job]) -> np.ndarray:
    picks = np.zeros((len(jobs), padded_size(jobs[0].n)), np.int32)
    for place, job in enumerate(jobs):
        assert job.member.picks is not None
        picks[place, : job.n] = job.member.picks
    return picks


def _padded_query(jobs: Sequence[Job], number: int) -> np.ndarray:
    """Rows of one query for each job, shape (jobs, padded rows, ...)."""
    queries = [job.data.queries[number] for job in jobs]
    x = np.zeros((len(jobs), padded_size(len(queries[0])), *queries[0].shape[1:]), queries[0].dtype)
    for place, query in enumerate(queries):
        x[place, : len(query)] = query
    return x


def _compact(under: Under, sharing: Sharing, running: Sequence[int], size: int) -> None:
    """Keep the members at ``running`` alone, in ``size`` places."""
    places = np.array([*running, *[running[0]] * (size - len(running))], np.int32)
    apart = {"step": under.carry.step, "order": under.carry.order}
    carry = select_members(under.carry._replace(step=None, order=None), places)
    under.carry = carry._replace(**apart)
    under.jobs = [under.jobs[place] for place in running]
    under.ends = under.ends[places]
    key = under.numbers.key if sharing.key else under.numbers.key[places]
    numbers = jax.tree.map(lambda leaf: leaf[places], under.numbers._replace(key=None))
    under.numbers = numbers._replace(key=key)
    if under.picks is not None:
        under.picks = under.picks[places]
    if not sharing.rows:
        under.rows, under.validation = select_members((under.rows, under.validation), places)
    elif not sharing.weights:
        under.rows = under.rows._replace(weights=under.rows.weights[places])


def _first_chunk(piece: Piece) -> int:
    """Epochs that should take about a tenth of a second at a cautious 10 GFLOP/s and 50 µs a step."""
    job = piece.jobs[0]
    return max(1, int(0.1 / (50e-6 * job.steps + job.flops * piece.size / 10e9)))
