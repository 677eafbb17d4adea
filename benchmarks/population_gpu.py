"""A thousand members of a 784-64-10 network on 10,000 MNIST images on a GPU: Lamina against PyTorch.

All: ReLU, Adam at 0.001, batch 128, five epochs, float32, pixels in [0, 1] (random ones where MNIST is not on this machine);
members differ in seed, so in first weights and in order of rows. PyTorch's loop over members fits a few and the time is
multiplied; stacks of members (torch.func.vmap, plain and compiled) hold them all. Beside each time, what nvidia-smi says of
the GPU meanwhile. Without a GPU the script says so and ends; --small shows on any machine that it works.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass

# Both frameworks are in one process: JAX must not take the GPU's memory for itself.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import numpy as np
import torch
from harness import in_turn, report, where
from torch_members import Stack, cross_entropy, one_by_one

PIXELS, UNITS, CLASSES, BATCH = 784, 64, 10, 128


@dataclass(frozen=True)
class Size:
    members: int = 1000
    looped: int = 5
    rows: int = 10_000
    epochs: int = 5
    rounds: int = 3


SMALL = Size(members=8, looped=2, rows=1000, epochs=2, rounds=1)


class Watched:
    """A contestant, and the GPU's utilisation and memory while it runs, read four times a second."""

    def __init__(self, run: Callable[[], object]) -> None:
        self.run, self.readings = run, list[tuple[float, float]]()

    def __call__(self) -> object:
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(done,))
        watcher.start()
        try:
            return self.run()
        finally:
            done.set()
            watcher.join()

    def _watch(self, done: threading.Event) -> None:
        query = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
        while shutil.which(query[0]) and not done.wait(0.25):
            answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
            if answer:
                used, memory = answer.splitlines()[0].split(",")
                self.readings.append((float(used), float(memory)))

    def __str__(self) -> str:
        if not self.readings:
            return "nvidia-smi gave no reading"
        used, memory = zip(*self.readings, strict=True)
        return (
            f"GPU busy {statistics.mean(used):.0f} % of the time, {max(memory) / 1024:.1f} GiB in use at most"
        )


def images(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The first training images, one row each, and their digits."""
    from lamina.data.datasets import load_mnist
    from lamina.errors import DataError

    try:
        (pixels, digits), _ = load_mnist()
    except DataError:
        print("MNIST is not on this machine: random images of its size stand in for it")
        rng = np.random.default_rng(0)
        pixels, digits = rng.integers(0, 256, (rows, PIXELS)), rng.integers(0, CLASSES, rows)
    x = pixels[:rows].reshape(-1, PIXELS).astype(np.float32) / np.float32(255)
    return x, digits[:rows].astype(np.int64)


def lamina_members(x: np.ndarray, y: np.ndarray, size: Size) -> object:
    from lamina import NeuralClassifier
    from lamina.layers import Dense
    from lamina.model_selection import EnsembleClassifier

    model = NeuralClassifier([Dense(UNITS, "relu")], epochs=size.epochs, batch_size=BATCH, scale=False)
    return EnsembleClassifier(model, n_members=size.members, random_state=0).fit(x, y)


def rivals(x: np.ndarray, y: np.ndarray, size: Size) -> dict[str, Callable[[], object]]:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu":
        torch.set_num_threads(1)  # faster than two for products of this size
    inputs, digits = torch.from_numpy(x).to(device), torch.from_numpy(y[:, None]).to(device)
    widths, everyone = (PIXELS, UNITS, CLASSES), [len(x)] * size.members
    rate, penalty = torch.tensor([0.001], device=device), torch.tensor([0.0], device=device)

    def finished(result: object) -> object:
        if device.type == "cuda":
            torch.cuda.synchronize()
        return result

    def looped() -> object:
        return finished(one_by_one(inputs, digits, widths, cross_entropy, BATCH, size.epochs, size.looped))

    def stacked(compiled: bool) -> Callable[[], object]:
        stack = Stack(widths, rate, penalty, cross_entropy, BATCH, compiled)
        mine = [part.expand(size.members, *part.shape) for part in (inputs, digits)]
        return lambda: finished(stack.fit(*mine, everyone, size.epochs))

    return {
        "torch, loop": looped,
        "torch.func.vmap": stacked(False),
        "torch.func.vmap, compiled": stacked(True),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a few members, on whatever device there is")
    size = SMALL if parser.parse_args().small else Size()
    print(__doc__.splitlines()[0])
    backend = jax.default_backend()
    if backend == "cpu" and size is not SMALL:
        print(
            "No GPU that JAX can use is on this machine, so there is nothing to measure; --small runs on a CPU."
        )
        return
    x, y = images(size.rows)
    contestants = {"lamina": lambda: lamina_members(x, y, size), **rivals(x, y, size)}
    watched = {name: Watched(run) for name, run in contestants.items()}
    seconds = in_turn(dict(watched), size.rounds)
    seconds["torch, loop"] = [taken * size.members / size.looped for taken in seconds["torch, loop"]]
    print(f"{size.members} members, {size.rows} rows, {size.epochs} epochs; JAX on {backend}, ", end="")
    print(f"PyTorch on {'cuda' if torch.cuda.is_available() else 'cpu'}")
    report(seconds, "lamina")
    print(
        f"PyTorch's loop: {size.looped} members timed, the time multiplied by {size.members / size.looped:g}"
    )
    for name, contestant in watched.items():
        print(f"{name}: {contestant}")
    print(where())


if __name__ == "__main__":
    main()
