"""Fifty epochs of a 19-64-1 network on Hitters: Lamina's estimator against PyTorch's plain loop and scikit-learn.

All three: ReLU, Adam at 0.001, batch 32, float32, standardised data, the book's two thirds of the rows. A call is timed
from arrays to fitted model, after one call that compiles.
"""

from __future__ import annotations

import warnings

import numpy as np
import torch
from harness import in_turn, report, where
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor

from lamina import NeuralRegressor
from lamina.data.datasets import load_dataset
from lamina.data.tables import TableEncoder
from lamina.layers import Dense

EPOCHS, BATCH, UNITS = 50, 32, 64


def rows() -> tuple[np.ndarray, np.ndarray]:
    """Standardised training rows, 19 predictors."""
    data = load_dataset("hitters")
    frame = data.frame
    x = TableEncoder().fit_transform(frame.drop(columns=data.target))
    y = frame[data.target].to_numpy(np.float32)
    x, _, y, _ = train_test_split(x, y, test_size=1 / 3, random_state=1)
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32), ((y - y.mean()) / y.std()).astype(np.float32)


def lamina_fit(x: np.ndarray, y: np.ndarray) -> object:
    return NeuralRegressor([Dense(UNITS, "relu")], epochs=EPOCHS, batch_size=BATCH, random_state=0).fit(x, y)


def torch_fit(x: np.ndarray, y: np.ndarray) -> object:
    inputs, outcome = torch.from_numpy(x), torch.from_numpy(y[:, None])
    network = torch.nn.Sequential(
        torch.nn.Linear(x.shape[1], UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, 1)
    )
    optimizer = torch.optim.Adam(network.parameters())
    loss_of = torch.nn.MSELoss()
    for _ in range(EPOCHS):
        order = torch.randperm(len(inputs))
        for first in range(0, len(inputs), BATCH):
            chosen = order[first : first + BATCH]
            optimizer.zero_grad()
            loss = loss_of(network(inputs[chosen]), outcome[chosen])
            loss.backward()
            optimizer.step()
    return network


def scikit_learn_fit(x: np.ndarray, y: np.ndarray) -> object:
    model = MLPRegressor(
        hidden_layer_sizes=(UNITS,),
        batch_size=BATCH,
        max_iter=EPOCHS,
        n_iter_no_change=EPOCHS,
        alpha=0.0,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(x, y)


def main() -> None:
    x, y = rows()
    contestants = {
        "lamina": lambda: lamina_fit(x, y),
        "torch": lambda: torch_fit(x, y),
        "scikit-learn": lambda: scikit_learn_fit(x, y),
    }
    seconds = in_turn(contestants, rounds=15, warm_up=2)
    print(__doc__.splitlines()[0])
    report(seconds, "lamina", 1000, "ms")
    print(f"{x.shape[0]} rows, {x.shape[1]} predictors, {EPOCHS * -(-len(x) // BATCH)} steps")
    print(where())


if __name__ == "__main__":
    main()
