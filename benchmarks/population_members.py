"""A hundred members of a 15-12-1 network on 4,276 days of the New York Stock Exchange: Lamina against PyTorch.

The size of the recurrent network of ISLP's lab, 12 units on 5 lags of 3 series, with a dense network standing in for it.
All: ReLU, Adam at 0.001, batch 64, 20 epochs, float32, standardised data; members differ in seed, so in first weights and in
order of rows. PyTorch's loop over members fits ten, and the time is multiplied by ten. The strongest rival stacks all
hundred (torch.func.vmap).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import numpy as np
import torch
from harness import in_turn, print_floor, report, where
from torch_members import Stack, one_by_one, squared_error

EPOCHS, BATCH, UNITS, MEMBERS, LOOPED, ROUNDS = 20, 64, 12, 100, 10, 5
LAGS, SERIES = 5, ["DJ_return", "log_volume", "log_volatility"]


def rows() -> tuple[np.ndarray, np.ndarray]:
    """Five lags of three standardised series, and the log volume that follows; the book's training days."""
    import pandas

    frame = pandas.read_csv(str(files("lamina.data.datasets") / "files" / "NYSE.csv"))
    series = frame[SERIES].to_numpy(np.float64)
    series = ((series - series.mean(0)) / series.std(0)).astype(np.float32)
    lagged = np.stack([series[LAGS - lag : -lag] for lag in range(1, LAGS + 1)], 1).reshape(
        -1, LAGS * len(SERIES)
    )
    train = frame["train"].to_numpy(bool)[LAGS:]
    return lagged[train], series[LAGS:, SERIES.index("log_volume")][train]


def lamina_members(x: np.ndarray, y: np.ndarray) -> object:
    from lamina import NeuralRegressor
    from lamina.layers import Dense
    from lamina.model_selection import EnsembleRegressor

    model = NeuralRegressor([Dense(UNITS, "relu")], epochs=EPOCHS, batch_size=BATCH)
    return EnsembleRegressor(model, n_members=MEMBERS, random_state=0).fit(x, y)


def looped(x: torch.Tensor, y: torch.Tensor, threads: int) -> object:
    torch.set_num_threads(threads)
    return one_by_one(x, y, (x.shape[1], UNITS, 1), squared_error, BATCH, EPOCHS, LOOPED)


def stacked(x: torch.Tensor, y: torch.Tensor, compiled: bool, threads: int) -> Callable[[], object]:
    rate, penalty = torch.tensor([0.001]), torch.tensor([0.0])
    stack = Stack((x.shape[1], UNITS, 1), rate, penalty, squared_error, BATCH, compiled)

    def run() -> object:
        torch.set_num_threads(threads)
        return stack.fit(x.expand(MEMBERS, *x.shape), y.expand(MEMBERS, *y.shape), [len(x)] * MEMBERS, EPOCHS)

    return run


def main() -> None:
    x, y = rows()
    inputs, outcome = torch.from_numpy(x), torch.from_numpy(y[:, None])
    contestants: dict[str, Callable[[], object]] = {"lamina": lambda: lamina_members(x, y)}
    for threads in (1, 2):
        plural = "s" * (threads > 1)
        contestants |= {
            f"torch, loop, {threads} thread{plural}": lambda threads=threads: looped(
                inputs, outcome, threads
            ),
            f"torch.func.vmap, {threads} thread{plural}": stacked(inputs, outcome, False, threads),
            f"torch.func.vmap, compiled, {threads} thread{plural}": stacked(inputs, outcome, True, threads),
        }
    seconds = in_turn(contestants, ROUNDS)
    for name in seconds:
        if "loop" in name:
            seconds[name] = [taken * MEMBERS / LOOPED for taken in seconds[name]]
    print(__doc__.splitlines()[0])
    print(f"{len(x)} rows, {x.shape[1]} predictors, {EPOCHS * -(-len(x) // BATCH)} steps a member")
    report(seconds, "lamina")
    print_floor(MEMBERS, (x.shape[1], UNITS, 1), EPOCHS * len(x), EPOCHS * -(-len(x) // BATCH))
    print(f"PyTorch's loop: {LOOPED} members timed, multiplied by {MEMBERS // LOOPED}")
    print(where())


if __name__ == "__main__":
    main()
