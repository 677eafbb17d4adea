"""What the command line makes a user wait for: ``lamina --help``, and ``lamina compare hitters`` from cold, with peak memory."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from harness import where

ENTRY = "import sys; from lamina.cli import main; sys.exit(main())"


def run(arguments: list[str], cache: str) -> float:
    """Wall seconds of a new process."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", ENTRY, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "XDG_CACHE_HOME": cache},
    )
    return time.perf_counter() - start


def main() -> None:
    print(__doc__)
    with tempfile.TemporaryDirectory() as cache:
        helps = [run(["--help"], cache) for _ in range(6)][1:]
        print(f"lamina --help: {statistics.median(helps):.2f} s (from {min(helps):.2f} to {max(helps):.2f})")
        cold = run(["compare", "hitters"], cache)
        warm = run(["compare", "hitters"], cache)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"lamina compare hitters: {cold:.1f} s from cold, {warm:.1f} s with compiled programs cached")
    print(f"peak memory of the largest of these processes: {peak:.0f} MiB")
    print(where())


if __name__ == "__main__":
    main()
