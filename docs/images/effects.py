"""Draw the picture of docs/effects.md: python docs/images/effects.py"""

from __future__ import annotations

from pathlib import Path

from lamina import NeuralRegressor
from lamina.data.datasets import load_dataset
from lamina.evaluation import effects
from lamina.layers import Dense, Dropout


def main() -> None:
    data = load_dataset("hitters")
    X, y = data.frame.drop(columns=data.target), data.frame[data.target]
    model = NeuralRegressor([Dense(64, "relu"), Dropout(0.4)], epochs=50, random_state=0).fit(X, y)
    effects(model, X, y, kinds=["ame", "ale", "pdp"]).plot(Path(__file__).with_suffix(".png"))


if __name__ == "__main__":
    main()
