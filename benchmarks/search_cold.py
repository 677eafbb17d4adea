"""The grid of 40 settings × 5 folds of `search_hitters.py` as a whole process, compilation included.

Each run is a new process that reads the CSV file and searches, the final fit included. Lamina without any compiled program
from before (LAMINA_CACHE=off), and from the second run on, with its cache; scikit-learn with two jobs; members stacked by
torch.func.vmap, not compiled, without a final fit.
"""

from __future__ import annotations

import tempfile
from functools import partial

from harness import cold, in_turn, report, where
from hitters_searches import IMPORTS, PROCESS

ROUNDS = 5
STACKED = "from hitters_searches import rows, StackedSearch; x, y = rows(); StackedSearch(x.shape[1], False, 1)(x, y)"


def main() -> None:
    print(__doc__.splitlines()[0])
    with tempfile.TemporaryDirectory() as cache:
        ours = PROCESS.format("lamina_search")
        contestants = {
            "lamina, nothing cached": partial(cold, ours, LAMINA_CACHE="off"),
            "lamina, from the second run on": partial(cold, ours, XDG_CACHE_HOME=cache),
            "scikit-learn, 2 jobs": partial(cold, PROCESS.format("scikit_learn_search")),
            "torch.func.vmap, 1 thread": partial(cold, STACKED),
            "floor: imports and data alone": partial(cold, IMPORTS),
        }
        report(in_turn(contestants, ROUNDS, settle=False), "lamina, nothing cached")
    print(where())


if __name__ == "__main__":
    main()
