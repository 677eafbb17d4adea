"""Which members of a population can run in one call: the same program, and as much in common as there is."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import jax
import numpy as np

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.layers.base import Parameters, State, template
from lamina.layers.containers import Sequential
from lamina.layers.convolution import convolves
from lamina.training.common import with_common_structures
from lamina.training.losses import Loss
from lamina.training.members import Sharing
from lamina.training.objective import penalty_terms
from lamina.training.optimizers import Optimizer
from lamina.training.padding import padded_size
from lamina.training.plan import initial, objective_of, program_of
from lamina.training.program import Program, Rows
from lamina.training.settings import Settings

FEW = 3
"""Members with less company than this on their rows are pooled with those of other rows."""

Item = TypeVar("Item")


@dataclass(frozen=True, eq=False)
class DataSet:
    """Rows to learn from, rows to watch, and rows at which each member's output is wanted.

    Attributes
    ----------
    rows, validation
        Padded, as :func:`lamina.training.pad_rows` makes them.
    queries
        Arrays of rows x; the answers are outputs before the output activation.
    """

    rows: Rows
    validation: Rows | None = None
    queries: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True, eq=False)
class Member:
    """One fit of a population.

    Attributes
    ----------
    network, loss, settings, seed
        As in :func:`lamina.training.fit`.
    data
        Which data set, by its place.
    picks
        Indices of the rows it learns from, with repetitions perhaps; None takes all.
    weights
        Its own weights of the rows, mean one; None takes those of the data set.
    start
        Parameters and state to begin with, in the precision of the data; None draws them from the seed.
    """

    network: Sequential
    loss: Loss
    settings: Settings
    seed: int
    data: int = 0
    picks: np.ndarray | None = None
    weights: np.ndarray | None = None
    start: tuple[Parameters, State] | None = None


@dataclass(eq=False)
class Job:
    """A member on its way: its place in the population, its data, its first parameters.

    ``restore`` gives the parameters of the member's own network, where another stands in for it.
    """

    place: int
    member: Member
    data: DataSet
    parameters: Parameters
    state: Any
    restore: Callable[[Parameters], Parameters] | None = None

    @property
    def n(self) -> int:
        """Rows it learns from."""
        return int(self.data.rows.n) if self.member.picks is None else len(self.member.picks)

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return self.member.settings.steps(self.n)

    @property
    def flops(self) -> int:
        """Multiplications and additions of an epoch, about: three products of two each for every row and parameter."""
        parameters: int = sum(leaf.size for leaf in jax.tree.leaves(self.parameters))
        return 6 * parameters * self.n

    @property
    def dtype(self) -> Any:
        return self.data.rows.weights.dtype


@dataclass(eq=False)
class Cohort:
    """Jobs that one program runs together."""

    program: Program
    sharing: Sharing
    jobs: list[Job]

    @property
    def lengths_differ(self) -> bool:
        return len({job.member.settings.epochs for job in self.jobs}) > 1


@dataclass
class Starts:
    """Initial parameters, drawn once for members with the same structure, inputs and seed."""

    _drawn: dict[Hashable, Any] = field(default_factory=dict)

    def of(self, member: Member, data: DataSet) -> tuple[Parameters, Any]:
        if member.start is not None:
            return member.start
        shape, dtype = tuple(data.rows.x.shape[1:]), data.rows.weights.dtype
        key = (template(member.network), shape, dtype, member.seed)
        if key not in self._drawn:
            self._drawn[key] = initial(member.network, shape, member.seed, dtype)
        return self._drawn[key]  # type: ignore[no-any-return]


def check_member(place: int, member: Member, data: Sequence[DataSet]) -> None:
    """Raise where a member names data or rows that there are not: XLA would take the nearest instead."""
    owner = f"member {place}"
    if not 0 <= member.data < len(data):
        raise SpecificationError(f"{owner} learns from data set {member.data}, and there are {len(data)}.")
    n = int(data[member.data].rows.n)
    if member.picks is not None:
        picks = np.asarray(member.picks)
        if picks.ndim != 1 or not len(picks) or picks.dtype.kind not in "iu":
            raise ArgumentTypeError(f"{owner}: picks must be a row of whole numbers, one at least.")
        if picks.min() < 0 or picks.max() >= n:
            raise DataError(
                f"{owner} picks rows {picks.min()} to {picks.max()}, and its data set has rows 0 to {n - 1}."
            )
    if member.weights is not None:
        weights = np.asarray(member.weights)
        if weights.shape != (n,) or not np.isfinite(weights).all() or (weights < 0).any():
            raise DataError(f"{owner}: weights must be {n} finite numbers, zero or more, one for each row.")


def joins(member: Member) -> bool:
    """Whether a fit can be a member of a compiled population; a network of images fills the machine by itself."""
    settings = member.settings
    compiles = isinstance(settings.optimizer, Optimizer) and settings.end_of_epoch is None
    return compiles and not convolves(member.network)


def cohorts(jobs: Sequence[Job], workers: int = 1) -> list[Cohort]:
    """The jobs in as few programs as there are structures, and in calls that share what they can."""
    made: list[Cohort] = []
    # A step over all rows has no order through which a member could pick its own.
    jobs = [_with_own_rows(job) if job.member.settings.rows_a_step(job.n) is None else job for job in jobs]
    for group in _by(with_common_structures(jobs, _frame, workers), _structure):
        program = _program(group)
        alone: list[Job] = []
        for on_rows in _by(group, lambda job: id(job.data)):
            picked = [job for job in on_rows if job.member.picks is not None]
            rest: list[Job] = []
            for same in _by(
                (job for job in on_rows if job.member.picks is None), lambda job: job.member.seed
            ):
                if len(same) < FEW:
                    rest += same
                else:
                    made.append(_cohort(program, same, rows=True))
            for kind in (rest, picked):
                if len(kind) >= FEW:
                    made.append(_cohort(program, kind, rows=True))
                else:
                    alone += kind
        alone = [_with_own_rows(job) for job in alone]
        made += [_cohort(program, kind, rows=len(kind) == 1) for kind in _by(alone, _shapes)]
    return made


def _by(items: Iterable[Item], key: Callable[[Item], Hashable]) -> list[list[Item]]:
    groups: defaultdict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return list(groups.values())


def _structure(job: Job) -> Hashable:
    return objective_of(job.member.network, job.member.loss, ()), _frame(job)


def _frame(job: Job) -> Hashable:
    """All that must agree for jobs to share a program, but the network."""
    settings = job.member.settings
    return (
        template(job.member.loss),
        template(settings.optimizer),
        settings.rows_a_step(job.n),
        settings.shuffle,
        settings.whole_batches,
        job.steps,
        _shapes(job),
    )


def _shapes(job: Job) -> Hashable:
    data, picks = job.data, job.member.picks
    return (
        tuple((leaf.shape, leaf.dtype) for leaf in jax.tree.leaves((data.rows, data.validation))),
        job.dtype,
        tuple(padded_size(len(query)) for query in data.queries),
        None if picks is None else padded_size(len(picks)),
    )


def _program(group: Sequence[Job]) -> Program:
    """The program of jobs that differ in numbers alone: a penalty or a clip that one has, all have, at no strength."""
    first = group[0]
    terms = {
        term: None
        for job in group
        for term in penalty_terms(job.member.network, first.parameters, job.member.settings.penalty)
    }
    objective = objective_of(first.member.network, first.member.loss, tuple(terms))
    return dataclasses.replace(
        program_of(objective, first.member.settings, first.n),
        clips=any(job.member.settings.clip_norm is not None for job in group),
        keeps_best=first.data.validation is not None,
    )


def _cohort(program: Program, jobs: list[Job], *, rows: bool) -> Cohort:
    first = jobs[0]
    sharing = Sharing(
        rows=rows,
        weights=rows and all(job.member.weights is None for job in jobs),
        key=len({job.member.seed for job in jobs}) == 1,
        start=all(job.parameters is first.parameters for job in jobs),
        picks=first.member.picks is not None,
    )
    cohort = Cohort(program, sharing, jobs)
    stops = any(job.member.settings.patience is not None for job in jobs)
    cohort.sharing = dataclasses.replace(sharing, freezes=stops or cohort.lengths_differ)
    return cohort


def _with_own_rows(job: Job) -> Job:
    """The job with the rows that it picks and weighs written out."""
    member, rows = job.member, job.data.rows
    if member.picks is None and member.weights is None:
        return job
    rows = own_rows(member, rows)
    member = dataclasses.replace(member, picks=None, weights=None)
    return dataclasses.replace(job, member=member, data=dataclasses.replace(job.data, rows=rows))


def own_rows(member: Member, rows: Rows) -> Rows:
    """The rows of a member, weighted its way."""
    weights = rows.weights
    if member.weights is not None:
        weights = np.zeros_like(weights)
        weights[: len(member.weights)] = member.weights
    if member.picks is None:
        return rows._replace(weights=weights)
    n = len(member.picks)
    places = np.zeros(padded_size(n), np.int64)
    places[:n] = member.picks
    taken = np.where(np.arange(len(places)) < n, weights[places], 0).astype(weights.dtype)
    return Rows(rows.x[places], rows.y[places], taken, np.int32(n))
