"""Recurrent networks: one epoch of training, Lamina against a plain PyTorch loop and Keras on JAX.

``python recurrent_epoch.py [nyse|lstm] [--rounds N]``. nyse: 12 simple recurrent units on 5 steps of 3 numbers, 4,276 windows,
squared error. lstm: words' codes of 10,000 in sequences of 500, an embedding of 32, an LSTM of 32 units, binary cross-entropy,
2,048 sequences. All: float32, batches of 64, Adam at 0.001, made-up numbers without padding, in place before the clock starts;
compilation is before it and is printed. Set KERAS_BACKEND=jax. Keras is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import torch
from harness import in_turn, n_cores, report, where
from torch import nn

from lamina.layers import LSTM, Embedding, SimpleRNN
from lamina.networks import with_output
from lamina.training import Adam, BinaryCrossEntropy, Settings, SquaredError, fit, pad_rows

BATCH, WORDS, LENGTH, UNITS = 64, 10_000, 500, 32
Runs = dict[str, Callable[[], object]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("network", nargs="?", default="lstm", choices=["nyse", "lstm"])
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    torch.set_num_threads(n_cores())
    rng = np.random.default_rng(0)
    if chosen.network == "nyse":
        x = rng.normal(size=(4276, 5, 3)).astype(np.float32)
        y = rng.normal(size=(4276, 1)).astype(np.float32)
    else:
        x = rng.integers(1, WORDS, (2048, LENGTH)).astype(np.int32)
        y = rng.integers(0, 2, (2048, 1)).astype(np.float32)
    runs = ours(chosen.network, x, y) | torch_runs(chosen.network, x, y) | keras_runs(chosen.network, x, y)
    print(f"{chosen.network}, one epoch of {len(x):,} rows in batches of {BATCH}:")
    report(in_turn(runs, chosen.rounds), "lamina", 1e3, "ms")
    print(where())


def ours(name: str, x: np.ndarray, y: np.ndarray) -> Runs:
    hidden = [SimpleRNN(12)] if name == "nyse" else [Embedding(32, WORDS), LSTM(UNITS)]
    network = with_output(hidden, 1, "linear" if name == "nyse" else "sigmoid")
    loss = SquaredError() if name == "nyse" else BinaryCrossEntropy()
    rows, settings = pad_rows(x, y, None), Settings(optimizer=Adam(), epochs=1, batch_size=BATCH)

    def train() -> object:
        return fit(network, loss, rows, settings, seed=0)

    start = time.perf_counter()
    train()
    first = time.perf_counter() - start
    start = time.perf_counter()
    train()
    print(f"lamina's first epoch took {first - (time.perf_counter() - start):.1f} s longer than its second")
    return {"lamina": train}


class Recurrent(nn.Module):
    """A recurrent layer behind an embedding or none, and one output of its last step."""

    def __init__(self, name: str) -> None:
        super().__init__()
        words = name == "lstm"
        self.embedding = nn.Embedding(WORDS, 32) if words else nn.Identity()
        self.layer = nn.LSTM(32, UNITS, batch_first=True) if words else nn.RNN(3, 12, batch_first=True)
        self.output = nn.Linear(UNITS if words else 12, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z: torch.Tensor = self.output(self.layer(self.embedding(x))[0][:, -1])
        return z


def torch_runs(name: str, x: np.ndarray, y: np.ndarray) -> Runs:
    network = Recurrent(name)
    optimizer = torch.optim.Adam(network.parameters())
    loss = nn.MSELoss() if name == "nyse" else nn.BCEWithLogitsLoss()
    inputs, outcome = torch.from_numpy(x), torch.from_numpy(y)

    def train() -> None:
        order = torch.randperm(len(inputs))
        for first in range(0, len(inputs), BATCH):
            rows = order[first : first + BATCH]
            optimizer.zero_grad()
            loss(network(inputs[rows]), outcome[rows]).backward()
            optimizer.step()

    return {"torch": train}


def keras_runs(name: str, x: np.ndarray, y: np.ndarray) -> Runs:
    try:
        import keras
    except ImportError:
        return {}
    first = (
        [keras.layers.Input((5, 3)), keras.layers.SimpleRNN(12)]
        if name == "nyse"
        else [keras.layers.Input((LENGTH,)), keras.layers.Embedding(WORDS, 32), keras.layers.LSTM(UNITS)]
    )
    last = keras.layers.Dense(1, None if name == "nyse" else "sigmoid")
    model = keras.Sequential([*first, last])
    model.compile("adam", "mse" if name == "nyse" else "binary_crossentropy")
    key = f"keras {keras.__version__} on {keras.backend.backend()}"
    return {key: lambda: model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0)}


if __name__ == "__main__":
    main()
