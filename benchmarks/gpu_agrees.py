"""Whether a GPU and a CPU compute the same: outputs, losses and gradients of networks of images, by precision.

``python gpu_agrees.py``. Relative difference ||a - b|| / ||b|| from float64 on the CPU, for made-up images and first weights,
with products in full float32, in the GPU's own choice for float32 (TF32), and of bfloat16 numbers. Without a GPU it compares
the CPU's.
"""

from __future__ import annotations

import os

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import jax.numpy as jnp
import numpy as np
from harness import where

from lamina.layers import BatchNorm, Conv1D, Conv2D, Conv2DTranspose, Flatten, Layer, LayerNorm
from lamina.layers.base import Context
from lamina.networks import cifar_network, cifar_resnet, with_output

NETWORKS: dict[str, tuple[list[Layer], tuple[int, ...]]] = {
    "the book's CIFAR network": (cifar_network(), (32, 32, 3)),
    "ResNet-20": (cifar_resnet(20), (32, 32, 3)),
    "strides, groups, edges, transposes": (
        [
            Conv2D(8, 3, "relu", padding="edge"),
            Conv2D(16, 5, stride=2, groups=4, padding="same"),
            LayerNorm(),
            Conv2DTranspose(4, 3, "tanh", stride=2),
            BatchNorm(),
            Flatten(),
        ],
        (16, 16, 3),
    ),
    "a sequence": ([Conv1D(8, 5, "relu", padding="causal"), Flatten()], (50, 3)),
}


def main() -> None:
    print(f"{jax.devices()[0].device_kind}; {where()}")
    print(f"{'':36s} {'loss':>18s} {'gradient':>9s}")
    jax.config.update("jax_enable_x64", True)
    for name, (layers, shape) in NETWORKS.items():
        with jax.default_device(jax.devices("cpu")[0]):
            reference = computed(layers, shape, np.float64, None, "highest")
        for words, precision, products in (
            ("float32, full", None, "highest"),
            ("float32, as it comes", None, None),
            ("bfloat16", "bfloat16", None),
        ):
            found = computed(layers, shape, np.float32, precision, products)
            apart = [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(found, reference, strict=True)]
            print(f"{name:36s} {words:20s} {apart[0]:.1e} {apart[1]:.1e}", flush=True)


def computed(
    layers: list[Layer], shape: tuple[int, ...], dtype: type, precision: str | None, products: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """The loss, as an array of one, and the gradient as one vector."""
    network = with_output(layers, 10, "linear", precision=precision)
    drawn = network.init(np.random.default_rng(0), shape)
    parameters, state = jax.tree.map(lambda leaf: np.asarray(leaf, dtype), drawn)
    rng = np.random.default_rng(1)
    x, target = rng.normal(size=(32, *shape)).astype(dtype), rng.normal(size=(32, 10)).astype(dtype)

    @jax.jit
    @jax.value_and_grad
    def loss(parameters: dict, x: jax.Array) -> jax.Array:
        z = network.apply(parameters, state, x, Context(training=True))[0]
        return jnp.mean(jnp.square(z - target))

    with jax.default_matmul_precision(products or "default"):
        value, gradient = loss(parameters, x)
    parts = [np.ravel(np.asarray(leaf, np.float64)) for leaf in jax.tree.leaves(gradient)]
    return np.asarray([value], np.float64), np.concatenate(parts)


if __name__ == "__main__":
    main()
