"""Permutation importance and partial dependence of a fitted network: Lamina's functions against scikit-learn's, same numbers.

The network is Lamina's default one in all cases: what differs is how often it is asked. Each ratio is that of one run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import in_turn, report, where
from sklearn import inspection

from lamina import NeuralRegressor
from lamina.data.datasets import load_dataset
from lamina.data.tables import TableEncoder
from lamina.evaluation import partial_dependence, permutation_importance

Case = tuple[str, Any, Any, Any, int, int]


def cases() -> list[Case]:
    """Name, rows, outcome, the column of the curve, shuffles, rounds."""
    data = load_dataset("hitters")
    frame = data.frame.drop(columns=data.target)
    frame = frame.astype(dict.fromkeys(frame.select_dtypes("number"), np.float64))
    salary = data.frame[data.target].to_numpy(np.float64)
    rng = np.random.default_rng(0)
    large = rng.normal(size=(10_000, 20))
    outcome = large[:, 0] * large[:, 1] + rng.normal(size=len(large))
    return [
        ("Hitters as an array, 263 x 19", TableEncoder().fit_transform(frame), salary, 0, 30, 5),
        ("Hitters as a data frame, 263 x 19", frame, salary, "Hits", 30, 3),
        ("10,000 x 20, float64", large, outcome, 0, 5, 2),
        ("10,000 x 20, float32", large.astype(np.float32), outcome, 0, 5, 2),
    ]


def compare(what: str, rounds: int, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    print(f"\n{what}")
    report(in_turn({"lamina": ours, "scikit-learn": theirs}, rounds), "lamina", 1000, "ms")


def main() -> None:
    print(__doc__)
    for name, X, y, column, shuffles, rounds in cases():
        model = NeuralRegressor(epochs=20, random_state=0).fit(X, y)
        asked = partial(dict, n_repeats=shuffles, random_state=0)
        compare(
            f"{name}: permutation importance, {shuffles} shuffles a column",
            rounds,
            partial(permutation_importance, model, X, y, **asked()),
            partial(inspection.permutation_importance, model, X, y, **asked()),
        )
        compare(
            f"{name}: partial dependence on one column, 100 values",
            rounds,
            partial(partial_dependence, model, X, [column]),
            partial(inspection.partial_dependence, model, X, [column]),
        )
    print(where())


if __name__ == "__main__":
    main()
