"""How a population is cut into pieces: by the cache, by the memory, by the cores."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lamina.errors import SpecificationError
from lamina.training.common import SPEED
from lamina.training.grouping import Cohort, Job
from lamina.training.haste import SHORT
from lamina.training.pieces import Piece

SIZES = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64)
"""Members of a call on a CPU; few sizes, so that populations of like size share programs."""
CACHE = 2 << 20
"""Bytes of members that a call may work on, on a CPU: about a core's cache."""
OVERHEAD = 3
"""Fixed cost of a step, in members."""
MOST = 4096
"""Members of a call on an accelerator."""


def cut(cohorts: Sequence[Cohort], memory: int | None, keep_parameters: bool) -> tuple[list[Piece], int]:
    """The cohorts cut into calls of one size a program, and how many of them may run at a time.

    Parameters
    ----------
    memory
        Bytes for the members under way; None takes a share of the machine's.

    Raises
    ------
    SpecificationError
        If one member needs more.
    """
    if not cohorts:
        return [], 1
    budget = free_memory() if memory is None else int(memory)
    largest = max(member_bytes(job, cohort) for cohort in cohorts for job in cohort.jobs)
    if largest > budget:
        raise SpecificationError(
            f"memory={budget:,} bytes are too few for one member, which needs about {largest:,}: give more, or a smaller "
            "network or batch_size."
        )
    workers = int(min(n_workers(), budget // largest))
    kinds: dict[Any, list[Cohort]] = {}
    for cohort in cohorts:
        kinds.setdefault((cohort.program, cohort.sharing), []).append(cohort)
    pieces = []
    for alike in kinds.values():
        most = min(_most(cohort, budget // workers) for cohort in alike)
        size = _size([len(cohort.jobs) for cohort in alike], most, workers)
        hasty = len(kinds) > 1 and _seconds(alike) / workers < SHORT
        for cohort in alike:
            count = -(-len(cohort.jobs) // size)
            shares = np.array_split(np.arange(len(cohort.jobs)), count)
            pieces += [
                Piece(cohort, [cohort.jobs[place] for place in share], size, keep_parameters, hasty)
                for share in shares
            ]
    # In the order of the members: a search that is stopped then has settings with all their folds to choose from.
    return sorted(pieces, key=lambda piece: piece.jobs[0].place), workers


def n_workers() -> int:
    """Calls that run at a time: the cores that this process may use, or the accelerators."""
    if jax.default_backend() != "cpu":
        return len(jax.local_devices())
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def free_memory() -> int:
    """Bytes that a population may take: a quarter of the machine's memory, or half of an accelerator's on each."""
    if jax.default_backend() != "cpu":
        statistics = [device.memory_stats() or {} for device in jax.local_devices()]
        return sum(entry.get("bytes_limit", 8 << 30) // 2 for entry in statistics)
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) // 4
    except (AttributeError, ValueError, OSError):
        return 2 << 30


def member_bytes(job: Job, cohort: Cohort) -> int:
    """Memory that one member takes while it runs: what it learns, its rows if they are its own, its answers."""
    own = 0 if cohort.sharing.rows else sum(leaf.nbytes for leaf in jax.tree.leaves(job.data.rows))
    asked = sum(len(query) for query in job.data.queries) * 8 * np.dtype(job.dtype).itemsize
    return int(worked_bytes(job) + own + asked)


def worked_bytes(job: Job) -> int:
    """Bytes that a step touches: parameters, gradient, moments and the best so far; activations and their errors."""
    parameters: int = sum(leaf.nbytes for leaf in jax.tree.leaves(job.parameters))
    widths: int = sum(leaf.shape[-1] for leaf in jax.tree.leaves(job.parameters))
    rows = job.member.settings.rows_a_step(job.n) or len(job.data.rows.weights)
    return int(6 * parameters + 2 * rows * widths * np.dtype(job.dtype).itemsize)


def _seconds(cohorts: Sequence[Cohort]) -> float:
    """About how long the members take one core."""
    jobs = (job for cohort in cohorts for job in cohort.jobs)
    return sum(job.flops * job.member.settings.epochs for job in jobs) / SPEED


def _most(cohort: Cohort, budget: int) -> int:
    """Members that a call may carry by memory and, on a CPU, by cache."""
    fitting = budget // max(member_bytes(job, cohort) for job in cohort.jobs)
    if jax.default_backend() != "cpu":
        return int(min(MOST, fitting))
    return int(np.clip(min(CACHE // max(worked_bytes(cohort.jobs[0]), 1), fitting), 1, SIZES[-1]))


def _size(lengths: Sequence[int], most: int, workers: int) -> int:
    """Members a call, so that all calls take the least time; a step costs OVERHEAD members whatever its size."""
    powers = [1 << power for power in range(most.bit_length())]
    allowed = [size for size in SIZES if size <= most] if most <= SIZES[-1] else powers

    def cost(size: int) -> float:
        calls = sum(-(-length // size) for length in lengths)
        return -(-calls // workers) * (size + OVERHEAD)

    return min(allowed, key=lambda size: (cost(size), size))
