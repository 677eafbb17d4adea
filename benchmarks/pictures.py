"""Seconds of each picture of docs/gallery.md, drawn and rendered, on the process's first call and on the next.

What a picture needs is fitted before the clock starts. The first call compiles, unless JAX's cache on the disk holds the
program; the claim is that it takes under two seconds of one core. On a machine shared with others that is the processor's time.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import Any

import matplotlib

sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "images"))
from gallery import PAGE, figure_of, parts
from harness import where

CLAIM = 2.0


def seconds(call: str, names: dict[str, Any]) -> tuple[float, float]:
    """To evaluate a call and render its figure: by the clock, and of the processor, all its cores together."""
    start, used = time.perf_counter(), time.process_time()
    figure_of(eval(call, names)).savefig(io.BytesIO(), dpi=90)
    return time.perf_counter() - start, time.process_time() - used


def main() -> None:
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.figure().savefig(io.BytesIO())  # fonts are found once
    print(__doc__)
    print(f"{'picture':<34}{'first':>9}{'next':>9}{'first, processor':>19}{'next, processor':>18}")
    names: dict[str, Any] = {"__name__": "__main__"}
    worst = 0.0
    for part in parts(PAGE.read_text(encoding="utf-8")):
        part.prepare(names)
        if part.picture is not None:
            first, following = seconds(part.call, names), seconds(part.call, names)
            worst = max(worst, first[1])
            times = f"{first[0]:8.2f}s{following[0]:8.2f}s{first[1]:18.2f}s{following[1]:17.2f}s"
            print(f"{part.name:<34}{times}", flush=True)
        plt.close("all")
    print(f"\nslowest first call: {worst:.2f} s of the processor; the claim is {CLAIM:g} s\n{where()}")


if __name__ == "__main__":
    main()
