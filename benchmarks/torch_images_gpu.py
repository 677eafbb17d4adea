"""PyTorch's side of ``images_gpu.py``, in a process of its own: torch.compile, channels last, images that stay on the GPU."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

import torch
import torch_images
from torch import nn


class Contestant:
    """A network with Adam and cross-entropy, its step compiled; 8-bit images in place, as ours are."""

    def __init__(self, make: Callable[[], nn.Module], precision: str, batch: int, device: str) -> None:
        self.network = make().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = torch.optim.Adam(self.network.parameters(), fused=device == "cuda")
        self.precision, self.batch, self.device = precision, batch, device
        self.compute = torch.compile(self._loss)
        self.output = torch.compile(self._output)

    def _output(self, images: torch.Tensor) -> torch.Tensor:
        x = images.permute(0, 3, 1, 2).to(torch.float32) / 255
        with torch.autocast(self.device, torch.bfloat16, enabled=self.precision == "bfloat16"):
            z: torch.Tensor = self.network(x)
        return z.float()

    def _loss(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(self._output(images), labels)

    def epoch(self, images: torch.Tensor, labels: torch.Tensor) -> None:
        """One epoch in a new order, and the wait for its end."""
        self.network.train()
        order = torch.randperm(len(images), device=self.device)
        for first in range(0, len(images), self.batch):
            rows = order[first : first + self.batch]
            self.optimizer.zero_grad(set_to_none=True)
            self.compute(images[rows], labels[rows]).backward()
            self.optimizer.step()
        wait(self.device)

    def predict(self, images: torch.Tensor) -> None:
        """Outputs of images on the host."""
        self.network.eval()
        with torch.inference_mode():
            for first in range(0, len(images), self.batch):
                self.output(images[first : first + self.batch].to(self.device)).cpu()


def wait(device: str) -> None:
    """Until the device has done all it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


def serve(pipe: Connection, device: str) -> None:
    """Answer messages (network, precision, batch, images, labels, classes) by compiling, and "train" or "predict" by seconds."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    makers = {
        "cifar": torch_images.cifar_network,
        "resnet18": torch_images.resnet18,
        "resnet50": resnet50,
    }
    contestants: dict[str, Contestant] = {}
    images = labels = host = torch.zeros(0)
    while True:
        message = pipe.recv()
        if message is None:
            return
        try:
            if message[0] == "data":
                host = torch.from_numpy(message[1])
                images, labels = host.to(device), torch.from_numpy(message[2]).to(device)
                contestants.clear()
                pipe.send(0.0)
            elif message[0] == "compile":
                _, name, precision, batch = message
                clock = time.perf_counter()
                made = contestants[precision] = Contestant(makers[name], precision, batch, device)
                made.epoch(images[: 4 * batch], labels[: 4 * batch])
                made.predict(host[: 2 * batch])
                pipe.send(time.perf_counter() - clock)
            elif message[0] == "train":
                clock = time.perf_counter()
                contestants[message[1]].epoch(images, labels)
                pipe.send(time.perf_counter() - clock)
            elif message[0] == "predict":
                clock = time.perf_counter()
                contestants[message[1]].predict(host)
                pipe.send(time.perf_counter() - clock)
            elif message[0] == "peak":
                pipe.send(peak(message[1], device))
        except Exception:
            traceback.print_exc()
            pipe.send(float("nan"))


def peak(precision: str, device: str, size: int = 8192) -> float:
    """FLOP/s of a product of two size × size matrices of random numbers, the best of ten."""
    a = torch.randn(size, size, device=device, dtype=getattr(torch, precision))
    best = float("inf")
    for _ in range(13):
        wait(device)
        clock = time.perf_counter()
        a @ a
        wait(device)
        best = min(best, time.perf_counter() - clock)
    return 2 * size**3 / best


class Bottleneck(nn.Module):
    """Three convolutions, the stride in the middle one, around a shortcut."""

    def __init__(self, channels: int, inner: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, inner, 3, stride, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, 4 * inner, 1, bias=False),
            nn.BatchNorm2d(4 * inner),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != 4 * inner:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, 4 * inner, 1, stride, bias=False), nn.BatchNorm2d(4 * inner)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet50(classes: int = 1000) -> nn.Sequential:
    """ResNet-50 for images of 224 × 224."""
    layers: list[nn.Module] = [
        nn.Conv2d(3, 64, 7, 2, 3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    channels = 64
    for inner, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for place in range(blocks):
            layers.append(Bottleneck(channels, inner, stride if place == 0 else 1))
            channels = 4 * inner
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, classes)]
    return nn.Sequential(*layers, *head)
