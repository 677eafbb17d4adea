"""Networks of images on a GPU in float32 and bfloat16: Lamina against torch.compile with channels last, in one run.

``python images_gpu.py [cifar] [resnet18] [resnet50] [--rounds N]``. Adam at 0.001, cross-entropy, made-up 8-bit pixels that are
on the GPU before the clock starts, batches of 128 (ResNet-50: 256, at 224 × 224). A training step is that of a further epoch of
a fit, (the time of three epochs minus that of one) / 2; predictions are of images in the host's memory. float32 lets both
multiply as TF32 does. Beside each time its share of the GPU's peak, measured as a product of two 8,192 × 8,192 matrices. The
two frameworks are in processes of their own and compile at the same time, but are timed in turn.

``--small`` shows on any machine that it works. Without a GPU the script says so and ends.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import numpy as np
from harness import where

PRECISIONS = ("bfloat16", "float32")


@dataclass(frozen=True)
class Case:
    """A network, its images and batches."""

    side: int
    classes: int
    batch: int
    rows: int


CASES = {
    "cifar": Case(32, 100, 128, 51_200),
    "resnet18": Case(32, 100, 128, 25_600),
    "resnet50": Case(224, 1000, 256, 4_096),
}
SMALL = {"cifar": Case(32, 100, 16, 64), "resnet18": Case(32, 100, 8, 16), "resnet50": Case(64, 1000, 4, 8)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("networks", nargs="*", default=list(CASES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true")
    chosen = parser.parse_args()
    import jax
    import torch_images_gpu

    device = jax.devices()[0]
    if device.platform != "gpu" and not chosen.small:
        print("no GPU: nothing measured")
        return
    print(f"{device.device_kind}; {where()}", flush=True)
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    kind = "cuda" if device.platform == "gpu" else "cpu"
    worker = context.Process(target=torch_images_gpu.serve, args=(theirs, kind), daemon=True)
    worker.start()

    def ask(*message: Any) -> float:
        pipe.send(message)
        return float(pipe.recv())

    peaks = {} if chosen.small else {precision: ask("peak", precision) for precision in PRECISIONS}
    for precision, value in peaks.items():
        print(f"peak of matrix products, {precision}: {value / 1e12:.0f} TFLOP/s", flush=True)
    for name in chosen.networks:
        compare(name, (SMALL if chosen.small else CASES)[name], chosen.rounds, peaks, pipe, ask)
    pipe.send(None)
    worker.join()


def compare(
    name: str, case: Case, rounds: int, peaks: dict[str, float], pipe: Any, ask: Callable[..., float]
) -> None:
    """Print the table of one network."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (case.rows, case.side, case.side, 3), dtype=np.uint8)
    labels = rng.integers(0, case.classes, case.rows)
    ask("data", images, labels)
    ours = {}
    for precision in PRECISIONS:
        pipe.send(("compile", name, precision, case.batch))
    for precision in PRECISIONS:
        clock = time.perf_counter()
        ours[precision] = Ours(name, case, precision, images, labels)
        print(f"{name} {precision}: lamina compiled in {time.perf_counter() - clock:.0f} s", flush=True)
    for precision in PRECISIONS:
        print(f"{name} {precision}: torch compiled in {pipe.recv():.0f} s", flush=True)
    steps, flops = case.rows / case.batch, ours[PRECISIONS[0]].flops
    for precision in PRECISIONS:
        mine, theirs, forecast, their_forecast = [], [], [], []
        for _ in range(rounds):
            mine.append(ours[precision].train() / steps)
            theirs.append(ask("train", precision) / steps)
            forecast.append(ours[precision].predict())
            their_forecast.append(ask("predict", precision))
        for who, seconds, predicted in (
            ("lamina", mine, forecast),
            ("torch.compile", theirs, their_forecast),
        ):
            step = statistics.median(seconds)
            share = f" = {flops / step / peaks[precision]:5.1%} of the peak" if peaks else ""
            print(
                f"{name:9s} {precision:9s} {who:14s} step {step * 1e3:8.2f} ms (from {min(seconds) * 1e3:.2f} to "
                f"{max(seconds) * 1e3:.2f}) = {case.batch / step:8.0f} images/s{share}; "
                f"prediction {case.rows / statistics.median(predicted):8.0f} images/s"
            )
        print(
            f"{name:9s} {precision:9s} torch's time as a multiple of ours: step "
            f"{statistics.median(t / m for t, m in zip(theirs, mine, strict=True)):.2f}, prediction "
            f"{statistics.median(t / m for t, m in zip(their_forecast, forecast, strict=True)):.2f}",
            flush=True,
        )


class Ours:
    """Lamina's network of one precision, compiled."""

    def __init__(self, name: str, case: Case, precision: str, images: np.ndarray, labels: np.ndarray) -> None:
        import jax

        from lamina.networks import cifar_network, resnet18, resnet50, with_output
        from lamina.networks.summary import multiplications
        from lamina.training import pad_rows

        hidden = {
            "cifar": cifar_network,
            "resnet18": lambda: resnet18(stem="small"),
            "resnet50": resnet50,
        }[name]()
        narrow = None if precision == "float32" else precision
        self.network = with_output(hidden, case.classes, "softmax", precision=narrow)
        shape = images.shape[1:]
        products = 3 * multiplications(self.network, shape) - multiplications(hidden[0], shape)
        self.flops = 2.0 * case.batch * products
        self.images, self.batch = images, case.batch
        self.rows = jax.device_put(pad_rows(images, labels.astype(np.int32)[:, None], None))
        self.fitted = self._fit(1)
        self.predict()

    def _fit(self, epochs: int) -> Any:
        from lamina.training import Adam, CategoricalCrossEntropy, Settings, fit

        settings = Settings(optimizer=Adam(), epochs=epochs, batch_size=self.batch)
        return fit(self.network, CategoricalCrossEntropy(), self.rows, settings, seed=0)

    def train(self) -> float:
        """Seconds of a further epoch."""
        seconds = []
        for epochs in (1, 3):
            clock = time.perf_counter()
            self._fit(epochs)
            seconds.append(time.perf_counter() - clock)
        return (seconds[1] - seconds[0]) / 2

    def predict(self) -> float:
        """Seconds for all images."""
        from lamina.training import predict

        clock = time.perf_counter()
        predict(self.network, self.fitted.parameters, self.fitted.state, self.images)
        return time.perf_counter() - clock


if __name__ == "__main__":
    main()
