"""An epoch of the bag-of-words network 10,000-16-16-1 on 25,000 sparse rows, beside PyTorch's dense and sparse ways.

    python benchmarks/imdb_bag.py [--torch /path/to/python-with-torch] [--made-up]

Each contender trains in a process of its own on the same rows, in mini-batches of 512 by RMSprop, and tells the best of some
epochs after the first. PyTorch makes each mini-batch dense on its way (``dense``), or looks its rows up by EmbeddingBag with an
offset for each (``bag``). ``--made-up`` draws rows like the reviews' in place of the reviews.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS, WORDS, UNITS, BATCH, EPOCHS = 25_000, 10_000, 16, 512, 6
CONTENDERS = ("lamina", "bag", "dense")


def make_rows(path: Path, *, made_up: bool) -> None:
    """Write the rows as the arrays of a CSR matrix, and the classes."""
    if made_up:
        rng = np.random.default_rng(0)
        lengths = np.clip(rng.lognormal(4.7, 0.55, ROWS).astype(int), 5, 800)
        frequency = 1 / np.arange(1, WORDS + 1)
        words = rng.choice(WORDS, size=lengths.sum(), p=frequency / frequency.sum())
        ends, y = np.cumsum(lengths), rng.integers(2, size=ROWS)
    else:
        from lamina.data.datasets import load_imdb
        from lamina.data.text import BagOfWords

        imdb = load_imdb()
        matrix = BagOfWords(WORDS).fit_transform(imdb.texts_train)
        words, ends, y = matrix.indices, matrix.indptr[1:], imdb.y_train
    np.savez(path, words=words.astype(np.int64), starts=np.r_[0, ends].astype(np.int64), y=y)


def lamina(data: dict[str, np.ndarray]) -> list[float]:
    """Seconds of each epoch, by a fit that goes on."""
    from scipy.sparse import csr_array

    from lamina import NeuralClassifier
    from lamina.layers import Dense
    from lamina.training import RMSProp

    values = np.ones(len(data["words"]), np.float32)
    X = csr_array((values, data["words"].astype(np.int32), data["starts"]), shape=(ROWS, WORDS))
    hidden = [Dense(UNITS, "relu"), Dense(UNITS, "relu")]
    settings = {"optimizer": RMSProp(0.001), "batch_size": BATCH, "random_state": 0, "verbose": False}

    def seconds(epochs: int) -> float:
        start = time.perf_counter()
        NeuralClassifier(hidden, epochs=epochs, **settings).fit(X, data["y"])
        return time.perf_counter() - start

    seconds(1)
    # Two fits that differ by their epochs alone: what is done once a fit drops out.
    return [(seconds(11) - seconds(1)) / 10 for _ in range(EPOCHS // 2)]


def torch_epochs(data: dict[str, np.ndarray], kind: str) -> list[float]:
    """Seconds of each epoch of PyTorch's loop."""
    import torch

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    words, starts, y = data["words"], data["starts"], torch.tensor(data["y"], dtype=torch.float32)
    first = (
        torch.nn.EmbeddingBag(WORDS, UNITS, mode="sum") if kind == "bag" else torch.nn.Linear(WORDS, UNITS)
    )
    rest = torch.nn.Sequential(
        torch.nn.ReLU(), torch.nn.Linear(UNITS, UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, 1)
    )
    optimizer = torch.optim.RMSprop([*first.parameters(), *rest.parameters()], lr=0.001)
    loss = torch.nn.BCEWithLogitsLoss()
    found = []
    for _ in range(EPOCHS):
        start = time.perf_counter()
        order = rng.permutation(ROWS)
        for begin in range(0, ROWS, BATCH):
            rows = order[begin : begin + BATCH]
            lengths = starts[rows + 1] - starts[rows]
            ends = np.cumsum(lengths)
            places = np.arange(ends[-1]) + np.repeat(starts[rows] - (ends - lengths), lengths)
            batch = torch.from_numpy(words[places])
            if kind == "bag":
                z = first(batch, torch.from_numpy(ends - lengths))
            else:
                dense = torch.zeros(len(rows), WORDS)
                dense[torch.from_numpy(np.repeat(np.arange(len(rows)), lengths)), batch] = 1
                z = first(dense)
            optimizer.zero_grad()
            loss(rest(z)[:, 0], y[rows]).backward()
            optimizer.step()
        found.append(time.perf_counter() - start)
    return found[1:]


def one(name: str, path: Path) -> None:
    """Run a contender in this process and print its numbers as JSON."""
    data = dict(np.load(path))
    seconds = lamina(data) if name == "lamina" else torch_epochs(data, name)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": min(seconds), "median": float(np.median(seconds)), "peak_mib": round(peak)}))


def main() -> None:
    """Run all contenders one after another, twice, and print what they take and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torch", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--made-up", action="store_true")
    parser.add_argument("--only", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        one(given.only[0], Path(given.only[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npz"
        make_rows(path, made_up=given.made_up)
        found: dict[str, dict[str, float]] = {}
        for name in CONTENDERS * 2:
            python = sys.executable if name == "lamina" else given.torch
            told = subprocess.run(
                [python, __file__, "--only", name, str(path)], check=True, stdout=subprocess.PIPE, text=True
            )
            numbers = json.loads(told.stdout.splitlines()[-1])
            if name not in found or numbers["seconds"] < found[name]["seconds"]:
                found[name] = numbers
    for name, numbers in found.items():
        ratio = numbers["seconds"] / found["lamina"]["seconds"]
        print(
            f"{name:7} {1000 * numbers['seconds']:7.0f} ms an epoch (median {1000 * numbers['median']:.0f}), "
            f"{ratio:5.2f} times Lamina's, {numbers['peak_mib']:.0f} MiB"
        )


if __name__ == "__main__":
    main()
