"""Effects of Hitters' 19 columns with 200 bootstrap refits: Lamina's population beside a loop of scikit-learn's MLPRegressor.

Both find the same: average marginal effects, accumulated local effects, partial dependence, 8 columns' pairwise interactions,
each in every draw, and the increase in error without each column over 5 folds. Lamina's network takes the data frame, and
encodes it; scikit-learn's takes the encoded array. The loop's refits are timed over 10 draws and multiplied by 20.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from harness import report, where
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import NeuralRegressor
from lamina.data.datasets import load_dataset
from lamina.data.tables import TableEncoder
from lamina.evaluation import effects
from lamina.layers import Dense, Dropout

DRAWS, TIMED, EPOCHS, UNITS, BATCH, ROUNDS = 200, 10, 50, 64, 32, 3
OF_DRAWS = ("ame", "ale", "pdp", "interactions")


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def loop_seconds(model: Any, X: Any, y: Any) -> float:
    """Seconds of all draws: what ten take more than none, times twenty, and what does not depend on draws once."""
    point = seconds(lambda: effects(model, X, y, kinds=OF_DRAWS, n_boot=0))
    some = seconds(lambda: effects(model, X, y, kinds=OF_DRAWS, n_boot=TIMED))
    left_out = seconds(lambda: effects(model, X, y, kinds=["loco"]))
    return point + (some - point) * DRAWS / TIMED + left_out


def main() -> None:
    print(__doc__)
    data = load_dataset("hitters")
    X, y = data.frame.drop(columns=data.target), data.frame[data.target]
    network = NeuralRegressor([Dense(UNITS, "relu"), Dropout(0.4)], epochs=EPOCHS, random_state=0)
    first = seconds(lambda: network.fit(X, y))
    perceptron = MLPRegressor(
        hidden_layer_sizes=(UNITS,),
        batch_size=BATCH,
        max_iter=EPOCHS,
        n_iter_no_change=EPOCHS,
        random_state=0,
    )
    theirs = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), perceptron), transformer=StandardScaler()
    )
    array = TableEncoder(dtype="float64").fit_transform(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(array, y)
        cold = seconds(lambda: effects(network, X, y, n_boot=DRAWS))
        found: dict[str, list[float]] = {"lamina": [], "scikit-learn's loop": []}
        for _ in range(ROUNDS):
            found["lamina"].append(seconds(lambda: effects(network, X, y, n_boot=DRAWS)))
            found["scikit-learn's loop"].append(loop_seconds(theirs, array, np.asarray(y)))
    report(found, "lamina")
    print(
        f"the first call, programs compiled or read from the cache: {cold:.2f} s (and {first:.2f} s for the fit)"
    )
    for kind in ("ame", "ale", "pdp", "interactions", "loco"):
        of_kind = seconds(lambda kind=kind: effects(network, X, y, kinds=[kind], n_boot=DRAWS))
        print(f"  {kind} alone, refits included: {of_kind:.2f} s")
    print(where())


if __name__ == "__main__":
    main()
