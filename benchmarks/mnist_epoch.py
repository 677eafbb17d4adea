"""One epoch of 48,000 MNIST images through 784-256-128-10: Lamina against PyTorch's plain loop and scikit-learn.

All three: ReLU, Adam at 0.001, batch 128, float32, pixels in [0, 1]. Lamina and PyTorch have dropout 0.4 and 0.3, which
scikit-learn does not offer. A call makes a network and trains it for one epoch on rows that are in place: tensors for PyTorch,
padded rows for Lamina (the copy that makes them is timed apart), an array for scikit-learn. Compilation is before.
"""

from __future__ import annotations

import itertools
import time
import warnings

import numpy as np
import torch
from harness import in_turn, matrix_product_peak, report, where
from sklearn.neural_network import MLPClassifier

from lamina.data.datasets import load_mnist
from lamina.layers import Dense, Dropout
from lamina.networks import with_output
from lamina.training import Adam, CategoricalCrossEntropy, Settings, fit, pad_rows
from lamina.training.program import Rows

ROWS, BATCH, WIDTHS = 48_000, 128, (784, 256, 128, 10)


def lamina_epoch(rows: Rows) -> object:
    network = with_output([Dense(256, "relu"), Dropout(0.4), Dense(128, "relu"), Dropout(0.3)], 10, "softmax")
    settings = Settings(optimizer=Adam(), epochs=1, batch_size=BATCH)
    return fit(network, CategoricalCrossEntropy(), rows, settings, seed=0)


def torch_epoch(images: torch.Tensor, labels: torch.Tensor) -> object:
    network = torch.nn.Sequential(
        torch.nn.Linear(784, 256),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.4),
        torch.nn.Linear(256, 128),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(128, 10),
    )
    optimizer = torch.optim.Adam(network.parameters())
    loss_of = torch.nn.CrossEntropyLoss()
    order = torch.randperm(len(images))
    for first in range(0, len(images), BATCH):
        rows = order[first : first + BATCH]
        optimizer.zero_grad()
        loss = loss_of(network(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
    return network


def scikit_learn_epoch(x: np.ndarray, y: np.ndarray) -> object:
    model = MLPClassifier((256, 128), batch_size=BATCH, max_iter=1, alpha=0.0, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(x, y)


def flops(rows: int) -> tuple[float, float]:
    """Of the products that an epoch needs, and by the usual count of three products a layer.

    The gradient of the first layer's input is never needed.
    """
    sizes = [p * k for p, k in itertools.pairwise(WIDTHS)]
    usual = 6.0 * sum(sizes) * rows
    return usual - 2.0 * sizes[0] * rows, usual


def main() -> None:
    (pixels, digits), _ = load_mnist()
    x = np.ascontiguousarray(pixels[:ROWS].reshape(ROWS, -1), dtype=np.float32) / np.float32(255)
    y = digits[:ROWS].astype(np.int32)
    peak = matrix_product_peak()
    start = time.perf_counter()
    rows = pad_rows(x, y[:, None], None)
    copied = time.perf_counter() - start
    images, labels = torch.from_numpy(x), torch.from_numpy(y.astype(np.int64))
    contestants = {
        "lamina": lambda: lamina_epoch(rows),
        "torch": lambda: torch_epoch(images, labels),
        "scikit-learn (no dropout)": lambda: scikit_learn_epoch(x, y),
    }
    seconds = in_turn(contestants, rounds=7)
    print(__doc__.splitlines()[0])
    report(seconds, "lamina")
    best = max(peak.values())
    needed, usual = flops(ROWS)
    ours = sorted(seconds["lamina"])[len(seconds["lamina"]) // 2]
    print(
        f"matrix-product peak, 4096 × 4096: {', '.join(f'{k} {v / 1e9:.0f} GFLOP/s' for k, v in peak.items())}"
    )
    print(
        f"floor, the products needed at the peak: {needed / best:.3f} s; by three products a layer {usual / best:.3f} s"
    )
    print(f"lamina runs at {needed / ours / best:.0%} of the peak by the products it computes,")
    print(f"  {usual / ours / best:.0%} by the usual count of three products a layer")
    print(f"the copy that puts {x.nbytes / 2**20:.0f} MiB of rows in place: {copied:.3f} s, once a fit")
    print(where())


if __name__ == "__main__":
    main()
