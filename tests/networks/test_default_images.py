"""The default network of images: the book's for its images, and one that fits for every other size."""

import numpy as np
import pytest

from lamina.errors import SpecificationError
from lamina.layers import Conv2D, Dense, Flatten, Sequential
from lamina.networks import count_parameters, default_image_layers
from lamina.networks.summary import largest_activation


def hidden(rows: int, shape: tuple[int, ...]) -> Sequential:
    return Sequential(default_image_layers(rows, shape))


def test_the_books_network_for_cifar100() -> None:
    """ISLP's lab (section 10.9.3) prints 964,516 parameters."""
    network = Sequential([*default_image_layers(50_000, (32, 32, 3)), Dense(100, "softmax")])
    assert count_parameters(network, (32, 32, 3)) == 964_516


@pytest.mark.parametrize(
    "shape",
    [
        (3, 3),
        (8, 8),
        (28, 28),
        (28, 28, 1),
        (64, 64, 3),
        (65, 300, 3),
        (5, 200, 2),
        (224, 224, 3),
        (1000, 30, 1),
    ],
)
def test_every_size_ends_in_a_few_places(shape: tuple[int, ...]) -> None:
    layers = default_image_layers(500, shape)
    before = Sequential(layers[: layers.index(Flatten())]).output_shape(shape)
    assert max(before[:2]) <= 3
    assert hidden(500, shape).output_shape(shape) == (128,)


def test_large_images_are_made_smaller_at_once() -> None:
    """No array inside is larger than that of a 64 × 64 image."""
    for side in (64, 100, 224, 500):
        assert largest_activation(hidden(500, (side, side, 3)), (side, side, 3)) <= max(
            64 * 64 * 32, side * side * 3
        )


def test_a_block_pools_only_the_sides_that_are_long_enough() -> None:
    layers = default_image_layers(500, (3, 16))
    sizes = [layer.size for layer in layers if not isinstance(layer, Conv2D) and hasattr(layer, "size")]
    assert sizes == [(1, 2)] * 3


@pytest.mark.parametrize("shape", [(2, 8), (8, 2, 3), (1, 1, 1)])
def test_too_small_an_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SpecificationError, match=r"too small for filters of 3 × 3"):
        default_image_layers(500, shape)


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(SpecificationError, match="name your own layers, or reshape X"):
        default_image_layers(500, (4, 4, 4, 3))


def test_filters_are_counted_up_to_256() -> None:
    layers = default_image_layers(500, (64, 64, 3))
    assert [layer.filters for layer in layers if isinstance(layer, Conv2D)] == [32, 64, 128, 256, 256]
    assert np.prod(hidden(500, (64, 64, 3)).output_shape((64, 64, 3))) == 128
