"""A small residual network in the published naming: random tensors, and its forward pass by NumPy and SciPy alone."""

from __future__ import annotations

import numpy as np
from scipy.signal import correlate

from lamina.layers import (
    Activation,
    BatchNorm,
    Conv2D,
    GlobalAveragePool,
    Layer,
    MaxPool2D,
    Residual,
    Sequential,
)
from lamina.networks.pretrained import flat_paths, published_places

CHANNELS, CLASSES = (4, 6), 5


def small_layers() -> list[Layer]:
    """A stem as ResNet's, a block of four channels, a block of six that halves the image, and the mean of each channel."""
    return [
        *_normed(4, 7, 2),
        Activation("relu"),
        MaxPool2D(3, stride=2, padding=1),
        Residual([*_normed(4, 3), Activation("relu"), *_normed(4, 3)], activation="relu"),
        Residual([*_normed(6, 3, 2), Activation("relu"), *_normed(6, 3)], _normed(6, 1, 2), "relu"),
        GlobalAveragePool(),
    ]


def _normed(filters: int, size: int, stride: int = 1) -> list[Layer]:
    return [Conv2D(filters, size, stride=stride, padding=size // 2, use_bias=False), BatchNorm()]


def small_tensors(seed: int = 0) -> dict[str, np.ndarray]:
    """Random tensors of that network in torchvision's naming and layout, an output of five classes among them."""
    rng = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}

    def normed(convolution: str, norm: str, outputs: int, inputs: int, size: int) -> None:
        tensors[f"{convolution}.weight"] = rng.normal(
            0, (inputs * size**2) ** -0.5, (outputs, inputs, size, size)
        )
        tensors[f"{norm}.weight"] = rng.uniform(0.5, 1.5, outputs)
        tensors[f"{norm}.bias"] = rng.normal(0, 0.2, outputs)
        tensors[f"{norm}.running_mean"] = rng.normal(0, 0.2, outputs)
        tensors[f"{norm}.running_var"] = rng.uniform(0.5, 2, outputs)
        tensors[f"{norm}.num_batches_tracked"] = np.array(7)

    normed("conv1", "bn1", 4, 3, 7)
    normed("layer1.0.conv1", "layer1.0.bn1", 4, 4, 3)
    normed("layer1.0.conv2", "layer1.0.bn2", 4, 4, 3)
    normed("layer2.0.conv1", "layer2.0.bn1", 6, 4, 3)
    normed("layer2.0.conv2", "layer2.0.bn2", 6, 6, 3)
    normed("layer2.0.downsample.0", "layer2.0.downsample.1", 6, 4, 1)
    tensors["fc.weight"] = rng.normal(0, 0.5, (CLASSES, 6))
    tensors["fc.bias"] = rng.normal(0, 0.5, CLASSES)
    return {
        name: value if value.dtype.kind == "i" else value.astype(np.float32)
        for name, value in tensors.items()
    }


def small_forward(tensors: dict[str, np.ndarray], images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features and probabilities of images (n, h, w, 3): filters one by one in double precision."""

    def normed(x: np.ndarray, convolution: str, norm: str, stride: int = 1) -> np.ndarray:
        z = convolved(x, tensors[f"{convolution}.weight"].astype(float), stride)
        parts = ("weight", "bias", "running_mean", "running_var")
        scale, place, mean, variance = (
            tensors[f"{norm}.{part}"].astype(float)[:, None, None] for part in parts
        )
        return (z - mean) / np.sqrt(variance + 1e-5) * scale + place

    x = np.maximum(normed(images.transpose(0, 3, 1, 2).astype(float), "conv1", "bn1", 2), 0)
    x = pooled(x)
    y = np.maximum(normed(x, "layer1.0.conv1", "layer1.0.bn1"), 0)
    x = np.maximum(x + normed(y, "layer1.0.conv2", "layer1.0.bn2"), 0)
    y = np.maximum(normed(x, "layer2.0.conv1", "layer2.0.bn1", 2), 0)
    shortcut = normed(x, "layer2.0.downsample.0", "layer2.0.downsample.1", 2)
    x = np.maximum(shortcut + normed(y, "layer2.0.conv2", "layer2.0.bn2"), 0)
    features = x.mean(axis=(2, 3))
    z = features @ tensors["fc.weight"].T + tensors["fc.bias"]
    odds = np.exp(z - z.max(axis=1, keepdims=True))
    return features, odds / odds.sum(axis=1, keepdims=True)


def convolved(x: np.ndarray, filters: np.ndarray, stride: int) -> np.ndarray:
    """Images (n, c, h, w) under filters (k, c, s, s) with half a filter of zeros around them."""
    half = filters.shape[-1] // 2
    padded = np.pad(x, ((0, 0), (0, 0), (half, half), (half, half)))
    whole = np.stack([[correlate(one, each, "valid")[0] for each in filters] for one in padded])
    return whole[:, :, ::stride, ::stride]


def pooled(x: np.ndarray) -> np.ndarray:
    """The largest of 3 × 3 pixels at every other place, with one pixel around that never counts."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    height, width = x.shape[2:]
    places = [(i, j) for i in range(3) for j in range(3)]
    return np.max([padded[:, :, i : i + height : 2, j : j + width : 2] for i, j in places], axis=0)


def random_tensors(network: Sequential, seed: int = 0) -> dict[str, np.ndarray]:
    """Random tensors of a ready-made network under their published names."""
    rng = np.random.default_rng(seed)
    parts = network.init(rng, (32, 32, 3))
    leaves = flat_paths(parts[0]) | flat_paths(parts[1])
    tensors = {}
    for name, place in published_places(network).items():
        leaf = leaves[place.path]
        tensor = (
            leaf.transpose(np.argsort(place.axes)) if place.axes else leaf + rng.uniform(0, 0.2, leaf.shape)
        )
        tensors[name] = np.ascontiguousarray(tensor, np.float32)
    return tensors
