"""Draw the pictures of docs/images.md: python docs/images/seeing.py

The digits are MNIST's: LAMINA_DATA names the folder that holds them, else they are downloaded once.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image
from sklearn.datasets import load_sample_image

from lamina import NeuralClassifier
from lamina.data.datasets import load_mnist
from lamina.explain import (
    plot_augmentation,
    plot_confusion,
    plot_feature_maps,
    plot_filters,
    plot_filters_on,
    plot_most_activating,
    stripe_filter,
)
from lamina.layers import (
    Brightness,
    Conv2D,
    Cutout,
    Dense,
    Flatten,
    HorizontalFlip,
    MaxPool2D,
    Rotate,
    Shift,
    Zoom,
)

FOLDER = Path(__file__).parent


def photographs() -> None:
    flower = load_sample_image("flower.jpg")[::4, ::4]
    augment = [HorizontalFlip(), Shift(0.1), Rotate(15), Zoom(0.2), Brightness(0.15), Cutout(24)]
    write(plot_augmentation(flower, augment), "augmentation")
    stripes = {name: stripe_filter(name, 9, 2) for name in ("vertical", "horizontal")}
    write(plot_filters_on(load_sample_image("flower.jpg")[::2, ::2], stripes), "fixed-filters")


def write(figure: Figure, name: str) -> None:
    """A photograph takes few bytes with 256 colours."""
    file = FOLDER / f"{name}.png"
    figure.savefig(file, dpi=110)
    Image.open(file).convert("RGB").quantize(256).save(file, optimize=True)


def digits() -> None:
    (x, y), (x_test, y_test) = load_mnist()
    lines = {name: stripe_filter(name, 7, 2, balanced=True) for name in ("diagonal", "antidiagonal")}
    plot_filters_on(x_test[0], lines, path=FOLDER / "lines.png")
    layers = [
        Conv2D(6, 5, "relu"),
        MaxPool2D(2),
        Conv2D(16, 5, "relu"),
        MaxPool2D(2),
        Flatten(),
        Dense(32, "relu"),
    ]
    model = NeuralClassifier(layers, augment=[Shift(0.1), Rotate(10)], epochs=4, random_state=0)
    model.fit(x[:10_000], y[:10_000])
    some, labels = x_test[:2000], y_test[:2000]
    plot_filters(model, path=FOLDER / "filters.png")
    plot_feature_maps(model, some[0], channels=6, path=FOLDER / "feature-maps.png")
    plot_most_activating(model, some, "conv2d_2", channels=[0, 1, 2], path=FOLDER / "most-activating.png")
    plot_confusion(model, some, labels, path=FOLDER / "confusions.png")


def main() -> None:
    photographs()
    digits()


if __name__ == "__main__":
    main()
