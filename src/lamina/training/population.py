"""A population of fits: many networks trained in the time of a few.

Cross-validation, searches, ensembles and learning curves are all populations. Members with the same structure run in one program
with one more axis, in pieces that fit the cache, and the pieces on as many threads as there are cores.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass

import jax

from lamina.errors import LaminaError
from lamina.networks.output import linear_predictor
from lamina.numerics.sparse import is_sparse
from lamina.training.engine import fit
from lamina.training.fitted import begun
from lamina.training.grouping import DataSet, Job, Member, Starts, check_member, cohorts, joins, own_rows
from lamina.training.interrupt import InterruptFlag
from lamina.training.pieces import Once, Outcome, Piece
from lamina.training.prediction import predict
from lamina.training.sizing import cut, n_workers

Done = Callable[[Sequence[tuple[int, Outcome]]], None]


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
    DataError, ArgumentTypeError
        If a member names a data set or rows that there are not.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina.layers import Dense
    >>> from lamina.networks import with_output
    >>> from lamina.training import Adam, Settings, SquaredError, pad_rows
    >>> x = np.linspace(-1, 1, 50, dtype=np.float32)[:, None]
    >>> network = with_output([Dense(8, "tanh")], 1, "linear")
    >>> members = [Member(network, SquaredError(), Settings(Adam(rate), epochs=5), seed=0) for rate in (0.01, 0.1)]
    >>> [len(outcome.fitted.history) for outcome in fit_population(members, [DataSet(pad_rows(x, x**2, None))])]
    [5, 5]
    """
    for place, member in enumerate(members):
        check_member(place, member, data)
    starts = Starts()
    jobs = [
        Job(place, member, data[member.data], *starts.of(member, data[member.data]))
        for place, member in enumerate(members)
    ]
    compiled = [job for job in jobs if _joins(job)]
    pieces, workers = cut(cohorts(compiled, n_workers()), memory, keep_parameters)
    run = _Run(workers, on_done or _ignore, stop or _never)
    with InterruptFlag() as interrupt:
        run.interrupt = interrupt
        run.pieces(pieces)
        alone = [jobs[job.place] for piece in pieces for job in piece.diverged]
        alone += [job for job in jobs if not _joins(job)]
        run.alone(sorted(alone, key=lambda job: job.place), keep_parameters)
    return [run.outcomes.get(job.place, Outcome()) for job in jobs]


@dataclass
class _Run:
    """A population under way."""

    workers: int
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

        def on_device(number: int, work: Callable[[Piece], object]) -> None:
            if not self.stopping():
                with jax.default_device(devices[number % len(devices)]):
                    work(pieces[number])

        def compile_it(number: int) -> None:
            on_device(number, lambda piece: piece.compile(once))

        def run(number: int) -> int:
            on_device(number, lambda piece: piece.run(once, self.stopping))
            return number

        if len(pieces) == 1:
            run(0)
            self._note(pieces[0].outcomes)
            return
        firsts = {piece.program: number for number, piece in reversed(list(enumerate(pieces)))}
        with ThreadPoolExecutor(self.workers) as pool:
            # Programs are compiled before any runs, or the last would be compiled while cores stand idle.
            compiling = [
                pool.submit(compile_it, number) for number in sorted(firsts.values()) if len(firsts) > 1
            ]
            waiting = {pool.submit(run, number) for number in range(len(pieces))}
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    self._note(pieces[future.result()].outcomes)
            for compiled in compiling:
                compiled.result()

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


def _joins(job: Job) -> bool:
    """Sparse rows differ in their nonzeros, and their first layer takes most of the time: a fit gains nothing from company."""
    return joins(job.member) and not is_sparse(job.data.rows.x)


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
            start_from=None if member.start is None else begun(member.start),
        )
    except LaminaError as error:
        return Outcome(error=error, seconds=time.perf_counter() - clock)
    network = linear_predictor(member.network)
    answers = tuple(predict(network, fitted.parameters, fitted.state, query) for query in job.data.queries)
    if not keep_parameters:
        fitted.parameters, fitted.state = {}, {}
    return Outcome(fitted, answers, None, time.perf_counter() - clock)


def _ignore(outcomes: Sequence[tuple[int, Outcome]]) -> None:
    pass


def _never() -> bool:
    return False
