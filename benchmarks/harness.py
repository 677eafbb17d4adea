"""What the benchmarks share: timing in turn, the machine's matrix-product peak, and the line that says where they ran."""

from __future__ import annotations

import importlib.metadata
import itertools
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np


def in_turn(
    contestants: dict[str, Callable[[], object]], rounds: int, warm_up: int = 1, settle: bool = True
) -> dict[str, list[float]]:
    """Seconds of each contestant in each round: A B C, A B C, … so that a drift of the machine touches all alike.

    Each timed call follows an untimed one of the same contestant: the threads of the one before still spin for a while, and
    hold the caches and the memory that this one needs. Whole processes do without (``settle=False``).
    """
    for _ in range(warm_up):
        for run in contestants.values():
            run()
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            if settle:
                run()
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def report(seconds: dict[str, list[float]], ours: str, unit: float = 1.0, name: str = "s") -> None:
    """Median, minimum and maximum of each contestant, and the median of the ratios round by round."""
    width = max(map(len, seconds))
    for contestant, times in seconds.items():
        line = f"{contestant:<{width}}  {statistics.median(times) * unit:9.3f} {name}"
        line += f"  (from {min(times) * unit:.3f} to {max(times) * unit:.3f})"
        if contestant != ours:
            ratios = [theirs / mine for theirs, mine in zip(times, seconds[ours], strict=True)]
            line += f"  = {statistics.median(ratios):.2f} times {ours}"
        print(line)


def matrix_product_peak(size: int = 4096, rounds: int = 4) -> dict[str, float]:
    """FLOP/s of NumPy's and JAX's float32 product of two size × size matrices, the best of a few rounds."""
    import jax

    a = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    on_device = jax.device_put(a)
    multiply = jax.jit(lambda x: x @ x)
    contestants = {
        "NumPy": lambda: a @ a,
        "JAX": lambda: multiply(on_device).block_until_ready(),
    }
    seconds = in_turn(contestants, rounds)
    return {name: 2 * size**3 / min(times) for name, times in seconds.items()}


def cache_bandwidth(size: int = 256 << 10, rounds: int = 200) -> float:
    """Bytes a second that one core reads and writes within its cache, by NumPy's ``a += b`` over ``size`` bytes in all."""
    a, b = (np.zeros(size // 8, np.float32) for _ in range(2))
    best = math.inf
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(10):
            np.add(a, b, out=a)
        best = min(best, (time.perf_counter() - start) / 10)
    return 3 * a.nbytes / best


def print_floor(fits: int, widths: Sequence[int], rows: int, steps: int) -> None:
    """What the arithmetic of ``fits`` dense networks needs that each see ``rows`` rows in ``steps`` steps of Adam.

    Products at the matrix-product peak (the gradient of the first layer's inputs is never needed), and the optimizer's traffic
    within the caches: weights, gradient and two moments read, all but the gradient written.
    """
    sizes = [p * k for p, k in itertools.pairwise(widths)]
    products = fits * rows * (6.0 * sum(sizes) - 2.0 * sizes[0])
    moved = fits * steps * (sum(sizes) + sum(widths[1:])) * 4 * 7.0
    peak, bandwidth = max(matrix_product_peak().values()), cache_bandwidth() * n_cores()
    print(
        f"floor: {products / 1e9:.1f} GFLOP at the peak of {peak / 1e9:.0f} GFLOP/s {products / peak:.3f} s;",
        end="",
    )
    print(
        f" {moved / 1e9:.1f} GB through Adam at the caches' {bandwidth / 1e9:.0f} GB/s {moved / bandwidth:.3f} s"
    )


def n_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cold(code: str, **environment: str) -> float:
    """Wall seconds of a new process that runs ``code`` beside these scripts, its output dropped.

    The process keeps bytecode whatever this one does: installed peers have theirs from the installer, and a source tree its
    own from the first, untimed run.
    """
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment},
    )
    return time.perf_counter() - start


def where() -> str:
    """Date, processor, cores and versions, for the line under a result."""
    packages = ("lamina", "jax", "numpy", "scikit-learn", "torch", "skorch")
    versions = []
    for package in packages:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} absent")
    return (
        f"{time.strftime('%Y-%m-%d')}; Python {platform.python_version()}, {', '.join(versions)}; "
        f"{platform.machine()}, {n_cores()} cores"
    )
