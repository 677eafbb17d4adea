"""2,000 fits of the Hitters network against 200: cost a fit, and the peak memory of the process.

The search of `search_hitters.py` with 40 and with 400 settings × 5 folds, after compilation, each with its final fit. The
claim: a fit of the 2,000 costs at most 1.1 times one of the 200, within 4 GB.
"""

from __future__ import annotations

import resource
import statistics
import sys

import numpy as np
from harness import in_turn, where
from hitters_searches import FOLDS, PENALTIES, RATES, lamina_search, rows

ROUNDS = 5
SIZES = {"200 fits": 1, "2,000 fits": 10}


def peak_memory() -> float:
    """Largest resident set of this process so far, in GiB."""
    unit = 2**30 if sys.platform == "darwin" else 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def search(times: int) -> object:
    """The grid with ``times`` as many learning rates."""
    rates = np.geomspace(RATES[0], RATES[-1], times * len(RATES))
    return lamina_search(*DATA, [float(rate) for rate in rates])


DATA = rows()


def main() -> None:
    print(__doc__.splitlines()[0])
    peaks = {}
    for name, times in SIZES.items():
        search(times)
        peaks[name] = peak_memory()
    seconds = in_turn({name: lambda times=times: search(times) for name, times in SIZES.items()}, ROUNDS)
    each = {}
    for name, times in SIZES.items():
        fits = times * len(RATES) * len(PENALTIES) * FOLDS
        each[name] = [taken / fits for taken in seconds[name]]
        print(
            f"{name:<10}  {statistics.median(seconds[name]):7.3f} s, {1e3 * statistics.median(each[name]):6.3f} ms a fit "
            f"(from {1e3 * min(each[name]):.3f} to {1e3 * max(each[name]):.3f}); peak memory by then {peaks[name]:.2f} GiB"
        )
    ratios = [many / few for few, many in zip(*each.values(), strict=True)]
    print(
        f"a fit of the 2,000 costs {statistics.median(ratios):.2f} times one of the 200; "
        f"peak memory in the end {peak_memory():.2f} GiB"
    )
    print(where())


if __name__ == "__main__":
    main()
