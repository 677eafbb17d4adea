"""Networks of 32 × 32 images: training and prediction, Lamina against PyTorch in both memory layouts and Keras on JAX.

``python cifar_epoch.py [cifar|resnet18] [--rounds N] [--rows N]``. All: float32, batch 128, Adam at 0.001, cross-entropy over 100
classes, made-up pixels. A call trains one epoch of ``--rows`` images (ours are 8-bit, theirs are float tensors that are in place,
in the layout that the network has), or predicts them. Compilation is before, and is printed.

Set KERAS_BACKEND=jax. Keras is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import torch
import torch_images
from harness import in_turn, matrix_product_peak, n_cores, report, where

from lamina.layers import Layer
from lamina.networks import cifar_network, resnet18, with_output
from lamina.networks.summary import multiplications
from lamina.training import Adam, CategoricalCrossEntropy, Settings, fit, pad_rows, predict

BATCH = 128
LAYOUTS = {"channels first": torch.contiguous_format, "channels last": torch.channels_last}
Runs = dict[str, Callable[[], object]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("network", nargs="?", default="cifar", choices=["cifar", "resnet18"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", type=int, default=5120)
    chosen = parser.parse_args()
    torch.set_num_threads(n_cores())
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (chosen.rows, 32, 32, 3), dtype=np.uint8)
    labels = rng.integers(0, 100, chosen.rows)
    train, forecast = ours(chosen.network, images, labels)
    for add in (torch_runs, keras_runs):
        more = add(chosen.network, images, labels)
        train, forecast = train | more[0], forecast | more[1]
    steps = chosen.rows / BATCH
    print(f"{chosen.network}, one training step of {BATCH}, from an epoch of {chosen.rows} images:")
    seconds = in_turn(train, chosen.rounds)
    per_step = {name: [value / steps for value in values] for name, values in seconds.items()}
    report(per_step, "lamina", 1e3, "ms")
    floors(chosen.network, per_step["lamina"])
    print(f"prediction of {chosen.rows} images:")
    report(in_turn(forecast, chosen.rounds), "lamina", 1e3, "ms")
    print(where())


def ours(name: str, images: np.ndarray, labels: np.ndarray) -> tuple[Runs, Runs]:
    network = with_output(_hidden(name), 100, "softmax")
    rows = pad_rows(images, labels.astype(np.int32)[:, None], None)
    settings = Settings(optimizer=Adam(), epochs=1, batch_size=BATCH)

    def train() -> object:
        return fit(network, CategoricalCrossEntropy(), rows, settings, seed=0)

    start = time.perf_counter()
    train()
    first = time.perf_counter() - start
    start = time.perf_counter()
    fitted = fit(network, CategoricalCrossEntropy(), rows, settings, seed=0)
    print(f"lamina's first epoch took {first - (time.perf_counter() - start):.1f} s longer than its second")
    return {"lamina": train}, {"lamina": lambda: predict(network, fitted.parameters, fitted.state, images)}


def torch_runs(name: str, images: np.ndarray, labels: np.ndarray) -> tuple[Runs, Runs]:
    train: Runs = {}
    forecast: Runs = {}
    pixels = torch.from_numpy(images.astype(np.float32) / 255).permute(0, 3, 1, 2).contiguous()
    targets = torch.from_numpy(labels.astype(np.int64))
    make = torch_images.cifar_network if name == "cifar" else torch_images.resnet18
    for words, layout in LAYOUTS.items():
        trainer = torch_images.Trainer(make(), layout)
        x = trainer.stored(pixels)
        train[f"torch, {words}"] = lambda trainer=trainer, x=x: trainer.epoch(x, targets, BATCH)
        forecast[f"torch, {words}"] = lambda trainer=trainer, x=x: trainer.predict(x, BATCH)
    return train, forecast


def keras_runs(name: str, images: np.ndarray, labels: np.ndarray) -> tuple[Runs, Runs]:
    try:
        import keras
    except ImportError:
        return {}, {}
    if name != "cifar":
        return {}, {}
    layers = [keras.layers.Input((32, 32, 3))]
    for filters in (32, 64, 128, 256):
        layers += [
            keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(512, "relu")]
    model = keras.Sequential([*layers, keras.layers.Dense(100, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    x = images.astype(np.float32) / np.float32(255)
    key = f"keras {keras.__version__} on {keras.backend.backend()}"
    return (
        {key: lambda: model.fit(x, labels, batch_size=BATCH, epochs=1, verbose=0)},
        {key: lambda: model.predict(x, batch_size=BATCH, verbose=0)},
    )


def floors(name: str, seconds: list[float]) -> None:
    """The multiplications of the plain sums, and what they would take at the matrix-product peak."""
    best = max(matrix_product_peak().values())
    flops = BATCH * step_flops(_hidden(name), (32, 32, 3))
    ours = sorted(seconds)[len(seconds) // 2]
    print(
        f"a step has {flops / 1e9:.1f} GFLOP as plain sums; at the matrix-product peak of {best / 1e9:.0f} GFLOP/s they take "
        f"{flops / best * 1e3:.1f} ms; Lamina's step does them at a rate of {flops / ours / 1e9:.0f} GFLOP/s (Winograd's form "
        "has fewer)"
    )


def step_flops(hidden: list[Layer], shape: tuple[int, ...]) -> float:
    """Floating-point operations of a step for one image: three products a layer, two in the first."""
    whole = multiplications(with_output(hidden, 100, "softmax"), shape)
    return 2.0 * (3 * whole - multiplications(hidden[0], shape))


def _hidden(name: str) -> list[Layer]:
    return cifar_network() if name == "cifar" else resnet18(stem="small")


if __name__ == "__main__":
    main()
