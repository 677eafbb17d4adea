"""The search that people really run: depth {1, 2, 3} × width {16, 32, 64} × batch {16, 32, 64}, 5 folds, from a cold process.

Hitters, 50 epochs, Adam, ReLU, float32: 27 structures, 135 fits and the final one, each run a new process that reads the CSV
file. Lamina without any compiled program from before (LAMINA_CACHE=off), and from the second run on, with its cache;
scikit-learn with one job a core.
"""

from __future__ import annotations

import tempfile
from functools import partial

from harness import cold, in_turn, report, where
from hitters_searches import IMPORTS, PROCESS

ROUNDS = 5


def main() -> None:
    print(__doc__.splitlines()[0])
    with tempfile.TemporaryDirectory() as cache:
        ours = PROCESS.format("lamina_structures")
        contestants = {
            "lamina, nothing cached": partial(cold, ours, LAMINA_CACHE="off"),
            "lamina, from the second run on": partial(cold, ours, XDG_CACHE_HOME=cache),
            "scikit-learn, 2 jobs": partial(cold, PROCESS.format("scikit_learn_structures")),
            "floor: imports and data alone": partial(cold, IMPORTS),
        }
        report(in_turn(contestants, ROUNDS, settle=False), "lamina, nothing cached")
    print(where())


if __name__ == "__main__":
    main()
