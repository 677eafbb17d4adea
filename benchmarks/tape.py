"""The tape of the MNIST network 784-256-128-10 for a batch of 128, beside the plain gradient.

Both by compiled programs in single precision, dropout off. The plain gradient is jax.grad of the same mean loss, fetched to the
host; the tape has every value and error of every layer, gradients, and Adam's updates, as NumPy arrays by module.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from harness import in_turn, report, where

from lamina.explain import backpropagate
from lamina.layers import Context, Dense, Dropout, Sequential
from lamina.networks.output import linear_predictor
from lamina.training import CategoricalCrossEntropy
from lamina.training.plan import initial

N, CALLS = 128, 20


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(N, 784)).astype(np.float32)
    y = rng.integers(10, size=(N, 1)).astype(np.int32)
    network = Sequential(
        [Dense(256, "relu"), Dropout(0.4), Dense(128, "relu"), Dropout(0.3), Dense(10, "softmax")]
    )
    parameters, state = initial(network, (784,), 0, np.float32)
    plain = linear_predictor(network)

    @jax.jit
    def gradient(parameters: object, x: object, y: object) -> object:
        def risk(parameters: object) -> object:
            z = plain.apply(parameters, state, x, Context())[0]
            return jnp.mean(CategoricalCrossEntropy().row(z, y, lambda _, own: own))

        return jax.grad(risk)(parameters)

    def several(call: object) -> object:
        return lambda: [call() for _ in range(CALLS)]  # type: ignore[operator]

    contestants = {
        "plain": several(lambda: jax.device_get(gradient(parameters, x, y))),
        "tape": several(lambda: backpropagate(network, x, y, parameters=parameters, optimizer="adam")),
    }
    seconds = in_turn(contestants, rounds=7)
    print(__doc__.splitlines()[0])
    report(seconds, "plain")
    for name, found in seconds.items():
        print(f"{name}: {1000 * np.median(found) / CALLS:.2f} ms a call")
    products = 3 * 2 * N * (784 * 256 + 256 * 128 + 128 * 10) - 2 * N * 784 * 256
    print(f"floor: {products / 1e9:.3f} GFLOP of products")
    print(where())


if __name__ == "__main__":
    main()
