"""A whole process that imports, fits Hitters for 50 epochs and predicts: Lamina against PyTorch and scikit-learn.

Each run is a new process. "cold" has an empty cache of compiled programs, "warm" has what one earlier run left there. All
read the same numeric columns of the same CSV file with pandas, standardise, fit 64 ReLU units by Adam with batch 32, and print
a prediction.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.resources import files

from harness import where

READ = f"""
import pandas
frame = pandas.read_csv({str(files("lamina.data.datasets") / "files" / "Hitters.csv")!r}).dropna()
x = frame.select_dtypes("number").drop(columns="Salary").to_numpy("float32")
y = frame["Salary"].to_numpy("float32")
"""
LAMINA = (
    READ
    + """
from lamina import NeuralRegressor
from lamina.layers import Dense
model = NeuralRegressor([Dense(64, "relu")], epochs=50, batch_size=32, random_state=0).fit(x, y)
print(model.predict(x)[0])
"""
)
TORCH = (
    READ
    + """
import torch
x, y = (x - x.mean(0)) / x.std(0), (y - y.mean()) / y.std()
x, y = torch.from_numpy(x), torch.from_numpy(y)[:, None]
network = torch.nn.Sequential(torch.nn.Linear(x.shape[1], 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))
optimizer, loss_of = torch.optim.Adam(network.parameters()), torch.nn.MSELoss()
for epoch in range(50):
    order = torch.randperm(len(x))
    for first in range(0, len(x), 32):
        rows = order[first : first + 32]
        optimizer.zero_grad()
        loss_of(network(x[rows]), y[rows]).backward()
        optimizer.step()
with torch.no_grad():
    print(network(x)[0])
"""
)
SCIKIT_LEARN = (
    READ
    + """
import warnings
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
warnings.simplefilter("ignore")
model = make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(64,), batch_size=32, max_iter=50))
print(model.fit(x, y).predict(x)[0])
"""
)
IMPORTS = "import jax, sklearn.base, pandas"
ROUNDS = 5


def seconds(code: str, cache: str) -> float:
    """Wall time of a new process that runs ``code`` with its user cache in ``cache``."""
    environment = {**os.environ, "XDG_CACHE_HOME": cache}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def main() -> None:
    times: dict[str, list[float]] = {
        name: []
        for name in (
            "lamina, cold",
            "lamina, warm",
            "torch",
            "scikit-learn",
            "imports of JAX, scikit-learn, pandas",
        )
    }
    with tempfile.TemporaryDirectory() as warm:
        seconds(LAMINA, warm)
        seconds(TORCH, warm)
        seconds(SCIKIT_LEARN, warm)
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as cold:
                times["lamina, cold"].append(seconds(LAMINA, cold))
            times["lamina, warm"].append(seconds(LAMINA, warm))
            times["torch"].append(seconds(TORCH, warm))
            times["scikit-learn"].append(seconds(SCIKIT_LEARN, warm))
            times["imports of JAX, scikit-learn, pandas"].append(seconds(IMPORTS, warm))
    print(__doc__.splitlines()[0])
    for name, measured in times.items():
        ratios = [mine / theirs for mine, theirs in zip(measured, times["torch"], strict=True)]
        print(
            f"{name:<37} {statistics.median(measured):6.2f} s  (from {min(measured):.2f} to {max(measured):.2f})"
            f"  = {statistics.median(ratios):.2f} of torch"
        )
    print(where())


if __name__ == "__main__":
    main()
