"""How often intervals of a network's average marginal effects hold the true ones: 100 samples of 150 rows, 100 refits each.

y = sin(x1) + x2²/2 + x2 + noise, and x3 does nothing: the effects are exp(-1/2), 1 and 0 for standard normal columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from harness import where

from lamina import NeuralRegressor
from lamina.evaluation import effects
from lamina.layers import Dense
from lamina.training import Adam

SAMPLES, ROWS, DRAWS = 100, 150, 100
TRUTH = np.array([np.exp(-0.5), 1.0, 0.0])
WAYS: dict[str, dict[str, Any]] = {
    "normal": {"method": "normal"},
    "percentile": {"method": "percentile"},
    "basic": {"method": "basic"},
    "rows alone": {"intervals": "data"},
}


def main() -> None:
    rng = np.random.default_rng(5)
    hits = {name: np.zeros(len(TRUTH)) for name in WAYS}
    for seed in range(SAMPLES):
        X = rng.normal(size=(ROWS, 3))
        y = np.sin(X[:, 0]) + 0.5 * X[:, 1] ** 2 + X[:, 1] + rng.normal(size=ROWS)
        network = NeuralRegressor([Dense(16, "tanh")], optimizer=Adam(0.01), epochs=60, random_state=seed)
        network.fit(X, y)
        for name, way in WAYS.items():
            table = effects(network, X, y, kinds=["ame"], n_boot=DRAWS, random_state=seed, **way).table
            hits[name] += ((table["low"] < TRUTH) & (table["high"] > TRUTH)).to_numpy()
    print(__doc__)
    for name, count in hits.items():
        print(f"{name:<12}" + "".join(f"{share:7.0%}" for share in count / SAMPLES))
    print(where())


if __name__ == "__main__":
    main()
