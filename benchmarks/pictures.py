"""Seconds of each picture of docs/gallery.md, drawn and rendered, on the process's first call and on the next.

What a picture needs is fitted before the clock starts. The first call compiles; the claim is that it takes under two seconds.
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


def seconds(call: str, names: dict[str, Any]) -> float:
    """To evaluate a call and render its figure."""
    start = time.perf_counter()
    figure_of(eval(call, names)).savefig(io.BytesIO(), dpi=90)
    return time.perf_counter() - start


def main() -> None:
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.figure().savefig(io.BytesIO())  # fonts are found once
    print(__doc__)
    print(f"{'picture':<34}{'first':>9}{'next':>9}")
    names: dict[str, Any] = {"__name__": "__main__"}
    worst = 0.0
    for part in parts(PAGE.read_text(encoding="utf-8")):
        part.prepare(names)
        if part.picture is not None:
            first, following = seconds(part.call, names), seconds(part.call, names)
            worst = max(worst, first)
            print(f"{part.name:<34}{first:8.2f}s{following:8.2f}s", flush=True)
        plt.close("all")
    print(f"\nslowest first call: {worst:.2f} s; the claim is {CLAIM:g} s\n{where()}")


if __name__ == "__main__":
    main()
