"""A small Transformer block, 4 heads of width 64 over 128 places: steps of training, Lamina against PyTorch.

Both: pre-norm, feed-forward of 256 GELU units, dropout 0.1, mean over places, one output, squared error, Adam at 0.001,
batches of 32, float32. A call trains a fresh network on 128 sequences that are in place. Compilation is before.
"""

from __future__ import annotations

import numpy as np
import torch
from harness import in_turn, report, where

from lamina.layers import Dense, GlobalAveragePool, Sequential, TransformerBlock
from lamina.training import Adam, Settings, SquaredError, fit, pad_rows
from lamina.training.program import Rows

ROWS, PLACES, WIDTH, HEADS, BATCH = 128, 128, 64, 4, 32


def lamina_epoch(rows: Rows) -> object:
    network = Sequential([TransformerBlock(HEADS, dropout=0.1), GlobalAveragePool(), Dense(1)])
    return fit(network, SquaredError(), rows, Settings(Adam(), epochs=1, batch_size=BATCH), seed=0)


class Pooled(torch.nn.Module):
    """PyTorch's own layer, and the mean over places."""

    def __init__(self) -> None:
        super().__init__()
        self.block = torch.nn.TransformerEncoderLayer(
            WIDTH, HEADS, 4 * WIDTH, dropout=0.1, activation="gelu", batch_first=True, norm_first=True
        )
        self.output = torch.nn.Linear(WIDTH, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(self.block(x).mean(dim=1))


def torch_epoch(x: torch.Tensor, y: torch.Tensor) -> object:
    network = Pooled()
    optimizer = torch.optim.Adam(network.parameters())
    order = torch.randperm(len(x))
    for first in range(0, len(x), BATCH):
        rows = order[first : first + BATCH]
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(network(x[rows]), y[rows]).backward()
        optimizer.step()
    return network


def main() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, PLACES, WIDTH)).astype(np.float32)
    y = x[:, :, :1].max(axis=1)
    rows = pad_rows(x, y, None)
    tensors = torch.from_numpy(x), torch.from_numpy(y)
    contestants = {"lamina": lambda: lamina_epoch(rows), "torch": lambda: torch_epoch(*tensors)}
    seconds = in_turn(contestants, rounds=5)
    print(__doc__.splitlines()[0])
    report(seconds, "lamina")
    steps = ROWS // BATCH
    print(f"a step takes {1000 * sorted(seconds['lamina'])[2] / steps:.1f} ms")
    print(where())


if __name__ == "__main__":
    main()
