"""Published weights read by Lamina against an independent implementation: ResNet-18, 34 and 50 in plain PyTorch.

Random weights and running statistics under torchvision's names go through a safetensors file, and both see the photographs of
the book at 224 × 224. Prints the largest absolute difference of probabilities, of outputs before the softmax relative to their
spread, and of features relative to theirs; the first must be under 1e-4.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from lamina.layers import Sequential
from lamina.networks import linear_predictor
from lamina.networks.pretrained import pretrained_network, read_tensors
from lamina.training import predict

SIZE = 224
MEAN, SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3)}


def convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)


class Block(nn.Module):
    """A block of two 3 × 3 convolutions, or, with ``wide``, of a 3 × 3 between two 1 × 1."""

    def __init__(self, inputs: int, filters: int, stride: int, wide: bool) -> None:
        super().__init__()
        outputs = 4 * filters if wide else filters
        sizes = [(inputs, filters, 1, 1), (filters, filters, 3, stride), (filters, outputs, 1, 1)]
        if not wide:
            sizes = [(inputs, filters, 3, stride), (filters, filters, 3, 1)]
        self.count = len(sizes)
        for place, (before, after, size, step) in enumerate(sizes, 1):
            setattr(self, f"conv{place}", convolution(before, after, size, step))
            setattr(self, f"bn{place}", nn.BatchNorm2d(after))
        self.downsample = None
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for place in range(1, self.count + 1):
            y = getattr(self, f"bn{place}")(getattr(self, f"conv{place}")(y))
            y = y if place == self.count else torch.relu(y)
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """The network whose parameters have the names that torchvision publishes."""

    def __init__(self, name: str, classes: int = 1000) -> None:
        super().__init__()
        wide = name == "resnet50"
        self.conv1, self.bn1 = convolution(3, 64, 7, 2), nn.BatchNorm2d(64)
        inputs = 64
        for stage, (filters, depth) in enumerate(zip((64, 128, 256, 512), DEPTHS[name], strict=True), 1):
            blocks = []
            for index in range(depth):
                blocks.append(Block(inputs, filters, 2 if stage > 1 and index == 0 else 1, wide))
                inputs = 4 * filters if wide else filters
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, classes)

    def features(self, x: Tensor) -> Tensor:
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return x.mean(dim=(2, 3))


def random_network(name: str, seed: int) -> ResNet:
    """Weights as PyTorch draws them, running statistics and scales away from where they begin."""
    torch.manual_seed(seed)
    network = ResNet(name).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.2)
            nn.init.normal_(module.bias, 0, 0.2)
    return network


def photographs() -> np.ndarray:
    folder = Path(os.environ["LAMINA_DATA"]) / "islp" / "book_images"
    images = [Image.open(path).convert("RGB").resize((SIZE, SIZE)) for path in sorted(folder.iterdir())]
    return np.stack([np.asarray(image) for image in images])


def compare(name: str, images: np.ndarray, folder: Path, seed: int) -> tuple[float, float, float]:
    theirs = random_network(name, seed)
    path = folder / f"{name}.safetensors"
    save_file(theirs.state_dict(), path)
    x = (
        torch.from_numpy(images).permute(0, 3, 1, 2) / 255 - torch.tensor(MEAN).view(3, 1, 1)
    ) / torch.tensor(SD).view(3, 1, 1)
    with torch.no_grad():
        features = theirs.features(x)
        z = theirs.fc(features)
        probabilities = torch.softmax(z, dim=1).numpy()
    network, placed = pretrained_network(
        name, read_tensors(path), images.shape[1:], np.random.default_rng(0), path.name
    )
    body = Sequential(network.layers[:-1])

    def largest(ours: np.ndarray, wanted: np.ndarray) -> float:
        return float(np.abs(ours - wanted).max())

    ours = predict(network, *placed, images)
    logits = predict(linear_predictor(network), *placed, images)
    pooled = predict(body, *placed, images)
    return (
        largest(ours, probabilities),
        largest(logits, z.numpy()) / float(z.std()),
        largest(pooled, features.numpy()) / float(features.std()),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    images = photographs()
    print(f"{len(images)} photographs at {SIZE} × {SIZE}, PyTorch {torch.__version__}")
    print(f"{'network':<10}{'probabilities':>16}{'outputs':>12}{'features':>12}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name in DEPTHS:
            found = compare(name, images, Path(folder), options.seed)
            worst = max(worst, *found)
            print(f"{name:<10}{found[0]:>16.1e}{found[1]:>12.1e}{found[2]:>12.1e}")
    print("all under 1e-4" if worst < 1e-4 else f"NOT under 1e-4: {worst:.1e}")
    raise SystemExit(worst >= 1e-4)


if __name__ == "__main__":
    main()
