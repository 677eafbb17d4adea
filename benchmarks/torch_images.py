"""The networks of images in plain PyTorch, as the benchmarks of training and prediction have them."""

from __future__ import annotations

import torch
from torch import nn


def cifar_network(classes: int = 100) -> nn.Sequential:
    """The book's network: 3 × 3 convolutions 32-64-128-256, each with 2 × 2 pooling, dropout, 512 units."""
    layers: list[nn.Module] = []
    channels = 3
    for filters in (32, 64, 128, 256):
        layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = filters
    head = [nn.Flatten(), nn.Dropout(0.5), nn.Linear(1024, 512), nn.ReLU(), nn.Linear(512, classes)]
    return nn.Sequential(*layers, *head)


class Block(nn.Module):
    """A basic block of a ResNet."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, 1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
            nn.BatchNorm2d(filters),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != filters:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18(classes: int = 100) -> nn.Sequential:
    """ResNet-18 for images of 32 × 32: a first convolution of 3 × 3 with stride one, no pooling behind it."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    channels = 64
    for filters, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(channels, filters, stride), Block(filters, filters, 1)]
        channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))


class Trainer:
    """A network with Adam and cross-entropy, in one memory layout."""

    def __init__(self, network: nn.Module, layout: torch.memory_format) -> None:
        self.layout = layout
        self.network = network.to(memory_format=layout)  # type: ignore[call-overload]
        self.optimizer = torch.optim.Adam(self.network.parameters())
        self.loss = nn.CrossEntropyLoss()

    def epoch(self, images: torch.Tensor, labels: torch.Tensor, batch: int) -> None:
        """One epoch over images that are in place, in a new order."""
        self.network.train()
        order = torch.randperm(len(images))
        for first in range(0, len(images), batch):
            rows = order[first : first + batch]
            x = self._given(images[rows])
            self.optimizer.zero_grad()
            self.loss(self.network(x), labels[rows]).backward()
            self.optimizer.step()

    def stored(self, images: torch.Tensor) -> torch.Tensor:
        """Images (n, 3, h, w) as they are kept: by pixel for channels last, so that rows are taken and not rearranged."""
        return images if self.layout == torch.contiguous_format else images.permute(0, 2, 3, 1).contiguous()

    def _given(self, rows: torch.Tensor) -> torch.Tensor:
        return rows if self.layout == torch.contiguous_format else rows.permute(0, 3, 1, 2)

    def predict(self, images: torch.Tensor, batch: int) -> torch.Tensor:
        """Outputs for all images, stored as :meth:`stored` has them."""
        self.network.eval()
        with torch.inference_mode():
            parts = [
                self.network(self._given(images[first : first + batch]))
                for first in range(0, len(images), batch)
            ]
        return torch.cat(parts)
