"""Draws docs/images/attribution.png: one digit by five methods."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure
from sklearn.datasets import load_digits

from lamina import NeuralClassifier
from lamina.explain import IntegratedGradients, LayerwiseRelevance, Occlusion, Shapley, SmoothGrad, attribute
from lamina.explain.drawing import show
from lamina.layers import Conv2D, Dense, Dropout, Flatten, MaxPool2D

METHODS = (
    SmoothGrad(),
    IntegratedGradients(),
    LayerwiseRelevance("alpha_beta"),
    Occlusion(window=2, stride=1),
    Shapley(samples=64, window=1),
)


def main() -> None:
    digits = load_digits()
    images = (digits.images / 16.0)[..., None]
    layers = [Conv2D(16, 3, "relu", padding="same"), MaxPool2D(2), Flatten(), Dense(32, "relu"), Dropout(0.3)]
    model = NeuralClassifier(layers, epochs=30, random_state=0).fit(images[:1500], digits.target[:1500])
    figure = Figure(figsize=(11, 6.2), layout="constrained")
    axes = figure.subplots(2, 3)
    show(
        axes[0, 0],
        images[1502],
        f"digit {digits.target[1502]}, predicted {model.predict(images[1502:1503])[0]}",
    )
    for ax, method in zip(axes.flat[1:], METHODS, strict=True):
        attribute(model, images[1502], method).plot(ax=ax)
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=80)


if __name__ == "__main__":
    main()
