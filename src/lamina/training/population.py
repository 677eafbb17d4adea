"""A population of fits: many networks trained in the time of a few.

Cross-validation, searches, ensembles and learning curves are all populations. Members with the same structure run in one program
with one more axis, in pieces that fit the cache, and the pieces on as many threads as there are cores.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from lamina.errors import LaminaError, SpecificationError
from lamina.networks.output import linear_predictor
from lamina.training.engine import fit
from lamina.training.grouping import Cohort, DataSet, Job, Member, Starts, cohorts, joins, own_rows
from lamina.training.interrupt import InterruptFlag
from lamina.training.pieces import Once, Outcome, Piece
from lamina.training.prediction import predict

Done = Callable[[Sequence[tuple[int, Outcome]]], None]

SIZES = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64)
"""Members of a call on a CPU; few sizes, so that populations of like size share programs."""
CACHE = 2 << 20
"""Bytes of members that a call may work on, on a CPU: about a core's cache."""
OVERHEAD = 3
"""Fixed cost of a step, in members."""
MOST = 4096
"""Members of a call on an accelerator."""


def fit_population(
    members: Sequence[Member],
    data: Sequence[DataSet],
    *,
    memory: int | None = None,
    keep_parameters: bool = True,
    on_done: Done | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Outcome]:
    r"""Train many networks, each as :func:`lamina.training.fit` would alone.

    Parameters
    ----------
    members
        The fits: structures may differ, and so may every number. Those that differ in numbers alone share a program.
    data
        Data sets; each member names one.
    memory
        Bytes that the members under way may take; the population is cut to fit. Default a quarter of the machine's.
    keep_parameters
        False gives answers alone, where the parameters of thousands of members would fill the memory.
    on_done
        Called with the places and outcomes of members as they finish.
    stop
        Asked between chunks whether to end; what is finished by then is returned.

    Returns
    -------
    One outcome a member, in their order. One that an interrupt or ``stop`` cut short has neither fit nor error.

    Raises
    ------
    SpecificationError
        If ``memory`` is too small for one member.

    Examples
    --------
    >>> from lamina.layers import Dense
    >>> from lamina.networks import with_output
    >>> from lamina.training import Adam, Settings, SquaredError, pad_rows
    >>> x = np.linspace(-1, 1, 50, dtype=np.float32)[:, None]
    >>> network = with_output([Dense(8, "tanh")], 1, "linear")
    >>> members = [Member(network, SquaredError(), Settings(Adam(rate), epochs=5), seed=0) for rate in (0.01, 0.1)]
    >>> [len(outcome.fitted.history) for outcome in fit_population(members, [DataSet(pad_rows(x, x**2, None))])]
    [5, 5]
    """
    starts = Starts()
    jobs = [
        Job(place, member, data[member.data], *starts.of(member, data[member.data]))
        for place, member in enumerate(members)
    ]
    compiled = [job for job in jobs if joins(job.member.settings)]
    pieces = _pieces(cohorts(compiled, n_workers()), memory, keep_parameters)
    run = _Run(on_done or _ignore, stop or _never)
    with InterruptFlag() as interrupt:
        run.interrupt = interrupt
        run.pieces(pieces)
        alone = [jobs[job.place] for piece in pieces for job in piece.diverged]
        alone += [job for job in jobs if not joins(job.member.settings)]
        run.alone(sorted(alone, key=lambda job: job.place), keep_parameters)
    return [run.outcomes.get(job.place, Outcome()) for job in jobs]


@dataclass
class _Run:
    """A population under way."""

    on_done: Done
    stop: Callable[[], bool]

    def __post_init__(self) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self.interrupt = InterruptFlag()

    def stopping(self) -> bool:
        return self.interrupt.requested or self.stop()

    def pieces(self, pieces: Sequence[Piece]) -> None:
        """Run the pieces on all devices and cores, each as soon as a place is free."""
        if not pieces:
            return
        once, devices = Once(), jax.local_devices()
        workers = n_workers()

        def work(number: int, piece: Piece) -> Piece:
            if self.stopping():
                return piece
            with jax.default_device(devices[number % len(devices)]):
                return piece.run(once, self.stopping)

        if len(pieces) == 1:
            self._note(work(0, pieces[0]).outcomes)
            return
        with ThreadPoolExecutor(workers) as pool:
            waiting: set[Future[Piece]] = {
                pool.submit(work, number, piece) for number, piece in enumerate(pieces)
            }
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    self._note(future.result().outcomes)

    def alone(self, jobs: Sequence[Job], keep_parameters: bool) -> None:
        """Fit one after the other those that cannot join a population."""
        for job in jobs:
            if self.stopping():
                return
            outcome = _alone(job, keep_parameters)
            self.interrupt.requested |= outcome.fitted is not None and outcome.fitted.interrupted
            self._note({job.place: outcome})

    def _note(self, outcomes: dict[int, Outcome]) -> None:
        self.outcomes |= outcomes
        if outcomes:
            self.on_done(list(outcomes.items()))


def _alone(job: Job, keep_parameters: bool) -> Outcome:
    member, clock = job.member, time.perf_counter()
    rows = own_rows(member, job.data.rows)
    try:
        fitted = fit(
            member.network,
            member.loss,
            rows,
            member.settings,
            member.seed,
            validation=job.data.validation,
        )
    except LaminaError as error:
        return Outcome(error=error, seconds=time.perf_counter() - clock)
    network = linear_predictor(member.network)
    answers = tuple(predict(network, fitted.parameters, fitted.state, query) for query in job.data.queries)
    if not keep_parameters:
        fitted.parameters, fitted.state = {}, {}
    return Outcome(fitted, answers, None, time.perf_counter() - clock)


def n_workers() -> int:
    """Calls that run at a time: the cores that this process may use, or the accelerators."""
    if jax.default_backend() != "cpu":
        return len(jax.local_devices())
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _pieces(all_cohorts: Sequence[Cohort], memory: int | None, keep_parameters: bool) -> list[Piece]:
    """The cohorts cut into calls of one size a program."""
    budget = (machine_memory() // 4 if memory is None else memory) // n_workers()
    kinds: dict[Any, list[Cohort]] = {}
    for cohort in all_cohorts:
        kinds.setdefault((cohort.program, cohort.sharing), []).append(cohort)
    pieces = []
    for alike in kinds.values():
        most = min(_most(cohort, budget, memory) for cohort in alike)
        size = _size([len(cohort.jobs) for cohort in alike], most)
        for cohort in alike:
            count = -(-len(cohort.jobs) // size)
            shares = np.array_split(np.arange(len(cohort.jobs)), count)
            pieces += [
                Piece(cohort, [cohort.jobs[place] for place in share], size, keep_parameters)
                for share in shares
            ]
    return _one_of_each_first(pieces)


def _one_of_each_first(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces by place, but the first of each program before the second of any: the workers then compile at a time."""
    before: dict[Any, int] = {}
    ranks = []
    for piece in sorted(pieces, key=lambda piece: piece.jobs[0].place):
        rank = before[piece.program] = before.get(piece.program, -1) + 1
        ranks.append((rank, piece.jobs[0].place, piece))
    return [piece for _, _, piece in sorted(ranks, key=lambda item: item[:2])]


def _most(cohort: Cohort, budget: int, memory: int | None) -> int:
    """Members that a call may carry by memory and, on a CPU, by cache."""
    each = max(member_bytes(job, cohort) for job in cohort.jobs)
    if each > budget:
        raise SpecificationError(
            f"memory={memory} is too small for one member: it needs about {each * n_workers():,} bytes on this machine. "
            "Give more, or a smaller network or batch_size."
        )
    if jax.default_backend() != "cpu":
        return int(min(MOST, budget // each))
    return int(np.clip(min(CACHE // max(_worked_bytes(cohort.jobs[0]), 1), budget // each), 1, SIZES[-1]))


def _size(lengths: Sequence[int], most: int) -> int:
    """Members a call, so that the cohorts take the least time on the workers; a step costs OVERHEAD members whatever its size."""
    allowed = [size for size in SIZES if size <= most]
    if most > SIZES[-1]:
        allowed = [1 << power for power in range(most.bit_length())]

    def cost(size: int) -> float:
        calls = sum(-(-length // size) for length in lengths)
        return -(-calls // n_workers()) * (size + OVERHEAD)

    return min(allowed, key=lambda size: (cost(size), size))


def member_bytes(job: Job, cohort: Cohort) -> int:
    """Memory that one member takes while it runs: what it learns, its rows if they are its own, its answers."""
    own = 0 if cohort.sharing.rows else sum(leaf.nbytes for leaf in jax.tree.leaves(job.data.rows))
    asked = sum(len(query) for query in job.data.queries) * 8 * np.dtype(job.dtype).itemsize
    return int(_worked_bytes(job) + own + asked)


def _worked_bytes(job: Job) -> int:
    """Bytes that a step touches: parameters, gradient, moments and the best so far; activations and their errors."""
    parameters: int = sum(leaf.nbytes for leaf in jax.tree.leaves(job.parameters))
    widths: int = sum(leaf.shape[-1] for leaf in jax.tree.leaves(job.parameters))
    rows = job.member.settings.rows_a_step(job.n) or len(job.data.rows.weights)
    return int(6 * parameters + 2 * rows * widths * np.dtype(job.dtype).itemsize)


def machine_memory() -> int:
    """Bytes of the machine's memory, 8 GB where it cannot be told."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return 8 << 30


def _ignore(outcomes: Sequence[tuple[int, Outcome]]) -> None:
    pass


def _never() -> bool:
    return False
