"""Ready-made networks have the published number of parameters, the shapes of their tables, and none of another's state."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from lamina import NeuralClassifier
from lamina.errors import SpecificationError
from lamina.layers import Context, Residual, Sequential, Shortcut
from lamina.networks import (
    NETWORKS,
    cifar_network,
    cifar_resnet,
    count_parameters,
    lenet,
    mnist_network,
    network_named,
    resnet18,
    resnet34,
    resnet50,
    with_output,
)

DIGITS, PHOTOGRAPHS, SMALL = (28, 28), (224, 224, 3), (32, 32, 3)


@pytest.mark.parametrize(
    ("hidden", "classes", "shape", "count"),
    [
        (lenet(), 10, DIGITS, 156 + 2_416 + 48_120 + 10_164 + 850),
        (mnist_network(), 10, DIGITS, 156 + 6_944 + 330),
        (cifar_network(), 100, SMALL, 896 + 18_496 + 73_856 + 295_168 + 524_800 + 51_300),
        # As torchvision's documentation of its weights gives them.
        (resnet18(), 1000, PHOTOGRAPHS, 11_689_512),
        (resnet34(), 1000, PHOTOGRAPHS, 21_797_672),
        (resnet50(), 1000, PHOTOGRAPHS, 25_557_032),
    ],
    ids=["lenet", "mnist", "cifar", "resnet18", "resnet34", "resnet50"],
)
def test_parameters(hidden: list, classes: int, shape: tuple[int, ...], count: int) -> None:
    assert count_parameters(with_output(hidden, classes, "softmax"), shape) == count


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_parameters_of_the_cifar_networks(depth: int, millions: float) -> None:
    n = (depth - 2) // 6
    stages = [
        2 * n * (9 * 16 * 16 + 32),
        9 * 16 * 32 + 64 + (2 * n - 1) * (9 * 32 * 32 + 64),
        9 * 32 * 64 + 128 + (2 * n - 1) * (9 * 64 * 64 + 128),
    ]
    count = count_parameters(with_output(cifar_resnet(depth), 10, "softmax"), SMALL)
    assert count == 9 * 3 * 16 + 32 + sum(stages) + 650
    assert abs(count / 1e6 - millions) < 0.03  # table 6 of the paper
    plain = cifar_resnet(depth, residual=False)
    assert count_parameters(with_output(plain, 10, "softmax"), SMALL) == count
    assert not any(isinstance(layer, Residual) for layer in plain)


def test_images_are_halved_where_the_papers_tables_say() -> None:
    shapes = [(224, 224, 3)]
    for layer in resnet50():
        shapes.append(layer.output_shape(shapes[-1]))
    assert list(dict.fromkeys(shapes)) == [
        (224, 224, 3), (112, 112, 64), (56, 56, 64), (56, 56, 256), (28, 28, 512), (14, 14, 1024), (7, 7, 2048), (2048,),
    ]  # fmt: skip
    assert Sequential(resnet18(stem="small")[:-1]).output_shape(SMALL) == (4, 4, 512)
    assert Sequential(cifar_resnet(20)[:-1]).output_shape(SMALL) == (8, 8, 64)


def test_projections_stand_where_shapes_change_and_shortcuts_have_no_parameters() -> None:
    projected = {
        name: [index for index, block in enumerate(blocks) if block.projection is not None]
        for name, blocks in (
            (name, [layer for layer in network_named(name) if isinstance(layer, Residual)])
            for name in ("resnet18", "resnet34", "resnet50", "resnet20")
        )
    }
    assert projected == {
        "resnet18": [2, 4, 6],
        "resnet34": [3, 7, 13],
        "resnet50": [0, 3, 7, 13],
        "resnet20": [3, 6],
    }
    assert [b.projection for b in cifar_resnet(8) if isinstance(b, Residual)] == [
        None,
        Shortcut(32),
        Shortcut(64),
    ]


def test_a_block_whose_branch_is_silent_hands_its_shortcut_on() -> None:
    block = next(b for b in cifar_resnet(8) if isinstance(b, Residual) and b.projection is not None)
    x = np.random.default_rng(1).normal(size=(2, 6, 6, 16))
    parameters, state = block.init(np.random.default_rng(0), (6, 6, 16))
    parameters["batch_norm_2"]["factors"][:] = 0
    y, _ = block.apply(parameters, state, jnp.asarray(x), Context())
    expected = np.concatenate([np.maximum(x[:, ::2, ::2], 0), np.zeros((2, 3, 3, 16))], axis=-1)
    np.testing.assert_allclose(y, expected, rtol=1e-6)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_every_name_makes_a_list_of_its_own(name: str) -> None:
    first, second = network_named(name), network_named(name)
    assert first == second
    assert first is not second
    first.clear()
    assert network_named(name) == second


def test_an_estimator_takes_one_as_its_hidden_layers() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(24) % 2
    images = rng.integers(0, 100, (24, 28, 28), dtype=np.uint8) + (100 * labels[:, None, None]).astype(
        np.uint8
    )
    model = NeuralClassifier(mnist_network(), epochs=60, random_state=0).fit(images, labels)
    assert model.score(images, labels) == 1.0


@pytest.mark.parametrize("depth", [19, 2, 21, 20.0, True, "20"])
def test_a_depth_that_does_not_exist_is_refused(depth: object) -> None:
    with pytest.raises(SpecificationError, match=r"a depth is 6n \+ 2"):
        cifar_resnet(depth)  # type: ignore[arg-type]


def test_unknown_names_are_told_the_nearest() -> None:
    with pytest.raises(SpecificationError, match="did you mean 'resnet18'"):
        network_named("resnet81")
    with pytest.raises(SpecificationError, match="did you mean 'small'"):
        resnet18(stem="smal")
