"""Integrated gradients with 64 steps for 1,000 rows of MNIST, 784-256-128-10: Lamina against captum on PyTorch.

Both share out the linear predictor of the digit, from black, in float32; weights are the same. Lamina's call is the whole of
``attribute``: checks, predicted class, gradients. captum is given its rows as tensors, and the fastest of a few batch sizes.

Beside the time on the wall stands that of the processor, all threads together, which other programs on the machine disturb
less: `taskset -c 0 python benchmarks/integrated_gradients.py` gives every contestant one core.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable

import jax
import numpy as np
import torch
from captum.attr import IntegratedGradients
from harness import in_turn, report, where

import lamina.explain
from lamina import NeuralClassifier
from lamina.data.datasets import load_mnist
from lamina.layers import Dense, Dropout, Flatten

ROWS, STEPS, WIDTHS = 1000, 64, (784, 256, 128, 10)
BATCHES = (1000, 8000, None)
"""Rows times steps that captum passes at a time; None passes all 64,000."""


def fitted(x: np.ndarray, y: np.ndarray) -> NeuralClassifier:
    layers = [Flatten(), Dense(256, "relu"), Dropout(0.4), Dense(128, "relu"), Dropout(0.3)]
    return NeuralClassifier(layers, epochs=1, batch_size=128, random_state=0).fit(x, y)


def same_in_torch(model: NeuralClassifier) -> torch.nn.Module:
    layers: list[torch.nn.Module] = [torch.nn.Flatten()]
    for place, (inputs, units) in enumerate(itertools.pairwise(WIDTHS), 1):
        dense = torch.nn.Linear(inputs, units)
        own = model.parameters_[f"dense_{place}"]
        with torch.no_grad():
            dense.weight.copy_(torch.from_numpy(np.array(own["weights"]).T.copy()))
            dense.bias.copy_(torch.from_numpy(np.array(own["bias"])))
        layers += [dense, torch.nn.ReLU()] if place < len(WIDTHS) - 1 else [dense]
    return torch.nn.Sequential(*layers).eval()


def torch_contestants(
    model: NeuralClassifier, x: np.ndarray, target: np.ndarray
) -> dict[str, Callable[[], object]]:
    network = same_in_torch(model)
    images, digits = torch.from_numpy(x), torch.from_numpy(target.astype(np.int64))
    method = IntegratedGradients(network)

    def run(batch: int | None) -> np.ndarray:
        found = method.attribute(images, target=digits, n_steps=STEPS, internal_batch_size=batch)
        return np.asarray(found.detach().numpy())

    return {f"captum, {batch or 'all'} at a time": lambda batch=batch: run(batch) for batch in BATCHES}


def clocked(run: Callable[[], object], spent: list[float]) -> Callable[[], object]:
    """The same, which notes the processor's seconds of each call."""

    def timed() -> object:
        start = time.process_time()
        found = run()
        spent.append(time.process_time() - start)
        return found

    return timed


def processor_peak(size: int = 2048, rounds: int = 8) -> float:
    """FLOP in a second of the processor that NumPy's or JAX's float32 product of two matrices reaches."""
    a = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    multiply = jax.jit(lambda x: x @ x)
    spent: list[float] = []
    for run in (lambda: a @ a, lambda: multiply(a).block_until_ready()):
        run()
        for _ in range(rounds):
            clocked(run, spent)()
    return 2 * size**3 / min(spent)


def print_floors(peak: float) -> None:
    """Products at that peak: every step through the whole network, and the affine beginning once."""
    sizes = [p * k for p, k in itertools.pairwise(WIDTHS)]
    every = 4 * sum(sizes) * ROWS * STEPS
    once = 4 * (sizes[0] + STEPS * sum(sizes[1:])) * ROWS
    print(f"floor at {peak / 1e9:.0f} GFLOP a second of one core:")
    print(f"  the whole network at each step, {every / 1e9:.1f} GFLOP, {every / peak:.3f} s;")
    print(f"  its affine beginning once, as Lamina does it, {once / 1e9:.1f} GFLOP, {once / peak:.3f} s")


def main() -> None:
    (pixels, digits), _ = load_mnist()
    x = np.ascontiguousarray(pixels[:6000], dtype=np.float32).reshape(6000, 28, 28) / np.float32(255)
    model = fitted(x, digits[:6000])
    rows = x[:ROWS]
    target = model.predict(rows)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    start = time.perf_counter()
    ours = lamina.explain.attribute(model, rows, "integrated_gradients", steps=STEPS)
    first = time.perf_counter() - start
    peers = torch_contestants(model, rows, target)
    theirs = next(iter(peers.values()))()
    spent: dict[str, list[float]] = {}
    contestants = {
        "lamina": lambda: lamina.explain.attribute(model, rows, "integrated_gradients", steps=STEPS),
        **peers,
    }
    timed = {name: clocked(run, spent.setdefault(name, [])) for name, run in contestants.items()}
    seconds = in_turn(timed, rounds=int(os.environ.get("ROUNDS", "5")), warm_up=0, settle=False)
    print(__doc__.splitlines()[0])
    print("on the wall:")
    report(seconds, "lamina", 1000, "ms")
    print("of the processor:")
    report(spent, "lamina", 1000, "ms")
    print(f"largest difference: {np.abs(ours.attributions - theirs).max():.2g} of {np.abs(theirs).max():.2g}")
    print(f"largest residual of completeness: {np.abs(ours.residual).max():.2g}")
    print(f"the first call, compilation included: {first:.2f} s")
    print_floors(processor_peak())
    print(where())


if __name__ == "__main__":
    main()
