"""A grid of 40 settings × 5 folds of the Hitters network, 50 epochs each, programs compiled before.

All: 263 rows, 19 predictors, 64 ReLU units, Adam, batch 32, float32, eight learning rates × five penalties, scored by R².
Lamina, scikit-learn and skorch through GridSearchCV, the final fit of the best included; Lamina standardises inside each
fold as well. The strongest rival stacks the members by hand (torch.func.vmap): it splits, fits and scores, but has no final
fit. scikit-learn and skorch have two jobs; PyTorch's own threads are tried at one and two.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable

import numpy as np
from harness import in_turn, print_floor, report, where
from hitters_searches import (
    BATCH,
    EPOCHS,
    FOLDS,
    PENALTIES,
    RATES,
    UNITS,
    StackedSearch,
    lamina_search,
    rows,
    scikit_learn_search,
    skorch_search,
)

ROUNDS, SLOW_ROUNDS = 5, 2


def contestants(x: np.ndarray, y: np.ndarray) -> dict[str, Callable[[], object]]:
    """All but skorch, which takes too long for as many rounds."""
    stacked = {
        f"torch.func.vmap{', compiled' * compiled}, {threads} thread{'s' * (threads > 1)}": StackedSearch(
            x.shape[1], compiled, threads
        )
        for compiled in (False, True)
        for threads in (1, 2)
    }
    return {
        "lamina": lambda: lamina_search(x, y),
        "scikit-learn": lambda: scikit_learn_search(x, y),
        **{name: lambda search=search: search(x, y) for name, search in stacked.items()},
    }


def best_score(result: object) -> float:
    return float(getattr(result, "best_score_", np.max(result if isinstance(result, np.ndarray) else np.nan)))


def floor(n: int, p: int) -> None:
    """What the fits of the folds need."""
    fits, learnt_from = len(RATES) * len(PENALTIES) * FOLDS, n - n // FOLDS
    print_floor(fits, (p, UNITS, 1), EPOCHS * learnt_from, EPOCHS * -(-learnt_from // BATCH))


def main() -> None:
    warnings.simplefilter("ignore")
    # The first calls compile afresh: what earlier runs left on disk stays out.
    os.environ |= {"LAMINA_CACHE": "off", "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1"}
    x, y = rows()
    print(__doc__.splitlines()[0])
    fast = contestants(x, y)
    print("first call, compilation and the start of other processes included, and the best mean R² found:")
    for name, run in {**fast, "skorch": lambda: skorch_search(x, y)}.items():
        start = time.perf_counter()
        result = run()
        print(f"  {name:<35} {time.perf_counter() - start:7.2f} s   R² {best_score(result):.3f}", flush=True)
    report(in_turn(fast, ROUNDS, warm_up=0), "lamina")
    slow = {"lamina": fast["lamina"], "skorch": lambda: skorch_search(x, y)}
    report(in_turn(slow, SLOW_ROUNDS, warm_up=0), "lamina")
    floor(*x.shape)
    print(where())


if __name__ == "__main__":
    main()
