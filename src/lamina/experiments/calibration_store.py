"""The cells of the study on all cores, each kept in a file as soon as it is done, so that an interrupted run goes on."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from lamina.experiments.calibration_engine import Measured, measure
from lamina.experiments.calibration_truths import Cell

MADE_BY = ("truths", "draws", "ridge", "lasso", "boosting", "network", "nested", "engine")
"""Modules on whose text the results depend, beside that of the default splits."""
PACKAGES = ("lamina", "jax", "numpy", "scikit-learn", "scipy")


def default_folder() -> Path:
    """Below the user's cache, apart for every version of what makes the results."""
    from platformdirs import user_cache_path

    return Path(user_cache_path("lamina")) / "experiments" / f"verdict-calibration-{fingerprint()}"


def fingerprint() -> str:
    """Names the code and the packages that results come from."""
    from importlib.metadata import version

    here = Path(__file__).parent
    text = hashlib.sha256()
    for name in MADE_BY:
        text.update((here / f"calibration_{name}.py").read_bytes())
    text.update((here.parent / "evaluation" / "splits.py").read_bytes())
    text.update(" ".join(f"{each} {version(each)}" for each in PACKAGES).encode())
    return text.hexdigest()[:10]


def file_of(cell: Cell, draws: int, folder: Path) -> Path:
    """Where a cell is kept.

    >>> file_of(Cell("linear, sparse", 100, 0.1), 200, Path("study")).as_posix()
    'study/linear-sparse-100-0.1-200.npz'
    """
    return folder / f"{cell.name.replace(', ', '-')}-{cell.n}-{cell.r2:g}-{draws}.npz"


def measure_all(
    draws: Mapping[Cell, int],
    folder: Path | None = None,
    processes: int = 1,
    advance: Callable[[int], None] = lambda done: None,
) -> dict[Cell, Measured]:
    """Measure every cell, or read it where it has been measured.

    Parameters
    ----------
    draws
        Cells, and the number of draws of each.
    folder
        Where results are kept; None keeps none.
    processes
        Each takes a core of its own and one cell after the other; results do not depend on their number.
    advance
        Called with the number of cells that are done.
    """
    found: dict[Cell, Measured] = {}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        found = {
            cell: Measured.load(file_of(cell, number, folder))
            for cell, number in draws.items()
            if file_of(cell, number, folder).exists()
        }
    advance(len(found))
    # The longest first, so that the cores finish together.
    missing = sorted((cell for cell in draws if cell not in found), key=lambda cell: -cell.n)
    jobs = [(cell, draws[cell], folder) for cell in missing]
    for cell, measured in (
        _here(jobs, advance) if processes == 1 else _apart(jobs, processes, advance)
    ).items():
        found[cell] = measured
    return {cell: found[cell] for cell in draws}


Job = tuple[Cell, int, Path | None]


def _work(job: Job) -> Measured:
    cell, number, folder = job
    measured = measure(cell, number)
    if folder is not None:
        measured.save(file_of(cell, number, folder))
    return measured


def _here(jobs: Sequence[Job], advance: Callable[[int], None]) -> dict[Cell, Measured]:
    found = {}
    for job in jobs:
        found[job[0]] = _work(job)
        advance(1)
    return found


def _apart(jobs: Sequence[Job], processes: int, advance: Callable[[int], None]) -> dict[Cell, Measured]:
    # JAX holds threads, so that a forked process could wait for ever.
    context = multiprocessing.get_context("spawn")
    cores: Any = context.Queue()
    for number in range(processes):
        cores.put(number)
    found = {}
    with ProcessPoolExecutor(processes, context, _take_core, (cores,)) as pool:
        waiting: dict[Future[Measured], Cell] = {pool.submit(_work, job): job[0] for job in jobs}
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    found[waiting.pop(future)] = future.result()
                advance(len(done))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def _take_core(cores: Any) -> None:
    """Give a process one core: its populations then run as one thread, and its products of matrices too."""
    from threadpoolctl import threadpool_limits

    number = cores.get()
    if hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {mine[number % len(mine)]})
    threadpool_limits(1)
